"""SVG by hand: text that never takes more room than it is given, lines, bars and dots on a card. Knows no outcome.

A picture in a README is an ``<img>``: no script, no font of ours and nothing of the page's colours reaches it. So each
picture paints its own card, follows the reader's light or dark setting by a media query, and uses the fonts at hand.
Foreign text is cut to its room by an upper bound of its width, whatever sans-serif font draws it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from html import escape

from harness.figures import one_line

WIDTH = 760  # user units, as wide as GitHub shows a picture without scaling it
MARGIN = 20
EDGE = WIDTH - MARGIN  # where words end on the right
SIZES = {"": 12.0, "mute": 11.0, "strong": 12.0, "heading": 15.0}  # font size by kind of text, user units
_BOLD = frozenset({"strong", "heading"})
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Advance in em of the widest font that the style may end at (DejaVu Sans); what is not named takes ``_OTHER``.
_ADVANCES = {
    0.35: "'Iijl ,./:;|\\·", 0.45: "()-[]ft!r", 0.5: "\"*J`", 0.55: "csz", 0.6: "?L_kvxy",
    0.65: "$0123456789FTabdeghnopqu{}", 0.7: "ABEKPSVXYZ", 0.75: "CNRU", 0.8: "&DGHOQ", 0.85: "#+<=>^w~→",
    0.95: "M%", 1.0: "Wm…—", 1.05: "@",
}  # fmt: skip
_BY_CHAR = {char: advance for advance, chars in _ADVANCES.items() for char in chars}
_OTHER, _BOLDER = 1.3, 1.2
_LONGEST = 400  # characters of a text that are looked at
_STYLE = """
text { font-family: -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; font-size: 12px; fill: INK }
.mute { font-size: 11px; fill: MUTE }
.strong, .heading { font-weight: 600 }
.heading { font-size: 15px }
.card { fill: CARD; stroke: EDGE }
.grid { stroke: GRID } .axis { stroke: EDGE } .goal { stroke: INK; stroke-dasharray: 5 4; fill: none }
.good { fill: GOOD; stroke: GOOD } .bad { fill: BAD; stroke: BAD } .same { fill: SAME; stroke: SAME }
.path { fill: none; stroke-width: 2 } .bar { stroke: none }
.whisker { stroke-width: 1.5 } .hollow { fill: CARD; stroke-width: 1.5 }
"""
_LIGHT = {
    "INK": "#1f2328", "MUTE": "#59636e", "CARD": "#ffffff", "EDGE": "#c8d1da", "GRID": "#e6eaef",
    "GOOD": "#0969da", "BAD": "#bc4c00", "SAME": "#8c959f", "TINT": "#ddf4ff",
}  # fmt: skip
_DARK = {
    "INK": "#f0f6fc", "MUTE": "#a3abb5", "CARD": "#0d1117", "EDGE": "#4a525c", "GRID": "#232a33",
    "GOOD": "#58a6ff", "BAD": "#f0883e", "SAME": "#7d8590", "TINT": "#10294a",
}  # fmt: skip


def width(words: str, kind: str = "") -> float:
    """No less than what ``words`` take in user units."""
    return sum(map(_advance, words)) * SIZES[kind] * (_BOLDER if kind in _BOLD else 1.0)


@cache
def _advance(char: str) -> float:
    """In em; a letter with its accents is as wide as the letter."""
    if char in _BY_CHAR:
        return _BY_CHAR[char]
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0.0
    apart = unicodedata.normalize("NFD", char)
    return _advance(apart[0]) if apart[0] != char else _OTHER


def fit(words: str, room: float, kind: str = "") -> str:
    """``words`` on one line, cut with an ellipsis where they need more than ``room``."""
    whole = _NOT_XML.sub("", one_line(words)[:_LONGEST])
    if width(whole, kind) <= room:
        return whole
    kept = whole
    while kept and width(kept + "…", kind) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def text(x: float, y: float, words: str, room: float, kind: str = "", anchor: str = "start") -> str:
    """One line of text with its baseline at ``y``, within ``room`` user units of its anchor: start, middle or end."""
    mark = f' class="{kind}"' if kind else ""
    side = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{_n(x)}" y="{_n(y)}"{mark}{side}>{escape(fit(words, room, kind), quote=False)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line."""
    return f'<line class="{kind}" x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"/>'


def bar(x: float, y: float, wide: float, high: float, kind: str) -> str:
    """A filled rectangle; one that is not nothing can be seen."""
    return f'<rect class="bar {kind}" x="{_n(x)}" y="{_n(y)}" width="{_n(max(wide, 1.0))}" height="{_n(high)}"/>'


def dot(x: float, y: float, kind: str, radius: float = 4.0) -> str:
    """A point."""
    return f'<circle class="{kind}" cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"/>'


def path(points: Iterable[tuple[float, float]], kind: str) -> str:
    """A line through points."""
    places = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
    return f'<polyline class="path {kind}" points="{places}"/>'


def document(heading: str, told: str, height: float, body: Iterable[str], wide: float = WIDTH, style: str = "") -> str:
    """A whole picture: ``heading`` and below it ``told``, one line that says how to read it, then ``body``.

    Both are the picture's accessible name and description too. The body begins at ``TOP``. ``style`` are further rules,
    with the colours by their names.
    """
    room = wide - 2 * MARGIN
    name, said = (escape(fit(words, room * 4), quote=False) for words in (heading, told))
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(wide)}" height="{_n(height)}" '
        f'viewBox="0 0 {_n(wide)} {_n(height)}" role="img" aria-labelledby="name said">',
        f'<title id="name">{name}</title>',
        f'<desc id="said">{said}</desc>',
        f"<style>{_sheet(style)}</style>",
        f'<rect class="card" x="0.5" y="0.5" width="{_n(wide - 1)}" height="{_n(height - 1)}" rx="6"/>',
        text(MARGIN, 30, heading, room, "heading"),
        text(MARGIN, 48, told, room, "mute"),
    ]
    return "\n".join([*head, *body, "</svg>"]) + "\n"


TOP = 60.0  # where the body of a document begins


@cache
def _sheet(more: str) -> str:
    dark = _painted(_STYLE + more, _DARK).replace("\n", "\n  ")
    return f"{_painted(_STYLE + more, _LIGHT)}@media (prefers-color-scheme: dark) {{{dark}}}\n"


def _painted(style: str, palette: dict[str, str]) -> str:
    return re.sub(r"\b[A-Z]{3,}\b", lambda found: palette[found.group()], style)


def _n(value: float) -> str:
    """A coordinate to a tenth, the same on every machine."""
    rounded = f"{value:.1f}".removesuffix(".0")
    return "0" if rounded == "-0" else rounded
