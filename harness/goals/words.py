"""A sentence such as "90% or higher" or "cost -40 %" -> number, unit and direction, or a complaint in words.

Knows English phrasing and units. Does not know files or lines; which metrics exist is the caller's business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from harness.types import Direction, Measure

_KINDS = {"": "%", "s": "s", "tokens": "tokens", "USD": "$"}  # UNIT of a metric -> unit of a sentence

_NAMES = {"%": "% or as a share of 1", "s": "seconds or milliseconds", "tokens": "tokens", "$": "US dollars ($)"}

_NEEDED = {"s": ("{} s", "{} ms"), "$": ("${}", "{} cents")}  # units of several sizes: a bare number may mean either

# Unit as written -> (unit of the house, factor to it).
_UNITS: dict[str, tuple[str, float]] = (
    dict.fromkeys(("%", "percent"), ("%", 0.01))
    | dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), ("s", 0.001))
    | dict.fromkeys(("s", "sec", "secs", "second", "seconds"), ("s", 1.0))
    | dict.fromkeys(("min", "minute", "minutes"), ("s", 60.0))
    | dict.fromkeys(("$", "usd", "dollar", "dollars"), ("$", 1.0))
    | dict.fromkeys(("cent", "cents", "¢"), ("$", 0.01))
    | dict.fromkeys(("token", "tokens"), ("tokens", 1.0))
    | {"k tokens": ("tokens", 1000.0), "": ("", 1.0)}
)

# Words right after a number that are no unit.
_GLUE = re.compile(
    "or|and|to|per|on|of|in|for|with|at|while|than|by|as|accuracy|latency|cost|errors?|the|a|each|every|when|from|over|"
    "less|lower|fewer|cheaper|faster|shorter|smaller|higher|more|better|greater|reduction|decrease|savings?|increase|"
    "improvement|gain|minimum|maximum|min|max|average|mean"
)
# Words of a goal on the command line that do not name its metric.
_FILLER = re.compile(
    "improve|increase|raise|reduce|decrease|lower|cut|keep|get|bring|hold|shrink|drop|save|the|an?|our|to|of|by|is|be|"
    "should|must|stays?|at|least|most|no|not|more|less|than|under|below|over|above|within|or|and|higher|fewer|greater|"
    "better|cheaper|faster|shorter|smaller|per|requests?|cases?|each|on|for|with|from|exceed(ing)?|maximum|minimum|max|"
    "min|about"
)

# Metrics that the field tells on a scale to 100, beside their share of 1.
_OF_100 = ("bleu", "chrf", "sentence_bleu", "sentence_chrf")

_NUMBER = re.compile(
    r"(?<![\w.\-−])(?P<sign>[+\-−])?(?P<money>\$|usd\s)?\s*(?P<n>\d[\d,]*(?:\.\d+)?|\.\d+)(?P<k>k(?=\s*tokens?\b))?"
    r"(?P<range>\s*[-–~]\s*\d[\d.,]*)?"
    r"\s*(?P<unit>%|[^\W\d_]+|[¢€£¥])?",
    re.IGNORECASE,
)
_BEFORE: tuple[tuple[str, Direction], ...] = (  # the negated ones first: "no less than" holds "less than"
    (r"no less than|not less than|not below|no fewer than", "higher"),
    (r"no more than|not more than|not above|not exceed(ing)?|no higher than|not over", "lower"),
    (r"at least|minimum( of)?|min|>=|≥|>|over|above|more than|exceed(s|ing)?|greater than|higher than", "higher"),
    (r"at most|maximum( of)?|max|<=|≤|<|under|below|less than|fewer than|lower than|within", "lower"),
)
_AFTER: tuple[tuple[str, Direction], ...] = (
    (r"\+|(or|and) (higher|more|above|greater|over|up)\b|minimum\b|min\b(?!u)", "higher"),
    (r"(or|and) (less|lower|below|fewer|under|faster|cheaper|shorter)\b|maximum\b|max\b(?!i)", "lower"),
)
_PAST = re.compile(r"\b(from|currently|current|now|today|was|baseline( of)?)\s*:?\s*$", re.IGNORECASE)
_DOWN = re.compile(r"\s*(less|lower|fewer|cheaper|faster|shorter|smaller|reduction|decrease|savings?)\b", re.IGNORECASE)
_UP = re.compile(r"\s*(higher|more|greater|increase|gain)\b", re.IGNORECASE)
_BETTER = re.compile(r"\s*(better|improvement)\b", re.IGNORECASE)
_BY = re.compile(r"\bby( (at least|about|over|more than))?\s*$", re.IGNORECASE)
_VERB_DOWN = re.compile(r"\b(reduce|decrease|cut|lower|shrink|drop|save)\b", re.IGNORECASE)
_VERB_UP = re.compile(r"\b(increase|raise|grow)\b", re.IGNORECASE)


class UnreadableError(ValueError):
    """The sentence holds no goal that can be told; the text says why, and ``fix`` how to write it."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a sentence asks for; exactly one of ``target`` and ``relative`` is set."""

    target: float | None  # in seconds, USD, tokens, or as a share of 1
    relative: float | None  # fraction of the baseline, signed
    unit: str  # "%", "s", "$" or ""


@dataclass(frozen=True, slots=True)
class _Number:
    """One number of a sentence with what stands around it."""

    value: float
    sign: str
    unit: str  # lower case, "" when none
    ranged: bool  # "90-95"
    before: str
    after: str


def says_value(text: str) -> bool:
    """Whether a sentence states one value; "as fast as possible" and "for all 7 intents" do not."""
    try:
        _chosen(text)
    except UnreadableError:
        return False
    return True


def metric_words(text: str) -> str:
    """What a goal in words is about: "accuracy to 95 %" -> "accuracy", "at most 350 tokens" -> "tokens".

    What is left when the values, their units and the words around them are taken away; "" when nothing is.
    """
    without_values = _NUMBER.sub(
        lambda m: f" {m['unit']} " if _GLUE.fullmatch((m["unit"] or "").lower()) else " ", text
    )
    words = re.findall(r"[^\W\d_][\w/-]*", without_values)
    if left := [word for word in words if not _FILLER.fullmatch(word.lower())]:
        return " ".join(left)
    return "tokens" if any(_UNITS.get(n.unit, ("", 0))[0] == "tokens" for n in _numbers(text)) else ""


def told(text: str) -> tuple[Direction, str]:
    """Which way is better and the UNIT, as a sentence about a metric that nobody knows says it: "4 stars or higher".

    Raises UnreadableError as ``parse`` does.
    """
    own = next((n.unit for n in _numbers(text) if n.unit not in _UNITS), "points")
    number = _chosen(text, own)
    relative = _way(number, bool(_BY.search(number.before)))
    units = {kind: name for name, kind in _KINDS.items()}
    unit = own if relative else units.get(_UNITS[number.unit][0], own)
    return _said(number) or ("lower" if relative < 0 else "higher"), unit


def parse(text: str, metric: str, measure: Measure) -> Wanted:
    """The goal that a sentence sets for a metric, whose own unit it may name: "at most 2 retries".

    Raises UnreadableError: no number, several, a range, an unknown or unfitting unit, a direction that makes it worse.
    """
    direction, kind = measure.direction, _KINDS.get(measure.unit)
    number = _chosen(text, "" if kind else measure.unit)
    if (relative := _relative(number, metric, direction, kind)) is not None:
        return Wanted(None, relative, "%")
    said = _said(number)
    if said is not None and said != direction:
        raise UnreadableError(
            f"{text.strip()!r} asks for {metric} to be {said}, but {direction} is better",
            f"write it with 'or {'more' if direction == 'higher' else 'less'}'",
        )
    if metric in _OF_100 and kind == "%" and not number.unit and number.value > 1:
        number = replace(number, unit="%")
    unit, factor = _UNITS[number.unit]
    _fits(number, unit, metric, kind)
    value = -number.value if number.sign in ("-", "−") else number.value
    return Wanted(round(value * factor, 12), None, "" if unit == "tokens" else unit)


def _numbers(text: str) -> list[_Number]:
    found = []
    for match in _NUMBER.finditer(text):
        word = (match["unit"] or "").lower()
        glued = _GLUE.fullmatch(word) is not None
        unit = "" if glued else word
        if match["money"] and not unit:
            unit = "$"
        if match["k"]:
            unit = "k tokens"
        end = match.start("unit") if glued else match.end()
        value = float(match["n"].replace(",", "")) if _well_formed(match["n"]) else float("nan")
        found.append(_Number(value, match["sign"] or "", unit, bool(match["range"]), text[: match.start()], text[end:]))
    return found


def _well_formed(digits: str) -> bool:
    """Commas group thousands; "2,5" is not read as 25."""
    return "," not in digits or re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", digits) is not None


def _chosen(text: str, own: str = "") -> _Number:
    """The number that the sentence wants. "from 75 % to 90 %" wants 90 %; "90 % on 50 cases" too.

    ``own`` is a unit beside the known ones, which then counts as none.
    """
    names = {own.lower(), own.lower().removesuffix("s")}
    every = [replace(n, unit="") if n.unit in names else n for n in _numbers(text)]
    if not every:
        raise UnreadableError(f"no value in {text.strip()!r}", "write a number and a unit, such as '90% or higher'")
    usable = [n for n in every if n.unit in _UNITS and not _PAST.search(n.before)]
    bounded = [n for n in usable if _said(n) or re.search(r"\bto\s*$", n.before)]
    choice = bounded or usable
    if not choice:
        raise UnreadableError(
            f"no unit known in {text.strip()!r}", "units are %, s, ms, min, $, cents and tokens; leave out any other"
        )
    if len({(n.value, n.sign, n.unit) for n in choice}) > 1:
        raise UnreadableError(f"several values in {text.strip()!r}", "keep one number, the one to be reached")
    number = choice[0]
    if number.value != number.value:
        raise UnreadableError(
            f"a comma inside the number of {text.strip()!r}", "write decimals with a point, such as 0.9"
        )
    if number.ranged:
        raise UnreadableError(f"{text.strip()!r} is a range", "keep the end that has to be reached")
    return number


def _relative(number: _Number, metric: str, direction: Direction, kind: str | None) -> float | None:
    """Signed fraction of the baseline, None when the number is absolute. Raises UnreadableError if unsure."""
    if _UNITS[number.unit][0] != "%":
        return None
    by = bool(_BY.search(number.before))
    word = _DOWN.match(number.after) or _UP.match(number.after) or _BETTER.match(number.after)
    if not (number.sign or by or word):
        if kind == "%":
            return None
        raise UnreadableError(
            f"{metric} has no percentage of its own", f"write '{metric} {'+' if direction == 'higher' else '-'}40 %'"
        )
    better = 1 if direction == "higher" else -1
    way = _way(number, by) or better
    if way != better:
        raise UnreadableError(
            f"{way * number.value:+g} % would make {metric} worse: {direction} is better",
            f"write '{metric} {better * number.value:+g} %'",
        )
    if way < 0 and number.value >= 100:
        raise UnreadableError(f"nothing is left of {metric} after -{number.value:g} %", "ask for less than -100 %")
    return round(way * number.value / 100, 12)


def _way(number: _Number, by: bool) -> int:
    """1 = up, -1 = down, 0 = only "better" is said."""
    if number.sign:
        return 1 if number.sign == "+" else -1
    if _DOWN.match(number.after) or (by and _VERB_DOWN.search(number.before)):
        return -1
    return 1 if _UP.match(number.after) or (by and _VERB_UP.search(number.before)) else 0


def _said(number: _Number) -> Direction | None:
    """The direction that the words beside a number state."""
    before, after = number.before.rstrip(), number.after.lstrip()
    for pattern, direction in _BEFORE:
        if re.search(rf"(?<![\w])(?:{pattern})$", before, re.IGNORECASE):
            return direction
    return next((d for pattern, d in _AFTER if re.match(pattern, after, re.IGNORECASE)), None)


def _fits(number: _Number, unit: str, metric: str, kind: str | None) -> None:
    """Raise UnreadableError where the unit is not one of the metric's, or the value is outside what it can be."""
    if unit and unit != kind:
        names = _NAMES[kind] if kind else "its own unit, or without one"
        raise UnreadableError(f"{metric} is not measured in {number.unit!r}", f"give it in {names}")
    if kind is None:
        return
    if not unit and kind in _NEEDED and number.sign not in ("-", "−"):
        ways = " or ".join(repr(form.format(f"{number.value:g}")) for form in _NEEDED[kind])
        raise UnreadableError(f"{number.value:g} of what? {metric} is measured in {_NAMES[kind]}", f"write {ways}")
    if number.sign in ("-", "−"):
        raise UnreadableError(f"{metric} is never below 0", f"for a change against the baseline write '{metric} -40 %'")
    if kind == "%" and number.value > (100 if unit else 1):
        raise UnreadableError(
            f"{metric} cannot be above 100 %, so {number.value:g}{number.unit} cannot be met",
            "write a share of 1 or a percentage, such as 0.9 or 90 %",
        )
