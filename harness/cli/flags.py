"""The options that several commands take, each said once. Knows no command."""

from __future__ import annotations

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout, nothing else.")]
Graph = Annotated[str | None, typer.Option("--graph", help="The app's graph, as path.py:name.")]
Cases = Annotated[str | None, typer.Option("--cases", help="The case file, instead of the one the goals name.")]
Goal = Annotated[list[str] | None, typer.Option("--goal", help='A goal in words, e.g. "accuracy to 95 %". Repeatable.')]
Calls = Annotated[int | None, typer.Option("--budget-calls", help="Model calls that may be made.")]
Seconds = Annotated[float | None, typer.Option("--budget-time", help="Seconds that the run may take.")]
Dollars = Annotated[float | None, typer.Option("--budget-usd", help="Money that may be spent, in USD.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of every draw. Default 42.")]
Runs = Annotated[int | None, typer.Option("--runs", help="Runs per case when deciding. Default 5.")]
Snapshot = Annotated[bool, typer.Option("--snapshot", help="Tune the tree as it is, uncommitted changes included.")]
Proposer = Annotated[
    list[str] | None,
    typer.Option(help="builtin, a name, llm:PROVIDER:MODEL or file.py:function. Repeatable: they take turns."),
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Replay nothing from earlier runs.")]
