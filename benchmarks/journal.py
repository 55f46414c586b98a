"""What a durable record costs: milliseconds per event, call and run, on the disk of the folder given (default: here).

python benchmarks/journal.py [folder]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from harness.journal import Calls, Journal
from harness.types import Call, Run

N = 200  # records per measurement
MESSAGES = ({"role": "system", "content": "Sort the ticket into one of nine classes. " * 20},)
CALL = Call("", "classify", 1, 0, "acme:small", MESSAGES, {"temperature": 0.2}, "billing", {"a": [1] * 50}, 220, 3, 0.4)
RUN = Run("c1", 0, "", "abc", {"intent": "billing", "answer": "We are sorry. " * 20}, None, (CALL, CALL), 0.8)


def measured(name: str, records: int, work: Callable[[], object]) -> None:
    """Print what one record of ``work`` took."""
    began = time.perf_counter()
    work()
    print(f"{name:42} {(time.perf_counter() - began) / records * 1000:8.3f} ms")


def main(folder: Path) -> None:
    """Measure in a temporary folder inside ``folder``."""
    calls = [("c1", k, "", replace(CALL, key=str(k))) for k in range(N)]
    many = [(f"d{i}", 0, "", replace(CALL, key=str(i))) for i in range(10 * N)]
    runs = [replace(RUN, k=k) for k in range(10 * N)]
    with tempfile.TemporaryDirectory(dir=folder) as inside:
        path = Path(inside) / "state.sqlite"
        with closing(Journal(path, "r1")) as journal, closing(Calls(path)) as store:
            measured("event, each on the disk", N, lambda: [journal.append("a", str(i), {"n": i}) for i in range(N)])
            measured("call, each outlives a kill", N, lambda: [store.record(*call) for call in calls])
            measured("call, 2,000 in one write", 10 * N, lambda: store.record_many(many))
            measured("run, each outlives a kill", N, lambda: [journal.save_runs("g0", [run]) for run in runs[:N]])
            measured("run, 2,000 in one write", 10 * N, lambda: journal.save_runs("g1", runs))
            pairs = [(case, k) for case, k, _, _ in many]
            measured("call read back, 2,000 at once", 10 * N, lambda: store.recorded_many(pairs, [""]))
        with closing(Journal(path, "r1")) as journal:
            measured("run read back, 2,000 at once", 10 * N, lambda: journal.load_runs("g1"))
            measured("run read back again", 10 * N, lambda: journal.load_runs("g1"))
        print(f"{'size on the disk':42} {path.stat().st_size / (12 * N + 11 * N) / 1000:8.3f} kB a record")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
