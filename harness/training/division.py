"""Examples -> those trained on and those validated on, by group and hash, the same on every machine. Knows no model."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from harness.errors import UserError
from harness.training.examples import Example


@dataclass(frozen=True, slots=True)
class Division:
    """Both sides; no group is on both."""

    training: tuple[Example, ...]
    validation: tuple[Example, ...]  # () = none was wanted


def divide(found: Sequence[Example], share: float, seed: int) -> Division:
    """``share`` of the examples or a little more, group by group, for validation; at least one group on each side.

    Raises UserError where a share is wanted and all examples are of one group.
    """
    sizes = Counter(one.unit for one in found)
    if not share:
        return Division(tuple(found), ())
    if len(sizes) < 2:
        fix = "give the examples groups of their own, or set validation_split=0"
        raise UserError("all examples are of one group: nothing can be set aside for validation", fix=fix)
    ranked = sorted(sizes, key=lambda unit: hashlib.sha256(f"{seed} {unit}".encode(errors="surrogatepass")).digest())
    aside: set[str] = set()
    for unit in ranked[:-1]:
        if sum(sizes[name] for name in aside) >= share * len(found):
            break
        aside.add(unit)
    parts = ([one for one in found if (one.unit in aside) is side] for side in (False, True))
    return Division(*(tuple(part) for part in parts))
