"""Adapters in the real loop: kept where there is something to learn, and not where there is not.

    python -m benchmarks.adapters [--runs 3] [--seed 1] [--dev 60] [--holdout 60] [--labels real|random] [--epochs N]
                                  [--by-heart] [--rows FILE]

The sample desk at temperature 0 with its prompts frozen (no proposer but the adapter; "Answer with the label only." at
the end of the first, so that every answer is a label). The real loop trains a LoRA on the dev cases and judges it on
the sealed ones. With ``--labels random`` every case, dev and sealed, gets a label at random, all labels equally often:
whatever is learnt, the true gain is 0, so the bar is the level of the whole run (.05). ``--by-heart`` trains on every
dev case and never stops early, so that the gain on dev is as large as it can be and a confirmation is spent in every
run: the hardest case for the decision. A case is run once, as nothing is drawn at temperature 0.

FILE gets a line for each run; a run that has its line is not played again, so that the whole can be played in parts,
and by two processes with seeds of their own. Prints the table of all that FILE holds of the same kind.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import tempfile
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from benchmarks.bench import git
from harness import adapting, session
from harness.cli.console import Silent

ROOT = Path(__file__).parents[1]
ROWS = ROOT / "benchmarks" / "results" / "adapters.jsonl"
SETTINGS = """graph = "graphs/support_desk/graph.py:graph"
holdout = "evals/sealed.jsonl"
proposers = []
allow = ["adapter"]
max_iterations = 1
runs = 1
timeout = 300
"""


@dataclass(frozen=True, slots=True)
class Played:
    """One run."""

    seed: int
    end: str  # how the adapter ended
    before: float | None  # accuracy on the cases that were asked last
    after: float | None
    dev: float | None  # gain on the cases that it was trained on
    p: float | None
    seconds: float


def desk(folder: Path, arguments: argparse.Namespace, seed: int) -> Path:
    """The sample app in a repository of its own, its cases drawn and split by ``seed``."""
    shutil.copytree(ROOT / "graphs", folder / "graphs", ignore=shutil.ignore_patterns("__pycache__", "tune.py"))
    shutil.copytree(ROOT / "evals", folder / "evals", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "fine-tune.md", folder / "fine-tune.md")
    models, prompts = (folder / "graphs" / "support_desk" / name for name in ("models.py", "prompts.py"))
    models.write_text(models.read_text("utf-8").replace("0.7", "0").replace("0.2", "0"), "utf-8")
    told = prompts.read_text("utf-8").replace("sales.", "sales.\nAnswer with the label only.", 1)
    prompts.write_text(told, "utf-8")
    cases = [json.loads(line) for line in (folder / "evals" / "cases.jsonl").read_text("utf-8").splitlines()]
    source = random.Random(seed)
    source.shuffle(cases)
    cases = cases[: arguments.dev + arguments.holdout]
    if arguments.labels == "random":
        relabelled(cases, source)
    for name, some in (("cases", cases[: arguments.dev]), ("sealed", cases[arguments.dev :])):
        (folder / "evals" / f"{name}.jsonl").write_text("".join(json.dumps(case) + "\n" for case in some), "utf-8")
    (folder / "harness.toml").write_text(SETTINGS, "utf-8")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "the desk")
    return folder


def relabelled(cases: list[dict[str, Any]], source: random.Random) -> None:
    """Give every case a label at random, each label equally often in what follows one another."""
    answers = {case["expected_intent"]: case["expected_answer"] for case in cases}
    labels = [label for _ in range(len(cases) // len(answers) + 1) for label in sorted(answers)][: len(cases)]
    source.shuffle(labels)
    for case, label in zip(cases, labels, strict=True):
        case["expected_intent"], case["expected_answer"] = label, answers[label]


def played(arguments: argparse.Namespace, seed: int) -> Played:
    """One whole run."""
    adapting.PARAMETERS = {"epochs": arguments.epochs} if arguments.epochs else {}
    if arguments.by_heart:
        adapting.PARAMETERS = {**adapting.PARAMETERS, "validation_split": 0}
    with tempfile.TemporaryDirectory(prefix="adapters-") as name:
        tree = desk(Path(name), arguments, seed)
        began = time.monotonic()
        with session.new(tree, {"seed": seed}, session.Kit(Silent()), snapshot=False) as sitting:
            sitting.begin()
            outcome = sitting.outcome()
        seconds = time.monotonic() - began
    result = next(result for result in outcome.results if result.goal.metric == "accuracy")
    before, after = result.initial.mean, result.final.mean
    trial = next((trial for trial in reversed(outcome.trials) if trial.change.proposer == "adapter"), None)
    if trial is None:
        return Played(seed, "not proposed", before, after, None, None, seconds)
    gain = trial.screen.gain if trial.screen else None
    p = trial.decision.comparison.p if trial.decision else None
    return Played(seed, trial.end, before, after, gain, p, seconds)


def kind_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """What rows must have in common to stand in one table."""
    return {name: getattr(arguments, name) for name in ("labels", "dev", "holdout", "epochs", "by_heart")}


def recorded(rows: Path, kind: dict[str, Any]) -> dict[int, Played]:
    """Runs of a kind that have their line, by seed."""
    lines = map(json.loads, rows.read_text("utf-8").splitlines()) if rows.exists() else iter(())
    names = [one.name for one in fields(Played)]
    return {row["seed"]: Played(**{name: row[name] for name in names}) for row in lines if row["kind"] == kind}


def show(kind: dict[str, Any], runs: list[Played]) -> None:
    """The table, and the count that the bar is about."""
    print(", ".join(f"{name} {value or 'as it decides'}" for name, value in kind.items() if value is not False))
    print(
        "| seed | adapter | accuracy before | at the end | gain on dev | p | seconds |\n|--:|---|--:|--:|--:|--:|--:|"
    )
    for one in runs:
        numbers = ["-" if figure is None else f"{figure:.3f}" for figure in (one.before, one.after, one.dev, one.p)]
        print(f"| {one.seed} | {one.end} | {' | '.join(numbers)} | {one.seconds:.0f} |")
    print(f"kept in {sum(one.end == 'kept' for one in runs)} of {len(runs)} runs")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dev", type=int, default=60)
    parser.add_argument("--holdout", type=int, default=60)
    parser.add_argument("--epochs", type=int, default=0, help="of the training; 0 = as it decides")
    parser.add_argument("--labels", choices=("real", "random"), default="real")
    parser.add_argument("--by-heart", action="store_true", help="train on every dev case, never stop early")
    parser.add_argument("--rows", type=Path, default=ROWS)
    arguments = parser.parse_args()
    kind = kind_of(arguments)
    for seed in range(arguments.seed, arguments.seed + arguments.runs):
        if seed not in recorded(arguments.rows, kind):
            row = {"kind": kind, **asdict(played(arguments, seed))}
            with arguments.rows.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
    show(kind, [one for _, one in sorted(recorded(arguments.rows, kind).items())])


if __name__ == "__main__":
    main()
