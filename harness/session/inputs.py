"""What a run reads: copied when it begins, or held to be what it was then. Starts nothing."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from harness import plugins, settings
from harness.check import Checked
from harness.errors import RepoError, UserError
from harness.repo import Repo
from harness.types import Settings


def copy_inputs(checked: Checked, folder: Path) -> None:
    """Goals, cases and settings as they are now: the run reads only these copies from here on."""
    inputs = folder / "inputs"
    inputs.mkdir(parents=True)
    if checked.goals.where:
        target = inputs / checked.goals.where
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(checked.root / checked.goals.where, target)
    name = f"cases{checked.cases_path.suffix}"
    if checked.cases_path.is_file():  # else the command of the settings names the cases
        shutil.copyfile(checked.cases_path, inputs / name)
    write_settings(folder, replace(checked.settings, cases=name, python=str(checked.python)))


def write_settings(folder: Path, value: Settings) -> None:
    """Whole or not at all: a kill in between leaves the old ones."""
    draft = folder / "settings.json.new"
    draft.write_text(settings.dump(value), encoding="utf-8")
    draft.replace(folder / "settings.json")


def outside(root: Path, chosen: Settings) -> dict[str, str]:
    """Digest of each file that a run reads where the user keeps it, by its name as written; "" of one that is gone."""
    names = (*plugins.files(chosen.proposers), *([chosen.holdout] if chosen.holdout else []))
    files = {name: root / name for name in names}
    found = {n: hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "" for n, path in files.items()}
    return {**found, **plugins.digests(root), **plugins.rubrics(root, chosen)}


def refuse_changed(root: Path, chosen: Settings, known: Mapping[str, str]) -> None:
    """Raise UserError when a file that the run reads is not what it was: half of it would rest on other input."""
    now = outside(root, chosen)
    for name, digest in known.items():
        if now.get(name, "") != digest:
            raise UserError(
                "this file was changed after the run had begun, which would rest on both versions",
                where=name,
                fix="put it back as it was, or start a new run with `harness run`",
            )


def refuse_foreign(repo: Repo, run_id: str, best: str) -> None:
    """Raise RepoError when somebody else has committed on the run's branch: going on would leave that behind."""
    found = repo.foreign(run_id, best)
    if found:
        ref = f"harness/{run_id}"
        raise RepoError(
            f"{ref} holds commits that this run did not make: {'; '.join(found[:3])}",
            where=ref,
            fix=f"keep them: git branch kept-{run_id} {ref} && git update-ref refs/heads/{ref} {best}, then resume",
        )
