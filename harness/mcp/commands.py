"""A command of ``harness`` run for a tool: what it printed as JSON, or its error in words. Keeps nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from mcp.server.mcpserver.exceptions import ToolError

HARNESS = (sys.executable, "-m", "harness")
LONGEST = 300.0  # seconds that a command without model calls may take


def words(*parts: str | None, **options: Any) -> list[str]:
    """Arguments of a command: parts that are given, then options that are set (budget_calls=5: "--budget-calls 5").

    A list gives its option several times.
    Raises ToolError for a part that would be read as an option.
    """
    given = [part for part in parts if part]
    for part in given:
        if part.startswith("-"):
            raise ToolError(f"{part!r} is no name: give the id of a run, a version or a file")
    for name, value in options.items():
        for one in value if isinstance(value, list) else [value]:
            if one is None or one is False or one == "":
                continue
            given.append(f"--{name.replace('_', '-')}")
            given += [] if one is True else [str(one)]
    return given


def told(root: Path, *arguments: str) -> dict[str, Any]:
    """{"exit_code", and "result" (what --json printed) or "error" (in words)}."""
    command = [*HARNESS, *arguments, "--json"]
    try:
        done = subprocess.run(
            command, cwd=root, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        return {"exit_code": 3, "error": f"{' '.join(arguments)} did not end within {LONGEST:.0f} s"}
    try:
        return {"exit_code": done.returncode, "result": json.loads(done.stdout)}
    except ValueError:
        return {"exit_code": done.returncode, "error": (done.stderr or done.stdout).strip()}
