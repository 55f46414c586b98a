"""The command line: parse, wire, call, print. The only room that prints, and the only one that knows exit codes.

Here the commands are wired: ``commands`` has them, ``flags`` the options that several take.
"""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from harness import __version__
from harness.cli.commands import COMMANDS
from harness.cli.models import models
from harness.cli.shell import guarded
from harness.cli.train import train

app = typer.Typer(
    name="harness",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        print(f"harness {__version__}")
        raise typer.Exit


@app.callback()
def main_options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = (
        False
    ),
) -> None:
    """Tune a LangGraph app in its own repo, with evidence."""


for name, command in COMMANDS.items():
    app.command(name=name)(guarded(command))
app.add_typer(models)
app.add_typer(train)


def main() -> None:
    """Entry point of the ``harness`` script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal of another encoding gets escapes, no traceback
    app()
