"""Values that look like keys, which are never copied. Errs on the side of leaving out; knows no provider's rules."""

from __future__ import annotations

import math
import re
from collections import Counter

from harness.types import Json

_NAMES = re.compile(r"(?i)(^|[_\-. ])(api[_\- ]?key|secret|password|passwd|token|authorization|credentials?)s?$")
_SHAPES = re.compile(
    r"\bsk-[\w-]{16,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bxox[abprs]-[\w-]{10,}"
    r"|\bAIza[\w-]{30,}|\blsv2_\w{10,}|\bhf_[A-Za-z0-9]{20,}|\btvly-[\w-]{12,}|\beyJ[\w-]{10,}\.[\w-]{10,}\."
    r"|-----BEGIN [A-Z ]*PRIVATE KEY|(?i:\bbearer\s+[\w.~+/-]{20,})|://[^/\s:@]+:[^/\s:@]{3,}@"
)
_WORD = re.compile(r"(?<![\w/+-])[A-Za-z0-9+_-]{32,}(?![\w/+-])")
_RANDOM = 3.6  # bits per character from which a long word of letters and digits is no word of a language


def holds_secret(value: Json) -> bool:
    """Whether a value, or one inside it, looks like a key or a password."""
    if isinstance(value, str):
        return _SHAPES.search(value) is not None or any(map(_is_random, _WORD.findall(value)))
    if isinstance(value, dict):
        return any(_is_named(name, item) or holds_secret(name) or holds_secret(item) for name, item in value.items())
    return isinstance(value, list | tuple) and any(map(holds_secret, value))


def _is_named(name: str, value: Json) -> bool:
    """Whether a key says that its value is a secret. A short or empty value is a word about one, or a placeholder."""
    return isinstance(value, str) and len(value) >= 8 and " " not in value and _NAMES.search(name) is not None


def _is_random(word: str) -> bool:
    if not (re.search(r"\d", word) and re.search(r"[A-Za-z]", word)):
        return False
    counts = Counter(word)
    bits = -sum(n / len(word) * math.log2(n / len(word)) for n in counts.values())
    return bits >= _RANDOM and re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", word.lower()) is None
