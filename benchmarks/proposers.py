"""Proposers beside each other on one app: what a run with each claims, what is true on fresh cases, its calls.

    python -m benchmarks.proposers [--app sample|toy] [--only builtin,llm,gepa,dspy,all] [--runs 3] [--rows FILE]

The app is the sample, or the toy ``classify``, whose scripted model is quick. llm, gepa and dspy ask the same model
over OpenAI's protocol on loopback: a script (``tests/providers/writer.py``) that adds the next of a few lines to the
prompt that it is shown; two of them can help. So a row says what becomes of the ideas of a mediocre writer under our
rules, not how good gepa or dspy are with a real model. dspy is an extra: its row needs an environment that has it.
FILE gets a line for each row; a row that has its line is not played again, so that the whole can be played in parts.
"""

from __future__ import annotations

import argparse
import json
import os
import runpy
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.bench import ROOT, TOYS, finish, git, start, toy
from benchmarks.seeds import accuracy, fresh_cases
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
USELESS = (
    "Take a deep breath and do your very best for the customer.",
    "Be creative in what you say.",
    "Customers are often in a hurry.",
    "Remember that you are the best assistant of all shops.",
)


@dataclass(frozen=True, slots=True)
class App:
    """What is tuned."""

    copied: Callable[[Path], object]  # makes a repository of it
    fresh: Callable[[Path, int], Path]  # folder, number -> a file of cases that no run has seen
    useful: tuple[str, str]  # two lines that can help


@dataclass(frozen=True, slots=True)
class Row:
    """One run."""

    app: str
    proposer: str
    runs: int  # per case
    seed: int
    commit: str
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


def cloned(tree: Path) -> None:
    """The sample: this repository."""
    subprocess.run(["git", "clone", "-q", str(ROOT), str(tree)], check=True)


def fresh_tickets(folder: Path, count: int) -> Path:
    """Tickets of the toy with other days than its own."""
    templates = runpy.run_path(str(TOYS / "classify/evals/make_cases.py"))["TEMPLATES"]
    texts = [(label, text) for label, group in templates.items() for text in group]
    rows = [
        {"id": f"f{n}", "input": {"ticket": text.format(day=f"day {n // len(texts) + 40}")}, "expected_intent": label}
        for n, (label, text) in enumerate((texts * (count // len(texts) + 1))[:count])
    ]
    path = folder / "fresh.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


APPS = {
    "sample": App(
        cloned, fresh_cases,
        ("Answer with one label and nothing else, in lower case.",
         "What the labels are about:\n- billing: invoice, charge, debit, statement\n- refund: money back, return, "
         "defective, wrong article\n- shipping: parcel, courier, delivery, damaged box\n- account: login, password, "
         "email address\n- technical: error, app, crash, update\n- cancellation: cancel, contract, subscription\n"
         "- sales: price, discount, stock, offer"),
    ),
    "toy": App(
        lambda tree: toy("classify", tree), fresh_tickets,
        ("Answer with only one of these labels: account, billing, shipping, technical.",
         "- account: password\n- billing: invoice, card\n- shipping: parcel, courier\n- technical: crash, error"),
    ),
}  # fmt: skip


def script(app: App) -> Callable[[str, int], str]:
    """What the model writes: the prompt as shown with the next line, a useless one first."""
    lines = (USELESS[0], app.useful[0], USELESS[1], app.useful[1], *USELESS[2:])
    return lambda shown, number: f"{shown}\n\n{lines[number % len(lines)]}"


def tuned(tree: Path, *arguments: str) -> tuple[Mapping[str, Any], float]:
    """``harness run`` in ``tree``, left on the run's branch: what it says, and its seconds."""
    code, out, err = finish(start(tree, ("run", *arguments, "--json")))
    if code not in (0, 1):
        raise SystemExit(f"{tree.name} ended with {code}: {err}")
    result: dict[str, Any] = json.loads(out)
    git(tree, "checkout", "-q", "-f", "--detach", result["branch"])
    return result, result["spend"]["seconds"]


def measured(of: Mapping[str, Any], app: App, tree: Path, fresh: Path, before: float) -> Row:
    """Tune a fresh copy at ``tree`` as ``of`` says (proposer, runs, seed), measure the branch on fresh cases."""
    app.copied(tree)
    named = [word for proposer in ROWS[of["proposer"]] for word in ("--proposer", proposer)]
    with listening(writer(script(app))) as served:
        os.environ |= {"OPENAI_BASE_URL": served.url, "OPENAI_API_KEY": "none"}
        result, seconds = tuned(tree, *named, "--runs", str(of["runs"]), "--seed", str(of["seed"]))
        asked = len(served.asked)
    claimed = (result["claimed"] or {}) if result["kept"] else {}
    stages = Counter(trial["stage"] for trial in result["trials"])
    return Row(
        **of,
        commit=git(ROOT, "rev-parse", "--short", "HEAD").strip(),
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


def read(file: Path) -> list[Row]:
    """The rows that are there."""
    return [Row(**json.loads(text)) for text in file.read_text("utf-8").splitlines()] if file.exists() else []


def play(arguments: argparse.Namespace, names: Sequence[str]) -> None:
    """Each of the rows, written as soon as it has ended."""
    app = APPS[arguments.app]
    with tempfile.TemporaryDirectory(prefix="proposers-") as name:
        folder = Path(name)
        fresh = app.fresh(folder, arguments.fresh_cases)
        app.copied(folder / "as-found")
        before = accuracy(folder / "as-found", fresh)
        for proposer in names:
            of = {"app": arguments.app, "proposer": proposer, "runs": arguments.runs, "seed": arguments.seed}
            row = measured(of, app, folder / proposer, fresh, before)
            with arguments.rows.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(row)) + "\n")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--app", choices=sorted(APPS), default="sample")
    parser.add_argument("--only", default=",".join(ROWS), help="rows")
    parser.add_argument("--runs", type=int, default=3, help="runs per case")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fresh-cases", type=int, default=500)
    parser.add_argument("--rows", type=Path, default=ROOT / "benchmarks/results/proposers.jsonl")
    arguments = parser.parse_args()
    same = (arguments.app, arguments.runs, arguments.seed)
    done = {row.proposer for row in read(arguments.rows) if (row.app, row.runs, row.seed) == same}
    if names := [name for name in arguments.only.split(",") if name not in done]:
        play(arguments, names)
    rows = [row for row in read(arguments.rows) if (row.app, row.runs, row.seed) == same]
    print("| proposer | candidates | claimed (95 %) | true before | true after | true gain | its calls | calls | s |")
    print("|---|---|---|---|---|---|---|---|---|")
    for row in sorted(rows, key=lambda row: list(ROWS).index(row.proposer)):
        print(line(row))


if __name__ == "__main__":
    main()
