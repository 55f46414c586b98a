"""A model or adapter as other programs take it: PEFT's folder, one merged model, vLLM's LoRA modules, Ollama's file.

Nothing is loaded but what is merged. A prefix and a bottleneck cannot be merged: they compute what no matrix of the
base can hold.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from harness.models.folders import RECORD, NotAModelError, Place, place_of

KINDS = ("peft", "merged", "vllm", "ollama")
_LOW_RANK = ("lora", "qlora")
_KEPT = ("*.json", "*.jinja", "*.txt", "tokenizer.model")
_OWN = ("chat_template.jinja", RECORD)  # of an adapter, in place of its base's where it has one


def export(name: str, model: str, folder: Path, to: str) -> tuple[list[str], str]:
    """The files written, and the command that uses them; nothing is left where it fails.

    Raises NotAModelError for what cannot be.
    """
    if to not in KINDS:
        raise NotAModelError(f"there is no form {to!r}; it is one of {', '.join(KINDS)}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NotAModelError(f"{folder} is there already and not empty; name another folder")
    place = place_of(model)
    if to != "peft" and place.adapter is not None and place.method not in _LOW_RANK:
        raise NotAModelError(
            f"an adapter of method {place.method} cannot be {'merged' if to == 'merged' else f'loaded by {to}'}: "
            "that is for lora and qlora alone; train with one of these, or serve it with `harness models serve`"
        )
    if to != "merged" and place.adapter is None:
        raise NotAModelError(f"{place.base} is a whole model, with no adapter to take out; others load it as it is")
    try:
        command = _written(name, place, folder, to)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()), command


def _written(name: str, place: Place, folder: Path, to: str) -> str:
    if place.adapter is not None and to != "merged":
        return _beside(name, place.base, place.adapter, folder, to)
    _merge(place, folder)
    return f"in code: AutoModelForCausalLM.from_pretrained({str(folder)!r}), init_chat_model('local:{folder}')"


def _beside(name: str, base: Path, adapter: Path, folder: Path, to: str) -> str:
    """The adapter's files, where the other program looks for them."""
    target = {"vllm": folder / name, "ollama": folder / "adapter"}.get(to, folder)
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(adapter.iterdir()):
        if path.suffix in (".safetensors", ".json"):
            shutil.copyfile(path, target / path.name)
    if to == "vllm":
        (folder / "lora-modules.json").write_text(json.dumps({"name": name, "path": str(target)}) + "\n", "utf-8")
        return f"not tested here: vllm serve {base} --enable-lora --lora-modules {name}={target}"
    if to == "ollama":
        (folder / "Modelfile").write_text(f"FROM {base}\nADAPTER ./adapter\n", "utf-8")
        return f"not tested here: cd {folder} && ollama create {name} -f Modelfile"
    return f"in code: PeftModel.from_pretrained(base, {str(folder)!r}); its base is {base}"


def _merge(place: Place, folder: Path) -> None:
    """A whole model in float32, or a copy of what is whole already."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (path for pattern in _KEPT for path in place.base.glob(pattern)):
        if not path.name.endswith(".index.json"):
            shutil.copyfile(path, folder / path.name)
    if place.adapter is None:
        for path in place.base.glob("*.safetensors*"):
            shutil.copyfile(path, folder / path.name)
        return
    for path in (place.adapter / own for own in _OWN):
        if path.is_file():
            shutil.copyfile(path, folder / path.name)
    from harness.models.merging import merge  # torch, transformers and peft

    merge(place.base, place.adapter, folder)
