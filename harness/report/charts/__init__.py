"""Outcome -> pictures as SVG, the same bytes on every machine. Knows no files, no Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.report.charts import cases, frontier, gains, nodes, progress
from harness.types import Outcome

DRAWN: Mapping[str, Callable[[Outcome], str]] = {
    "progress": progress.draw,
    "gains": gains.draw,
    "frontier": frontier.draw,
    "cases": cases.draw,
    "nodes": nodes.draw,
}

__all__ = ["DRAWN", "charts"]


def charts(outcome: Outcome) -> dict[str, str]:
    """SVG by name of the picture; one that would show nothing is left out."""
    drawn = {name: draw(outcome) for name, draw in DRAWN.items()}
    return {name: picture for name, picture in drawn.items() if picture}
