"""The metric: runs -> questions for the judge -> verdicts as shares from 0 to 1.

Knows no money and no files: the ``protocols.Desk`` that it is served says what is on record and what may be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from harness.chats import chat_model
from harness.judge import telling, verdict
from harness.judge.asking import Clerk
from harness.judge.forms import is_form
from harness.judge.rubric import FAITHFULNESS, FOUND, Rubric, rubric
from harness.judge.telling import Asked
from harness.protocols import Desk
from harness.types import Case, Direction, Json, Run

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_UNSERVED = "this command asks no judge"


def _text(value: Json) -> str:
    return "" if isinstance(value, str) and value.strip() else "a text"


def _model(value: Json) -> str:
    good = isinstance(value, str) and all(value.partition(":"))
    return "" if good else 'a model with its provider, such as "openai:gpt-5-mini"'


def _places(value: Json) -> str:
    items = [value] if isinstance(value, str) else value
    good = isinstance(items, list | tuple) and items and all(isinstance(item, str) and item for item in items)
    return "" if good else "a dotted place in the output or the inputs, or a list of them"


def _flag(value: Json) -> str:
    return "" if isinstance(value, bool) else "true or false"


def _table(value: Json) -> str:
    return "" if isinstance(value, Mapping) else "a table of the model's parameters, such as {temperature = 0}"


@dataclass(slots=True, eq=False)
class Judge:
    """A ``protocols.Metric`` and ``protocols.Asking``; without a rubric it is the kind, which scores nothing."""

    NAME: str
    rubric: Rubric | None = None
    fixed: Mapping[str, Json] = field(default_factory=dict)  # options that the kind sets itself
    VERSION: str = "1"
    DIRECTION: Direction = "higher"
    UNIT: str = ""
    OPTIONS: Mapping[str, Callable[[Json], str]] = field(default_factory=dict)
    REQUIRED: tuple[str, ...] = ()
    about: str = ""  # what the kind is, for the reference
    clerk: Clerk | None = None

    def named(self, name: str, options: Mapping[str, Json], where: str) -> Judge:
        """A judge of this kind under a name of its own, with options that were checked."""
        made = rubric({**self.fixed, **options}, where)
        return Judge(name, made, self.fixed, made.version, OPTIONS=self.OPTIONS)

    def serve(self, desk: Desk, make: Callable[[], BaseChatModel] | None = None) -> None:
        """Hand it what it needs to ask. ``make`` makes another model than the rubric names."""
        if self.rubric is not None:
            example = "a model with its provider, such as openai:gpt-5-mini"
            own = partial(chat_model, self.rubric.model, self.rubric.where, example, self.rubric.parameters)
            self.clerk = Clerk(self.rubric.model, self.rubric.parameters, make or own, self.rubric.where, desk)

    def ahead(self, pairs: Iterable[tuple[Case, Run]]) -> None:
        """Ask about all of these runs at once, so that scoring them one by one waits for nothing."""
        if self.clerk is not None:
            self.clerk.ahead(asked for case, run in pairs for asked in self._questions(case, run))

    def reply(self, case: Case, run: Run) -> str | None:
        """What the app replied in a run, as the judge reads it; None for a failure and where nothing stands there."""
        path = self.rubric.path if self.rubric else ""
        return None if run.fault is not None else telling.reply_of(case, run, path)

    def context(self, case: Case, run: Run) -> str:
        """What a reply may rest on, as the rubric names it; "" where nothing stands there."""
        return telling.context_of(case, run, self.rubric.context if self.rubric else ()) or ""

    def ask(self, replies: Iterable[tuple[Case, Sequence[str], str]]) -> None:
        """Ask about (case, one reply or a pair, context) at once, whoever wrote them."""
        if self.clerk is not None:
            self.clerk.ahead(asked for case, texts, told in replies for asked in self._about(case, texts, told))

    def said(self, case: Case, replies: Sequence[str], context: str) -> tuple[float | str, ...]:
        """The verdict on one reply; of a pair what each order says of the first reply."""
        found = [self._verdict(asked) for asked in self._about(case, replies, context)]
        if len(found) == 2 and isinstance(found[1], float):
            found[1] = 1 - found[1]
        return tuple(found)

    def _about(self, case: Case, replies: Sequence[str], context: str) -> list[Asked]:
        if self.rubric is None:
            return []
        if self.rubric.form.kind != "pairwise":
            return [telling.pointwise(self.rubric, case, replies[0], context)]
        return [telling.pair(self.rubric, case, *pair) for pair in (replies, tuple(reversed(replies)))]

    def score(self, case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
        """The verdict as a share, or why there is none. A failure of the app scores 0, as does no reply at ``path``.

        ``options`` were read when the judge got its name. Of a scale the share is (verdict - low) / (high - low); of a
        pair 1 is won, 0 lost, and each order counts half; of claims it is the share that is supported.
        """
        if self.rubric is None or self.clerk is None:
            return f"no rubric is set in [tool.harness.metrics.{self.NAME}]" if self.rubric is None else _UNSERVED
        if run.fault is not None:
            return f"infrastructure: {run.fault.type}: {run.fault.message}" if run.lost else 0.0
        reply = self.reply(case, run)
        if reply is None:
            return 0.0
        if self.rubric.form.kind == "pairwise":
            return self._compared(self.rubric, case, run, reply)
        if telling.context_of(case, run, self.rubric.context) is None:
            return f"neither output nor inputs have {', '.join(self.rubric.context)}"
        return self._verdict(next(self._questions(case, run)))

    def _compared(self, own: Rubric, case: Case, run: Run, reply: str) -> float | str:
        other = self._other(own, case, run)
        if other is None:
            return "there is no reply to compare with: " + (
                "the app as found gave none" if own.against == FOUND else f"the case has no {own.against}"
            )
        if other == reply:
            return 0.5
        forth, back = self.said(case, (reply, other), "")
        if isinstance(forth, str) or isinstance(back, str):
            return forth if isinstance(forth, str) else str(back)
        return (forth + back) / 2

    def _other(self, own: Rubric, case: Case, run: Run) -> str | None:
        """The reply that a pair is judged against."""
        if own.against != FOUND:
            value = case.expected.get(own.against)
            return value if isinstance(value, str) else None
        found = self.clerk.desk.found(case.id, run.k) if self.clerk else None
        return None if found is None else self.reply(case, found)

    def _questions(self, case: Case, run: Run) -> Iterator[Asked]:
        """What has to be asked about a run; of a pair both orders."""
        own = self.rubric
        reply = None if own is None else self.reply(case, run)
        if own is None or reply is None:
            return
        if own.form.kind != "pairwise":
            context = telling.context_of(case, run, own.context)
            yield from [] if context is None else self._about(case, (reply,), context)
            return
        other = self._other(own, case, run)
        if other is not None and other != reply:
            yield from self._about(case, (reply, other), "")

    def _verdict(self, asked: Asked) -> float | str:
        if self.clerk is None or self.rubric is None:
            return _UNSERVED
        call = self.clerk.answer(asked)
        return f"the judge gave no reply: {call.error}" if call.error else verdict.value(call.text, self.rubric.form)


_PLAIN: Mapping[str, Callable[[Json], str]] = {
    "rubric": _text, "model": _model, "scale": is_form, "against": _text, "path": _text, "context": _places,
    "expected": _flag, "parameters": _table,
}  # fmt: skip
_FAITHFUL = {key: _PLAIN[key] for key in ("model", "context", "path", "parameters")}


def judges() -> tuple[Judge, ...]:
    """The kinds: a rubric of the user's, and faithfulness to what a reply may rest on."""
    faithful = {"rubric": FAITHFULNESS, "scale": "claims", "expected": False}
    told = "What a language model says of a reply by a rubric of yours: see [a model as judge](judge.md)."
    share = "The share of a reply's claims that `context` supports, as a language model finds: a judge with its rubric."
    return (
        Judge("judge", OPTIONS=_PLAIN, REQUIRED=("rubric", "model"), about=told),
        Judge("faithfulness", fixed=faithful, OPTIONS=_FAITHFUL, REQUIRED=("model", "context"), about=share),
    )
