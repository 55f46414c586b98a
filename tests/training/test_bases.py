"""A base that cannot be trained is refused in words before anything is loaded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from harness.errors import UserError
from harness.training import bases, weights
from harness.training.bases import digest, examined, find


@pytest.fixture
def copy(mixed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(mixed, tmp_path / "copy"))


def refused(folder: Path) -> str:
    with pytest.raises(UserError) as caught:
        examined(str(folder), folder)
    return str(caught.value)


def test_the_embedded_model_is_measured_from_its_header() -> None:
    base = find("embedded")
    assert (base.hidden, base.layers, base.context, base.has_template) == (192, 6, 2048, True)
    network = weights.network(base.folder, frozen=True)
    assert base.parameters == sum(one.numel() for one in network.parameters())
    linear = {
        name.rpartition(".")[2]: one
        for name, one in network.named_modules()
        if isinstance(one, torch.nn.Linear) and "lm_head" not in name
    }
    assert set(base.linear) == set(linear)


@pytest.mark.parametrize("name", ["no_such", "./no/such/folder", "/nowhere/at/all"])
def test_an_unknown_base_says_what_a_base_is(name: str) -> None:
    with pytest.raises(UserError, match="there is no base") as caught:
        find(name)
    assert "embedded" in caught.value.fix


def test_a_name_of_the_hub_that_cannot_be_had_is_an_error_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(UserError, match="neither here nor at the hub"):
        find("nobody/no-such-model-of-ours")


@pytest.mark.parametrize("harm", ["cut", "longer", "header", "nothing"])
def test_damaged_safetensors_are_refused(copy: Path, harm: str) -> None:
    path = copy / "model.safetensors"
    whole = path.read_bytes()
    path.write_bytes({"cut": whole[:-9], "longer": whole + b"x", "header": b"\xff" * 64, "nothing": b""}[harm])
    said = refused(copy)
    assert "not a sound safetensors file" in said
    assert "model.safetensors" in said


def test_pickle_is_refused_unread(copy: Path) -> None:
    (copy / "model.safetensors").unlink()
    (copy / "pytest_marker").unlink(missing_ok=True)
    (copy / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'touch pytest_marker'\ntR.")
    assert "pickle (pytorch_model.bin), which can run any code" in refused(copy)


@pytest.mark.parametrize("lost", ["config.json", "tokenizer.json", "model.safetensors"])
def test_an_incomplete_folder_says_what_is_missing(copy: Path, lost: str) -> None:
    (copy / lost).unlink()
    assert refused(copy)


def test_a_tokenizer_without_template_is_explained_and_a_plain_one_offered(copy: Path) -> None:
    (copy / "chat_template.jinja").unlink()
    assert not examined("x", copy).has_template
    with pytest.raises(UserError, match="no chat template") as caught:
        weights.tokenizer(copy)
    assert "--template plain" in caught.value.fix
    made = weights.tokenizer(copy, "plain")
    text = made.apply_chat_template([{"role": "user", "content": "hello"}], tokenize=False, add_generation_prompt=True)
    assert text == "user: hello<|im_end|>\nassistant:"


def test_code_of_a_folder_is_not_run(copy: Path) -> None:
    config = json.loads((copy / "config.json").read_text("utf-8"))
    config |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.E", "AutoModelForCausalLM": "evil.M"}}
    (copy / "config.json").write_text(json.dumps(config), "utf-8")
    (copy / "evil.py").write_text("raise SystemExit('ran')", "utf-8")
    with pytest.raises(UserError, match="cannot be loaded"):
        weights.network(copy, frozen=True)


def test_a_digest_follows_the_weights(copy: Path) -> None:
    before = digest(copy)
    path = copy / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    assert digest(copy) != before
    assert bases.digest(copy) == digest(copy)
