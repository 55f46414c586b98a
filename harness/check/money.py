"""Whether the models of an app have a price. Knows price tables, not what was or will be spent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.check.environment import Where
from harness.errors import HarnessError, UserError
from harness.prices import LOCAL
from harness.types import Discovery, ModelUse, Settings


def without_price(survey: Discovery, settings: Settings) -> tuple[ModelUse, ...]:
    """Models with a known id that neither run on the user's own machine nor stand in the price table."""
    uses = {use.where: use for node in survey.nodes for use in node.models}
    return tuple(use for use in uses.values() if use.id and not _priced(use, settings.prices))


def unpriced(settings: Settings, survey: Discovery, where: Where) -> Iterator[HarnessError]:
    """A budget in USD cannot be kept while a model has no price."""
    if settings.budget.usd is None:
        return
    for use in without_price(survey, settings):
        yield UserError(
            f"{where('budget.usd')} limits the run to ${settings.budget.usd:g}, but the model {use.id!r} has no price",
            where=use.where,
            fix=f'[tool.harness.prices] "{use.id}" = [USD per 1M tokens in, out]; or drop the budget',
        )


def _priced(use: ModelUse, prices: Mapping[str, tuple[float, float]]) -> bool:
    provider, _, name = use.id.rpartition(":")
    provider = provider or use.provider
    return provider in LOCAL or use.id in prices or name in prices or f"{provider}:{name}" in prices
