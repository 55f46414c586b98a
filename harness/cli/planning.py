"""``plan``: what a run could see and what it would take. Reads the newest baseline or assumptions; prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from harness import figures, planning, recorded, settings
from harness.cli.proof import price
from harness.cli.shell import say_json
from harness.cli.tables import grid
from harness.errors import UserError
from harness.planning import Assumed, Basis, Plan
from harness.recorded import Cost
from harness.repo import Repo
from harness.report.charts.lifts import draw


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose plan, and how to tell."""

    run_id: str = ""  # whose baseline; "" = the newest
    metric: str = ""
    target: float | None = None  # instead of the goal's
    chart: str = ""  # file for the picture
    seed: int = 42
    as_json: bool = False


def show(root: Path, asked: Assumed | None, wish: Wish) -> None:
    """The plan as tables, as data, and as a picture where asked."""
    basis = measured(root, wish) if asked is None else imagined(root, asked)
    if wish.target is not None:
        basis = planning.aimed(basis, wish.target)
    found = planning.plan(basis, wish.seed)
    if wish.chart:
        write_chart(Path(wish.chart), found)
    if wish.as_json:
        say_json(as_data(found))
        return
    print(page(found))
    if wish.chart:
        print(f"chart: {wish.chart}")


def imagined(root: Path, asked: Assumed) -> Basis:
    """Assumptions under the settings of the folder, which need not be a repository."""
    if not (0 < asked.accuracy < 1 and 0 <= asked.noise <= 1):
        raise UserError(
            f"accuracy {asked.accuracy:g} and noise {asked.noise:g} are no assumptions",
            where="--accuracy",
            fix="give an accuracy between 0 and 1, and a noise from 0 (deterministic) to 1",
        )
    return planning.assumed(asked, settings.load(root, {}))


def measured(root: Path, wish: Wish) -> Basis:
    """The newest recorded baseline, or that of a run."""
    repo = Repo.open(root)
    run_id = wish.run_id or recorded.newest_baseline(repo)
    if not run_id:
        raise UserError(
            "no baseline is on record to plan from",
            fix="measure one with `harness baseline`, or assume: harness plan --accuracy .6 --cases 180",
        )
    record = recorded.read(repo, run_id, today=True)
    with recorded.scoring(record, repo.root) as metrics:
        return planning.measured(record, metrics, wish.metric)


def write_chart(path: Path, found: Plan) -> None:
    """The picture as SVG."""
    points = [(point.cases, point.lift) for point in found.curve if point.lift is not None]
    basis = found.basis
    told = (
        f"{basis.metric} {figures.amount(basis.mean, basis.unit)}, {figures.count(basis.units.runs, 'run')} of a case"
    )
    path.write_text(draw(points, found.wanted, basis.unit, f"{told}, from {basis.source}."), encoding="utf-8")


def page(found: Plan) -> str:
    """All of it for the terminal."""
    basis = found.basis
    dev, holdout = basis.parts
    sets = f"{dev} dev and {holdout} holdout cases" if holdout else f"{dev} cases in one stage"
    noise = "nothing varies" if basis.noise is None else f"{figures.share(basis.noise)} of the variance is between runs"
    lines = [
        f"{basis.metric} {figures.amount(basis.mean, basis.unit)} from {basis.source}: {sets}, {basis.units.runs} runs "
        f"of each; {noise}",
        smallest(found),
        *goal(found),
        grid("What more cases would buy", ["Cases", "Smallest lift", "One candidate to its end"], curve(found)),
    ]
    if found.needs:
        columns = ["Runs", "Cases", "Evaluations of one candidate"]
        rows = [[str(n.runs), f"{n.cases:,}", f"{n.evaluations:,}"] for n in found.needs]
        lines.append(grid(f"What the goal takes ({figures.difference(found.wanted, basis.unit)})", columns, rows))
    rows = [[item.what, f"{item.evaluations:,}", told(item.cost)] for item in found.bill]
    lines.append(grid("The bill, at most: nothing replayed", ["For", "Cases run once", "About"], rows))
    lines.append("a change is taken to mend some cases and to break 5 % of them (a measure: to move each by its share)")
    return "\n".join(lines)


def smallest(found: Plan) -> str:
    """What this set can see."""
    if found.smallest is None:
        return "this set keeps no single change with 80 % chance, however good: add cases"
    lift = figures.difference(found.smallest, found.basis.unit)
    return f"the smallest lift that this set keeps with 80 % chance: {lift} better".replace("+", "")


def goal(found: Plan) -> Iterator[str]:
    """What this set says about the goal."""
    basis = found.basis
    if found.wanted is None:
        yield "the goal is reached already" if basis.target is not None else f"no goal is set on {basis.metric}"
        return
    target = figures.amount(basis.target, basis.unit)
    lift = figures.difference(found.wanted, basis.unit).lstrip("+")
    if found.chance is None:
        yield f"the goal of {target} takes {lift}: more than one change of this kind can have; it takes several"
        return
    yield f"the goal of {target} takes {lift}: one change that has it is kept with {certainty(found.chance)} chance"


def certainty(chance: float) -> str:
    """A simulated chance, never told as certain."""
    return "over 99 %" if chance > 0.99 else figures.share(chance)


def curve(found: Plan) -> Iterator[list[str]]:
    """One size each."""
    for point in found.curve:
        lift = "none" if point.lift is None else figures.difference(point.lift, found.basis.unit).lstrip("+")
        yield [f"{point.cases:,}", lift, told(point.candidate)]


def told(cost: Cost | None) -> str:
    """A cost, or that it is not known."""
    return "not known: no baseline" if cost is None else price(cost).removeprefix("about ")


def as_data(found: Plan) -> Mapping[str, object]:
    """The same for a script."""
    basis = found.basis
    return {
        "source": basis.source,
        "metric": basis.metric,
        "mean": basis.mean,
        "noise": basis.noise,
        "dev": basis.parts[0],
        "holdout": basis.parts[1],
        "runs": basis.units.runs,
        "smallest_lift": found.smallest,
        "power": 0.80,
        "wanted_lift": found.wanted,
        "chance": found.chance,
        "needs": [asdict(need) for need in found.needs],
        "curve": [asdict(point) for point in found.curve],
        "bill": [asdict(item) for item in found.bill],
    }
