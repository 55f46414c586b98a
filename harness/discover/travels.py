"""System messages that travel through the state: written by one node, sent by another of the same app.

An app is the graphs that run one another; messages of other apps in the repository never get there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.discover.messages import messages, sent
from harness.discover.values import Data, Seq, Table, Value


@dataclass
class Travels:
    """What nodes wrote into the state, by graph ("file:line")."""

    _written: list[tuple[str, str, Value]] = field(default_factory=list)  # graph, key of the state, message
    _apps: dict[str, str] = field(default_factory=dict)  # graph -> another one of its app, up to the first

    def note(self, graph: str, result: Value) -> None:
        """Keep the system messages that a node of this graph gives back."""
        for key, value in (item for atom in result if isinstance(atom, Table) for item in atom.entries.items()):
            for message in messages(value):
                entry: tuple[str, str, Value] = (graph, key, (message,))
                if message.role == "system" and list(sent((message,))) and entry not in self._written:
                    self._written.append(entry)

    def runs(self, graph: str, other: str) -> None:
        """One graph runs another: both share what they hand over."""
        self._apps[self._app(other)] = self._app(graph)

    def state(self, graph: str) -> Value:
        """A state with the messages that may reach this graph; empty when there are none."""
        table = Table(rest=(Data(),))
        for where, key, message in self._written:
            if self._app(where) == self._app(graph):
                held = table.entries.setdefault(key, (Seq([], exact=False),))
                held[0].items.append(message)  # type: ignore[union-attr]
        return (table,) if table.entries else ()

    def _app(self, graph: str) -> str:
        while self._apps.get(graph, graph) != graph:
            graph = self._apps[graph]
        return graph
