"""Where a run stands, as LangGraph keeps it: checkpoints in a file of their own. Knows no step of the loop."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver

from harness import loop
from harness.errors import RepoError
from harness.repo import Repo

_STEPS = 10_000  # supersteps of the loop: its own stop rules end it, LangGraph's limit must not


def config_of(run_id: str) -> RunnableConfig:
    """LangGraph's config of a run."""
    return {"configurable": {"thread_id": run_id}, "recursion_limit": _STEPS}


@contextmanager
def saver(repo: Repo) -> Iterator[SqliteSaver]:
    """The checkpointer, in a file of its own."""
    path = repo.home / "checkpoints.sqlite"
    try:
        with SqliteSaver.from_conn_string(str(path)) as checkpoints:
            # State is plain data: no type of ours or of anyone's is to be revived from a checkpoint.
            checkpoints.serde = JsonPlusSerializer(allowed_msgpack_modules=None)
            yield checkpoints
    except sqlite3.DatabaseError as error:
        if "not a database" not in str(error) and "malformed" not in str(error):
            raise
        fix = f"rm {path}, then `harness resume`: the journal has everything that was measured"
        raise RepoError(f"the checkpoints are damaged: {error}", where=str(path), fix=fix) from error


def last_state(repo: Repo, run_id: str) -> loop.State | None:
    """The state in the newest checkpoint of a run, None when it came to no first step."""
    with saver(repo) as checkpoints:
        found = checkpoints.get_tuple(config_of(run_id))
    values = found.checkpoint["channel_values"] if found else {}
    return cast(loop.State, values) if "best" in values else None
