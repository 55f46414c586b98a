"""The engines of this process: each base is loaded once, whoever names it, and adapters are served beside it.

Knows names and folders, not weights. A forked child starts with none.
"""

from __future__ import annotations

import atexit
import os
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from harness.models import native
from harness.models.engine import Completion, Engine, Format, Listener, Sampling
from harness.models.folders import Place, place_of


@dataclass(frozen=True)
class Served:
    """A model by name: the engine that answers for it, and the adapter that its answers go through there."""

    engine: Engine
    adapter: Path | None
    place: Place

    @property
    def format(self) -> Format:
        """Its tokenizer."""
        return self.engine.format

    def submit(
        self, prompt: tuple[int, ...], sampling: Sampling, listener: Listener | None = None
    ) -> Future[Completion]:
        """As ``Engine.submit``."""
        return self.engine.submit(prompt, sampling, listener, self.adapter)

    def generate(self, prompt: tuple[int, ...], sampling: Sampling) -> Completion:
        """As ``Engine.generate``."""
        return self.engine.generate(prompt, sampling, self.adapter)


class _Registry:
    """The engines of this process, one per base, and one per adapter that is part of the weights."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Start afresh; in a forked child the lock may be held by a thread that does not exist there."""
        self._lock = threading.Lock()
        self._engines: dict[tuple[Path, Path | None], Engine] = {}
        self._names: dict[tuple[str, str], Served] = {}  # (folder that relative paths start from, name)

    def named(self, model: str) -> Served:
        known = os.getcwd(), model  # noqa: PTH109 - asked at every call
        if known not in self._names:
            self._names[known] = self._find(place_of(model))
        return self._names[known]

    def _find(self, place: Place) -> Served:
        if place.adapter is not None and native.runs(place):
            return Served(self.get(place.base, place.adapter), None, place)
        return Served(self.get(place.base), place.adapter, place)

    def get(self, folder: Path, adapter: Path | None = None) -> Engine:
        key = folder.resolve(), adapter
        with self._lock:
            if key not in self._engines:
                self._engines[key] = Engine(key[0], adapter=adapter)
            return self._engines[key]

    def close(self) -> None:
        with self._lock:
            for engine in self._engines.values():
                engine.close()


_registry = _Registry()
# A torch call that is running when the interpreter goes would crash it.
atexit.register(_registry.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_registry.forget)


def shared_engine(folder: Path) -> Engine:
    """This process's engine for a base folder, loaded at the first call."""
    return _registry.get(folder)


def served(model: str) -> Served:
    """The model of a name, its base loaded at the first call and shared with every other adapter of it.

    Raises ValueError or FileNotFoundError with what would help.
    """
    return _registry.named(model)
