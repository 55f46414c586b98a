"""How the cases spread over categories and difficulties, with advice (F5). Counting only; refuses nothing."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.cases.reader import asked
from harness.types import Case

_EDGE = re.compile(r"(edge|corner|boundary)([\s_-]*cases?)?", re.IGNORECASE)
_EDGE_RANGE = (0.10, 0.15)
_MAIN_RANGE = (0.20, 0.30)
_NAMED = 5  # cases that a sentence names
_DIFFICULTY_RANGES = {"easy": (0.40, 0.50), "medium": (0.30, 0.40), "hard": (0.10, 0.20)}


@dataclass(frozen=True, slots=True)
class Coverage:
    """Counts of cases, with sentences on what to add."""

    total: int
    categories: Mapping[str, int]  # most frequent first; "" = no category
    difficulties: Mapping[str, int]  # easy, medium, hard as far as they occur; "" = none given
    advice: tuple[str, ...]

    def share(self, count: int) -> float:
        """A count as a share of all cases, 0-1."""
        return count / self.total if self.total else 0.0


def coverage(cases: Sequence[Case]) -> Coverage:
    """Count cases by category and difficulty and say where the spread is far from what is advised."""
    categories = dict(Counter(case.category for case in cases).most_common())
    counted = Counter(case.difficulty for case in cases)
    difficulties = {name: counted[name] for name in (*_DIFFICULTY_RANGES, "") if counted[name]}
    spread = (*_on_categories(categories), *_on_difficulties(difficulties))
    advice = (*spread, *_on_expectations(cases), *_on_repeats(cases))
    return Coverage(len(cases), categories, difficulties, advice)


def _on_categories(counts: Mapping[str, int]) -> list[str]:
    total = sum(counts.values())
    main = {name: n for name, n in counts.items() if name and not _EDGE.fullmatch(name)}
    edge = sum(n for name, n in counts.items() if _EDGE.fullmatch(name))
    if not main:
        return ["no case names its category: failures cannot be told apart by kind"]
    low, high = _advised(len(main))
    advice = [f"{counts['']} cases name no category"] if "" in counts else []
    advice += [s for name, n in main.items() if (s := _sentence(f"category {name!r}", n, total, low, high)) is not None]
    on_edge = _sentence("category 'edge_case'", edge, total, *_EDGE_RANGE)
    return advice + ([on_edge] if on_edge else [])


def _advised(categories: int) -> tuple[float, float]:
    """Advised share of each main category: 20-30 %, widened where so many or so few cannot all have that."""
    even = (1 - _EDGE_RANGE[0]) / categories
    return min(_MAIN_RANGE[0], even / 1.5), max(_MAIN_RANGE[1], even * 1.5)


def _on_difficulties(counts: Mapping[str, int]) -> list[str]:
    total = sum(counts.values())
    if not counts or set(counts) == {""}:
        return ["no case names its difficulty"]
    advice = [f"{counts['']} cases name no difficulty"] if "" in counts else []
    for name, (low, high) in _DIFFICULTY_RANGES.items():
        if (sentence := _sentence(f"{name} cases", counts.get(name, 0), total, low, high)) is not None:
            advice.append(sentence)
    return advice


def _on_expectations(cases: Sequence[Case]) -> list[str]:
    """Cases that cannot be scored; drafts that nobody has looked at are told apart from the others."""
    drafts = [case for case in cases if case.metadata.get("draft") is True]
    bare = [case.id for case in drafts if not case.expected]
    silent = sum(not case.expected for case in cases) - len(bare)
    advice = [f"{silent} cases have no expected_* field: accuracy cannot be scored on them"] if silent else []
    if bare:
        named = ", ".join(bare[:_NAMED]) + (", ..." if bare[_NAMED:] else "")
        which = f"{len(bare)} of {len(cases)} cases {'is a draft' if len(bare) == 1 else 'are drafts'}"
        advice.append(f"{which} without an expectation: {named}: complete them or they are unscored")
    if rest := len(drafts) - len(bare):
        advice.append(
            f"{rest} of {len(cases)} cases {'is a draft' if rest == 1 else 'are drafts'} that nobody has looked at: "
            'see that what is expected is right, then take "draft" out of the metadata'
        )
    return advice


def _on_repeats(cases: Sequence[Case]) -> list[str]:
    repeated = len(cases) - len({asked(case) for case in cases})
    return [f"{repeated} cases repeat the input of another: cases of one input count as one"] if repeated else []


def _sentence(what: str, count: int, total: int, low: float, high: float) -> str | None:
    """Advice where a share lies outside [low, high]; None where it does not."""
    share = count / total
    rounding = 0.5 / total  # half a case: a share that no whole number of cases could bring nearer is not worth a word
    advised = f"{low:.0%}-{high:.0%} advised"
    if share < low - rounding:
        more = math.ceil((low * total - count) / (1 - low))
        return f"{what}: {share:.0%} of the cases, {advised}: add about {more}"
    return f"{what}: {share:.0%} of the cases, {advised}" if share > high + rounding else None
