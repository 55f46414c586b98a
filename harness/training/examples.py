"""A file of labelled examples -> Examples, with every finding at once. Knows no tokens: lengths are judged later.

Chat JSONL is the canonical form, ``{"messages": [{"role", "content"}, ...]}`` with the answer last; plain pairs
(``input`` and ``output``, and a ``system`` text) are read from JSONL, JSON lists and CSV. ``group`` names what belongs
together: no group is both trained on and validated on.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.cases.locate import Row, rows_of_lines, rows_of_object
from harness.errors import HarnessError, Problems, UserError
from harness.sources import utf8
from harness.types import Json

MOST = 50  # findings listed before reading stops
FEWEST = 10  # examples of a training
LARGEST = 100_000_000  # bytes of a file
_INPUTS = ("input", "prompt", "question", "text")
_OUTPUTS = ("output", "completion", "answer", "label", "response")
_GROUPS = ("group", "cluster")
_ROLES = ("system", "user", "assistant")
_FIX = '{"messages": [{"role": "user", "content": "..."}, {"role": "assistant", "content": "..."}]} on one line'

Message = Mapping[str, str]  # {"role", "content"}


@dataclass(frozen=True, slots=True)
class Example:
    """One conversation whose last message is the answer to learn."""

    messages: tuple[Message, ...]
    group: str = ""  # "" = examples that ask the same belong together
    line: int = 0  # 1-based, of the file it came from

    @property
    def answer(self) -> str:
        """What is to be learnt."""
        return self.messages[-1]["content"]

    @property
    def unit(self) -> str:
        """Equal for examples that must be on the same side of a division."""
        return self.group or hashlib.sha256(json.dumps(self.messages[:-1]).encode(errors="surrogatepass")).hexdigest()


def load(path: Path, name: str = "") -> tuple[Example, ...]:
    """The examples of a .jsonl, .json or .csv file, in the order written.

    Raises Problems with up to 50 findings, each with "file:line", and what ``checked`` raises.
    """
    name = name or path.as_posix()
    findings: list[HarnessError] = []
    found: list[Example] = []
    empty: list[HarnessError] = []
    for row in _rows(path, name):
        where = f"{name}:{row.line}"
        try:
            one = example(row.value, row.line) if not row.fault else _refuse(row.fault, _FIX)
        except UserError as error:
            findings.append(UserError(error.message, where=where, fix=error.fix))
        else:
            found.append(one)
            if not one.answer.strip():
                empty.append(UserError("the answer is empty", where=where, fix="give it, or take the line out"))
        if len(findings) >= MOST:
            break
    if not findings and len(empty) < len(found):
        findings += empty
    if len(findings) >= MOST:
        stopped = UserError(f"stopped after {MOST} findings", where=name, fix="mend these and start again")
        findings[MOST:] = [stopped]
    if findings:
        raise Problems(findings)
    checked(found, name)
    return tuple(found)


def checked(found: Sequence[Example], name: str) -> None:
    """Raises UserError where nothing can be learnt: too few examples, all answers empty, all answers equal."""
    if len(found) < FEWEST:
        said = f"{len(found)} examples, at least {FEWEST} are needed"
        raise UserError(said, where=name, fix="add examples; from about 50 on a training shows an effect")
    answers = {one.answer.strip() for one in found}
    if answers == {""}:
        raise UserError(f"all {len(found)} answers are empty", where=name, fix="say under which key the answers are")
    if len(answers) == 1:
        said = (
            f"all {len(found)} answers are equal, {answers.pop()[:40]!r}: a model would learn to ignore what is asked"
        )
        raise UserError(said, where=name, fix="add examples with the other answers")


def example(value: Json, line: int = 0) -> Example:
    """One row as an example. Raises UserError without a place."""
    if not isinstance(value, dict):
        _refuse(f"an object is wanted, not {type(value).__name__}", _FIX)
    group = str(next((value[key] for key in _GROUPS if value.get(key)), ""))
    if "messages" in value:
        return Example(_messages(value["messages"]), group, line)
    asked, answer = (next((key for key in keys if key in value), "") for keys in (_INPUTS, _OUTPUTS))
    if not asked or not answer:
        missing = "input" if not asked else "output"
        _refuse(f'no "messages" and no "{missing}" (keys: {", ".join(map(str, value)) or "none"})', _FIX)
    texts = [("system", value.get("system")), ("user", value[asked]), ("assistant", value[answer])]
    return Example(tuple(_message(role, text) for role, text in texts if role != "system" or text), group, line)


def rows(found: Sequence[Example]) -> str:
    """Canonical chat JSONL, which ``load`` reads back."""
    lines = ({"messages": list(one.messages), **({"group": one.group} if one.group else {})} for one in found)
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def digest(found: Sequence[Example]) -> str:
    """sha-256, hex, of the examples in their order."""
    return hashlib.sha256(rows(found).encode(errors="surrogatepass")).hexdigest()


def _messages(raw: Json) -> tuple[Message, ...]:
    if not isinstance(raw, list) or not all(isinstance(one, dict) for one in raw):
        _refuse('"messages" is no list of objects', _FIX)
    told = tuple(_message(one.get("role"), one.get("content")) for one in raw)
    roles = [one["role"] for one in told]
    if "user" not in roles or "assistant" not in roles:
        _refuse(f"a user and an assistant message are needed; the roles are {roles}", _FIX)
    if roles[-1] != "assistant":
        _refuse(f"the last message is of {roles[-1]}, not the answer of the assistant", "end with the answer")
    return told


def _message(role: Json, content: Json) -> Message:
    if role not in _ROLES:
        _refuse(f"a message has the role {role!r}", f"one of {', '.join(_ROLES)}")
    if not isinstance(content, str):
        _refuse(f"the content of {role} is {type(content).__name__}, not text", "write it as text")
    return {"role": str(role), "content": content}


def _refuse(said: str, fix: str) -> Example:
    raise UserError(said, fix=fix)


def _rows(path: Path, name: str) -> Iterator[Row]:
    """Raises UserError where there is no such file, or one that is no text or too large."""
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise UserError(f"the file has {size / 1e6:.0f} MB, at most {LARGEST / 1e6:.0f} MB are read", where=name)
        text = utf8(path, name)
    except OSError as error:
        fix = "name a .jsonl, .json or .csv file of examples"
        raise UserError(f"cannot be read: {error.strerror}", where=name, fix=fix) from error
    if path.suffix == ".csv":
        yield from _rows_of_csv(text)
    elif path.suffix == ".json":
        # The reader of case files wants a list under a key; a bare list is one line further in.
        yield from rows_of_object(f'{{"examples": {text}}}' if text.lstrip().startswith("[") else text, "examples")
    else:
        yield from rows_of_lines(text)


def _rows_of_csv(text: str) -> Iterator[Row]:
    reader = csv.DictReader(text.splitlines(keepends=True), strict=True)
    try:
        for row in reader:
            fault = "more cells than the first line has names" if None in row else ""
            yield Row(
                None if fault else {key: cell for key, cell in row.items() if cell is not None}, reader.line_num, fault
            )
    except csv.Error as error:
        yield Row(None, reader.line_num, f"not valid CSV: {error}")
