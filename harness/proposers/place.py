"""Where in a prompt new text goes, and what the case text of an observation is.

The place is chosen here once, so that techniques differ in what they say and never in where. Variables are moved
whole and never written: a proposal holds exactly the variables of the prompt, in their order.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence

from harness.answers import content_text
from harness.literals import normal
from harness.types import Brief, Json, Observation, Parts, Prompt, Proposal, Span, Variable, text_of

_HUMAN = ("human", "user")
_LEAD_IN = re.compile(r"(:|>|```|\"\"\"|^#.*)\s*$")  # a line that announces what stands on the next one
_ASKS = re.compile(r"\n([^\W\d_][\w ]{0,30}):\s*$")  # "Intent:" at the end of a prompt
_GIVES = re.compile(r"(?:^|\n)([^\W\d_][\w ]{0,30}):\s*$")  # "Ticket:" before a variable
_CONTAINER = re.compile(r"^(state|inputs?)\b(?=.)")  # what graph code calls the mapping that holds the text
_PIECE = re.compile(r"[^\W_]+")
_DRAWN = re.compile(r"\d+|\d+T\d+|\d+Z|(?=.*\d)[0-9a-f]{4,}", re.I)  # of a number, a time or a random identifier
Line = tuple[str | Variable, ...]
_WORD = 4  # characters; less is found in any text
_LABEL_GAP = 40  # characters; literal text up to this long between two variables is a field name, not an instruction


def digest(parts: Parts) -> str:
    """Identity of a text: sha-256 (hex) of it as a person reads it."""
    text = "".join(p if isinstance(p, str) else p.source for p in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def mark(parts: Parts, parameter: str = "", place: Span | None = None) -> str:
    """Identity of an idea among those of one version of the app: of its text, or of a number at its place."""
    return digest(parts if place is None or not parameter else (f"{place.file}:{place.start} {parameter}=", *parts))


def fresh(brief: Brief, proposals: Iterable[Proposal]) -> list[Proposal]:
    """The proposals that change something and were neither tried before nor made twice, order kept."""
    seen = {*brief.tried, digest(brief.prompt.parts)}
    kept = []
    for proposal in proposals:
        identity = mark(proposal.parts, proposal.parameter, proposal.place)
        if identity not in seen:
            seen.add(identity)
            kept.append(proposal)
    return kept


def case_variables(prompt: Prompt, observations: Sequence[Observation]) -> tuple[str, ...]:
    """The variables whose text differs from case to case, in the order of the prompt: they carry the input.

    Left out is what differs without being of the case, such as the time or the number of a request. Where no case says
    what any of them held, all are taken to carry it.
    """
    names = dict.fromkeys(prompt.variables)
    if observations and not any(o.filled for o in observations):
        return tuple(names)
    return tuple(n for n in names if len({o.filled.get(n) for o in observations}) > 1 and _is_said(n, observations))


def _is_said(name: str, observations: Sequence[Observation]) -> bool:
    """Whether the texts of a variable differ in words, or are found in what is put into the app."""
    texts = [(o.filled.get(name, ""), o) for o in observations]
    pieces = [set(_PIECE.findall(text)) for text, _ in texts]
    common = set.intersection(*pieces)
    if any(not _DRAWN.fullmatch(piece) for found in pieces for piece in found - common):
        return True
    return any(text.strip() and text.strip() in json.dumps(o.inputs, ensure_ascii=False) for text, o in texts)


def input_text(observation: Observation, variables: Sequence[str]) -> str:
    """What the model had to answer: the text of the variables, one a line with its name where there are several.

    Below it the last human message, where that is another text and brings in what the case puts into the app. Without
    variables it is that message alone. "" when the observation shows neither.
    """
    said = next((m for m in reversed(observation.messages) if m.get("role") in _HUMAN), None)
    human = content_text(said).strip() if said is not None else ""
    if not (variables and observation.filled):
        return human
    texts = [(name, observation.filled.get(name, "").strip()) for name in variables]
    own = texts[0][1] if len(texts) == 1 else "\n".join(f"{noun(n).capitalize()}: {t}" for n, t in texts)
    apart = not all(text in human for _, text in texts)
    return f"{own}\n{human}" if apart and _brings_in(human, observation.inputs) else own


def _brings_in(text: str, inputs: Mapping[str, Json]) -> bool:
    """Whether a text of the case's inputs, a word at least, stands in it."""
    given = [value.strip() for value in inputs.values() if isinstance(value, str)]
    return any(len(value) >= _WORD and value in text for value in given)


def noun(variable: str) -> str:
    """A readable name: "ticket" of ``state['ticket_text']`` is "ticket text"."""
    words = re.findall(r"[^\W\d_]+", _CONTAINER.sub("", variable))
    return " ".join(words[-2:]).lower() if words else "input"


def one_of(thing: str) -> str:
    """ "a ticket", "an email": one case, by what it is called."""
    return f"{'an' if thing[:1] in 'aeiou' else 'a'} {thing}"


def field_names(prompt: Prompt, variables: Sequence[str]) -> tuple[str, str]:
    """What to write before an input and before its answer, in the prompt's own words: "Ticket: ", "Intent: ".

    Where the prompt has none of its own, the input is called after its variable and the answer "Answer: ". An input
    of several variables brings its names along.
    """
    at = _carrier(prompt.parts, variables)
    before, after = ("", "") if at is None else (prompt.parts[at - 1] if at else "", prompt.parts[-1])
    reply = _ASKS.search(after) if isinstance(after, str) else None
    answer = f"{reply.group(1)}: " if reply else "Answer: "
    if len(variables) > 1:
        return "", answer
    given = _GIVES.search(before) if isinstance(before, str) else None
    return f"{given.group(1) if given else noun(variables[0] if variables else 'input').capitalize()}: ", answer


def insert(prompt: Prompt, block: str, variables: Sequence[str]) -> Parts:
    """The prompt with ``block`` as a paragraph of its own.

    At the end where the case text does not stand in the prompt, before the line breaks that end it and before a last
    line that goes on in another text; else before the lines that carry it, so that the text to answer stays last. A
    system prompt that goes on behind the case text keeps its end for instructions.
    """
    at = _carrier(prompt.parts, variables)
    if at is None or (prompt.role == "system" and not _ends_with(prompt.parts, variables)):
        before, after = _split_end(prompt)
        return normal((*before, _gap_after(before), block, "\n\n" if text_of(after).strip() else "", *after))
    before, after = _split_line(prompt.parts, at)
    return normal((*before, _gap_after(before), block, "\n\n", *after))


def lines(parts: Parts) -> list[Line]:
    """The parts line by line, without the line ends."""
    found: list[list[str | Variable]] = [[]]
    for part in parts:
        if isinstance(part, Variable):
            found[-1].append(part)
            continue
        first, *others = part.split("\n")
        found[-1] += [first] if first else []
        found += [[text] if text else [] for text in others]
    return [tuple(line) for line in found]


def of_lines(rows: Sequence[Line]) -> Parts:
    """The parts that these lines make."""
    joined: list[str | Variable] = []
    for line in rows:
        joined += [*line, "\n"]
    return normal(tuple(joined[:-1]))


def before_case(prompt: Prompt, variables: Sequence[str]) -> Parts:
    """What stands before the lines that carry the case; the whole prompt where it carries none."""
    at = _carrier(prompt.parts, variables) if prompt.role != "system" else None
    return prompt.parts if at is None else _split_line(prompt.parts, at)[0]


def _carrier(parts: Parts, variables: Sequence[str]) -> int | None:
    """Index of the first variable of the last run of case variables with nothing but field names between them."""
    places = [i for i, p in enumerate(parts) if isinstance(p, Variable) and p.name in variables]
    if not places:
        return None
    at = places[-1]
    for place in reversed(places[:-1]):
        between = "".join(p for p in parts[place + 1 : at] if isinstance(p, str))
        if len(between.strip()) > _LABEL_GAP:
            break
        at = place
    return at


def _ends_with(parts: Parts, variables: Sequence[str]) -> bool:
    """Whether nothing but a field name or a closing mark stands behind the last case variable."""
    last = max(i for i, p in enumerate(parts) if isinstance(p, Variable) and p.name in variables)
    tail = parts[last + 1 :]
    return all(isinstance(p, str) for p in tail) and len(text_of(tail).strip()) <= _LABEL_GAP


def _split_end(prompt: Prompt) -> tuple[Parts, Parts]:
    """The parts cut where a further paragraph may stand at their end."""
    if prompt.runs_on:
        return _split_line(prompt.parts, len(prompt.parts))
    last = prompt.parts[-1] if prompt.parts else ""
    if not isinstance(last, str) or not last.strip():
        return prompt.parts, ()
    cut = len(last.rstrip())
    return ((*prompt.parts[:-1], last[:cut]), (last[cut:],)) if "\n" in last[cut:] else (prompt.parts, ())


def _split_line(parts: Parts, at: int) -> tuple[Parts, Parts]:
    """The parts cut at the start of the line that holds part ``at``, or one line earlier where that announces it."""
    for place in range(at - 1, -1, -1):
        part = parts[place]
        if isinstance(part, str) and "\n" in part:
            cut = part.rfind("\n") + 1
            if place == at - 1 and not part[cut:].strip():
                cut = _above(part, cut)
            return (*parts[:place], part[:cut]), (part[cut:], *parts[place + 1 :])
    return (), parts


def _above(text: str, cut: int) -> int:
    """Start of the last line with words in ``text`` when that line announces what follows, else ``cut``."""
    start = text.rstrip().rfind("\n") + 1
    return start if _LEAD_IN.search(text[start:].rstrip()) else cut


def _gap_after(parts: Sequence[str | Variable]) -> str:
    """What makes the next text a paragraph of its own: blank line where text precedes, nothing at the start."""
    if not any(p for p in parts):
        return ""
    last = parts[-1]
    ends = len(last) - len(last.rstrip("\n")) if isinstance(last, str) else 0
    return "\n" * max(0, 2 - ends)
