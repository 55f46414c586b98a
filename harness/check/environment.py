"""What an app needs from the machine: variables, interpreter, packages, linked files (F4). Runs no code of theirs."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from harness.check.imports import Broken, on_start
from harness.errors import AppError, HarnessError, MachineError, UserError
from harness.repo import HOME
from harness.requirements import wanted
from harness.types import Settings

Where = Callable[[str], str]  # settings key -> "file:line" or flag where it was set

_SECONDS = 20.0  # that an interpreter may take to answer
_PARSE = "import ast, sys; ast.parse(open(sys.argv[1], 'rb').read())"
_ASK = (
    "import importlib.util, sys\n"
    "for name in sys.argv[1:]:\n"
    "    if importlib.util.find_spec(name) is None:\n"
    "        print(name)\n"
)


def variables(settings: Settings, where: Where) -> Iterator[HarnessError]:
    """Variables that the settings name and the environment lacks."""
    for name in settings.env:
        if not os.environ.get(name):
            yield AppError(
                f"the environment variable {name} is not set",
                where=where("env"),
                fix=f"export {name}=..., or take it out of `env` if a linked file sets it",
            )


def links(root: Path, settings: Settings, where: Where) -> Iterator[HarnessError]:
    """Linked paths that are not there, or lie outside the repo."""
    for name in settings.link:
        path = root / name
        if not path.resolve().is_relative_to(root.resolve()) and not path.is_symlink():
            yield UserError(
                f"link {name!r} lies outside the repo", where=where("link"), fix="link paths of the repo only"
            )
        elif not path.exists():
            fix = f"create {name}, or take it out of `link`"
            yield UserError(f"link {name!r} does not exist", where=where("link"), fix=fix)


def records(root: Path) -> Iterator[HarnessError]:
    """A folder for the records of runs that is something else or cannot be written."""
    home = root / HOME
    if home.exists() and not home.is_dir():
        fix = f"move it away: mv {home} {home}-old"
        yield UserError(f"{HOME} is a file, and a run keeps its records in a folder of that name", where=HOME, fix=fix)
    elif not os.access(home if home.exists() else root, os.W_OK | os.X_OK):
        fix = "see that you may write there, or run in a clone: git clone"
        yield MachineError(f"{home} cannot be written, where a run keeps its records", where=str(root), fix=fix)


def interpreter(root: Path, settings: Settings) -> Path:
    """The app's interpreter: ``python`` of the settings, else the repo's .venv, else ours."""
    if settings.python:
        return root / Path(settings.python).expanduser()
    own = root / ".venv" / "bin" / "python"
    return own if own.exists() else Path(sys.executable)


def imports(root: Path, entry: str, python: Path, where: Where) -> Iterator[HarnessError]:
    """What fails when the app is imported: its own files that are no Python for its interpreter, packages that this
    does not find; or an interpreter that does not even answer."""
    needs, broken = on_start(root, root / entry.rpartition(":")[0])
    try:
        missing = _missing([need.package for need in needs], python)
        wrong = [file for file in broken if _ours(python) or _refused(file, python)]
    except (OSError, subprocess.SubprocessError) as error:
        fix = "set `python` to the interpreter of the environment that the app's packages are installed in"
        yield AppError(f"the app's interpreter {python} cannot be run: {error}", where=where("python"), fix=fix)
        return
    for file in wrong:
        place = f"{file.file.relative_to(root).as_posix()}:{file.line}"
        yield UserError(f"not Python: {file.why}", where=place, fix="mend this line; the app imports the file")
    for need in needs:
        if need.package in missing:
            fix = f"install what the app needs there: {python} -m pip install {wanted(root, need.package)}"
            yield AppError(f"{python} has no package {need.package!r}", where=need.where, fix=fix)


def _ours(python: Path) -> bool:
    # Not resolved: a virtual environment's python is a link to the same file as its base, with other packages.
    return os.path.abspath(python) == os.path.abspath(sys.executable)  # noqa: PTH100


def _missing(names: Sequence[str], python: Path) -> set[str]:
    if _ours(python):
        return {name for name in names if importlib.util.find_spec(name) is None}
    done = subprocess.run(
        [os.fspath(python), "-c", _ASK, *names], capture_output=True, text=True, timeout=_SECONDS, check=True
    )
    return set(done.stdout.split())


def _refused(broken: Broken, python: Path) -> bool:
    """Whether another interpreter cannot parse the file either: a newer one knows more than ours."""
    command = [os.fspath(python), "-c", _PARSE, os.fspath(broken.file)]
    return subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False).returncode != 0
