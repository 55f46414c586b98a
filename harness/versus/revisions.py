"""Two revisions of the user's repo, both measured now: the same cases, window by window, calls of equal content shared.

The record is that of a run, with the same lock, budget and way to go on; it leaves no branch. Goals, cases, settings
and the repo's metrics are those of the working tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from harness import goals, plugins, session
from harness.check import check, misfits
from harness.errors import BudgetError, HarnessError, MachineError, Problems, UserError
from harness.journal.codec import from_json
from harness.loop.baseline import all_cases, refuse_if_all_failed
from harness.loop.state import Wiring
from harness.loop.windows import windows
from harness.measure import Arm
from harness.protocols import App
from harness.recorded import Record
from harness.repo import Repo
from harness.runs import COMPARES
from harness.session import Kit, Session
from harness.types import Goals, Run, Side, Versus, Yardstick
from harness.versus.judge import compare
from harness.versus.recorded import described, marked

AFTER = "after"  # tree of the later revision
_FIRST = 8  # cases run once before all others: an app that fails on every one of them is not paid for on all


@dataclass(frozen=True, slots=True)
class Ends:
    """Two revisions."""

    before: str  # sha
    after: str
    names: tuple[str, str]  # as people call them: "main (1a2b3c4)"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a comparison would do, known without a model call."""

    before: str
    after: str
    cases: int
    runs: int  # of each case on each side
    llm_nodes: int
    most_calls: int  # nothing shared by the two, one call per LLM node


def ends(repo: Repo, text: str) -> Ends:
    """The revisions of "main..feature", or "main...feature" from where the two parted; an end left out is HEAD.

    Raises UserError for another form and RepoError for what is no commit.
    """
    dots = "..." if "..." in text else ".."
    first, found, last = text.partition(dots)
    if not found or ".." in last:
        raise UserError(f"{text!r} does not name two revisions", where="--ref", fix="write --ref main..feature")
    first, last = first or "HEAD", last or "HEAD"
    before, after = repo.resolve(first), repo.resolve(last)
    before = repo.merge_base(last, first) if dots == "..." else before
    return Ends(before, after, (f"{first} ({before[:7]})", f"{last} ({after[:7]})"))


def cost(root: Path, text: str, flags: Mapping[str, object]) -> Cost:
    """What the comparison would cost at most. Raises what ``check`` finds."""
    repo = Repo.open(root)
    two, checked = ends(repo, text), check(repo.root, flags)
    cases, nodes = len(checked.cases), sum(node.is_llm for node in checked.discovery.nodes)
    cases += len(checked.split.holdout) if checked.settings.holdout else 0
    return Cost(*two.names, cases, checked.settings.runs, nodes, 2 * cases * checked.settings.runs * max(nodes, 1))


@contextmanager
def begun(root: Path, text: str, flags: Mapping[str, object], yardstick: Yardstick, kit: Kit) -> Iterator[Session]:
    """A new comparison, checked and set up; nothing is spent yet.

    Raises BudgetError when the budget has no room for one side alone.
    """
    repo = Repo.open(root)
    two, checked = ends(repo, text), check(repo.root, flags)
    limit, whole = checked.settings.budget.calls, cost(root, text, flags).most_calls
    if limit is not None and limit < whole // 2:
        raise BudgetError(
            f"one side alone needs about {whole // 2} {checked.settings.spends}, the budget is {limit}",
            fix=f"--budget-calls {whole}, or fewer --runs",
        )
    fact = {COMPARES: {"ends": asdict(two), "yardstick": asdict(yardstick)}}
    with session.begun(repo, checked, two.before, kit, fact) as sitting:
        yield sitting


def measured(sitting: Session) -> Versus:
    """Both sides measured, from where an earlier sitting left it, and compared; the run is at its end then."""
    ctx = sitting.wiring
    said = sitting.facts[COMPARES]
    two, yardstick = from_json(Ends, said["ends"]), from_json(Yardstick, said["yardstick"])
    wanted = goals.load(ctx.places.inputs, ctx.settings, plugins.measures(ctx.metrics, ctx.settings))
    ctx.notes.put("goals", "read", wanted)
    try:
        runs = _both(ctx, two)
    except (MachineError, BudgetError):
        raise  # room or a budget can be given: `harness resume` goes on
    except HarnessError as error:
        sitting.failed(error.message)
        raise
    before, after = (_side(ctx, name, own, wanted) for name, own in zip(two.names, runs, strict=True))
    told = compare(before, after, replace(yardstick, seed=ctx.settings.seed))
    ctx.notes.put("versus", "end", told)
    ctx.end(told.ruling)
    ctx.worktree.discard(two.before)
    return told


def _both(ctx: Wiring, two: Ends) -> tuple[list[Run], list[Run]]:
    """Runs of both revisions. Which side goes first changes from window to window: it pays for what both share."""
    cases, ks = all_cases(ctx), range(ctx.settings.runs)
    found: tuple[list[Run], list[Run]] = ([], [])
    with (
        ctx.current(two.before) as old,
        ctx.checkout(AFTER, two.after) as tree,
        closing(ctx.host.open(tree, two.after)) as new,
    ):
        apps = (old, new)
        for app in apps:
            _refuse_misfit(ctx, app)
        arms = tuple(_arm(ctx, side, name) for side, name in zip(("before", AFTER), two.names, strict=True))
        ctx.progress.phase(f"measure {two.names[0]} and {two.names[1]}")
        few = None if ctx.settings.external else _FIRST
        refuse_if_all_failed(ctx.meter.measure(old, arms[0], cases[:few], range(1)))
        for number, (window, some) in enumerate(windows(ctx.settings, cases, ks)):
            for side in (0, 1) if number % 2 == 0 else (1, 0):
                found[side].extend(ctx.meter.measure(apps[side], arms[side], window, some))
    return found


def _arm(ctx: Wiring, side: str, name: str) -> Arm:
    """Both sides draw alike and share what they ask alike; nothing is taken from earlier runs, which may be of another
    day."""
    shelf = f"{ctx.run_id}:compare"
    return Arm(title=name, label=side, base=shelf, draw="compare", shelf=shelf)


def _refuse_misfit(ctx: Wiring, app: App) -> None:
    wrong = misfits(app.describe(), all_cases(ctx), plugins.places(ctx.settings), ctx.settings.cases)
    if wrong:
        raise Problems(wrong)


def _side(ctx: Wiring, title: str, runs: Sequence[Run], wanted: Goals) -> Side:
    record = Record(ctx.run_id, "", wanted, ctx.split, {}, ctx.settings)
    return described(title, record, dict(marked(ctx.metrics, record, all_cases(ctx), runs, wanted)), wanted)
