"""``compare``: two recorded runs, two revisions, or the results of other tools; a table, a chart, and an exit code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import typer

from harness import results, runs, session, versus
from harness.cli.shell import say_json
from harness.cli.tables import grid
from harness.cli.tuning import advancing
from harness.errors import UserError
from harness.figures import amount
from harness.repo import Repo
from harness.report.charts.versus import draw
from harness.report.text import line
from harness.report.versus import COLUMNS, basis, cells, page
from harness.types import Budget, Side, Versus, Yardstick
from harness.versus import recorded, revisions

EXIT = {"no regression": 0, "regression": 1, "no verdict": 2}
NAMED = 12  # cases that moved, named on a terminal


@dataclass(frozen=True, slots=True)
class Telling:
    """How a comparison is told."""

    as_json: bool = False
    chart: Path | None = None  # where the picture goes
    out: Path | None = None  # where the Markdown report goes, with the picture beside it


@dataclass(frozen=True, slots=True)
class Reading:
    """How what is compared is read."""

    rescore: bool = False  # recorded runs are scored with the metrics of today
    lower: tuple[str, ...] = ()  # metrics of files of which less is better


def compare(root: Path, names: Sequence[str], yardstick: Yardstick, telling: Telling, reading: Reading) -> None:
    """Two recorded versions; leaves with the exit code of the ruling.

    Versions of one run are compared on what both have: a kept one is measured with fewer runs of a case by design.
    """
    if len(names) != 2:
        raise UserError(f"two versions are compared, not {len(names)}", fix="harness compare RUN_A RUN_B, or two files")
    if len({name.partition(":")[0] for name in names}) == 1:
        yardstick = replace(yardstick, common=True)
    before, after = (side(root, name, reading) for name in names)
    tell(versus.compare(before, after, yardstick), telling)


@dataclass(frozen=True, slots=True)
class Wish:
    """What to measure."""

    ref: str  # "main..feature"
    flags: Mapping[str, object]  # over the settings
    dry_run: bool = False


def measure(root: Path, wish: Wish, yardstick: Yardstick, telling: Telling) -> None:
    """Two revisions measured now, or what that would cost."""
    if wish.dry_run:
        say_cost(revisions.cost(root, wish.ref, wish.flags), as_json=telling.as_json)
        return
    with (
        advancing(root, as_json=telling.as_json) as kit,
        revisions.begun(root, wish.ref, wish.flags, yardstick, kit) as sitting,
    ):
        kit.progress.note(f"comparison {sitting.wiring.run_id}")
        told = ended(sitting)
    tell(told, telling)


def resume(root: Path, run_id: str, budget: Budget, telling: Telling) -> None:
    """Go on with a comparison that was interrupted."""
    with (
        advancing(root, as_json=telling.as_json) as kit,
        session.reopened(root, run_id, kit, budget) as sitting,
    ):
        kit.progress.note(f"comparison {sitting.wiring.run_id}, continued")
        told = ended(sitting)
    tell(told, telling)


def is_comparison(root: Path, run_id: str) -> bool:
    """Whether what would be resumed compares two revisions; False where there is nothing to resume."""
    repo = Repo.open(root)
    known = [run.id for run in runs.every(repo) if run.id == run_id or (not run_id and run.status == "interrupted")]
    return bool(known) and runs.COMPARES in runs.began(repo, known[-1])


def ended(sitting: session.Session) -> Versus:
    """Measure, and leave the report where `harness report` finds it."""
    told = revisions.measured(sitting)
    picture = draw(told)
    folder = sitting.wiring.places.folder
    (folder / "report.md").write_text(page(told, "report.svg" if picture else ""), encoding="utf-8")
    (folder / "report.svg").write_text(picture, encoding="utf-8")
    return told


def say_cost(found: revisions.Cost, *, as_json: bool) -> None:
    """What would be measured, and the calls that it takes at most."""
    if as_json:
        say_json(asdict(found))
        return
    print(f"before  {found.before}\nafter   {found.after}")
    print(f"cases   {found.cases}, {found.runs} runs of each on both sides, {found.llm_nodes} LLM nodes")
    print(f"calls   at most {found.most_calls:,}; calls that both sides make alike are made once")
    print("nothing was called")


def side(root: Path, name: str, reading: Reading) -> Side:
    """What ``name`` means: a file of results, FILE#variant, or a recorded run."""
    file = name.partition("#")[0]
    if (root / file).is_file():
        return results.side(root, name, reading.lower)
    if Path(file).suffix or "/" in file:
        raise UserError("there is no such file", where=file, fix="name a file of results, or a run of `harness runs`")
    return recorded.side(root, name, today=reading.rescore)


def tell(told: Versus, telling: Telling) -> None:
    """Write what was asked for, print the comparison, and leave with its exit code."""
    picture = draw(told)
    if telling.chart is not None:
        written(telling.chart, picture)
    if telling.out is not None:
        beside = telling.out.with_suffix(".svg")
        if picture:
            written(beside, picture)
        written(telling.out, page(told, beside.name if picture else ""))
    if telling.as_json:
        say_json({**asdict(told), "exit": EXIT[told.ruling]})
    else:
        print("\n".join(lines(told)))
    raise typer.Exit(EXIT[told.ruling])


def lines(told: Versus) -> list[str]:
    """The comparison for a terminal."""
    title = f"{told.after} against {told.before}"
    found = [grid(title, COLUMNS, map(cells, told.rows)), f"{basis(told)}; {told.rule}"]
    if told.moved:
        first = told.rows[0]
        ends = [(one.case, amount(one.before, first.unit), amount(one.after, first.unit)) for one in told.moved]
        shown = [f"{line(case, 40)} {before} to {after}" for case, before, after in ends[:NAMED]]
        more = f" and {len(told.moved) - NAMED} more" if len(told.moved) > NAMED else ""
        found.append(f"moved in {first.found.metric}, worst first: {', '.join(shown)}{more}")
    return [*found, *(f"note: {note}" for note in told.notes), told.words]


def written(path: Path, text: str) -> None:
    """A file of the user's choice. Raises UserError where there is nothing to draw or no folder to write to."""
    if not text:
        raise UserError("there is nothing to draw: no metric has a value in both", where=str(path))
    if not path.parent.is_dir():
        raise UserError(f"there is no folder {path.parent}", where=str(path), fix=f"mkdir -p {path.parent}")
    path.write_text(text, encoding="utf-8")
