"""Cases that only the command knows: their ids come from a first run of it and are written down with the run.

What such a case asks and expects nobody here knows; of cases of a file it is known. Knows no process.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from harness import journal
from harness.repo import HOME, Repo
from harness.types import Case

FILE = "cases.jsonl"
_KEY = "case_id"  # the only input of a case that is known by its id alone


def written(folder: Path, ids: Sequence[str]) -> Path:
    """The case file of a run whose cases the command has named."""
    path = folder / FILE
    draft = path.with_suffix(".new")
    draft.write_text("".join(json.dumps({"id": case, "input": {_KEY: case}}) + "\n" for case in ids), encoding="utf-8")
    draft.replace(path)
    return path


def is_unknown(case: Case) -> bool:
    """Whether nothing but the id of a case is known."""
    return dict(case.inputs) == {_KEY: case.id}


def question(case: Case) -> str:
    """What a case asks, as far as it is one text, or as JSON; "" where it is not known."""
    if is_unknown(case):
        return ""
    texts = [value for value in case.inputs.values() if isinstance(value, str)]
    return texts[0] if len(texts) == len(case.inputs) == 1 else json.dumps(dict(case.inputs), ensure_ascii=False)


def known_ids(repo: Repo, command: str) -> Path | None:
    """The case file of the newest run whose cases this command has named; None where there is none."""
    state = repo.root / HOME / "state.sqlite"
    for info in reversed(journal.runs(state, repo.root / HOME / "lock")):
        with closing(journal.Journal(state, info.id)) as record:
            start = record.get("run:start") or {}
        path = repo.root / HOME / "runs" / info.id / "inputs" / FILE
        if start.get("entry") == command and not start.get("cases") and path.is_file():
            return path
    return None
