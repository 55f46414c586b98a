"""Asks the command for results and says what went wrong where it gives none. Knows ids; no jobs, no versions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from harness import figures
from harness.errors import UserError
from harness.external import rows
from harness.external.command import Ended, Order, ran
from harness.external.rows import Told

_TRIES = 2  # of a command that fails; one that hangs is not tried again
_LONGEST = 86_400.0  # seconds for all cases, whose number is not known
_SEEDS = 2**31  # seeds of salted arms lie below


@dataclass(frozen=True, slots=True)
class CommandOptions:
    """How the command is run."""

    command: str
    format: str = ""  # as the settings call it; "" = told by content
    python: str = ""  # see ``command.Order``
    seed: int = 42
    timeout: float = 30.0  # seconds a case may take


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of one run of the command."""

    tree: Path
    cases: tuple[str, ...]  # ids; () = all there are
    k: int  # run index, 0-based
    salt: str  # see ``types.Job``


class FailedError(Exception):
    """The command gave no results."""

    def __init__(self, type: str, words: str, fix: str) -> None:
        super().__init__(words)
        self.type, self.words, self.fix = type, words, fix


class Runner:
    """The command with its options, and what has been seen of it in any version."""

    def __init__(self, options: CommandOptions) -> None:
        self.options = options
        self._most = 0  # cases that one run of it answered

    def results(self, wish: Wish) -> tuple[dict[str, Told], float]:
        """What it says of each case, and its seconds. Raises FailedError where it says nothing that can be read."""
        failed = FailedError("", "", "")
        for _ in range(_TRIES):
            try:
                with ran(self._order(wish)) as ended:
                    told = self._read(ended, wish.cases)
            except FailedError as error:
                failed = error
                if error.type == "Timeout":
                    break
            else:
                self._most = max(self._most, len(told))
                return told, ended.seconds
        raise failed

    def _order(self, wish: Wish) -> Order:
        options = self.options
        seconds = options.timeout * max(len(wish.cases), self._most) if wish.cases else _LONGEST
        seed = seed_of(options.seed, wish.k, wish.salt)
        return Order(options.command, wish.tree, options.python, seed, wish.k + 1, wish.cases, seconds)

    def _read(self, ended: Ended, asked: tuple[str, ...]) -> dict[str, Told]:
        said = f"\nit printed:\n{ended.said}" if ended.said else ""
        if ended.code is None:
            each = f"{figures.count(len(asked), 'case')} at the timeout of {self.options.timeout:g} s each"
            words = f"the command gave no results within {ended.seconds:.0f} s ({each}) and was ended{said}"
            raise FailedError(
                "Timeout", words, "raise `timeout`, or let it run only the cases that HARNESS_CASES names"
            )
        how = _left(ended.code)
        if not ended.results.is_file():
            fix = f"make this write r.json in a clean clone: {self.options.command} --output r.json"
            raise FailedError("NoResults", f"the command {how} and wrote no results to its --output{said}", fix)
        try:
            told, kind = rows.read(ended.results, ended.results.name, self.options.format)
        except UserError as error:
            words = f"the command {how}, and its results cannot be read: {str(error).partition(_FIX)[0]}{said}"
            raise FailedError("BadResults", words, error.fix or "see the message of each row") from error
        if ended.code != 0 and kind not in rows.TOLERANT:
            raise FailedError(
                "ExitCode", f"the command {how}{said}", "let it leave with 0 once its results are written"
            )
        if asked and told.keys().isdisjoint(asked):
            words = f"the results name no case asked for: {asked[0]!r:.60} is asked, {next(iter(told))!r:.60} is told"
            raise FailedError("MissingCase", words, "give the rows the ids of the case file, or do without a case file")
        return told


_FIX = "\n  fix: "


def _left(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"left with exit code {code}"


def seed_of(seed: int, k: int, salt: str) -> int:
    """What the command is told as its seed: ``seed`` for the first run, one more for each further one.

    Arms that draw afresh have seeds of their own.
    """
    if not salt:
        return seed + k
    return int.from_bytes(hashlib.sha256(f"{seed}\x1f{k}\x1f{salt}".encode()).digest()[:8], "big") % _SEEDS
