"""Runs jobs on a graph side by side, on threads or on one event loop, each with its own limit of time.

A run that hangs is reported and left behind: its thread cannot be ended, so after a few of them the process asks for
a successor. Knows nothing of the wire but a ``send``.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langgraph.errors import GraphRecursionError

from .blame import attempt, chain, describe, is_full, is_limited, is_network, is_refused, retry_after, stack
from .graphs import Graph
from .overhttp import watch
from .plain import plain
from .scope import Scope, Steps, enter

PATIENCE = 0.5  # seconds that a blocked event loop is given to answer
MAX_LEFT = 4  # hung runs left behind before the process asks to be replaced
Send = Callable[[dict[str, Any]], bool]


@dataclass
class Flight:
    """A job under way."""

    scope: Scope
    began: float  # time.monotonic()
    deadline: float
    thread: int | None = None  # ident, of a run on a thread of its own
    future: Future[None] | None = None  # of a run on the loop


class Runner:
    """Starts jobs and watches their deadlines. Used by one thread."""

    def __init__(self, graph: Graph, loop: asyncio.AbstractEventLoop, tree: Path, options: dict[str, Any], send: Send):
        self.graph, self.loop, self.tree, self.options, self.send = graph, loop, tree, options, send
        self._flights: dict[int, Flight] = {}
        self._async = graph.is_async
        self._left = 0
        self._context = contextvars.copy_context()  # of the import, before any run
        loop.call_soon_threadsafe(loop.set_default_executor, ThreadPoolExecutor(options["concurrency"] * 4 + MAX_LEFT))

    def start(self, job: dict[str, Any]) -> None:
        """Begin one job; its result is sent when it is there, or when its time is up."""
        scope = Scope(
            n=job["n"],
            case=job["case"],
            k=job["k"],
            seed=job["seed"],
            salt=job["salt"],
            changed=frozenset(job["changed"]),
            recorded=job["replay"],
            send=self.send,
            tree=str(self.tree),
        )
        watch()
        now = time.monotonic()
        flight = Flight(scope, now, now + self.options["timeout"])
        self._flights[scope.n] = flight
        if self._async:
            coroutine = self._run_async(scope, job["inputs"])
            flight.future = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        else:
            arguments = (self._run, scope, job["inputs"])
            thread = threading.Thread(target=self._context.copy().run, args=arguments, daemon=True)
            thread.start()
            flight.thread = thread.ident

    def kept(self, n: int) -> None:
        """A call of job ``n`` is on the client's record."""
        flight = self._flights.get(n)
        if flight is not None:
            flight.scope.kept()

    def next_deadline(self) -> float | None:
        """Seconds until a run's time is up, None when nothing runs."""
        self._flights = {n: flight for n, flight in list(self._flights.items()) if not flight.scope.over}
        if not self._flights:
            return None
        return max(0.0, min(flight.deadline for flight in self._flights.values()) - time.monotonic())

    def check_deadlines(self) -> None:
        """Report the runs whose time is up, and leave them behind."""
        now = time.monotonic()
        late = [flight for flight in self._flights.values() if flight.deadline <= now and not flight.scope.over]
        if late and self._async and not self._loop_answers():
            self.send({"op": "stuck", "traceback": self._stacks(None)})
            return
        for flight in late:
            if flight.scope.finish():
                self._left += 1
                self._report(flight.scope, flight.began, None, self._timeout(flight))
                if flight.future is not None:
                    flight.future.cancel()
        if self._left >= MAX_LEFT:
            self.send({"op": "tired"})

    def _run(self, scope: Scope, inputs: Any) -> None:
        enter(scope)
        began = time.monotonic()
        state, error = attempt(lambda: self.graph.compiled.invoke(self.graph.input(inputs), **self._arguments(scope)))
        if self.graph.checkpointer:
            attempt(lambda: self.graph.compiled.checkpointer.delete_thread(scope.thread))
        if _needs_loop(error):
            self._async = True
            flight = self._flights.get(scope.n)
            future = asyncio.run_coroutine_threadsafe(self._run_async(scope, inputs), self.loop)
            if flight is not None:
                flight.future = future
            return
        self._end(scope, began, state, error)

    async def _run_async(self, scope: Scope, inputs: Any) -> None:
        enter(scope)
        began = time.monotonic()
        state, error = None, None
        try:
            state = await self.graph.compiled.ainvoke(self.graph.input(inputs), **self._arguments(scope))
        except BaseException as caught:  # noqa: BLE001 - the boundary to the user's code, in its async form
            error = caught
        if self.graph.checkpointer:
            await self._forget(scope)
        self._end(scope, began, state, error)

    async def _forget(self, scope: Scope) -> None:
        """Delete what the run left with the checkpointer, which may be a database of the user's."""
        with contextlib.suppress(Exception):  # one that cannot delete keeps a thread that nobody asks for
            await self.graph.compiled.checkpointer.adelete_thread(scope.thread)

    def _arguments(self, scope: Scope) -> dict[str, Any]:
        metadata = {"harness_seed": scope.seed, "harness_case": scope.case, "harness_k": scope.k}
        config = {
            "configurable": {"thread_id": scope.thread},
            "recursion_limit": self.options["recursion_limit"],
            "metadata": metadata,
            "callbacks": [Steps(scope)],
        }
        context = {"context": self.options["context"]} if self.graph.has_context else {}
        return {"config": config, **context}

    def _end(self, scope: Scope, began: float, state: Any, error: BaseException | None) -> None:
        if scope.finish():
            self._report(scope, began, state, None if error is None else self._fault(scope, error))

    def _report(self, scope: Scope, began: float, state: Any, fault: dict[str, Any] | None) -> None:
        seconds = time.monotonic() - began
        fault = fault or self._silent_fault(scope, state)
        done = {"op": "done", "n": scope.n, "seconds": seconds + replayed_seconds(scope.refs), "calls": scope.refs}
        self.send({**done, "fault": fault, "output": None if fault else plain(state)})

    def _fault(self, scope: Scope, error: BaseException) -> dict[str, Any]:
        troubles = set(map(id, scope.troubles.values()))
        network = next((item for item in chain(error) if id(item) in troubles), None)
        if network is None and scope.troubles and is_network(error):
            network = error
        outside = network or next(filter(is_full, chain(error)), None)
        if outside is not None:
            return self._infrastructure(outside)
        kind = "app"
        if isinstance(error, GraphRecursionError):
            kind = "recursion"
        elif not isinstance(error, Exception) and not isinstance(error, asyncio.CancelledError):
            kind = "exit"
        return {"kind": kind, **describe(error, self.tree)}

    def _silent_fault(self, scope: Scope, state: Any) -> dict[str, Any] | None:
        """An output that is no answer: the network failed for good and the app hid it, or a person was asked."""
        if scope.troubles:
            return self._infrastructure(next(iter(scope.troubles.values())))
        if not (isinstance(state, dict) and "__interrupt__" in state):
            return None
        text = f"the graph stopped at an interrupt in node {scope.node!r}; runs without a person cannot answer it"
        return {"kind": "app", "type": "Interrupt", "message": text, "traceback": ""}

    def _infrastructure(self, error: BaseException) -> dict[str, Any]:
        pace = {"limited": is_limited(error), "refused": is_refused(error), "retry_after": retry_after(error)}
        return {"kind": "infrastructure", **describe(error, self.tree), **pace}

    def _timeout(self, flight: Flight) -> dict[str, Any]:
        node = f"; it was in node {flight.scope.node!r}" if flight.scope.node else ""
        text = f"no output within {self.options['timeout']:g} s{node}"
        return {"kind": "timeout", "type": "Timeout", "message": text, "traceback": self._stacks(flight.thread)}

    def _stacks(self, thread: int | None) -> str:
        """Where the app stands: in the run's own thread, else in any thread that is inside the tree."""
        frames = sys._current_frames()
        own = stack(frames.get(thread), self.tree) if thread is not None else ""
        return own or "\n".join(filter(None, (stack(frame, self.tree) for frame in frames.values())))

    def _loop_answers(self) -> bool:
        answered = threading.Event()
        self.loop.call_soon_threadsafe(answered.set)
        return answered.wait(PATIENCE)


def replayed_seconds(refs: list[dict[str, Any]]) -> float:
    """What replayed calls took when made: per superstep the longest node, because parallel nodes overlap."""
    steps: dict[int, dict[str, float]] = {}
    for ref in refs:
        if ref["replayed"]:
            nodes = steps.setdefault(ref["step"], {})
            nodes[ref["node"]] = nodes.get(ref["node"], 0.0) + ref["seconds"]
    return sum(max(nodes.values()) for nodes in steps.values())


def _needs_loop(error: BaseException | None) -> bool:
    """Whether a run failed only because a node has no synchronous form."""
    texts = ("No synchronous function provided", "does not support synchronous", "Use the async interface")
    return isinstance(error, TypeError | NotImplementedError) and any(text in str(error) for text in texts)
