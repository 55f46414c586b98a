"""``try``: one change of the user's own, measured and judged as a candidate of a run is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness import outlook, session, trying
from harness.check import check
from harness.cli.shell import say_json
from harness.cli.text import allowance
from harness.cli.tuning import Ended, Wish, conclude, finish
from harness.repo import Repo
from harness.trying import Source


@dataclass(frozen=True, slots=True)
class Try:
    """What to try, under which settings."""

    source: Source
    flags: Mapping[str, object]


def run(root: Path, what: Try, wish: Wish) -> None:
    """Try the change; leaves with 0 when it is kept, 1 when it is not, 4 when the budget ended it."""

    def advance(kit: session.Kit) -> Ended:
        with trying.begun(root, what.flags, what.source, kit) as sitting:
            kit.progress.note(f"run {sitting.wiring.run_id}")
            return finish(sitting, sitting.begin())

    conclude(root, advance, wish)


def dry_run(root: Path, what: Try, *, as_json: bool) -> None:
    """What would be tried and what that costs at most."""
    repo = Repo.open(root)
    checked = check(repo.root, what.flags)
    found, plan = trying.given(repo, checked, what.source), outlook.plan(root, what.flags)
    control = (plan.holdout or plan.dev) * checked.settings.runs * plan.llm_nodes
    most = 2 * plan.baseline_calls + plan.candidate_calls + control
    left = plan.confirmations_left
    if as_json:
        told = {"title": found.title, "files": found.files, "diff": found.diff}
        say_json({**told, "most_calls": most, "confirmations_left": left})
        return
    print(f"change  {found.title}: {', '.join(found.files)}")
    print(f"calls   at most {most:,}: baseline {plan.baseline_calls:,}, the change on dev and on the holdout with its")
    print("        control at the same time, and the baseline again when it is kept; nothing replayed is paid")
    print(f"left    {allowance(left, plan.confirmations)}")
    print("nothing was called, nothing was committed")
