"""In which portions two arms are measured in turn, so that what drifts with time hits both alike. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.types import Case, Settings

_WINDOW = 4  # cases in flight x this = cases of one portion


def windows(
    settings: Settings, cases: Sequence[Case], ks: Sequence[int]
) -> Iterator[tuple[Sequence[Case], Sequence[int]]]:
    """(cases, run indices) of each portion: some cases with all their runs; all cases once where a command evaluates,
    which is started for each portion."""
    if settings.external:
        yield from ((cases, (k,)) for k in ks)
        return
    width = settings.concurrency * _WINDOW
    yield from ((cases[start : start + width], ks) for start in range(0, len(cases), width))
