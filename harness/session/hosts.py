"""What starts the app of a run, as its settings say: a graph in a child process, or a command of the repo's own."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from harness import plugins
from harness.app import AppHost, AppOptions
from harness.check import Checked, misfits, shown
from harness.errors import Problems
from harness.external import CommandHost, CommandOptions
from harness.types import Facts, Settings


def host_for(root: Path, entry: str, chosen: Settings) -> AppHost | CommandHost:
    """What will start versions of the app."""
    if chosen.external:
        return CommandHost(CommandOptions(entry, chosen.format, chosen.python, chosen.seed, chosen.timeout))
    options = AppOptions(
        concurrency=chosen.concurrency,
        workers=chosen.workers,
        timeout=chosen.timeout,
        recursion_limit=chosen.recursion_limit,
    )
    return AppHost(chosen.python, entry, options)


def start_once(checked: Checked) -> Facts:
    """Start the app where it stands, as a run would, and say what it is. Raises AppError when it does not start."""
    chosen = replace(checked.settings, python=str(checked.python))
    with (
        closing(host_for(checked.root, checked.entry, chosen)) as host,
        closing(host.open(checked.root, "as it stands")) as app,
    ):
        facts = app.describe()
    paths = plugins.places(checked.settings)
    wrong = misfits(facts, checked.cases, paths, shown(checked.cases_path, checked.root))
    if wrong:
        raise Problems(wrong)
    return facts
