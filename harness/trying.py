"""One change of the user's own, from a patch, a branch or the working tree, as a run that tries it and nothing else.

Makes the commit that holds the change and refuses what may not be tried; what happens then is the loop's.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from harness import external, session
from harness.check import OWN, Checked, check, on_tree, shown
from harness.errors import RepoError, UserError
from harness.loop import GIVEN
from harness.repo import HOME, Repo
from harness.session import Kit, Session

_JUDGES = (*OWN, HOME)  # what a change is judged by is no part of it


@dataclass(frozen=True, slots=True)
class Source:
    """Where the change is: a patch file, a branch, or neither for what is uncommitted in the working tree."""

    patch: str = ""
    ref: str = ""
    title: str = ""  # for the report and the commit; "" = made from the above


@dataclass(frozen=True, slots=True)
class Given:
    """A change that can be tried."""

    revision: str  # commit on ``base`` whose tree is the change
    base: str
    title: str
    files: tuple[str, ...]
    diff: str  # unified, for reading


def given(repo: Repo, checked: Checked, source: Source) -> Given:
    """The change as a commit that nothing but its sha names.

    Raises UserError for a change that is empty or touches goals, cases, metrics, reports or our own folder, and
    RepoError for a patch that does not apply and for uncommitted changes beside a patch or a branch.
    """
    base = repo.head()
    revision, title = _revision(repo, checked, source, base)
    files = tuple(file.path for file in repo.touched(base, revision))
    if not files:
        fix = "edit the app and leave it uncommitted, or name --patch FILE or --ref BRANCH"
        raise UserError("there is no change to try", where=source.patch or source.ref or "the working tree", fix=fix)
    judges = [*_JUDGES, shown(checked.cases_path, checked.root)]
    if checked.settings.external:
        judges += [name for name in files if any(f"/{name}".endswith(f"/{one}") for one in _scripts(checked))]
    wrong = [name for name in files if any(PurePosixPath(name).is_relative_to(judge) for judge in judges)]
    if wrong:
        raise UserError(
            f"the change touches what it is judged by: {', '.join(wrong[:5])}",
            where=source.patch or source.ref,
            fix="change goals, cases and metrics in the working tree, which they are read from, and try the rest alone",
        )
    return Given(revision, base, source.title or title, files, repo.diff(base, revision))


def _scripts(checked: Checked) -> tuple[str, ...]:
    """Scripts that the evaluation command names."""
    return external.scripts(checked.settings.command)


@contextmanager
def begun(root: Path, flags: Mapping[str, object], source: Source, kit: Kit) -> Iterator[Session]:
    """A new run for the change, checked and set up; nothing is spent yet. Raises what ``given`` and ``check`` find."""
    repo = Repo.open(root)
    checked = check(repo.root, flags)
    found = given(repo, checked, source)
    fact = {"revision": found.revision, "title": found.title, "files": list(found.files), "diff": found.diff}
    with session.begun(repo, checked, found.base, kit, {GIVEN: fact}) as sitting:
        yield sitting


def _revision(repo: Repo, checked: Checked, source: Source, base: str) -> tuple[str, str]:
    """The commit with the change, and what to call it."""
    if source.patch and source.ref:
        raise UserError("--patch and --ref exclude each other", fix="try one change at a time")
    if not source.patch and not source.ref:
        if not checked.uncommitted:
            return base, ""
        title = f"uncommitted change of {', '.join(checked.uncommitted[:3])}"
        return repo.snapshot(title, checked.uncommitted), title
    if checked.uncommitted:
        raise RepoError(next(on_tree(checked.uncommitted)), fix="commit or stash them, so that one change is tried")
    if source.patch:
        return _patched(repo, checked.root / source.patch, source.patch, base), f"patch {Path(source.patch).name}"
    parted = repo.merge_base(source.ref)
    with tempfile.TemporaryDirectory(prefix="harness-try-") as folder:
        patch = Path(folder) / f"{PurePosixPath(source.ref).name}.diff"
        repo.export(parted, source.ref, patch)
        return _patched(repo, patch, source.ref, base), f"branch {source.ref}"


def _patched(repo: Repo, patch: Path, name: str, base: str) -> str:
    """Raises UserError for a file that is missing or holds no patch."""
    if not patch.is_file():
        raise UserError("there is no such file", where=name, fix="write one: git diff > change.diff")
    if not patch.read_bytes().strip():
        return base
    return repo.patched(base, patch, f"harness try: {name}")
