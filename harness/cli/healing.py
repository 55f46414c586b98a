"""``doctor``: says how machine, repository and remains of runs are, and mends what is safe."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from harness import doctor
from harness.cli.shell import say_json
from harness.doctor import Check
from harness.errors import MachineError

_STYLES: dict[str, dict[str, Any]] = {
    "ok": {"fg": "green"},
    "warn": {"fg": "yellow"},
    "fail": {"fg": "red", "bold": True},
}


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
    """One line per check, its fix below it; never cut, because a fix is a command to be copied."""
    wide = max((len(check.name) for check in found), default=0)
    lines = []
    for check in found:
        state = typer.style(f"{check.state:5}", **_STYLES[check.state]) if sys.stdout.isatty() else f"{check.state:5}"
        lines.append(f"{state} {check.name:{wide}}  {check.words}")
        lines += [f"{'':{wide + 7}} fix: {check.fix}"] if check.fix else []
    return "\n".join(lines)
