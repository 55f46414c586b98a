"""A proposal becomes a change of one span of one file, and the change becomes bytes.

Everything outside the span stays as it is, byte for byte, and inside it what the change leaves alone; variables are
preserved or the proposal is refused. Knows nothing of how prompts are found or whether a change is any good.
"""

from harness.changes.binding import LONGEST, bind
from harness.changes.brought import files_of
from harness.changes.identities import MODEL
from harness.changes.numbers import bind_parameter, new_number
from harness.changes.refusals import Refused, Stale
from harness.changes.splitting import BY_HAND, split
from harness.changes.texts import as_parts
from harness.changes.voting import SAMPLES
from harness.changes.writing import Edit, apply, preview, undo, unified

__all__ = [
    "BY_HAND", "LONGEST", "MODEL", "SAMPLES", "Edit", "Refused", "Stale", "apply", "as_parts", "bind", "bind_parameter",
    "files_of", "new_number", "preview", "split", "undo", "unified",
]  # fmt: skip
