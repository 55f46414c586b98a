"""The interpreter of the app: whether it answers and has what every LangGraph app needs. Imports no code of the app."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from harness import settings
from harness.check import settled
from harness.check.environment import interpreter
from harness.doctor.checks import Check
from harness.external import missing_program
from harness.types import Settings

_SECONDS = 60.0  # that it may take to answer
_NEEDED = ("langgraph", "langchain-core")
_ASK = """
import json, platform, sys
from importlib import metadata
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        found[name] = ""
print(json.dumps({"python": platform.python_version(), "packages": found}))
"""


def app(root: Path) -> Check:
    """The interpreter that runs would start the app with."""
    chosen, wrong = settings.read(root, {})
    if wrong:
        return Check("settings", "fail", str(wrong[0]).replace("\n  fix: ", "; "), "harness check")
    python = interpreter(root, chosen)
    if chosen.external:
        return _command(root, settled(root, chosen), python)
    try:
        said = subprocess.run(
            [os.fspath(python), "-c", _ASK, *_NEEDED], capture_output=True, text=True, timeout=_SECONDS, check=True
        ).stdout
        answer = json.loads(said)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        fix = "set `python` in [tool.harness] to the interpreter of the environment that the app's packages are in"
        return Check("app", "fail", f"its interpreter {python} does not answer: {error}", fix)
    lacks = [name for name, version in answer["packages"].items() if not version]
    words = f"Python {answer['python']} at {python}"
    if lacks:
        fix = f"{python} -m pip install {' '.join(lacks)}, or set `python` in [tool.harness] to another interpreter"
        return Check("app", "fail", f"{words} has no {' and no '.join(lacks)}", fix)
    return Check("app", "ok", f"{words}: {', '.join(f'{n} {v}' for n, v in answer['packages'].items())}")


def _command(root: Path, chosen: Settings, python: Path) -> Check:
    """A command that evaluates: what it needs is its own affair, but its program must be there."""
    missing = missing_program(chosen.command, root, python)
    if not chosen.command or missing:
        words = (
            f"the command begins with {missing!r}, and there is no such program" if missing else "no command is named"
        )
        return Check("app", "fail", words, "set `command` in [tool.harness], or install what it begins with")
    return Check("app", "ok", f"evaluated by {chosen.command!r}; LangGraph is not needed")
