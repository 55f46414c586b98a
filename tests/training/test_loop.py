"""Five methods really train: the loss falls, the base stays, a seed gives equal weights, a folder gives them back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from harness.errors import UserError
from harness.training import bases, checkpoint, encode, loop, weights
from harness.training.batches import collate, order
from harness.training.forward import loss_of, validate
from harness.training.loop import Course, Progress, train
from harness.training.methods import METHODS
from harness.training.parameters import KINDS, read
from tests.training.conftest import lesson, pair

RATE = {"full": 3e-3, "lora": 1e-2, "qlora": 1e-2, "prefix": 3e-2, "adapter": 1e-2}
PEFT = ("lora", "qlora", "prefix")


class StoppedError(Exception):
    """As a kill: nothing is written any more."""


def course(folder: Path, base: Path, method: str, epochs: int = 3, **given: Any) -> Course:
    chosen = read(method, {"epochs": epochs, "min_improvement": 0, "patience": 50, **given})
    tokenizer = weights.tokenizer(base)
    rows = encode.encode(tokenizer, lesson(), chosen.prompt_loss_weight, 256).kept
    folder.mkdir(exist_ok=True)
    return Course(rows[:24], rows[24:], chosen, epochs, RATE[method], tokenizer.pad_token_id, folder)


def build(base: Path, method: str, plan: Course) -> Any:
    torch.manual_seed(plan.parameters.seed)
    return METHODS[method].build(bases.examined("tiny", base), plan.parameters)


def quiet(progress: Progress, steps: int) -> None:
    """Nobody listens."""


def snapshot(model: Any) -> Mapping[str, torch.Tensor]:
    return {name: one.detach().clone() for name, one in weights.trained(model).items()}


def equal(left: Mapping[str, torch.Tensor], right: Mapping[str, torch.Tensor]) -> bool:
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


@pytest.mark.parametrize("method", KINDS)
def test_a_method_learns_leaves_the_base_alone_and_is_loaded_again(mixed: Path, tmp_path: Path, method: str) -> None:
    before = {path.name: path.read_bytes() for path in mixed.iterdir()}
    plan = course(tmp_path / "job", mixed, method)
    model = build(mixed, method, plan)
    untrained, _ = validate(model, plan.validation, 4, plan.pad)
    done = train(model, plan, quiet)
    trained, _ = validate(model, plan.validation, 4, plan.pad)
    assert trained < untrained - 0.05
    assert done.best == pytest.approx(trained, abs=1e-5)
    out = tmp_path / "out"
    out.mkdir()
    METHODS[method].save(model, bases.examined("tiny", mixed), out)
    again, _ = validate(METHODS[method].load(mixed, out), plan.validation, 4, plan.pad)
    assert again == pytest.approx(
        trained, abs=0.2 if method in ("full", "qlora") else 1e-4
    )  # rounded, and not quantised
    assert {path.name: path.read_bytes() for path in mixed.iterdir()} == before
    assert not [path for path in out.iterdir() if path.suffix in (".bin", ".pt", ".pkl")]


@pytest.mark.parametrize("method", KINDS)
def test_only_what_the_method_says_is_trained(mixed: Path, tmp_path: Path, method: str) -> None:
    plan = course(tmp_path / "job", mixed, method)
    names = list(weights.trained(build(mixed, method, plan)))
    marks = {"full": "", "lora": "lora_", "qlora": "lora_", "prefix": "prompt_encoder", "adapter": "bottlenecks"}
    assert names
    assert all(marks[method] in name for name in names)


@pytest.mark.parametrize("method", ["lora", "full"])
def test_a_seed_gives_equal_weights_and_another_seed_others(mixed: Path, tmp_path: Path, method: str) -> None:
    found = []
    for number, seed in enumerate((1, 1, 2)):
        plan = course(tmp_path / str(number), mixed, method, epochs=1, seed=seed)
        model = build(mixed, method, plan)
        train(model, plan, quiet)
        found.append(snapshot(model))
    assert equal(found[0], found[1])
    assert not equal(found[0], found[2])


@pytest.mark.parametrize(("method", "kill_at"), [("lora", 3), ("lora", 8), ("full", 7), ("prefix", 11), ("adapter", 1)])
def test_a_training_that_was_killed_ends_as_if_undisturbed(
    mixed: Path, tmp_path: Path, method: str, kill_at: int
) -> None:
    def kill(progress: Progress, steps: int) -> None:
        if progress.step == kill_at:
            raise StoppedError

    whole = course(tmp_path / "whole", mixed, method, epochs=2)
    undisturbed = build(mixed, method, whole)
    expected = train(undisturbed, whole, quiet)
    cut = replace(course(tmp_path / "cut", mixed, method, epochs=2), pause=0.0)
    with pytest.raises(StoppedError):
        train(build(mixed, method, cut), cut, kill)
    torch.manual_seed(999)  # whatever a new process begins with
    model = build(mixed, method, cut)
    done = train(model, cut, quiet)
    assert equal(snapshot(model), snapshot(undisturbed))
    assert [replace(one) for one in done.history] == expected.history
    assert (done.step, done.tokens) == (expected.step, expected.tokens)


def test_a_checkpoint_that_cannot_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "c.safetensors"
    checkpoint.write(path, {"a": torch.ones(3)}, {"step": 1})
    (tmp_path / "c.safetensors.new").mkdir()  # stands where the new one would be written
    with pytest.raises(OSError):
        checkpoint.write(path, {"a": torch.zeros(3)}, {"step": 2})
    found = checkpoint.read(path)
    assert found is not None
    assert found[1] == {"step": 1}
    assert checkpoint.read(tmp_path / "none.safetensors") is None


def test_one_step_over_two_halves_is_one_step_over_the_whole(mixed: Path, tmp_path: Path) -> None:
    found = []
    for number, (size, together) in enumerate([(8, 1), (2, 4)]):
        plan = course(
            tmp_path / str(number), mixed, "full", epochs=1, batch_size=size, gradient_accumulation=together, seed=5
        )
        rows = plan.training[:8]
        model = build(mixed, "full", plan)
        train(model, replace(plan, training=rows, validation=()), quiet)
        found.append(snapshot(model))
    for name, one in found[0].items():
        assert torch.allclose(one, found[1][name], atol=2e-5), name


def test_gradient_checkpointing_changes_no_gradient(mixed: Path, tmp_path: Path) -> None:
    found = []
    for spare in (False, True):
        plan = course(tmp_path / "job", mixed, "full")
        model = build(mixed, "full", plan).train()
        if spare:
            loop.spare_memory(model)
        loss_of(model, collate(plan.training[:4], plan.pad))[0].backward()
        found.append([one.grad for one in weights.trained(model).values()])
    assert all(torch.allclose(one, other, atol=1e-5) for one, other in zip(*found, strict=True))


def test_padding_and_company_change_no_loss(mixed: Path, tmp_path: Path) -> None:
    plan = course(tmp_path / "job", mixed, "full")
    model = build(mixed, "full", plan).eval()
    long = encode.encode(weights.tokenizer(mixed), [pair("x " * 40, "refund")], 0.01, 256).kept
    rows = [*plan.training[:3], *long]
    together = loss_of(model, collate(rows, plan.pad))[0].item()
    alone = sum(loss_of(model, collate([row], plan.pad))[0].item() for row in rows)
    assert together == pytest.approx(alone, rel=1e-4)


def test_the_weight_of_the_prompt_is_what_it_says(mixed: Path, tmp_path: Path) -> None:
    tokenizer = weights.tokenizer(mixed)
    by_weight = {w: encode.encode(tokenizer, lesson(), w, 256).kept[:4] for w in (0.0, 0.25, 1.0)}
    plan = course(tmp_path / "job", mixed, "full")
    model = build(mixed, "full", plan).eval()
    answer, quarter, whole = (loss_of(model, collate(rows, plan.pad))[0].item() for rows in by_weight.values())
    assert quarter == pytest.approx(answer + 0.25 * (whole - answer), rel=1e-4)
    assert whole > answer > 0


def test_answer_tokens_are_the_answer_and_its_end(mixed: Path) -> None:
    tokenizer = weights.tokenizer(mixed)
    one = encode.encode(tokenizer, [pair("My parcel is late", "shipping")], 0.0, 256).kept[0]
    ids = [token for token, weight in zip(one.ids, one.weights, strict=True) if weight]
    assert tokenizer.decode(ids).strip() == "shipping<|im_end|>"
    assert tokenizer.decode(one.ids[: len(one.ids) - len(ids)]).endswith("<|im_start|>assistant")


def test_too_long_is_counted_and_the_answer_told_apart(mixed: Path) -> None:
    data = [pair("short", "refund"), pair("long " * 60, "refund"), pair("short", "refund " * 60)]
    read_ = encode.encode(weights.tokenizer(mixed), data, 0.0, 60)
    assert (len(read_.kept), read_.too_long, read_.answers_too_long) == (1, 2, 1)


def test_an_epoch_holds_every_row_once_in_an_order_of_its_own(mixed: Path) -> None:
    rows = encode.encode(weights.tokenizer(mixed), lesson(29), 0.0, 256).kept
    first, second = order(rows, 4, 42, 0), order(rows, 4, 42, 1)
    for one in (first, second):
        assert sorted(number for batch in one for number in batch) == list(range(29))
    assert first == order(rows, 4, 42, 0)
    assert first != second


def test_it_stops_early_and_keeps_the_best(mixed: Path, tmp_path: Path) -> None:
    plan = course(tmp_path / "job", mixed, "full", epochs=30, patience=2, min_improvement=0.5)
    model = build(mixed, "full", plan)
    done = train(model, plan, quiet)
    losses = [one.validation_loss for one in done.history]
    assert len(losses) < 30
    assert done.best == min(loss for loss in losses if loss is not None)
    assert validate(model, plan.validation, 4, plan.pad)[0] == pytest.approx(done.best, abs=1e-5)


def test_small_sets_get_more_epochs_unless_told() -> None:
    assert loop.epochs_of(120, read("lora", {})) == 10
    assert loop.epochs_of(10, read("lora", {})) == 20
    assert loop.epochs_of(5000, read("lora", {})) == 3
    assert loop.epochs_of(10, read("lora", {"epochs": 2})) == 2


@pytest.mark.parametrize("method", ["lora", "prefix"])
def test_plain_peft_loads_the_folder_and_gives_the_same_logits(plain: Path, tmp_path: Path, method: str) -> None:
    from peft import PeftModel

    plan = course(tmp_path / "job", plain, method, epochs=1)
    model = build(plain, method, plan)
    train(model, plan, quiet)
    (tmp_path / "out").mkdir()
    METHODS[method].save(model, bases.examined("tiny", plain), tmp_path / "out")
    theirs = PeftModel.from_pretrained(weights.network(plain, frozen=True), tmp_path / "out").eval()
    ids = collate(plan.validation[:3], plan.pad).ids
    with torch.inference_mode():
        assert torch.allclose(theirs(input_ids=ids).logits, model(input_ids=ids).logits, atol=1e-5)
        if method == "lora":
            merged = theirs.merge_and_unload()
            assert torch.allclose(merged(input_ids=ids).logits, model(input_ids=ids).logits, atol=1e-4)


def test_target_modules_that_are_not_there_are_named(mixed: Path, tmp_path: Path) -> None:
    plan = course(tmp_path / "job", mixed, "lora", target_modules="q_proj,nonsense")
    with pytest.raises(UserError, match="nonsense") as caught:
        build(mixed, "lora", plan)
    assert "q_proj" in caught.value.fix


def test_bottlenecks_of_another_base_are_refused(mixed: Path, plain: Path, tmp_path: Path) -> None:
    plan = course(tmp_path / "job", mixed, "adapter")
    METHODS["adapter"].save(build(mixed, "adapter", plan), bases.examined("tiny", mixed), tmp_path)
    with pytest.raises(UserError, match="made for a base of 4 layers and width 48"):
        METHODS["adapter"].load(plain, tmp_path)
    assert json.loads((tmp_path / "adapter_config.json").read_text("utf-8"))["peft_type"] == "BOTTLENECK"


@pytest.mark.parametrize("bits", [4, 8])
def test_a_quantised_base_is_smaller(mixed: Path, tmp_path: Path, bits: int) -> None:
    plan = course(tmp_path / "job", mixed, "qlora", quantization_bits=bits)
    small = build(mixed, "qlora", plan).get_base_model().get_memory_footprint()
    assert small < weights.network(mixed, frozen=True).get_memory_footprint()
