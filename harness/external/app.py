"""One version of a repo under its evaluation command: jobs in, runs out. A batch of jobs is one run of the command.

A command that fails as a whole says nothing of a single case: its runs are lost and never wrong answers, because one
failure would else count as many. One that has never worked in a tree is an AppError. Knows no metric and no decision.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from harness.app import Redactor
from harness.errors import AppError
from harness.external import rows
from harness.external.found import NODE
from harness.external.learn import question
from harness.external.rows import Told
from harness.external.runner import CommandOptions, FailedError, Runner, Wish
from harness.types import Call, Facts, Fault, Job, Run

UNASKED = "not asked for: the command runs more cases than HARNESS_CASES names"
_MISSING = Fault("infrastructure", "MissingCase", "the results of the command do not name this case")


@dataclass(slots=True)
class _Spare:
    """A result that no job has taken yet."""

    told: Told
    seconds: float  # its share of the command's time
    paid: bool  # counted already


_Shelf = dict[str, _Spare]  # by case id


class CommandHost:
    """Implements ``protocols.Host``: there is nothing to preload."""

    def __init__(self, options: CommandOptions) -> None:
        self._runner = Runner(options)
        self._first: dict[str, _Shelf] = {}  # by version: the run that named the cases

    def open(self, tree: Path, version: str) -> CommandApp:
        """The version in ``tree``; nothing is started before it is asked for results."""
        return CommandApp(tree.resolve(), version, self._runner, self._first.get(version, {}))

    def cases(self, tree: Path, version: str) -> tuple[str, ...]:
        """Run the command on all the cases that there are and give their ids, in its order.

        The results are kept for the first run index of that version. Raises AppError when there are none.
        """
        shelf: _Shelf = {}
        self.open(tree, version).fill(shelf, (), 0, "")
        self._first[version] = shelf
        return tuple(shelf)

    def close(self) -> None:
        """Nothing is left running between two runs of the command."""


class CommandApp:
    """Implements ``protocols.App``. Jobs of one run index are one batch, so they are taken together."""

    def __init__(self, tree: Path, version: str, runner: Runner, first: _Shelf) -> None:
        self.version = version
        self._tree, self._runner = tree, runner
        self._redact = Redactor.of({}, ())
        self._worked = bool(first)
        self._spare: dict[tuple[int, str], _Shelf] = {(0, ""): first}

    def describe(self) -> Facts:
        """One node that takes and gives anything."""
        return Facts((NODE,), (), (), "", is_async=False, checkpointer="", has_context=False)

    def close(self) -> None:
        """Nothing is left running between two runs of the command."""

    def run(self, jobs: Iterable[Job], on_call: Callable[[Job, Call], None]) -> Iterator[Run]:
        """See ``protocols.App.run``. ``on_call`` is told one call for each case that the command evaluated."""
        for (k, salt), batch in groupby(jobs, key=lambda job: (job.k, job.salt)):
            asked = tuple(batch)
            shelf = self._spare.setdefault((k, salt), {})
            todo = tuple(job.case.id for job in asked if job.case.id not in shelf)
            fault = self.fill(shelf, todo, k, salt) if todo else None
            more = self._unasked(shelf, asked)
            for job in asked:
                run = self._run(job, shelf.pop(job.case.id, None), fault or _MISSING)
                run, more = replace(run, calls=(*run.calls, *more)), ()
                for call in run.calls:
                    if not call.replayed:
                        on_call(job, call)
                yield run

    def fill(self, shelf: _Shelf, todo: tuple[str, ...], k: int, salt: str) -> Fault | None:
        """Run the command for the cases of ``todo`` and put all its results on the shelf; the fault where it fails.

        Raises AppError when it fails and has never worked in this tree.
        """
        try:
            told, seconds = self._runner.results(Wish(self._tree, todo, k, salt))
        except FailedError as failed:
            words = self._redact.text(failed.words)
            if not self._worked:
                raise AppError(words, where=self._runner.options.command, fix=failed.fix) from failed
            return Fault("infrastructure", failed.type, words)
        self._worked = True
        for case, one in told.items():
            shelf[case] = _Spare(one, seconds / len(told), paid=False)
        return None

    def _run(self, job: Job, spare: _Spare | None, fault: Fault) -> Run:
        """The run of one job; without a result it is lost with ``fault``."""
        version = self.version
        if spare is None:
            return Run(job.case.id, job.k, job.salt, version, output=None, fault=fault, calls=(), seconds=0.0)
        told = spare.told
        return Run(
            case=job.case.id,
            k=job.k,
            salt=job.salt,
            version=version,
            output=None if told.error else self._redact.data(told.output),
            fault=Fault("app", "Error", self._redact.text(told.error)) if told.error else None,
            calls=(self._call(job, spare),),
            seconds=told.values.get("latency", spare.seconds),
        )

    def _call(self, job: Job, spare: _Spare) -> Call:
        """The evaluation of a case in the place of a model call: it is what a budget counts."""
        told, text = spare.told, question(job.case)
        answer = told.texts.get(rows.ANSWER)
        tokens_in, tokens_out = (told.values.get(name) for name in ("tokens_in", "tokens_out"))
        return Call(
            key=self._key(job, job.case.id),
            node=NODE,
            step=1,
            position=0,
            model=NODE,
            messages=({"role": "human", "content": text},) if text else (),
            parameters={},
            text=self._redact.text(answer) if isinstance(answer, str) else "",
            response={},
            tokens_in=None if tokens_in is None else int(tokens_in),
            tokens_out=None if tokens_out is None else int(tokens_out),
            seconds=told.values.get("latency", spare.seconds),
            replayed=spare.paid,
            usd=told.values.get("cost"),
        )

    def _unasked(self, shelf: _Shelf, asked: Sequence[Job]) -> tuple[Call, ...]:
        """Evaluations that nobody asked for and that have not been counted yet.

        They count and say nothing of their cases, which may be sealed.
        """
        ids, calls = {job.case.id for job in asked}, []
        for case, spare in shelf.items():
            if case not in ids and not spare.paid:
                call = replace(self._call(asked[0], spare), key=self._key(asked[0], case), messages=(), text="")
                calls.append(replace(call, error=UNASKED))
                spare.paid = True
        return tuple(calls)

    def _key(self, job: Job, case: str) -> str:
        text = "\x1f".join((self.version, case, str(job.k), job.salt))
        return hashlib.sha256(text.encode()).hexdigest()
