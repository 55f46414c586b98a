"""What is taken elsewhere computes there what it computes here, and what cannot be taken is said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, PeftModel, PrefixTuningConfig
from transformers import AutoModelForCausalLM

from harness.models.exporting import export
from harness.models.folders import NotAModelError
from harness.models.shared import served
from harness.models.shelf import items, named
from tests.models.test_general import GREEDY, adapter_of, bottleneck_of, prompts


@pytest.fixture(scope="module")
def lora(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    low = LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "in_proj", "w1"], task_type="CAUSAL_LM")
    return adapter_of(folder, tmp_path_factory.mktemp("export") / "tickets", low, 5)


def logits(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        found: torch.Tensor = model(input_ids=torch.tensor([prompts(1)[0]])).logits
    return found


def loaded(folder: Path) -> Any:
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def test_merged_is_a_model_of_its_own(folder: Path, lora: Path, tmp_path: Path) -> None:
    files, command = export("tickets", str(lora), tmp_path / "merged", "merged")
    assert {"model.safetensors", "config.json", "tokenizer.json", "chat_template.jinja"} <= set(files)
    assert "init_chat_model('local:" in command
    beside = logits(PeftModel.from_pretrained(loaded(folder), lora).eval())
    assert torch.allclose(logits(loaded(tmp_path / "merged")), beside, atol=1e-4)
    assert not torch.allclose(logits(loaded(folder)), beside, atol=1e-2)
    assert (tmp_path / "merged/chat_template.jinja").read_text() == (folder / "chat_template.jinja").read_text()
    prompt = prompts(1)[0]
    assert served(str(tmp_path / "merged")).generate(prompt, GREEDY) == served(str(lora)).generate(prompt, GREEDY)


def test_what_training_has_written_beside_an_adapter_goes_along(folder: Path, lora: Path, tmp_path: Path) -> None:
    own = shutil.copytree(lora, tmp_path / "own")
    (own / "chat_template.jinja").write_text("{{ messages[0].content }}")
    (own / "harness-training.json").write_text(json.dumps({"method": "lora", "base_path": str(folder)}), "utf-8")
    files, _ = export("own", str(own), tmp_path / "merged", "merged")
    assert "harness-training.json" in files
    assert (tmp_path / "merged/chat_template.jinja").read_text() == "{{ messages[0].content }}"


def test_an_export_that_fails_leaves_nothing(lora: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(lora, tmp_path / "broken")
    weights = broken / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(NotAModelError, match="damaged"):
        export("broken", str(broken), tmp_path / "merged", "merged")
    assert not (tmp_path / "merged").exists()


@pytest.mark.parametrize(
    ("to", "inside", "word"), [("peft", "", "PeftModel"), ("vllm", "tickets", "--lora-modules tickets=")]
)
def test_an_adapter_is_what_peft_loads(
    folder: Path, lora: Path, tmp_path: Path, to: str, inside: str, word: str
) -> None:
    _, command = export("tickets", str(lora), tmp_path / to, to)
    assert word in command
    assert ("not tested here" in command) == (to == "vllm")
    here = logits(PeftModel.from_pretrained(loaded(folder), lora).eval())
    there = logits(PeftModel.from_pretrained(loaded(folder), tmp_path / to / inside).eval())
    assert torch.equal(here, there)


def test_a_file_for_ollama(folder: Path, lora: Path, tmp_path: Path) -> None:
    files, command = export("tickets", str(lora), tmp_path / "o", "ollama")
    assert (tmp_path / "o" / "Modelfile").read_text("utf-8") == f"FROM {folder}\nADAPTER ./adapter\n"
    assert {"Modelfile", "adapter/adapter_model.safetensors", "adapter/adapter_config.json"} <= set(files)
    assert command.startswith("not tested here: ")


def test_what_cannot_be_taken_is_said(folder: Path, lora: Path, tmp_path: Path) -> None:
    prefix = adapter_of(
        folder, tmp_path / "prefix", PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=3, num_layers=4), 1
    )
    for adapter, to, word in [
        (prefix, "merged", "prefix cannot be merged"),
        (bottleneck_of(folder, tmp_path / "b", 4), "vllm", "adapter cannot be loaded by vllm"),
        (folder, "peft", "whole model"),
        (lora, "gguf", "peft, merged, vllm, ollama"),
    ]:
        with pytest.raises(NotAModelError, match=word):
            export("x", str(adapter), tmp_path / "out", to)
    (tmp_path / "out").mkdir(exist_ok=True)
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(NotAModelError, match="not empty"):
        export("x", str(lora), tmp_path / "out", "peft")


def test_the_list_of_a_repository(folder: Path, lora: Path, tmp_path: Path) -> None:
    for source, target in ((lora, tmp_path / "adapters" / "tickets"), (lora, tmp_path / ".harness/training/1/result")):
        target.mkdir(parents=True)
        for file in source.iterdir():
            (target / file.name).write_bytes(file.read_bytes())
    record = {"method": "qlora", "base": "embedded", "base_path": str(folder), "metrics": {"seconds": 3}}
    (tmp_path / ".harness/training/1/result/harness-training.json").write_text(json.dumps(record), "utf-8")
    (tmp_path / "adapters" / "broken").mkdir()
    (tmp_path / "adapters" / "broken" / "adapter_config.json").write_text('{"base_model_name_or_path": "/gone"}')
    found = {item.name: item for item in items(tmp_path)}
    assert list(found) == ["embedded", "1", "broken", "tickets"]
    assert (found["tickets"].method, found["1"].method, found["embedded"].method) == ("lora", "qlora", "base")
    assert found["tickets"].base == str(folder.resolve())
    assert "/gone" in found["broken"].problem
    assert found["tickets"].parameters == sum(
        weight.numel()
        for name, weight in PeftModel.from_pretrained(loaded(folder), lora).named_parameters()
        if "lora" in name
    )
    assert named(tmp_path, "tickets") == ("tickets", str(tmp_path / "adapters" / "tickets"))
    assert named(tmp_path, "mine=embedded") == ("mine", "embedded")
    with pytest.raises(NotAModelError, match="no model of this repository: embedded, 1"):
        named(tmp_path, "nobody")
