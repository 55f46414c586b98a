"""A rubric: what a judge reads replies by, which model it is, and the form of its verdict. Read from a file or options.

A file of ``evals/`` is a rubric when it is Markdown that begins with a head between two lines of "---" in which
``judge`` names the model:

    ---
    judge: openai:gpt-5-mini
    scale: yes/no
    ---
    The reply answers the question that was asked, and nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.errors import PluginError
from harness.judge.forms import Form, form
from harness.types import Json

FOUND = "found"  # a pair's other reply: that of the app as found in the same run of the case
FAITHFULNESS = (
    "A claim is supported when it follows from what the reply may rest on, and from that alone. Your own knowledge "
    "does not count. Split the reply into its single claims of fact; greetings, questions and offers are none."
)
HEAD = ("judge", "scale", "against", "path", "context", "expected", "parameters")  # keys that a file's head may have
_LINE = "---"


@dataclass(frozen=True, slots=True)
class Rubric:
    """All that makes one judge."""

    text: str
    model: str  # "openai:gpt-5-mini"
    form: Form
    where: str  # "evals/helpful.md" or the table of the settings, for messages
    against: str = FOUND  # of a pair: FOUND, or the expected_* field that holds the other reply
    path: str = ""  # dotted place of the reply in the output; "" = the last message or the only text
    context: tuple[str, ...] = ()  # dotted places of what a reply may rest on
    shows_expected: bool = True  # whether the judge is told the expected_* fields
    parameters: Mapping[str, Json] = field(default_factory=dict)  # of the model: temperature, max_tokens, ...

    @property
    def version(self) -> str:
        """Digest of all that its verdicts depend on."""
        told = [
            self.text, self.model, self.form.verdict, self.against, self.path, list(self.context), self.shows_expected,
            dict(self.parameters),
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:12]


def rubric(options: Mapping[str, Any], where: str) -> Rubric:
    """The rubric of options that were checked by the rules of ``metric.OPTIONS``."""
    chosen = form(options.get("scale", "yes/no"))
    context = options.get("context") or ()
    return Rubric(
        text=options["rubric"],
        model=options["model"],
        form=chosen or Form("yes/no"),
        where=where,
        against=options.get("against", FOUND),
        path=options.get("path", ""),
        context=(context,) if isinstance(context, str) else tuple(context),
        shows_expected=options.get("expected", True),
        parameters=options.get("parameters") or {},
    )


def from_file(text: str, name: str) -> dict[str, Json] | None:
    """Options of a judge as its file says them, None for Markdown that is no rubric.

    Raises PluginError, with the line, for a head that cannot be read, has an unknown key or no rubric below it.
    """
    lines = text.lstrip("\ufeff").splitlines()
    if not lines or lines[0].strip() != _LINE or _LINE not in [line.strip() for line in lines[1:]]:
        return None
    end = next(n for n, line in enumerate(lines) if n and line.strip() == _LINE)
    pairs: dict[str, tuple[str, int, bool]] = {}
    for number, line in enumerate(lines[1:end], 2):
        key, colon, said = line.partition(":")
        if line.strip() and not line.startswith("#"):
            pairs[key.strip()] = (said.strip(), number, bool(colon))
    if "judge" not in pairs:
        return None
    for key, (_, number, written) in pairs.items():
        if key not in HEAD or not written:
            fix = f"a head has lines such as `scale: yes/no`, and these keys: {', '.join(HEAD)}"
            raise PluginError(f"{key!r} is no key of a rubric", where=f"{name}:{number}", fix=fix)
    body = "\n".join(lines[end + 1 :]).strip()
    if not body:
        raise PluginError(
            "this rubric is empty", where=f"{name}:{end + 1}", fix="write below the head what to judge by"
        )
    values = {"model" if key == "judge" else key: _read(said) for key, (said, _, _) in pairs.items()}
    return {**values, "rubric": body}


def _read(said: str) -> Json:
    """A list, table, number or flag where it is written as JSON, else the text without quotes around it."""
    if said[:1] in ("[", "{") or said in ("true", "false"):
        try:
            return json.loads(said)
        except ValueError:
            return said
    return said.strip("\"'")
