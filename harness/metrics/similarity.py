"""How near the meaning of the app's text is to the expected one: the cosine of their embeddings, 0-1.

``similarity_embedded`` takes the vectors of the model that ships with harness: local, free and coarse. ``similarity``
takes those of a model of yours. A number near 1 says that the same things are spoken of, not that they are right.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.answers import ABSENT, app_value, as_text
from harness.errors import HarnessError, boundary
from harness.metrics import fields
from harness.metrics.faults import missing
from harness.metrics.options import Rule
from harness.protocols import Desk
from harness.types import Call, Case, Direction, Json, Run

EMBEDDED = "embedded"
_MEANING = "expected_answer_semantic"  # texts that the answer may mean
_AT_ONCE = 64  # texts of one request


def _model(value: Json) -> str:
    good = value == EMBEDDED or (isinstance(value, str) and all(value.partition(":")))
    return "" if good else 'embeddings with their provider, such as "openai:text-embedding-3-small"'


@dataclass(slots=True, eq=False)
class Similarity:
    """A ``protocols.Metric`` and ``protocols.Asking``; ``make`` makes the embeddings of a name."""

    NAME: str
    make: Callable[[str], Any]
    fixed: str = ""  # the embeddings, where the metric's name says them
    VERSION: str = "1"
    DIRECTION: Direction = "higher"
    UNIT: str = ""
    OPTIONS: Mapping[str, Rule] = field(default_factory=dict)
    REQUIRED: tuple[str, ...] = ()
    desk: Desk | None = None
    _model: Any = None
    _why: str = "not asked: this command makes no model call"
    _vectors: dict[str, Sequence[float]] = field(default_factory=dict)
    _known: dict[str, float] = field(default_factory=dict)
    options: Mapping[str, Json] = field(default_factory=dict)

    def named(self, name: str, options: Mapping[str, Json], where: str) -> Similarity:
        """The metric under a name of its own, with options that were checked."""
        return Similarity(name, self.make, self.fixed, OPTIONS=self.OPTIONS, options=options)

    def serve(self, desk: Desk) -> None:
        """What was compared before is on record there, and requests for vectors are paid there."""
        self.desk = desk

    def ahead(self, pairs: Iterable[tuple[Case, Run]]) -> None:
        """Ask for the vectors of all texts that these runs need, many at a time."""
        texts = [
            text
            for case, run in pairs
            for reply, wanted in self._texts(case, run)
            if self._recorded(self._key(reply, wanted)) is None
            for text in (reply, *wanted)
        ]
        self._embed([text for text in dict.fromkeys(texts) if text not in self._vectors])

    def score(self, case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
        """Mean over the comparable fields of the cosine, at least 0; the best where several texts are expected.

        ``expected_answer_semantic`` counts as texts that the answer may mean. A failure of the app scores 0.
        ``fields`` and ``only`` as in ``fields.judged``.
        """
        if run.fault is not None:
            return missing(run) or 0.0
        if not self._embeddings:
            return f"no embeddings are set in [tool.harness.metrics.{self.NAME}]"
        pairs = self._texts(case, run)
        if not pairs:
            return "the case expects no text that the output answers"
        self.ahead([(case, run)])
        found = [self._cosine(reply, wanted) for reply, wanted in pairs]
        known = [value for value in found if value is not None]
        return sum(known) / len(known) if len(known) == len(found) else self._why

    @property
    def _embeddings(self) -> str:
        return self.fixed or str(self.options.get("embeddings", ""))

    def _texts(self, case: Case, run: Run) -> list[tuple[str, list[str]]]:
        """(what the app says, what it may say) of each field that can be compared."""
        if run.fault is not None:
            return []
        paths, only = self.options.get("fields") or {}, self.options.get("only")
        found = []
        for name, expected in case.expected.items():
            if name == "expected_tool_calls" or (only is not None and name not in only):
                continue
            place = "expected_answer" if name == _MEANING else name
            value = app_value(place, case.inputs, run.output, paths.get(name, ""))
            if value is not ABSENT:
                found.append((as_text(value), fields.references(expected)))
        return found

    def _cosine(self, reply: str, wanted: Sequence[str]) -> float | None:
        key = self._key(reply, wanted)
        known = self._recorded(key)
        if known is not None:
            return known
        if any(text not in self._vectors for text in (reply, *wanted)):
            return None
        mine = self._vectors[reply]
        best = max(cosine(mine, self._vectors[text]) for text in wanted)
        self._known[key] = min(max(best, 0.0), 1.0)
        if self.desk is not None:
            self.desk.note(_call(self._embeddings, key, json.dumps(self._known[key])))
        return self._known[key]

    def _recorded(self, key: str) -> float | None:
        call = None if key in self._known or self.desk is None else self.desk.recorded(key)
        if call is not None:
            self._known[key] = float(call.text)
        return self._known.get(key)

    def _key(self, reply: str, wanted: Sequence[str]) -> str:
        told = json.dumps([self._embeddings, self.VERSION, reply, list(wanted)])
        return f"cosine:{hashlib.sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()}"

    def _embed(self, texts: Sequence[str]) -> None:
        """The vectors of texts; requests to a provider are paid as calls."""
        free = self._embeddings == EMBEDDED
        if not texts or not (free or (self.desk is not None and self.desk.asks)):
            return
        if self._model is None:
            self._model = self.make(self._embeddings)
        for begin in range(0, len(texts), _AT_ONCE):
            part = list(texts[begin : begin + _AT_ONCE])
            if self.desk is not None and not free and self.desk.left() == 0:
                self.desk.refuse()
            try:
                with boundary(f"the embeddings {self._embeddings}"):
                    self._vectors.update(zip(part, self._model.embed_documents(part), strict=True))
            except HarnessError as error:  # the client has tried again: these texts are missing values
                self._why = error.message if self.desk is None else self.desk.told(error.message)
                continue
            if self.desk is not None and not free:
                mark = hashlib.sha256("\x1f".join(part).encode("utf-8", "surrogatepass")).hexdigest()
                self.desk.keep(_call(self._embeddings, f"vectors:{mark}", ""))


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Cosine of the angle between two vectors; 0 where one has no length."""
    lengths = math.sqrt(math.fsum(x * x for x in one)) * math.sqrt(math.fsum(x * x for x in other))
    return math.fsum(x * y for x, y in zip(one, other, strict=True)) / lengths if lengths else 0.0


def kinds(make: Callable[[str], Any]) -> tuple[Similarity, ...]:
    """By the embedded model, and by one that the settings name."""
    own = {**fields.OPTIONS, "embeddings": _model}
    return (
        Similarity("similarity_embedded", make, EMBEDDED, OPTIONS=fields.OPTIONS),
        Similarity("similarity", make, OPTIONS=own, REQUIRED=("embeddings",)),
    )


def _call(model: str, key: str, text: str) -> Call:
    return Call(
        key=key, node="", step=0, position=0, model=model, messages=(), parameters={}, text=text, response={},
        tokens_in=None, tokens_out=None, seconds=0.0,
    )  # fmt: skip
