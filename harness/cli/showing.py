"""``show`` and ``diff``: one run opened, one candidate, one case, and what the run's branch changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path

from rich.console import Console
from rich.text import Text

from harness import history, runs, settings
from harness.cli import casepage, pages
from harness.cli.shell import say_json
from harness.cli.tables import grid
from harness.errors import UserError
from harness.history import History
from harness.journal import Journal, RunInfo
from harness.repo import Repo
from harness.types import Case, Change, Settings, Trial

_COLOURS = (("+++", "bold"), ("---", "bold"), ("diff ", "bold"), ("@@", "cyan"), ("+", "green"), ("-", "red"))


@dataclass(frozen=True, slots=True)
class Opened:
    """One recorded run."""

    repo: Repo
    info: RunInfo
    record: Journal
    settings: Settings  # the defaults where the run was killed before it wrote its own
    past: History

    @property
    def folder(self) -> Path:
        """Where the run keeps its copies."""
        return runs.folder_of(self.repo, self.info.id)


@contextmanager
def opened(root: Path, run_id: str) -> Iterator[Opened]:
    """The run of that id, the newest one for "". Raises UserError when it is not known here."""
    repo = Repo.open(root)
    info = runs.named(repo, run_id)
    kept = runs.folder_of(repo, info.id) / "settings.json"
    chosen = settings.loads(kept.read_text("utf-8")) if kept.is_file() else Settings()
    with closing(Journal(repo.home / "state.sqlite", info.id)) as record:
        yield Opened(repo, info, record, chosen, history.read(record, info, chosen.prices))


def show(root: Path, run_id: str, *, case: str, candidate: str, as_json: bool) -> None:
    """One run: all of it, one of its candidates, or the calls of one of its dev cases."""
    with opened(root, run_id) as found:
        tried = history.candidate(found.past, candidate) if candidate else None
        if case:
            show_case(found, open_case(found, case), tried, as_json=as_json)
        elif tried is not None:
            say_json(asdict(tried)) if as_json else say_diff(pages.candidate(found.past, tried))
        else:
            say_json(pages.run_data(found.past)) if as_json else print(pages.run(found.past))


def open_case(found: Opened, case_id: str) -> Case:
    """A case that may be seen. Raises UserError for a sealed one and for one that the run does not have."""
    split = runs.split_of(found.folder / "inputs", found.repo.root, found.settings)
    dev = {case.id: case for case in split.dev}
    if case_id in dev:
        return dev[case_id]
    near = get_close_matches(case_id, dev, 3, 0.0)
    if any(case.id == case_id for case in split.holdout):
        raise UserError(
            f"case {case_id!r} belongs to the sealed holdout: of its {len(split.holdout)} cases only totals are shown",
            fix=f"name one of the {len(dev)} dev cases, such as {', '.join(near)}",
        )
    raise UserError(f"run {found.info.id} has no case {case_id!r}", fix=f"its dev cases are such as {', '.join(near)}")


def show_case(found: Opened, case: Case, tried: Trial | Change | None, *, as_json: bool) -> None:
    """The calls of one dev case, before and after."""
    change = tried.change if isinstance(tried, Trial) else tried
    seen = history.versions(found.record, found.past, case.id, change)
    if as_json:
        say_json({"run": found.info.id, "case": asdict(case), "versions": [asdict(version) for version in seen]})
        return
    fields = found.settings.metrics.get("accuracy", {}).get("fields", {})
    print(casepage.page(case, seen, fields))
    if change is not None and len(seen) < 2:
        print(f"{change.id} was never run on this case: `harness show {found.info.id} --candidate {change.id}`")
    elif change is None and len(seen) == 1:
        print("no change was kept, so there is no after; --candidate ID shows the case under one that was tried")


def diff(root: Path, run_id: str, *, stat: bool, as_json: bool) -> None:
    """What the branch of a run changes in the user's files, without its report."""
    repo = Repo.open(root)
    branches = repo.branches()
    left = [run.id for run in runs.every(repo) if f"harness/{run.id}" in branches]
    chosen = run_id or (left[-1] if left else runs.newest(repo))
    branch = f"harness/{chosen}"
    if branch not in branches:
        known = ", ".join(branches[-3:]) or "none"
        raise UserError(f"there is no branch {branch}", fix=f"branches of runs here: {known}; merged ones may be gone")
    base = base_of(repo, chosen) or repo.merge_base(branch)
    touched = repo.touched(base, branch, exclude=("reports",))
    text = repo.diff(base, branch, exclude=("reports",))
    if as_json:
        files = [asdict(file) for file in touched]
        say_json({"run": chosen, "branch": branch, "base": base, "files": files, "diff": text})
    elif not touched:
        print(f"{branch} changes nothing but its report: no change was kept (`harness show {chosen}` says why)")
    elif stat:
        rows = [[file.path, pages.lines(file.added, "+"), pages.lines(file.removed, "-")] for file in touched]
        print(f"{branch} against {base[:12]}\n" + grid("", ["File", "Added", "Removed"], rows))
    else:
        say_diff(text)


def base_of(repo: Repo, run_id: str) -> str:
    """The commit that a run tuned, "" where that is not recorded here, as in a fresh clone."""
    with closing(Journal(repo.home / "state.sqlite", run_id)) as record:
        start = record.get("run:start") or {}
    return str(start.get("base", ""))


def say_diff(text: str) -> None:
    """A text with a unified diff in it, coloured on a terminal, byte for byte the same elsewhere."""
    console = Console()
    if not console.is_terminal:
        print(text.rstrip("\n"))
        return
    for line in text.splitlines():
        style = next((colour for mark, colour in _COLOURS if line.startswith(mark)), "")
        console.print(Text(line, style), soft_wrap=True)
