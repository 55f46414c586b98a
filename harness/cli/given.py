"""A text that the user gives in a file, as a change of a prompt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness import changes, sources
from harness.errors import UserError
from harness.types import Change, Node, Prompt, Proposal


def of_text(root: Path, text: Path, prompt: Prompt, node: Node) -> Change:
    """The prompt with the text of the file in its place; one that is only likely may be tried here too.

    Raises UserError for a file that is not there, Refused for a text that a run would refuse.
    """
    if not (root / text).is_file():
        raise UserError("there is no such file", where=str(text), fix="write the new text into it")
    parts = changes.as_parts(sources.utf8(root / text, str(text)), prompt.parts)
    shown = replace(prompt, proof="proved") if prompt.proof == "likely" else prompt
    return changes.bind(Proposal("text given", parts, "as given"), shown, node, id="c00", proposer="diff")
