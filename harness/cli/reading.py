"""A report laid out for a terminal: headings, tables, diffs. Knows Markdown, not what a report says.

The colours are the terminal's own sixteen on its own background, so that light and dark ones stay readable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.markdown import Markdown, MarkdownElement, TableElement
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

FEW = 6  # columns of a table that may be squeezed; with more of them words would be cut into pieces
WIDEST = 120  # columns: longer lines of running text are hard to follow
_STYLES = {
    "markdown.h1": "bold",
    "markdown.h1.border": "dim",
    "markdown.h2": "bold cyan",
    "markdown.h3": "bold",
    "markdown.code": "cyan",
    "markdown.table.header": "bold",
    "markdown.table.border": "dim",
    "markdown.item.bullet": "dim",
}
_PICTURE = re.compile(r"^!\[(?P<words>[^\]]*)\]\((?P<file>[^)]*)\)$", re.MULTILINE)
_FOLD = re.compile(r"<details><summary>(?P<title>.*?)</summary>")


class Fitted(TableElement):
    """A table that never cuts a word: one that is too wide becomes a list of its rows, or is folded inside cells."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for made in super().__rich_console__(console, options):
            yield from _fitted(made, console, options) if isinstance(made, Table) else [made]


class Page(Markdown):
    """Markdown with tables that fit."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {**Markdown.elements, "table_open": Fitted}


def _fitted(table: Table, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
    for column in table.columns:
        column.overflow = "fold"
    wide = Measurement.get(console, options.update(max_width=10_000), table).maximum > options.max_width
    if not wide or len(table.columns) < FEW:
        yield table
        return
    for row in zip(*(column.cells for column in table.columns), strict=True):
        record = Table.grid(padding=(0, 2))
        record.add_column(style="dim", no_wrap=True)
        record.add_column(overflow="fold")
        for column, cell in zip(table.columns, row, strict=True):
            record.add_row(*(text.plain if isinstance(text, Text) else text for text in (column.header, cell)))
        yield record
        yield ""


def show(text: str, console: Console | None = None) -> None:
    """Print Markdown as people read it; pictures become their words, what was folded is open."""
    console = console or Console()
    plain = _PICTURE.sub(r"*(picture \g<file>: \g<words>)*", text)
    plain = _FOLD.sub(r"**\g<title>**", plain).replace("</details>", "")
    page = Page(plain, code_theme="ansi_dark" if console.is_terminal else "default", hyperlinks=False)
    with console.use_theme(Theme(_STYLES)):
        console.print(page, width=min(console.width, WIDEST))
