"""Why a proposal does not become a change, or a change not bytes. Knows no files."""

from __future__ import annotations

from harness.errors import HarnessError
from harness.types import Span


class Refused(HarnessError):  # noqa: N818 - a decision, named as the loop speaks of it
    """The proposal cannot become a change; the message says why in words."""


class Stale(HarnessError):  # noqa: N818
    """The file is not what the change was made for."""


def where_of(span: Span) -> str:
    """A span as errors name it: "file:line"."""
    return f"{span.file}:{span.line}"
