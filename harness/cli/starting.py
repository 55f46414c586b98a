"""``init``: asks what cannot be known, writes what a repository lacks, says what to do next."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from rich.prompt import Confirm, Prompt

from harness import discover, goals, settings, starter
from harness.cli.shell import say_json
from harness.cli.text import grid
from harness.errors import UserError
from harness.repo import Repo
from harness.starter import Draft, Wishes


def init(path: Path, graph: str, *, yes: bool, as_json: bool) -> None:
    """Write goals, examples of cases, a folder for reports and settings, each only where it lacks."""
    asks = not (yes or as_json) and sys.stdin.isatty() and sys.stdout.isatty()
    if not (yes or asks):
        raise UserError(
            "there is no terminal to ask on", fix="`harness init --yes` takes the defaults and asks nothing"
        )
    repo = Repo.open(path)
    chosen = settings.load(repo.root, {})
    entry = pick(repo.root, graph or chosen.graph, asks=asks)
    wishes = wish() if asks and goals.find(repo.root) is None and not chosen.goals else Wishes()
    drafted = starter.drafts(repo, chosen, entry, wishes)
    if asks and any(draft.text is not None for draft in drafted):
        print(table("To be written", drafted, "write"))
        if not Confirm.ask("Write these", default=True):
            print("nothing was written")
            return
    starter.write(repo.root, drafted)
    steps = list(further(drafted))
    if as_json:
        files = [{"path": d.path, "written": d.text is not None, "words": d.words} for d in drafted]
        say_json({"root": str(repo.root), "graph": entry, "files": files, "next": steps})
    else:
        print(table(f"graph {entry}", drafted, "written"))
        print("\n".join(["next:", *(f"  {step}" for step in steps)]))


def pick(root: Path, graph: str, *, asks: bool) -> str:
    """The app's graph as "path.py:name"; where several could be meant, a person chooses. Raises UserError."""
    found = discover.entries(root) if asks and not graph else ()
    if len(found) > 1:
        graph = Prompt.ask("Which graph is the app", choices=list(found), default=found[0])
    return discover.find_entry(root, graph)


def wish() -> Wishes:
    """Goals by asking, one number each; an empty answer takes the default or leaves the goal out."""
    wishes = Wishes()
    accuracy = amount("Cases to be answered rightly, in %", wishes.accuracy, most=100)
    wishes = replace(wishes, accuracy=wishes.accuracy if accuracy is None else accuracy)
    seconds = amount("Seconds that a case may take (empty: no such goal)", None)
    return replace(wishes, seconds=seconds, usd=amount("USD that a case may cost (empty: no such goal)", None))


def amount(question: str, default: float | None, most: float = 1e9) -> float | None:
    """A number above 0, asked for until it is one; ``default`` for an empty answer."""
    while True:
        said = Prompt.ask(question, default="" if default is None else f"{default:g}", show_default=default is not None)
        if not said:
            return default
        try:
            value = float(said.strip().rstrip("%$s").strip())
        except ValueError:
            value = 0.0
        if 0 < value <= most:
            return value
        print(f"write a number above 0{f' and at most {most:g}' if most < 1e9 else ''}")


def table(title: str, drafted: tuple[Draft, ...], verb: str) -> str:
    """One row per file."""
    return grid(title, ["File", "", "What"], [[d.path, "left" if d.text is None else verb, d.words] for d in drafted])


def further(drafted: tuple[Draft, ...]) -> Iterator[str]:
    """What to do next, commands last."""
    written = [draft.path for draft in drafted if draft.text is not None]
    if any(path.endswith((".jsonl", ".json")) for path in written):
        yield "write your own cases over the examples: a run decides on them alone"
    yield "harness check"
    if written:
        yield f"git add {shlex.join(written)} && git commit -m 'Goals and cases for harness'"
    yield "harness run"
