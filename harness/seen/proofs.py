"""What recorded runs proved of the prompts of a repository, told of the same content only. Reads the journal alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from harness import journal
from harness.errors import HarnessError
from harness.journal import Journal, Notes
from harness.journal.codec import CodecError
from harness.types import Discovery, Node, Prompt


@dataclass(frozen=True, slots=True)
class Proven:
    """A discovery in the light of the newest run that says something of it."""

    found: Discovery
    run: str = ""  # id of the run, "" = none says anything
    same: bool = False  # whether the files that were read are those of the run


def recall(home: Path | None, found: Discovery) -> Proven:
    """``found`` as a recorded run confirmed it, where one read the same content; contradictions win.

    Of a run of other content only words are taken: nothing is proved by it.
    """
    if home is None or not (home / "state.sqlite").is_file():
        return Proven(found)
    others: list[tuple[str, Discovery]] = []
    try:
        for run, known in _recorded(home):
            if known.digest and known.digest == found.digest:
                return Proven(_confirmed(found, known), run, same=True)
            if known.graph == found.graph:
                others.append((run, known))
    except (HarnessError, CodecError, OSError, sqlite3.Error) as error:
        return Proven(replace(found, notes=(*found.notes, f"what runs recorded here cannot be read: {error}")))
    return Proven(_reminded(found, others), others[0][0]) if others else Proven(found)


def _recorded(home: Path) -> Iterator[tuple[str, Discovery]]:
    """What each run proved, the newest first; of one run its last version first."""
    for run in reversed(journal.runs(home / "state.sqlite", home / "lock")):
        with closing(Journal(home / "state.sqlite", run.id)) as record:
            notes, generation = Notes(record), 0
            while notes.has("proved", str(generation)):
                generation += 1
            for number in reversed(range(generation)):
                yield run.id, notes.get("proved", str(number), Discovery)


def _confirmed(found: Discovery, known: Discovery) -> Discovery:
    prompts = {prompt.id: prompt for prompt in known.prompts}
    nodes = {(node.graph_file, node.line, node.name): node for node in known.nodes}
    return replace(
        found,
        prompts=tuple(_judged(prompt, prompts.get(prompt.id)) for prompt in found.prompts),
        nodes=tuple(_seen(node, nodes.get((node.graph_file, node.line, node.name))) for node in found.nodes),
        notes=tuple(dict.fromkeys((*found.notes, *known.notes))),
    )


def _judged(prompt: Prompt, known: Prompt | None) -> Prompt:
    if known is None or known.parts != prompt.parts:
        return prompt
    return replace(
        prompt, proof=known.proof, reason=known.reason, role=known.role, nodes=known.nodes, runs_on=known.runs_on,
        seen=known.seen,
    )  # fmt: skip


def _seen(node: Node, known: Node | None) -> Node:
    if known is None:
        return node
    prompts = tuple(dict.fromkeys((*node.prompts, *known.prompts)))
    return replace(
        node, is_llm=known.is_llm, why=known.why if known.is_llm != node.is_llm else node.why, prompts=prompts
    )


def _reminded(found: Discovery, others: Sequence[tuple[str, Discovery]]) -> Discovery:
    """Each likely prompt with the newest word of a run on the same text, as a reason."""
    words: dict[str, list[tuple[str, Prompt]]] = {}
    for run, known in others:
        for prompt in known.prompts:
            words.setdefault(prompt.id, []).append((run, prompt))
    return replace(found, prompts=tuple(_told(prompt, words.get(prompt.id, ())) for prompt in found.prompts))


def _told(prompt: Prompt, words: Sequence[tuple[str, Prompt]]) -> Prompt:
    for run, known in words:
        if known.parts == prompt.parts and prompt.proof == "likely" and known.proof != "likely":
            said = "proved" if known.proof == "proved" else f"in doubt ({known.reason})"
            return replace(prompt, reason=f"{said} in run {run}, whose files were others")
    return prompt
