"""What of a run goes into reports/<run>/run.jsonl: totals, changes and verdicts; nothing of a single sealed case.

A kind of event that is not named here is never written. Knows nothing of what the numbers mean.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import tempfile
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from harness.errors import RepoError
from harness.journal.database import Database
from harness.types import Json

# Kinds of events, up to the first "-": "summary-holdout" is a summary.
PUBLIC = frozenset({"goals", "change", "screened", "look", "decision", "trial", "summary", "commit"})


def write_public(database: Database, run_id: str, dest: Path, sealed: Collection[str]) -> None:
    """Write the run's public lines to ``dest``: {"kind", "step", "at", "data"}, and confirmations as the ledger reads
    them: {"kind": "confirmation", "id", "digest", "alpha", "at"}, whose ``seal`` stands in the head line.

    ``sealed`` are ids and texts of holdout cases: where one stands in a line as a whole string, nothing is written and
    RepoError raised. Numbers that JSON lacks (nan, infinity) become null.
    """
    lines = list(_lines(database, run_id))
    for line in lines:
        leaked = sorted(set(_strings(line)) & set(sealed))
        if leaked:
            raise RepoError(f"step {line.get('step')!r} would publish the sealed case {leaked[0]!r}", where=str(dest))
    # A lone surrogate of an app's output becomes its JSON escape, which is what "backslashreplace" spells.
    text = "".join(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n" for line in lines)
    _write_whole(dest, text.encode("utf-8", errors="backslashreplace"))


def seal(confirmations: Iterable[tuple[str, str, float]]) -> str:
    """Digest of the (id, digest, level) of a report's confirmations, in their order: shows that one was edited,
    added or taken out."""
    told = "\n".join(f"{found}\x1f{digest}\x1f{float(alpha)!r}" for found, digest, alpha in confirmations)
    return hashlib.sha256(told.encode()).hexdigest()


def _lines(database: Database, run_id: str) -> Iterator[dict[str, Json]]:
    query = "select id, digest, alpha, at from confirmations where id like ? || ':%' order by rowid"
    rows = [(found, digest, alpha, at) for found, digest, alpha, at in database.read(query, (run_id,))]
    yield {"kind": "run", "id": run_id, "seal": seal((found, digest, alpha) for found, digest, alpha, _ in rows)}
    for confirmation, digest, alpha, at in rows:
        yield {"kind": "confirmation", "id": confirmation, "digest": digest, "alpha": alpha, "at": at}
    query = "select step, kind, data, at from events where run = ? order by seq"
    for step, kind, data, at in database.read(query, (run_id,)):
        if kind.split("-")[0] in PUBLIC:
            yield {"kind": kind, "step": step, "at": at, "data": _finite(json.loads(data))}


def _finite(data: Json) -> Json:
    if isinstance(data, dict):
        return {key: _finite(item) for key, item in data.items()}
    if isinstance(data, list):
        return [_finite(item) for item in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data


def _strings(data: Json) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        yield from data
        for item in data.values():
            yield from _strings(item)
    elif isinstance(data, list):
        for item in data:
            yield from _strings(item)


def _write_whole(dest: Path, content: bytes) -> None:
    try:
        dest.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=dest.parent, prefix=dest.name, delete=False) as file:
            partial = Path(file.name)
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                partial.chmod(0o644)  # a temporary file is the owner's alone
                partial.replace(dest)
            except OSError:
                partial.unlink(missing_ok=True)
                raise
    except OSError as error:
        why = f"cannot be written: {error.strerror or error}"
        raise RepoError(why, where=str(dest), fix="free disk space, see that the folder is yours") from error
