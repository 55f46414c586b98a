"""Proposers beside each other on the sample app: what a run with each claims, what is true on fresh cases, its calls.

    python -m benchmarks.proposers [--only builtin,llm,gepa,dspy,all] [--runs 3] [--seed 1] [--fresh-cases 500]

llm, gepa and dspy ask the same model over OpenAI's protocol on loopback. It is a script (``tests/providers/writer.py``)
that adds the next of ``LINES`` to the prompt that it is shown; two of them can help. So a row says what becomes of the
ideas of a mediocre writer under our rules, not how good gepa or dspy are with a real model. dspy is an extra: its row
needs an environment that has it.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.seeds import accuracy, as_found, run_in
from tests.providers.server import listening
from tests.providers.writer import writer

MODEL = "openai:scripted"
ROWS = {
    "builtin": ("builtin",),
    "llm": (f"llm:{MODEL}",),
    "gepa": (f"gepa:{MODEL}",),
    "dspy": (f"dspy:{MODEL}",),
    "all": ("builtin", f"llm:{MODEL}", f"gepa:{MODEL}", f"dspy:{MODEL}"),
}
LINES = (
    "Take a deep breath and do your very best for the customer.",
    "Answer with one label and nothing else, in lower case.",
    "Be creative in what you say.",
    "What the labels are about:\n- billing: invoice, charge, debit, statement, payment method\n- refund: money back, "
    "return, defective, broken device, wrong article\n- shipping: parcel, courier, delivery, tracking, damaged box\n"
    "- account: login, password, email address, profile\n- technical: error, app, crash, update, screen\n"
    "- cancellation: cancel, contract, subscription, stop\n- sales: price, discount, stock, offer, size",
    "Customers are often in a hurry.",
    "Remember that you are the best assistant of all shops.",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One run."""

    proposer: str
    ends: str  # where its candidates ended: "2 futile, 1 kept"
    kept: int
    claimed: float | None  # holdout gain of the whole run; None when nothing was kept
    low: float | None  # its 95 % interval
    high: float | None
    before: float  # accuracy on fresh cases, as found
    after: float  # and on the branch
    asked: int  # calls of the proposers' own model
    calls: int  # all that the run made
    seconds: float


def written(shown: str, number: int) -> str:
    """The script."""
    return f"{shown}\n\n{LINES[number % len(LINES)]}"


def measured(name: str, folder: Path, fresh: Path, before: float, arguments: tuple[str, ...]) -> Row:
    """Clone, tune with these proposers, measure the branch on fresh cases."""
    tree = folder / name
    named = [word for proposer in ROWS[name] for word in ("--proposer", proposer)]
    with listening(writer(written)) as served:
        os.environ |= {"OPENAI_BASE_URL": served.url, "OPENAI_API_KEY": "none"}
        _, result, seconds = run_in(tree, *named, *arguments)
        asked = len(served.asked)
    claimed = (result["claimed"] or {}) if result["kept"] else {}
    stages = Counter(trial["stage"] for trial in result["trials"])
    return Row(
        proposer=name,
        ends=", ".join(f"{count} {stage}" for stage, count in stages.items()) or "nothing proposed",
        kept=len(result["kept"]),
        claimed=claimed.get("gain"),
        low=claimed.get("low"),
        high=claimed.get("high"),
        before=before,
        after=accuracy(tree, fresh) if result["kept"] else before,
        asked=asked,
        calls=result["spend"]["calls"],
        seconds=seconds,
    )


def line(row: Row) -> str:
    """One row of the table."""
    span = "-" if row.claimed is None else f"{row.claimed:+.3f} ({row.low:+.3f} to {row.high:+.3f})"
    true = f"{row.before:.3f} | {row.after:.3f} | {row.after - row.before:+.3f}"
    return f"| {row.proposer} | {row.ends} | {span} | {true} | {row.asked} | {row.calls} | {row.seconds:.0f} |"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(ROWS), help="rows")
    parser.add_argument("--runs", type=int, default=3, help="runs per case")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fresh-cases", type=int, default=500)
    parser.add_argument("--json", type=Path, help="also write the rows here")
    arguments = parser.parse_args()
    rows: list[Row] = []
    print("| proposer | candidates | claimed (95 %) | true before | true after | true gain | its calls | calls | s |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory(prefix="proposers-") as name:
        folder = Path(name)
        fresh, before = as_found(folder, arguments.fresh_cases)
        for row in arguments.only.split(","):
            chosen = ("--runs", str(arguments.runs), "--seed", str(arguments.seed))
            rows.append(measured(row, folder, fresh, before, chosen))
            print(line(rows[-1]), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
