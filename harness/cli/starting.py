"""``init``: asks what cannot be known, writes what a repository lacks, says what to do next."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.prompt import Confirm, Prompt

from harness import discover, goals, settings, starter
from harness.cli.shell import say_json
from harness.cli.tables import grid
from harness.errors import UserError
from harness.figures import count
from harness.repo import Repo
from harness.starter import Candidate, Draft, Known, Wishes, material

_SHOWN = 3  # cases that a dry run prints


@dataclass(frozen=True, slots=True)
class How:
    """How the command goes about it."""

    yes: bool = False  # takes the defaults
    dry_run: bool = False  # writes nothing
    as_json: bool = False
    agents: bool = False  # also tells coding agents how to use it


@dataclass(frozen=True, slots=True)
class Picked:
    """The graph that is taken for the app."""

    entry: str  # "path.py:name"; "" = none can be named, and ``why`` says what is in the way
    why: str = ""
    others: tuple[Candidate, ...] = ()  # all that could be meant, where they are several


def init(path: Path, graph: str, how: How) -> None:
    """Write goals, drafts of cases, a folder for reports and settings, each only where it lacks."""
    quiet = how.yes or how.dry_run
    asks = not (quiet or how.as_json) and sys.stdin.isatty() and sys.stdout.isatty()
    repo = Repo.open(path)
    if not (quiet or asks):
        raise UserError(
            "there is no terminal to ask on", fix="`harness init --yes` takes the defaults and asks nothing"
        )
    chosen = settings.load(repo.root, {})
    picked = pick(repo.root, graph or chosen.graph, asks=asks)
    known = starter.study(repo, chosen, picked.entry)
    wishes = wish(known) if asks and goals.find(repo.root) is None and not chosen.goals else Wishes()
    drafted = (*starter.drafts(repo, chosen, known, wishes), *([starter.agents(repo.root)] if how.agents else []))
    if asks and any(draft.text is not None for draft in drafted):
        print(page(picked, known, drafted, "write"))
        if not Confirm.ask("Write these", default=True):
            print("nothing was written")
            return
    if not how.dry_run:
        starter.write(repo.root, drafted)
    if how.as_json:
        say_json({"root": str(repo.root), "dry_run": how.dry_run, **told(picked, known, drafted)})
    elif how.dry_run:
        print(page(picked, known, drafted, "would be written"))
        print("\n".join([*contents(drafted), "nothing was written"]))
    else:
        print(table("Written", drafted, "written") if asks else page(picked, known, drafted, "written"))
        print("\n".join(["next:", *(f"  {step}" for step in further(picked, known, drafted))]))


def pick(root: Path, graph: str, *, asks: bool) -> Picked:
    """The app's graph; where several could be meant, a person chooses, or the one proposed is taken.

    Raises UserError where the graph that is named cannot be run, and where there is nothing of LangGraph.
    """
    if graph:
        return Picked(discover.find_entry(root, graph))
    found = starter.candidates(root)
    if len(found) < 2:
        try:
            return Picked(found[0].entry if found else discover.find_entry(root))
        except UserError as error:
            if not discover.discover(root).nodes:
                raise
            return Picked("", str(error))
    first, why = starter.proposed(root, found)
    if asks:
        print(listed(found))
        names = [one.entry for one in found]
        return Picked(
            discover.find_entry(root, Prompt.ask("Which graph is the app", choices=names, default=first.entry))
        )
    return Picked(discover.find_entry(root, first.entry), f"{why}; --graph names another", found)


def listed(found: tuple[Candidate, ...]) -> str:
    """The graphs that could be meant, with the nodes that call a model."""
    rows = [[one.entry, str(one.nodes), ", ".join(one.llm) or "-"] for one in found]
    return grid("Graphs", ["Graph", "Nodes", "Nodes that call a model"], rows)


def page(picked: Picked, known: Known, drafted: tuple[Draft, ...], verb: str) -> str:
    """The graph, what it takes, and one row per file; then where the cases are from and what was left out."""
    parts = [listed(picked.others)] if picked.others else []
    parts.append(
        f"graph {picked.entry}{f' ({picked.why})' if picked.why else ''}" if picked.entry else f"no graph: {picked.why}"
    )
    if known.keys.given:
        parts.append(f"takes {inputs(known)}")
    parts.append(table("", drafted, verb))
    if known.sources and any(draft.cases for draft in drafted):
        rows = [[one.file, one.kind, str(one.found), str(one.kept)] for one in known.sources]
        parts.append(grid("Cases are drafted from", ["File", "What it is", "Found", "Taken"], rows))
    parts += [f"note: {text}" for text in known.notes if any(draft.cases for draft in drafted)]
    return "\n".join(parts)


def inputs(known: Known) -> str:
    """ "ticket (str), tone (str, may be left out); what a user says goes to ticket"."""
    keys = known.keys
    kinds = {name: "a list of messages" if kind == "messages" else kind for name, kind in keys.given.items()}
    names = [f"{n} ({kind}{', may be left out' if n in keys.optional else ''})" for n, kind in kinds.items()]
    text = material.text_key(keys)
    return ", ".join(names) + (f"; what a user says goes to {text}" if text else "; none of them takes a bare text")


def told(picked: Picked, known: Known, drafted: tuple[Draft, ...]) -> dict[str, object]:
    """All of it as data."""
    keys = known.keys
    silent = [row["id"] for row in known.rows if not any(name.startswith("expected_") for name in row)]
    return {
        "graph": picked.entry,
        "why": picked.why,
        "candidates": [asdict(one) for one in picked.others],
        "inputs": {
            "required": {name: kind for name, kind in keys.given.items() if name not in keys.optional},
            "optional": {name: kind for name, kind in keys.given.items() if name in keys.optional},
            "text": material.text_key(keys),
        },
        "goals": asdict(known.aims),
        "cases": {
            "drafted": len(known.rows) if any(draft.cases for draft in drafted) else 0,
            "without_expectation": silent,
            "sources": [asdict(one) for one in known.sources],
            "notes": known.notes,
        },
        "files": [{"path": d.path, "written": d.text is not None, "words": d.words, "text": d.text} for d in drafted],
        "next": list(further(picked, known, drafted)),
    }


def contents(drafted: tuple[Draft, ...]) -> Iterator[str]:
    """What each file would hold; of cases the first few."""
    for draft in drafted:
        if draft.text:
            lines = draft.text.rstrip("\n").split("\n")
            few = lines[:_SHOWN] if draft.cases and draft.path.endswith(".jsonl") else lines
            yield f"== {draft.path}{' (at its end)' if draft.appended else ''}"
            yield "\n".join(few)
            if len(few) < len(lines):
                yield f"... and {count(len(lines) - len(few), 'case')} more"


def wish(known: Known) -> Wishes:
    """Goals by asking, one number each; an empty answer takes the default or leaves the goal out."""
    wishes = Wishes()
    if known.aims.metric != "ROUGE":  # which is set against the app as found
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


def further(picked: Picked, known: Known, drafted: tuple[Draft, ...]) -> Iterator[str]:
    """What to do next, commands last."""
    written = [draft.path for draft in drafted if draft.text is not None]
    if not picked.entry:
        yield 'name the graph, or a function without arguments that returns it: graph = "path.py:name" in the settings'
    if any(draft.text is not None and draft.path.endswith((".jsonl", ".json")) for draft in drafted):
        if known.rows:
            right = "see that what the drafts expect is right"
            todo = "complete the drafts: say what is expected" if known.silent else right
            yield f'{todo}, then take "draft" out of the metadata of a case'
        else:
            yield "write your own cases over the examples: a run decides on them alone"
    yield "harness check"
    if written:
        yield f"git add {shlex.join(written)} && git commit -m 'Goals and cases for harness'"
    yield "harness run"
