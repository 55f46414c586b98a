"""Asks one chat model, several questions at a time and each one once. Knows no rubric and no verdict.

An endpoint that cannot be reached is asked again, then the question stays open; one that refuses the request itself
ends the run with its words, for it would refuse every other request too.
"""

from __future__ import annotations

import hashlib
import json
import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from harness.chats import call_of
from harness.errors import HarnessError, UserError, boundary
from harness.judge.telling import Asked
from harness.protocols import Desk
from harness.types import Call, Json

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

TRIES = 6  # of one question, while the endpoint fails
LONGEST = 10.0  # seconds between two tries, whatever the endpoint asks for
PASSING = (408, 409, 425, 429)  # statuses below 500 that another try may change
OPEN = "not asked: this command makes no model call, and no verdict is on record"


@dataclass(slots=True, eq=False)
class Clerk:
    """The questions of one judge, and what was replied."""

    title: str  # "openai:gpt-5-mini"
    parameters: Mapping[str, Json]
    make: Callable[[], BaseChatModel]  # when the first question is asked
    where: str  # of the rubric
    desk: Desk
    wait: Callable[[float], object] = time.sleep
    _model: BaseChatModel | None = None
    _known: dict[str, Call] = field(default_factory=dict)  # replies and failures of this sitting, by key

    def answer(self, asked: Asked) -> Call:
        """The reply to one question; its ``error`` says why there is none."""
        self.ahead([asked])
        known = self._known.get(self._key(asked))
        return known if known is not None else replace(self._bare(asked), error=OPEN)

    def ahead(self, questions: Iterable[Asked]) -> None:
        """Ask all that is not known yet, ``desk.concurrency`` at a time.

        Raises BudgetError at the first question that the budget does not allow: what was asked is kept. Raises
        UserError where the endpoint refuses the request.
        """
        todo = {self._key(asked): asked for asked in questions if not self._knows(asked)}
        if not todo or not self.desk.asks:
            return
        if self._model is None:
            self._model = self.make()
        self._work(dict(reversed(todo.items())))

    def _work(self, todo: dict[str, Asked]) -> None:
        """Threads of their own, which nobody waits for longer than a question may take: Python cannot stop one."""
        replies: queue.SimpleQueue[tuple[str, Call, str]] = queue.SimpleQueue()
        out: dict[str, tuple[Asked, float]] = {}  # key -> question, when it was put
        while todo or out:
            while todo and len(out) < self.desk.concurrency and self._may(len(out)):
                key, asked = todo.popitem()
                out[key] = (asked, time.monotonic())
                threading.Thread(target=self._put, args=(key, asked, replies), daemon=True).start()
            first = min(begun for _, begun in out.values())
            try:
                key, call, refusal = replies.get(timeout=max(0.0, first + self.desk.patience - time.monotonic()))
            except queue.Empty:
                key = next(key for key, (_, begun) in out.items() if begun == first)
                words = f"Timeout: no reply within {self.desk.patience:g} s"
                call = replace(self._bare(out[key][0]), error=words, seconds=self.desk.patience, usd=0.0)
                refusal = ""
            if key in out:  # else it was given up before
                del out[key]
                self._keep(key, call, refusal)

    def _may(self, out: int) -> bool:
        """Whether one more question may be put; the budget is asked once nothing is under way any more."""
        left = self.desk.left()
        if left is None or out < left:
            return True
        if not out:
            self.desk.refuse()
        return False

    def _keep(self, key: str, call: Call, refusal: str) -> None:
        if refusal:
            fix = "see the model's name, its parameters and the credentials that harness was started with"
            raise UserError(f"the judge {self.title} refused the request: {refusal}", where=self.where, fix=fix)
        self._known[key] = replace(call, key=key)
        self.desk.keep(self._known[key])

    def _knows(self, asked: Asked) -> bool:
        key = self._key(asked)
        known = None if key in self._known else self.desk.recorded(key)
        if known is not None:
            self._known[key] = known
        return key in self._known

    def _key(self, asked: Asked) -> str:
        told = json.dumps([self.title, dict(self.parameters), asked], sort_keys=True, default=str)
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()

    def _bare(self, asked: Asked) -> Call:
        return call_of(self.title, asked, _Silence(), 0.0)

    def _put(self, key: str, asked: Asked, replies: queue.SimpleQueue[tuple[str, Call, str]]) -> None:
        begun = time.monotonic()
        call, refusal = self._tried(asked)
        replies.put((key, replace(call, seconds=time.monotonic() - begun), refusal))

    def _tried(self, asked: Asked) -> tuple[Call, str]:
        """The reply, or the failure after so many tries; or why the request itself is refused."""
        call = self._bare(asked)
        for again in range(TRIES):
            try:
                with boundary(f"the judge {self.title}"):
                    reply: Any = self._model.invoke(list(asked)) if self._model else None
                    return replace(call_of(self.title, asked, reply, 0.0), retries=again), ""
            except HarnessError as error:
                cause = error.__cause__ or error
                words = f"{type(cause).__name__}: {self.desk.told(str(cause))}"
                if _final(cause):
                    return call, words
                call = replace(call, error=words, retries=again, usd=0.0)
                if again + 1 < TRIES:
                    self.wait(_pause(cause, again))
        return call, ""


class _Silence:
    """A reply that says nothing and counts nothing."""

    text = ""
    usage_metadata = None


def _final(error: BaseException) -> bool:
    """Whether no further try can help: the endpoint answered, and it is the request that it does not take."""
    status = getattr(error, "status_code", None)
    return isinstance(status, int) and 400 <= status < 500 and status not in PASSING


def _pause(error: BaseException, again: int) -> float:
    """Seconds before the next try: what the endpoint asks for, else twice as long each time."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        asked = float(headers.get("retry-after", ""))
    except ValueError:
        asked = 0.25 * 2**again
    return min(max(asked, 0.0), LONGEST)
