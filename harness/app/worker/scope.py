"""One run of one case under way: which node is running, what it already called, what may be replayed.

A call finds its run by a context variable, which is handed on to threads that the app starts itself. Knows no model.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables.config import var_child_runnable_config

Path = tuple[tuple[str, int], ...]  # (segment "node:task id", superstep) from the outer graph inwards


class Abandoned(BaseException):
    """Raised in a thread whose run is over, so that it makes no further call. Not for the app to catch."""


@dataclass
class Scope:
    """The state of one run; its methods may be called from any thread."""

    n: int  # number of the job on the wire
    case: str
    k: int
    seed: int
    salt: str
    changed: frozenset[str]
    recorded: dict[str, dict[str, Any]]  # calls that may be replayed, by key
    send: Callable[[dict[str, Any]], bool]
    tree: str
    thread: str = field(default_factory=lambda: f"harness-{uuid4().hex}")  # LangGraph's thread_id
    over: bool = False
    node: str = ""  # the node that started last, for words about a hang
    refs: list[dict[str, Any]] = field(default_factory=list)  # calls in the order completed
    troubles: dict[str, BaseException] = field(default_factory=dict)  # node -> network error not made good since
    _steps: dict[str, int] = field(default_factory=dict)  # checkpoint namespace -> superstep
    _taken: dict[str, set[int]] = field(default_factory=dict)  # content -> positions in use
    _changed_at: list[Path] = field(default_factory=list)  # where changed nodes made calls
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _unkept: deque[Future[None]] = field(default_factory=deque)  # calls that the client has not said to be on disk

    def tell(self, call: dict[str, Any]) -> None:
        """Hand a call to the client, who answers when it is on record."""
        with self._lock:
            self._unkept.append(Future())
        self.send({"op": "call", "n": self.n, "call": call})

    def kept(self) -> None:
        """The client has recorded the oldest call told and not yet answered for."""
        with self._lock:
            receipt = self._unkept.popleft()
        receipt.set_result(None)

    def await_receipts(self) -> None:
        """Wait until every call told is on record: a kill may then cost the call under way and no other."""
        for receipt in list(self._unkept):
            receipt.result()

    async def receipts(self) -> None:
        """``await_receipts`` without blocking the event loop."""
        for receipt in list(self._unkept):
            await asyncio.wrap_future(receipt)

    def finish(self) -> bool:
        """End the run; True for the first caller only, who alone may report it."""
        with self._lock:
            first, self.over = not self.over, True
        return first

    def entered(self, namespace: str, step: int, node: str) -> None:
        """A node began at ``step`` of the graph that ``namespace`` names."""
        self._steps[namespace] = step
        self.node = node

    def ended(self, node: str, trouble: BaseException | None) -> None:
        """A call of ``node`` ended, with a network error or with anything else, which makes good an earlier one."""
        if trouble is None:
            self.troubles.pop(node, None)
        else:
            self.troubles[node] = trouble

    def path(self, metadata: dict[str, Any]) -> Path:
        """Where a call with this metadata stands; empty outside any node."""
        segments = [part for part in str(metadata.get("langgraph_checkpoint_ns") or "").split("|") if part]
        steps = [self._steps.get("|".join(segments[: i + 1]), 0) for i in range(len(segments))]
        if steps and not steps[-1]:
            steps[-1] = int(metadata.get("langgraph_step") or 0)
        return tuple((part, step) for part, step in zip(segments, steps, strict=True) if not part.isdigit())

    def is_affected(self, path: Path) -> bool:
        """Whether the change can have moved a call here: its own node, or a superstep after one that changed."""
        if "*" in self.changed:
            return True
        with self._lock:
            if self.changed & set(names(path)):
                self._changed_at.append(path)
                return True
            return any(not path or _later(path, earlier) for earlier in self._changed_at)

    def take(self, content: str) -> int:
        """The lowest free position among calls of equal content; a failed call gives its own back."""
        with self._lock:
            taken = self._taken.setdefault(content, set())
            position = next(i for i in range(len(taken) + 1) if i not in taken)
            taken.add(position)
        return position

    def give_back(self, content: str, position: int) -> None:
        """Free a position, because the call that held it failed."""
        with self._lock:
            self._taken[content].discard(position)


def names(path: Path) -> tuple[str, ...]:
    """The node names along a path, without task ids."""
    return tuple(segment.partition(":")[0] for segment, _ in path)


def _later(path: Path, earlier: Path) -> bool:
    """Whether ``path`` runs in a later superstep of the innermost graph that both share."""
    for (segment, step), (other, before) in zip(path, earlier, strict=False):
        if segment != other:
            return step > before
    return False


@dataclass(frozen=True)
class Place:
    """What a call inherits: its run, and the metadata of the node that it was started from."""

    scope: Scope
    metadata: dict[str, Any]


BUSY: contextvars.ContextVar[bool] = contextvars.ContextVar("harness_busy", default=False)  # inside a model call
_PLACE: contextvars.ContextVar[Place | None] = contextvars.ContextVar("harness_place", default=None)
_INHERITED: contextvars.ContextVar[Place | None] = contextvars.ContextVar("harness_inherited", default=None)


def enter(scope: Scope) -> None:
    """Everything that the current context starts from here on belongs to ``scope``."""
    _PLACE.set(Place(scope, {}))


def current() -> Place | None:
    """The run and node of the caller; None outside any run. Raises Abandoned when its run is over."""
    place = _PLACE.get()
    if place is not None and place.scope.over:
        raise Abandoned
    if place is None:
        place = _INHERITED.get()
        if place is None or place.scope.over:
            return None
    config = var_child_runnable_config.get()
    metadata = dict((config or {}).get("metadata") or {})
    return Place(place.scope, metadata) if metadata.get("langgraph_node") else place


class Steps(BaseCallbackHandler):
    """Tells a scope which superstep each node runs in; subgraphs do not know the step of the graph around them."""

    run_inline = True

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def on_chain_start(
        self,
        serialized: dict[str, Any],
        inputs: dict[str, Any],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Called by LangChain as a node, or anything inside one, begins."""
        if metadata and metadata.get("langgraph_node"):
            namespace = str(metadata.get("langgraph_checkpoint_ns") or "")
            self._scope.entered(namespace, int(metadata.get("langgraph_step") or 0), str(metadata["langgraph_node"]))


def follow_threads() -> None:
    """Hand the place on to threads and pools that the app starts itself, which copy no context. Called once."""
    start, submit = threading.Thread.start, ThreadPoolExecutor.submit

    def started(self: threading.Thread) -> None:
        place, busy = current_or_none(), BUSY.get()
        if place is not None:
            run = self.run

            def inherited() -> None:
                _INHERITED.set(place)
                BUSY.set(busy)
                run()

            self.run = inherited  # type: ignore[method-assign]
        start(self)

    def submitted(self: ThreadPoolExecutor, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        place, busy = current_or_none(), BUSY.get()
        if place is None:
            return submit(self, fn, *args, **kwargs)

        def placed() -> Any:
            token, before = _PLACE.set(place), BUSY.set(busy)
            try:
                return fn(*args, **kwargs)
            finally:
                _PLACE.reset(token)
                BUSY.reset(before)

        return submit(self, placed)

    threading.Thread.start = started  # type: ignore[method-assign]
    ThreadPoolExecutor.submit = submitted  # type: ignore[method-assign, assignment]


def current_or_none() -> Place | None:
    """Like ``current``, but None where the run is over."""
    try:
        return current()
    except Abandoned:
        return None
