"""What people call a metric -> its NAME. Knows spellings only: no values, no files, no formulas."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz import process

_ALIASES = {
    "accuracy": (
        "correctness", "correctness rate", "correct rate", "accuracy rate", "overall accuracy",
        "classification accuracy", "intent accuracy", "intent classification accuracy", "answer accuracy",
    ),
    "latency": (
        "response time", "average latency", "mean latency", "avg latency", "average response time",
        "mean response time", "latency per request", "execution time", "average execution time",
    ),
    "exact": ("exact match", "exact matches", "exact match rate", "em"),
    "contains": ("substring", "substring match", "contains rate", "keyword match", "keyword coverage"),
    "regex": ("regular expression", "regex match", "pattern match"),
    "json_field": ("json fields", "json accuracy", "json field accuracy", "field accuracy", "fields right"),
    "numeric": ("numeric accuracy", "numerical accuracy", "number accuracy", "numeric tolerance"),
    "within": ("within limit", "within time limit"),
    "retries": ("retry", "retry count", "retry rate", "retries per request", "retries per case", "average retries"),
    "tokens_in": ("input tokens", "prompt tokens", "input token usage", "average input tokens"),
    "tokens_out": ("output tokens", "completion tokens", "output token usage", "average output tokens"),
    "f1": ("weighted f1", "f1 score", "weighted f1 score", "f1 weighted", "f1 score weighted"),
    "macro_f1": ("macro f1", "f1 macro", "macro f1 score", "f1 score macro", "macro averaged f1"),
    "bleu": ("corpus bleu", "bleu score", "corpus bleu score", "sacrebleu"),
    "chrf": ("corpus chrf", "chrf score", "chrf2"),
    "sentence_bleu": ("mean bleu", "average bleu", "bleu per case"),
    "sentence_chrf": ("mean chrf", "average chrf", "chrf per case"),
    "throughput": ("requests per second", "cases per second"),
    "tokens": (
        "token", "token usage", "token count", "token consumption", "total tokens", "average tokens",
        "tokens per request", "tokens per case", "average token usage",
    ),
    "cost": (
        "costs", "api cost", "average cost", "avg cost", "mean cost", "cost per request", "cost per case",
        "average cost per request", "price per request",
    ),
    "error_rate": ("errors", "error", "failure rate", "failures", "error ratio"),
}  # fmt: skip

_PERCENTILE = re.compile(r"(?:(?P<before>.*) )?(?:p(?P<p>\d\d)|(?P<n>\d\d)th percentile)(?: (?P<after>.*))?")


def canonical(text: str, known: Iterable[str]) -> str | None:
    """The NAME that ``text`` stands for, or None.

    A NAME of ``known`` comes before an alias, so that a repo's own metric "correctness" is not taken for accuracy.
    "Latency (Response Time)" is tried whole, then without the bracket, then the bracket alone. "p95 latency" is
    latency_p95 whether that is known or not: it never stands for the mean.
    """
    names = {_plain(name): name for name in known}
    bracket = re.fullmatch(r"(.*?)\((.*?)\)(.*)", text)
    tries = [text.replace("(", " ").replace(")", " ")]
    if bracket:
        tries += [bracket[1] + bracket[3], bracket[2]]
    return next((name for t in tries if (name := _single(_plain(t), names)) is not None), None)


def nearest(text: str, known: Iterable[str]) -> str:
    """The known NAME whose spelling, or alias, is closest to ``text``; "" when nothing is known."""
    choices = {_plain(name): name for name in known}
    choices |= {alias: name for name in list(choices.values()) for alias in _ALIASES.get(name, ())}
    best = process.extractOne(_plain(text), list(choices))
    return choices[best[0]] if best else ""


def _single(plain: str, names: dict[str, str]) -> str | None:
    if plain in names:
        return names[plain]
    alias = next((name for name, aliases in _ALIASES.items() if plain == _plain(name) or plain in aliases), None)
    if alias is not None:
        return alias
    match = _PERCENTILE.fullmatch(plain)
    rest = " ".join(part for part in (match["before"], match["after"]) if part) if match else ""
    if match and rest and _single(rest, {}) == "latency":
        return f"latency_p{match['p'] or match['n']}"
    return None


def _plain(text: str) -> str:
    """For comparison: lower case, words parted by one blank, without numbering, marks and emphasis around them."""
    bare = re.sub(r"^(?:[\W_]+|\d+(?:\.\d+)*[.)]?\s+)+|[\W_]+$", "", text)
    return " ".join(re.split(r"[\s_\-]+", bare.lower()))
