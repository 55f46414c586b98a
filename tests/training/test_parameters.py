"""Ranges hold for every method, whatever is given, and an error names the parameter with its range."""

from __future__ import annotations

from dataclasses import asdict, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import Problems, UserError
from harness.training.parameters import KINDS, canonical, read, told

DEFAULTS = {
    "batch_size": 4,
    "learning_rate_multiplier": 1.0,
    "prompt_loss_weight": 0.01,
    "validation_split": 0.2,
    "weight_decay": 0.01,
    "patience": 3,
    "min_improvement": 0.01,
    "seed": 42,
}
OWN = {
    "full": {},
    "lora": {"lora_rank": 8, "lora_alpha": 16.0, "lora_dropout": 0.1, "target_modules": ()},
    "qlora": {"lora_rank": 8, "lora_alpha": 16.0, "lora_dropout": 0.1, "target_modules": (), "quantization_bits": 4},
    "prefix": {"prefix_length": 20},
    "adapter": {"adapter_size": 64},
}
EDGES = [
    ("lora", "epochs", 1, 50, 0, 51),
    ("full", "learning_rate_multiplier", 0.01, 10, 0.009, 10.1),
    ("full", "prompt_loss_weight", 0, 1, -0.1, 1.1),
    ("full", "validation_split", 0, 0.5, -0.1, 0.51),
    ("lora", "lora_rank", 1, 256, 0, 257),
    ("lora", "lora_dropout", 0, 1, -0.1, 1.1),
    ("prefix", "prefix_length", 1, 100, 0, 101),
    ("adapter", "adapter_size", 1, 4096, 0, 4097),
]


@pytest.mark.parametrize("method", KINDS)
def test_defaults_are_as_documented(method: str) -> None:
    found = asdict(read(method, {}))
    assert {name: found[name] for name in DEFAULTS} == DEFAULTS
    assert {name: found[name] for name in OWN[method]} == OWN[method]


@pytest.mark.parametrize(("method", "name", "low", "high", "under", "over"), EDGES)
def test_the_ends_of_a_range_are_in_and_what_is_beyond_is_out(
    method: str, name: str, low: float, high: float, under: float, over: float
) -> None:
    assert getattr(read(method, {name: low}), name) == low
    assert getattr(read(method, {name: high}), name) == high
    for value in (under, over):
        with pytest.raises(Problems, match=rf"{name} is {value}\n  fix: .*{low:g} to {high:g}"):
            read(method, {name: value})


@pytest.mark.parametrize("bits", [3, 5, 6, 16, "x"])
def test_bits_are_four_or_eight(bits: object) -> None:
    with pytest.raises(Problems, match="4 or 8"):
        read("qlora", {"quantization_bits": bits})


def test_alpha_left_out_is_twice_the_rank() -> None:
    assert read("lora", {"lora_rank": 32}).lora_alpha == 64
    assert read("lora", {"lora_rank": 32, "lora_alpha": 8}).lora_alpha == 8
    with pytest.raises(Problems, match="above 0"):
        read("lora", {"lora_alpha": 0})


def test_a_parameter_of_another_method_is_named_with_its_owner() -> None:
    with pytest.raises(Problems, match="prefix_length is a parameter of prefix, not of lora"):
        read("lora", {"prefixLength": 20})
    with pytest.raises(Problems, match="lora_rank is a parameter of lora and qlora, not of full"):
        read("full", {"lora_rank": 8})


def test_every_finding_is_told_at_once() -> None:
    with pytest.raises(Problems) as caught:
        read("lora", {"epochs": 0, "lora_rank": 0, "nonsense": 1})
    assert len(caught.value.findings) == 3


@pytest.mark.parametrize(
    ("given_name", "ours"),
    [("nEpochs", "epochs"), ("n_epochs", "epochs"), ("batchSize", "batch_size"), ("loraRank", "lora_rank"),
     ("quantizationBits", "quantization_bits"), ("targetModules", "target_modules"), ("lora-dropout", "lora_dropout")],
)  # fmt: skip
def test_names_of_other_apis_are_understood(given_name: str, ours: str) -> None:
    assert canonical(given_name) == ours


def test_prefix_refuses_gradient_checkpointing() -> None:
    with pytest.raises(Problems, match="cannot go with prefix"):
        read("prefix", {"gradient_checkpointing": "true"})


def test_an_unknown_method_names_the_five() -> None:
    with pytest.raises(UserError, match="full, lora, qlora, prefix, adapter"):
        read("ia3", {})


@given(
    method=st.sampled_from(sorted(KINDS)),
    name=st.sampled_from(sorted({one.name for kind in KINDS.values() for one in fields(kind)})),
    value=st.one_of(st.integers(), st.floats(), st.booleans(), st.text(max_size=8), st.none()),
)
def test_whatever_is_given_is_in_range_or_refused(method: str, name: str, value: object) -> None:
    try:
        found = read(method, {name: value})  # type: ignore[dict-item]
    except UserError:
        return
    one = next(one for one in fields(type(found)) if one.name == name)
    kept = getattr(found, name)
    assert not isinstance(kept, int | float) or one.metadata["low"] <= kept <= one.metadata["high"]


@pytest.mark.parametrize("method", KINDS)
def test_every_parameter_is_told_with_range_and_meaning(method: str) -> None:
    rows = list(told(method))
    assert [row[0] for row in rows] == [one.name for one in fields(KINDS[method])]
    assert all(range_ and default and meaning for _, range_, default, meaning in rows)
