"""Words and phrases of short texts: which tell one group from another, and how alike two texts are.

Pure counting without a model. English function words are dropped; other languages lose nothing but speed of reading.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_FUNCTION_WORDS = """
a about after again all also am an and any are as at be because been before but by can can't could did didn't do does
doesn't don't for from get got had has have hello help hi how i i'd i'll i'm i've if in into is isn't it it's its just
kindly let like me my need not now of on one or our out over please regards since so some still than thank thanks that
the their them then there these they this to too up us very want was wasn't we what when where which while who why will
with won't would you your
"""
_FUNCTION = frozenset(_FUNCTION_WORDS.split())
_PRIOR = 0.5  # pseudo-count per term: small samples, so weak
_PHRASE = 2  # words


@lru_cache(maxsize=8192)  # every group of every brief asks for the same few texts
def terms(text: str) -> tuple[str, ...]:
    """The different words and two-word phrases of a text in order of appearance, lower case, no function words.

    A phrase holds words that stand side by side in the text.
    """
    found: dict[str, None] = {}
    previous = ""
    for word in (w.lower().replace("’", "'") for w in _WORD.findall(text)):
        if word in _FUNCTION or len(word) < 2:
            previous = ""
            continue
        found[word] = None
        if previous:
            found[f"{previous} {word}"] = None
        previous = word
    return tuple(found)


def distinctive(group: Sequence[str], others: Sequence[str], most: int) -> list[str]:
    """Up to ``most`` terms that mark the texts of ``group`` against ``others``, strongest first.

    Ranked by the z score of the log-odds ratio with a Dirichlet prior (Monroe, Colaresi and Quinn, "Fightin' Words",
    2008, eq. 16, 22), over the number of texts that hold a term. A term must occur in two texts of the group, or in
    one where the group has fewer than four. A word that only repeats a phrase already chosen is left out.
    """
    inside, outside = _texts_with(group), _texts_with(others)
    least = 2 if len(group) >= 4 else 1
    scored = [(_z(n, len(group), outside[t], len(others)), t) for t, n in inside.items() if n >= least]
    chosen: list[str] = []
    for z, term in sorted(scored, key=lambda s: (-s[0], -len(s[1]), s[1])):
        if z <= 0.5 or len(chosen) == most:
            break
        if not any(set(term.split()) & set(c.split()) for c in chosen):
            chosen.append(term)
    return chosen


def _texts_with(texts: Iterable[str]) -> Counter[str]:
    return Counter(term for text in texts for term in terms(text))


def _z(inside: int, group: int, outside: int, others: int) -> float:
    a, b = inside + _PRIOR, outside + _PRIOR
    odds = math.log(a / (group + 2 * _PRIOR - a)) - math.log(b / (others + 2 * _PRIOR - b))
    return odds / math.sqrt(1 / a + 1 / b)


Vector = Mapping[str, float]


def vectors(texts: Sequence[str]) -> list[Vector]:
    """One vector of unit length per text, over its terms weighted by their rarity among the texts."""
    spread = _texts_with(texts)
    return [_unit({t: math.log(1 + len(texts) / spread[t]) for t in terms(text)}) for text in texts]


def _unit(vector: dict[str, float]) -> Vector:
    length = math.sqrt(sum(v * v for v in vector.values()))
    return {t: v / length for t, v in vector.items()} if length else {}


def likeness(one: Vector, other: Vector) -> float:
    """Cosine of two vectors of ``vectors``: 0 nothing in common, 1 the same terms."""
    short, long = sorted((one, other), key=len)
    return sum(v * long.get(t, 0.0) for t, v in short.items())
