"""Labelled examples of a repository's own: from its dev cases, or from what a recorded run sent to its models.

The sealed holdout stays sealed: what has been trained on cannot judge. Calls no model and loads no torch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import cases, plugins, recorded, settings
from harness.errors import Problems, UserError
from harness.recorded import Record
from harness.repo import Repo
from harness.training import examples
from harness.training.examples import Example
from harness.types import Call, Case, Json, Run

_ROLES = {"human": "user", "ai": "assistant"}
_SPOKEN = ("system", "user", "assistant")


@dataclass(frozen=True, slots=True)
class Lessons:
    """Examples with what must be said of them."""

    examples: tuple[Example, ...]
    source: str  # in words
    notes: tuple[str, ...] = ()


def of_cases(root: Path, path: Path, field: str = "", system: str = "") -> Lessons:
    """The dev cases of a file: ``system``, what each asks, and its expected ``field``, by default the only one.

    Raises UserError for a file that is the sealed holdout, for a field that no case has, and where nothing can be
    learnt; Problems for a broken file.
    """
    name = path.as_posix()
    _refuse_sealed(root, path)
    split = cases.split(cases.load(path, name))
    wanted = field or _only_field(split.dev, name)
    chosen = [case for case in split.dev if isinstance(case.expected.get(wanted), str)]
    made = tuple(Example(_asked(case, system, wanted), case.cluster or f"case {case.id}", case.line) for case in chosen)
    if not made:
        raise UserError(f"no dev case has a text under {wanted!r}", where=name, fix=_fields(split.dev))
    examples.checked(made, name)
    notes = () if split.two_stage else (_ONE_STAGE.format(name=name),)
    return Lessons(made, f"dev cases of {name}, {wanted}", notes)


def of_run(repo: Repo, run_id: str, node: str = "", field: str = "") -> Lessons:
    """What a recorded run sent at one node for its dev cases, answered by the case's expected ``field``; where none is
    said, by the model's own reply wherever every goal's metric found the run right.

    Raises UserError where the node must be said, or nothing can be learnt.
    """
    record = recorded.read(repo, run_id or recorded.newest_baseline(repo), today=False)
    dev = {case.id: case for case in record.split.dev}
    runs = [run for run in record.baseline if run.case in dev and not run.lost]
    chosen = node or _only_node(runs, record.run_id)
    right = {(run.case, run.k) for run in runs} if field else _right(repo, record, runs)
    made: dict[str, Example] = {}
    passed = 0
    sent = [(one, call) for one in runs for call in one.calls if call.node == chosen and not call.error]
    for run, call in sent:
        answer = dev[run.case].expected.get(field) if field else call.text
        messages = _spoken(call)
        if (run.case, run.k) in right and isinstance(answer, str) and messages:
            one = Example((*messages, {"role": "assistant", "content": answer}), _group(dev[run.case]))
            made.setdefault(examples.digest([one]), one)
        else:
            passed += 1
    where = f"run {record.run_id}, node {chosen}"
    examples.checked(tuple(made.values()), where)
    notes = [f"{passed} calls were passed over: answered wrongly, or no plain conversation"] if passed else []
    notes += [] if record.split.two_stage else [_ONE_STAGE.format(name=f"run {record.run_id}")]
    return Lessons(tuple(made.values()), where + (f", answers from {field}" if field else ""), tuple(notes))


_ONE_STAGE = "{name} has too few cases for a sealed holdout: on the cases trained on, nothing can be claimed afterwards"


def _group(case: Case) -> str:
    return case.cluster or f"case {case.id}"


def _refuse_sealed(root: Path, path: Path) -> None:
    chosen, findings = settings.read(root, {})
    if findings:
        raise Problems(findings)
    if chosen.holdout and (root / chosen.holdout).resolve() == path.resolve():
        fix = "train on the dev cases; the holdout judges what comes of it"
        raise UserError("this file is the sealed holdout", where=str(path), fix=fix)


def _asked(case: Case, system: str, field: str) -> tuple[Mapping[str, str], ...]:
    values = list(case.inputs.values())
    only = values[0] if len(values) == 1 and isinstance(values[0], str) else None
    text = only if only is not None else json.dumps(case.inputs, ensure_ascii=False)
    told = [{"role": "system", "content": system}] if system else []
    answer = {"role": "assistant", "content": str(case.expected[field])}
    return (*told, {"role": "user", "content": str(text)}, answer)


def _only_field(dev: Sequence[Case], name: str) -> str:
    known = _names(dev)
    if len(known) != 1:
        said = "no case says in a text what is expected" if not known else "the cases expect more than one thing"
        raise UserError(said, where=name, fix=f"say which is the answer to learn: {_fields(dev)}")
    return known[0]


def _names(dev: Sequence[Case]) -> list[str]:
    return sorted({key for case in dev for key, value in case.expected.items() if isinstance(value, str)})


def _fields(dev: Sequence[Case]) -> str:
    return "--field " + " or ".join(_names(dev) or ["expected_answer, which the cases have not"])


def _only_node(runs: Sequence[Run], run_id: str) -> str:
    known = sorted({call.node for run in runs for call in run.calls})
    if len(known) != 1:
        said = f"run {run_id} called models at {len(known)} nodes"
        raise UserError(said, fix=f"--node {' or '.join(known)}" if known else "train on a run that calls a model")
    return known[0]


def _right(repo: Repo, record: Record, runs: Sequence[Run]) -> set[tuple[str, int]]:
    """Runs that every goal whose metric is a share and better when higher gives 1."""
    known = plugins.metrics(record.settings, repo.root)
    judges = [known[goal.metric] for goal in record.goals.goals if goal.metric in known]
    shares = [one for one in judges if one.UNIT == "" and one.DIRECTION == "higher"]
    if not shares:
        raise UserError("no goal says which runs were right", fix="--field NAME: take the answers from the cases")
    try:
        found = [
            {(score.case, score.k) for score in record.scores(one, record.split.dev, runs) if score.value == 1.0}
            for one in shares
        ]
    finally:
        plugins.release(known)
    return set.intersection(*found)


def _spoken(call: Call) -> tuple[Mapping[str, str], ...]:
    """The messages of a call, where all of them are text of system, user or assistant; else none."""
    told = [(_ROLES.get(str(one.get("role")), one.get("role")), one.get("content")) for one in call.messages]
    return tuple(_message(role, text) for role, text in told) if all(map(_plain, told)) else ()


def _plain(message: tuple[Json, Json]) -> bool:
    return message[0] in _SPOKEN and isinstance(message[1], str)


def _message(role: Json, text: Json) -> Mapping[str, str]:
    return {"role": str(role), "content": str(text)}
