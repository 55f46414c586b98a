"""Plays a tutorial: writes its files, runs its commands in order, and holds what they print against what it shows.

    python -m docs.walk docs/tutorial.md           play it in a temporary folder, exit 1 where it is wrong
    python -m docs.walk docs/tutorial.md --write   and put what was really printed in place of what stands there

A fenced block below a line ``**`path`**`` is a file. A block ``console`` holds commands behind "$ ", each followed by
what it prints; a line "..." there stands for any lines. Run ids, commit hashes and seconds may differ.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parent.parent
_RUN_ID = re.compile(r"\b\d{8}-\d{6}(?:-\d+)?\b")
_IDENTITY = (("NAME", "Reader"), ("EMAIL", "reader@example.org"))
_VARIES = (
    (_RUN_ID, "RUN"),
    (re.compile(r"\b[0-9a-f]{7,40}\b"), "HASH"),
    (re.compile(r"\b[\d.]+ m?s\b"), "TIME"),
    (re.compile(r"\d{4}-\d\d-\d\d[ T][\d:]+"), "WHEN"),
    (re.compile(r"[━─]+"), "-"),
    (re.compile(r"[ \t]+"), " "),
)


Tool = Callable[[Path, Sequence[str], Mapping[str, str]], tuple[int, str, str]]


@dataclass(frozen=True, slots=True)
class File:
    """A file that the reader is told to write."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command that the reader is told to run."""

    line: str
    shown: tuple[str, ...]  # lines that it is said to print


@dataclass(slots=True)
class Player:
    """A reader who does what the document says, in a folder of his own."""

    home: Path  # holds the reader's tools, and nothing else before the first step
    folder: Path  # where the reader stands
    tool: Tool | None = None  # runs ``harness`` in place of a shell, where no shell is needed
    told: dict[str, str] = field(default_factory=dict)  # run ids as the document names them -> as they are

    def play(self, step: File | Command) -> tuple[str, ...]:
        """Do one step; what the command printed, nothing of a file."""
        if isinstance(step, Command):
            return self._run(step.line)
        path = self.folder / step.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(step.text, "utf-8")
        return ()

    def _run(self, line: str) -> tuple[str, ...]:
        if line.startswith("cd "):
            self.folder /= line.removeprefix("cd ")
            return ()
        command = _RUN_ID.sub(lambda match: self._real(match[0]), line)
        code, out, err = self._done(command)
        printed = out + (err if code else "")
        return tuple(text.rstrip() for text in printed.splitlines())

    def _done(self, command: str) -> tuple[int, str, str]:
        name, *arguments = shlex.split(command)
        if self.tool is not None and name == "harness" and "|" not in arguments:
            return self.tool(self.folder, arguments, self._environment())
        done = subprocess.run(
            ["sh", "-c", command], cwd=self.folder, env=self._environment(), capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout, done.stderr

    def _real(self, shown: str) -> str:
        """The id of the run that the document calls ``shown``: its first id is the first run, and so on."""
        runs = sorted(folder.name for folder in (self.folder / ".harness/runs").iterdir())
        return self.told.setdefault(shown, runs[min(len(self.told), len(runs) - 1)])

    def _environment(self) -> dict[str, str]:
        """This checkout's ``harness`` and interpreter first, git as somebody, nothing of the machine's own settings."""
        names = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in _IDENTITY}
        paths = (str(self.home), str(Path(sys.executable).parent), os.environ["PATH"])
        more = {"HOME": str(self.home), "PATH": os.pathsep.join(paths), "PYTHONPATH": str(ROOT)}
        return {**os.environ, **names, **more}


def steps(text: str) -> Iterator[File | Command]:
    """What a document tells its reader to do, in order."""
    before = ""
    for token in MarkdownIt().parse(text):
        if token.type == "inline":
            before = token.content
        if token.type != "fence":
            continue
        named = re.fullmatch(r"\*\*`([^`]+)`\*\*", before)
        if token.info == "console":
            yield from _commands(token.content.splitlines())
        elif named:
            yield File(named[1], token.content)
        before = ""


def _commands(lines: list[str]) -> Iterator[Command]:
    starts = [at for at, line in enumerate(lines) if line.startswith("$ ")]
    for at, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield Command(lines[at][2:], tuple(line.rstrip() for line in lines[at + 1 : end]))


def same(shown: tuple[str, ...], printed: tuple[str, ...]) -> bool:
    """Whether a command printed what is shown, as far as two runs of it can agree."""
    pattern = "".join(r"(?:.*\n)*" if line == "..." else re.escape(plain(line)) + r"\n" for line in shown)
    return re.fullmatch(pattern, "".join(f"{plain(line)}\n" for line in printed)) is not None


def plain(line: str) -> str:
    """A line without what differs from run to run."""
    for pattern, name in _VARIES:
        line = pattern.sub(name, line)
    return line.strip()


def reader(folder: Path, tool: Tool | None = None) -> Player:
    """Somebody with a ``harness`` of this checkout, in an empty folder."""
    script = folder / "harness"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m harness "$@"\n', "utf-8")
    script.chmod(0o755)
    return Player(folder, folder, tool)


def wrong(text: str, player: Player) -> Iterator[tuple[Command, tuple[str, ...]]]:
    """Every command that prints something else than the document shows, with what it prints."""
    for step in steps(text):
        printed = player.play(step)
        if isinstance(step, Command) and not same(step.shown, printed):
            yield step, printed


def main() -> None:
    """Command line."""
    document, write = Path(sys.argv[1]), "--write" in sys.argv[2:]
    text = document.read_text("utf-8")
    with tempfile.TemporaryDirectory(prefix="walk-") as folder:
        player = reader(Path(folder))
        found = list(wrong(text, player))
        for step, printed in found:
            print(f"$ {step.line}", *printed, sep="\n")
            if "..." not in step.shown:
                old, new = ("\n".join((f"$ {step.line}", *lines)) for lines in (step.shown, printed))
                text = text.replace(f"{old}\n", f"{new}\n", 1)
    if not (found and write):
        raise SystemExit(bool(found))
    for shown, real in player.told.items():
        text = text.replace(shown, real)
    document.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
