"""``doctor``: says how machine, repository and remains of runs are, and mends what is safe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import typer
from rich.markup import escape
from rich.table import Table

from harness import doctor
from harness.cli.shell import say_json
from harness.cli.text import render
from harness.doctor import Check
from harness.errors import MachineError

_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def heal(root: Path, *, fix: bool, as_json: bool) -> None:
    """Examine, mend what may be mended when asked to, and leave with 3 when something fails."""
    found = doctor.examine(root)
    mended = doctor.mend(root, found) if fix else ()
    if mended:
        found = doctor.examine(root)
    fails = any(check.state == "fail" for check in found)
    if as_json:
        say_json({"ok": not fails, "checks": [asdict(c) for c in found], "mended": [asdict(c) for c in mended]})
    else:
        print(page(found))
        for check in mended:
            print(f"mended: {check.name}")
        if fix and not mended:
            print("nothing to mend")
    if fails:
        raise typer.Exit(MachineError.exit_code)


def page(found: Sequence[Check]) -> str:
    """One row per check, its fix below its words."""
    table = Table.grid(padding=(0, 2))
    for check in found:
        words = escape(check.words + (f"\nfix: {check.fix}" if check.fix else ""))
        table.add_row(f"[{_STYLES[check.state]}]{check.state}[/]", escape(check.name), words)
    return render(table)
