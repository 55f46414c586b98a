"""The code of a notebook as one program, for reading: what stands in a notebook is never edited."""

from __future__ import annotations

import json
import re

from harness.sources import UnreadableError

SUFFIX = ".ipynb"
_MAGIC = re.compile(r"^([ \t]*)[%!?].*$", re.MULTILINE)
_CELL_MAGIC = re.compile(r"\s*%%(?!time|capture)")  # such a cell holds no Python


def code_of(raw: bytes) -> str:
    """The code cells, one after another, without what only IPython knows. Raises UnreadableError."""
    try:
        cells = json.loads(raw)["cells"]
        texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnreadableError("it is no notebook") from error
    return "\n".join(_MAGIC.sub(r"\1pass", text) for text in texts if not _CELL_MAGIC.match(text)) + "\n"
