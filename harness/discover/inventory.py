"""Collects prompts over all model calls: each authored text once, with every node that it feeds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from harness.discover.values import CallEvent, Fragment
from harness.types import ModelUse, Node, Prompt, Proof, Span


def uses(events: Iterable[CallEvent]) -> tuple[ModelUse, ...]:
    """The models of calls, each once."""
    models = dict.fromkeys(m for e in events for m in e.models if m.where)
    return tuple(
        ModelUse(m.provider, m.id, dict(m.parameters), m.where, dict(m.literals), m.room, m.written, dict(m.overrides))
        for m in models
    )


@dataclass
class Inventory:
    """Prompts by id, in the order met."""

    prompts: dict[str, Prompt] = field(default_factory=dict)

    def complete(self, node: Node, events: Iterable[CallEvent]) -> Node:
        """``node`` with its calls, models and prompts; the prompts are noted here."""
        events = list(events)
        ids: dict[str, None] = {}
        for event in events:
            for fragment in event.fragments:
                ids[self._add(fragment, node.name, event)] = None
            if event.unknown:
                ids[self._add_unknown(event, node.name)] = None
        return replace(
            node,
            calls=tuple(dict.fromkeys(e.where for e in events)),
            models=uses(events),
            prompts=tuple(ids),
            repeats=tuple({e.where: e.repeat for e in events if e.repeat}.values()),
        )

    def _add(self, fragment: Fragment, node: str, event: CallEvent) -> str:
        known = self.prompts.get(fragment.id)
        problem = fragment.problem or (known.reason if known else "")
        if known and known.template != fragment.template and not problem:
            problem = f"used as {known.template} and as {fragment.template} text"
        proof: Proof = "unresolved" if problem else "likely"
        hops = known.hops if known else (*fragment.hops, f"{event.where} {event.what}")
        self.prompts[fragment.id] = Prompt(
            fragment.id, fragment.span, fragment.kind, fragment.template, known.role if known else fragment.role,
            fragment.parts, self._nodes(known, node), proof, hops, problem,
        )  # fmt: skip
        return fragment.id

    def _add_unknown(self, event: CallEvent, node: str) -> str:
        file, _, line = event.where.partition(":")
        span = event.span or Span(file, 0, 0, int(line), int(line))
        self.prompts[event.where] = Prompt(
            event.where, span, "argument", "plain", "", (), self._nodes(self.prompts.get(event.where), node),
            "unresolved", (f"{event.where} {event.what}",), "; ".join(event.unknown),
        )  # fmt: skip
        return event.where

    @staticmethod
    def _nodes(known: Prompt | None, node: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*(known.nodes if known else ()), node)))
