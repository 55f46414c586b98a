"""Tables as text for the terminal, as wide as it is. Light: loads no room."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

_UNSEEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
FEW = 6  # columns of a table that may be squeezed; with more of them words would be cut into pieces


def render(table: Table) -> str:
    """The table as text, as wide as the terminal, coloured only there."""
    console = Console()
    if not console.is_terminal:
        console = Console(file=io.StringIO(), width=120)
    with console.capture() as captured:
        for part in fitted(table, console, console.options):
            console.print(part)
    return captured.get().rstrip()


def fitted(table: Table, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
    """The table, or a list of its rows where it is too wide to be read: a word that is cut cannot be copied."""
    for column in table.columns:
        column.overflow = "fold"
    wide = Measurement.get(console, options.update(max_width=10_000), table).maximum > options.max_width
    if not wide or len(table.columns) < FEW:
        yield table
        return
    if table.title:
        yield f"[italic]{table.title}[/]"
    for n, row in enumerate(zip(*(column.cells for column in table.columns), strict=True)):
        if n and row[0]:  # a row that begins empty goes on with the one above
            yield ""
        record = Table.grid(padding=(0, 2))
        record.add_column(style="dim", no_wrap=True)
        record.add_column(overflow="fold")
        for column, cell in zip(table.columns, row, strict=True):
            if cell:
                record.add_row(*(text.plain if isinstance(text, Text) else text for text in (column.header, cell)))
        yield record


def grid(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of plain strings."""
    table = Table(title=plain(title), title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(plain(column), overflow="fold")  # a path that is cut cannot be copied
    for row in rows:
        table.add_row(*map(plain, row))
    return render(table)


def plain(text: str) -> str:
    """Foreign text as rich shows it as it is: no markup, and nothing that a terminal acts on but new lines."""
    return escape(_UNSEEN.sub(" ", text))
