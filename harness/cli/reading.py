"""A report laid out for a terminal: headings, tables, diffs. Knows Markdown, not what a report says.

The colours are the terminal's own sixteen on its own background, so that light and dark ones stay readable.
"""

from __future__ import annotations

import re
from typing import ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Markdown, MarkdownElement, TableElement
from rich.table import Table
from rich.theme import Theme

from harness.cli.tables import fitted

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
            yield from fitted(made, console, options) if isinstance(made, Table) else [made]


class Page(Markdown):
    """Markdown with tables that fit."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {**Markdown.elements, "table_open": Fitted}


def show(text: str, console: Console | None = None) -> None:
    """Print Markdown as people read it; pictures become their words, what was folded is open."""
    console = console or Console()
    plain = _PICTURE.sub(r"*(picture \g<file>: \g<words>)*", text)
    plain = _FOLD.sub(r"**\g<title>**", plain).replace("</details>", "")
    page = Page(plain, code_theme="ansi_dark" if console.is_terminal else "default", hyperlinks=False)
    with console.use_theme(Theme(_STYLES)):
        console.print(page, width=min(console.width, WIDEST))
