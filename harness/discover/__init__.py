"""From a repository to its nodes and prompts: a static reading, confirmed by what a recorded run sent to the models."""

from harness.discover.confirm import answered, confirm, fill, invoked, reached, repeated
from harness.discover.entry import entries, find_entry
from harness.discover.export import export_labels
from harness.discover.files import Files
from harness.discover.inputs import Keys, keys
from harness.discover.survey import discover

__all__ = [
    "Files", "Keys", "answered", "confirm", "discover", "entries", "export_labels", "fill", "find_entry", "invoked",
    "keys", "reached", "repeated",
]  # fmt: skip
