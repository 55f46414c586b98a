"""The base learning rate of each method, with its source; ``learning_rate_multiplier`` applies to it.

A rate that suits a wide model is too small for a narrow one: a published rate holds at the width it was found at, and
is scaled from there by (width / hidden size) to the power of .781, the exponent that Schulman et al. ("LoRA Without
Regret", 2025) fitted on Llama models. The rate of a prefix is not scaled: it moves keys and values themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_POWER = 0.781


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate of AdamW as published."""

    value: float  # at ``width``
    width: int  # hidden size of the model it was found on; 0 = not scaled
    source: str

    def at(self, hidden: int) -> float:
        """The base rate for a model of that hidden size."""
        return self.value * (self.width / hidden) ** _POWER if self.width else self.value


RATES: Mapping[str, Rate] = {
    "full": Rate(2e-5, 4096, "Taori et al. 2023 (Alpaca), 7B"),
    "lora": Rate(2e-4, 4096, "Dettmers et al. 2023 (QLoRA), 7B; Schulman et al. 2025: 10 x the rate of full"),
    "qlora": Rate(2e-4, 4096, "Dettmers et al. 2023 (QLoRA), 7B"),
    "prefix": Rate(1e-2, 0, "Liu et al. 2022 (P-Tuning v2), prefixes without reparametrisation"),
    "adapter": Rate(3e-4, 768, "Houlsby et al. 2019, BERT: 3e-5 to 3e-3"),
}
