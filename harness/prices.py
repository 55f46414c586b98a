"""What a model call costs, from a table of prices by model id. An unknown model has no price, never another one's.

This module knows nothing of runs, budgets or currencies other than the US dollar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.types import Call

Prices = Mapping[str, Sequence[float]]  # model id, with or without "provider:" -> USD per 1M tokens in, out
LOCAL = ("embedded", "local")  # providers that run on the user's own machine and charge nothing
_PER_PRICE = 1_000_000


def cost(call: Call, prices: Prices) -> float | None:
    """USD of one call, or None when the model is not in the table or did not count its tokens.

    What the call says of itself comes first.
    The full name ("openai:gpt-x") is looked up before the bare id ("gpt-x").
    """
    if call.usd is not None:
        return call.usd
    provider, _, name = call.model.partition(":")
    if provider in LOCAL:
        return 0.0
    price = prices.get(call.model, prices.get(name) if name else None)
    if price is None or call.tokens_in is None or call.tokens_out is None:
        return None
    return (call.tokens_in * price[0] + call.tokens_out * price[1]) / _PER_PRICE
