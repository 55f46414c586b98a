"""The losses of a job by epoch: as an SVG, and as lines of a terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness import canvas
from harness.figures import number
from harness.training.loss import Loss

_LEFT, _HIGH, _FOOT = 70.0, 220.0, 40.0
_BLOCKS = "▁▂▃▄▅▆▇█"


def drawn(title: str, losses: Sequence[Loss]) -> str:
    """An SVG: training loss and, where it was measured, validation loss over epochs, the best epoch marked."""
    known = [value for one in losses for value in (one.training, one.validation) if value is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    best = min((one for one in losses if one.validation is not None), key=_validation, default=None)
    told = "loss in nats a token by epoch: training orange, validation blue" + (
        f"; best epoch {best.epoch}, {number(_validation(best))}" if best else "; not validated"
    )
    return canvas.document(title, told, canvas.TOP + _HIGH + _FOOT, _body(losses, low, high, best))


def lines(losses: Sequence[Loss]) -> Iterator[str]:
    """ "training    ▇▄▂▁  1.23 -> 0.12" and the same for validation."""
    for name, values in (
        ("training", [one.training for one in losses]),
        ("validation", [one.validation for one in losses if one.validation is not None]),
    ):
        if values:
            low, high = min(values), max(values)
            bars = "".join(_BLOCKS[round((value - low) / ((high - low) or 1.0) * 7)] for value in values)
            yield f"{name:10}  {bars}  {number(values[0])} -> {number(values[-1])}, lowest {number(low)}"


def _validation(one: Loss) -> float:
    return one.validation if one.validation is not None else float("inf")


def _body(losses: Sequence[Loss], low: float, high: float, best: Loss | None) -> Iterator[str]:
    wide = canvas.EDGE - _LEFT
    last = max((one.epoch for one in losses), default=1)

    def at(epoch: int, value: float) -> tuple[float, float]:
        share = (value - low) / ((high - low) or 1.0)
        return _LEFT + wide * (epoch - 1) / max(last - 1, 1), canvas.TOP + _HIGH * (1 - share)

    for share in (0.0, 0.5, 1.0):
        value = low + share * (high - low)
        y = at(1, value)[1]
        yield canvas.line(_LEFT, y, canvas.EDGE, y, "grid")
        yield canvas.text(_LEFT - 8, y + 4, number(value), _LEFT - 12, "mute", "end")
    for epoch in sorted({1, (1 + last) // 2, last}):
        x = at(epoch, low)[0]
        side = "start" if epoch == 1 else "end" if epoch == last else "middle"
        yield canvas.text(x, canvas.TOP + _HIGH + 20, f"epoch {epoch}", 80, "mute", side)
    yield canvas.path([at(one.epoch, one.training) for one in losses], "bad")
    validated = [at(one.epoch, one.validation) for one in losses if one.validation is not None]
    if validated:
        yield canvas.path(validated, "good")
    if best:
        yield canvas.dot(*at(best.epoch, _validation(best)), "good")
