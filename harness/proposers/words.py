"""Words and phrases of short texts: which tell one group from another, and how alike two texts are.

Pure counting without a model. English function words are dropped; other languages lose nothing but speed of reading.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from operator import mul

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
_LONG = 6  # words of a phrase
_WORTH = 0.2  # what a further phrase must add, where 1 is a failing text that no phrase fits yet
_COMPARED = 120  # texts of one group: the choice is quadratic in them
_CLAUSE_END = re.compile(r"[.!?;:,\n()]+(?:\s|$)")
_EDGES = ".,;:!?()\"' "


@lru_cache(maxsize=8192)  # every group of every brief asks for the same few texts
def terms(text: str) -> tuple[str, ...]:
    """The different words and two-word phrases of a text in order of appearance, lower case, no function words.

    A phrase holds words that stand side by side in the text.
    """
    return _terms(w.replace("’", "'") for w in _WORD.findall(text.lower()))


def _terms(words: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    previous = ""
    for word in words:
        if word in _FUNCTION or len(word) < 2:
            previous = ""
            continue
        found[word] = None
        if previous:
            found[f"{previous} {word}"] = None
        previous = word
    return tuple(found)


def log_odds(group: Sequence[str], others: Sequence[str]) -> Mapping[str, float]:
    """How strongly each term of ``group`` marks it against ``others``: z scores, those above 0 only.

    The log-odds ratio with a Dirichlet prior over its standard error (Monroe, Colaresi and Quinn, "Fightin' Words",
    2008, eq. 16 and 22), counted over the texts that hold a term.
    """
    inside, outside = _texts_with(group), _texts_with(others)
    scores = {t: _z(n, len(group), outside[t], len(others)) for t, n in inside.items()}
    return {t: z for t, z in scores.items() if z > 0}


def telling(group: Mapping[str, float], others: Sequence[str], most: int) -> list[str]:
    """Up to ``most`` short phrases, in the words of the texts, that mark ``group`` against ``others``, best first.

    ``group`` maps each text to how much it matters that a phrase fits it. Greedy cover: a phrase fits a text as far as
    it holds the marks of the text's best phrase, and each pick adds most to what the earlier ones left open.
    """
    texts = sorted(group, key=lambda t: -group[t])[:_COMPARED]
    marks = log_odds(texts, others)
    own = [_phrases(text, marks) for text in texts]
    full = [max((weight(terms(p), marks) for p in phrases), default=0.0) for phrases in own]
    fits = {phrase: _fits(phrase, texts, full, marks) for phrases in own for phrase in phrases}
    unmet = [group[text] for text in texts]
    chosen: list[str] = []
    while fits and len(chosen) < most:
        best = max(fits, key=lambda p: sum(map(mul, fits[p], unmet)))
        fit = fits.pop(best)
        if sum(map(mul, fit, unmet)) < _WORTH:
            break
        chosen.append(best)
        unmet = [rest * (1 - share) for rest, share in zip(unmet, fit, strict=True)]
    return chosen


def clauses(text: str) -> list[str]:
    """The stretches of a text between marks of punctuation, those without words left out."""
    return [clause for clause in _CLAUSE_END.split(text) if _WORD.search(clause)]


def _phrases(text: str, marks: Mapping[str, float]) -> list[str]:
    """The most telling run of at most _LONG words of each clause, from its first to its last mark, lower case."""
    found = []
    for clause in clauses(text):
        words = [w for word in clause.lower().split() if (w := word.strip(_EDGES))]
        ends = [i for i, word in enumerate(words) if any(term in marks for term in terms(word))]
        runs = [words[a : b + 1] for a in ends for b in ends if a <= b < a + _LONG]
        weights = [(weight(_terms(run), marks), -len(run)) for run in runs]
        if runs:
            found.append(" ".join(runs[weights.index(max(weights))]))
    return found


def _fits(phrase: str, texts: Sequence[str], full: Sequence[float], marks: Mapping[str, float]) -> list[float]:
    """By text the share, 0-1, of the marks of the text's best phrase that ``phrase`` has."""
    held = frozenset(terms(phrase))
    shared = (weight(held.intersection(terms(text)), marks) for text in texts)
    return [min(1.0, part / whole) if whole else 0.0 for part, whole in zip(shared, full, strict=True)]


def weight(found: Iterable[str], marks: Mapping[str, float]) -> float:
    """How strongly the terms mark a group, by the scores of ``log_odds``."""
    return sum(marks.get(term, 0.0) for term in found)


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
