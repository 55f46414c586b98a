"""How an app is started and run. Plain data; knows no process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.types import Json


@dataclass(frozen=True, slots=True)
class AppOptions:
    """How an app is started and run."""

    concurrency: int = 8  # cases in flight at most, over all workers
    workers: int = 1  # processes of one version of the app
    timeout: float = 30.0  # seconds a case may take
    recursion_limit: int = 25  # of LangGraph, per case
    start_timeout: float = 120.0  # seconds that importing the app may take
    env: Mapping[str, str] = field(default_factory=dict)  # added to the environment of the app
    preload: tuple[str, ...] = ()  # third-party modules imported once, beside those that the source names
    paths: tuple[str, ...] = ()  # more import roots, relative to the tree
    secrets: tuple[str, ...] = ()  # environment variables whose values never leave this room
    context: Mapping[str, Json] = field(default_factory=dict)  # values of the graph's context schema
    fork: bool = True  # False = every version is started from nothing
    attempts: int = 4  # tries of a case whose model calls fail for the network's sake
    backoff: float = 1.0  # seconds before the second try, doubled with each further one, at most 30
