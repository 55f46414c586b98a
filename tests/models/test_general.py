"""Any model of transformers answers in a crowd as it does alone, and its adapters never touch each other's answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from random import Random
from typing import Any

import pytest
import torch
from langchain_core.language_models import BaseChatModel
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests
from peft import LoraConfig, PeftModel, PrefixTuningConfig, get_peft_model
from safetensors.torch import load_file, save_file
from torch.nn import functional as F  # noqa: N812
from transformers import AutoModelForCausalLM, GPT2Config, LlamaConfig, MistralConfig

from harness.models import LocalChatModel, init_chat_model
from harness.models.cohorts import Cohorts
from harness.models.engine import Engine, Sampling
from harness.models.folders import NotAModelError, place_of, weights_digest
from harness.models.general import General
from harness.models.lfm2 import Lfm2
from harness.models.native import load
from harness.models.request import Row
from harness.models.shared import served
from harness.models.slots import Slots
from harness.models.steps import Step
from tests.models.conftest import make_folder
from tests.models.test_chat import Standard

GREEDY = Sampling(temperature=0, max_tokens=10)
SMALL = {"vocab_size": 320, "hidden_size": 48, "intermediate_size": 64, "num_hidden_layers": 3}
HEADS = {"num_attention_heads": 6, "num_key_value_heads": 3, "max_position_embeddings": 256, "initializer_range": 0.3}
CONFIGS: dict[str, Any] = {
    "llama": lambda: LlamaConfig(**SMALL, **HEADS, eos_token_id=2, bos_token_id=1),
    "gpt2": lambda: GPT2Config(
        vocab_size=320, n_embd=48, n_layer=3, n_head=6, n_positions=256, initializer_range=0.3, eos_token_id=2
    ),
    "sliding": lambda: MistralConfig(**SMALL, **HEADS, sliding_window=16, eos_token_id=2, bos_token_id=1),
}


def dress(folder: Path, tiny: Path) -> None:
    """Tokenizer and chat template of the tiny folder."""
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        (folder / name).write_bytes((tiny / name).read_bytes())


@pytest.fixture(scope="session")
def bases(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> dict[str, Path]:
    """One folder per architecture; "lfm2" is one that our own engine does not take."""
    room = tmp_path_factory.mktemp("bases")
    for name, config in CONFIGS.items():
        torch.manual_seed(3)
        AutoModelForCausalLM.from_config(config()).save_pretrained(room / name)
        dress(room / name, folder)
    make_folder(room / "lfm2", context=256)
    (room / "lfm2" / "chat_template.jinja").unlink()
    config = json.loads((room / "lfm2" / "tokenizer_config.json").read_text("utf-8"))
    config["chat_template"] = (folder / "chat_template.jinja").read_text("utf-8")
    (room / "lfm2" / "tokenizer_config.json").write_text(json.dumps(config), "utf-8")
    return {path.name: path for path in room.iterdir()}


def adapter_of(base: Path, target: Path, config: Any, seed: int) -> Path:
    """A folder as PEFT writes it, with weights that really change the answers."""
    torch.manual_seed(seed)
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), config)
    for name, weight in model.named_parameters():
        if weight.requires_grad:
            torch.nn.init.normal_(weight, std=0.5 if "lora" in name else 1.0)
    model.save_pretrained(target)
    return target


@pytest.fixture(scope="session")
def adapters(tmp_path_factory: pytest.TempPathFactory, bases: dict[str, Path]) -> dict[str, Path]:
    room = tmp_path_factory.mktemp("adapters")
    low = {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj"], "task_type": "CAUSAL_LM"}
    made = {
        "first": LoraConfig(**low),
        "second": LoraConfig(**(low | {"r": 2, "target_modules": ["up_proj"]}), use_rslora=True),
        "prefix": PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=5),
    }
    return {name: adapter_of(bases["llama"], room / name, made[name], seed) for seed, name in enumerate(made)}


def prompts(count: int, seed: int = 1) -> list[tuple[int, ...]]:
    source = Random(seed)
    return [tuple(source.randrange(4, 300) for _ in range(source.randint(1, 40))) for _ in range(count)]


def alone(model: Any, prompt: tuple[int, ...], tokens: int = 10) -> list[int]:
    """What transformers generates for one prompt."""
    ids = torch.tensor([prompt])
    made = model.generate(
        input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=tokens, pad_token_id=0
    )
    return made[0, len(prompt) :].tolist()


@pytest.fixture(params=["llama", "gpt2", "sliding", "lfm2"])
def base(request: pytest.FixtureRequest, bases: dict[str, Path]) -> Path:
    return bases[request.param]


@pytest.fixture
def engine(base: Path) -> Iterator[Engine]:
    engine = Engine(base)
    yield engine
    engine.close()


def test_a_crowd_gets_what_one_gets(engine: Engine, base: Path) -> None:
    """Rows of different lengths start at different times, end at different times and share passes."""
    assert isinstance(engine._batch, Cohorts)
    reference = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).eval()
    asked = prompts(24)
    limits = [Sampling(temperature=0, max_tokens=3 + i % 8) for i in range(24)]
    expected = [alone(reference, prompt, limit.max_tokens) for prompt, limit in zip(asked, limits, strict=True)]
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(engine.generate, asked, limits))
    assert [a.text for a in answers] == [engine.format.decode(ids) for ids in expected]
    assert [a.completion_tokens for a in answers] == [len(ids) for ids in expected]
    assert len({a.text for a in answers}) > 10
    assert engine.stats.steps < engine.stats.sampled_tokens / 2


def test_rows_join_and_leave_while_others_run(engine: Engine) -> None:
    long = Sampling(temperature=0, max_tokens=60)
    asked = prompts(6, seed=5)
    expected = [engine.generate(prompt, long).text for prompt in asked]
    pieces: SimpleQueue[str | None] = SimpleQueue()
    first = engine.submit(asked[0], long, pieces)
    heard = [pieces.get()]  # it runs
    others = [engine.submit(prompt, long) for prompt in asked[1:]]
    others[1].cancel()
    heard += list(iter(pieces.get, None))
    assert first.result().text == expected[0] == "".join(filter(None, heard))
    assert [f.result().text for f in others if not f.cancelled()] == [expected[1], *expected[3:]]


def row_of(engine: Engine, prompt: tuple[int, ...], sampling: Sampling, adapter: Path | None = None) -> Row:
    row = engine._row(prompt, sampling, live=False)
    row.adapter = adapter
    return row


def test_padding_that_nobody_needs_is_dropped(bases: dict[str, Path]) -> None:
    """Else the cache of a server that never rests would grow without end."""
    engine = Engine(bases["llama"])
    work = engine._batch
    assert isinstance(work, Cohorts)
    for prompt in prompts(60, seed=4):  # one new row with every step, each there for ten
        work.add([row_of(engine, prompt, GREEDY)])
        work.step()
        for cohort in work._running:
            longest = max(row.position for row in cohort.rows)
            assert cohort._mask.shape[1] <= longest
            assert all(layer.keys.shape[2] == cohort._mask.shape[1] for layer in cohort._cache.layers)
    assert len(work._running) == 1
    engine.close()


def test_each_request_goes_through_its_own_adapter(bases: dict[str, Path], adapters: dict[str, Path]) -> None:
    names = [str(bases["llama"]), *(str(path) for path in adapters.values())]
    asked = prompts(8, seed=3)
    expected = {}
    for name in names:
        model: Any = AutoModelForCausalLM.from_pretrained(bases["llama"], dtype=torch.float32).eval()
        if name != names[0]:
            model = PeftModel.from_pretrained(model, name).eval()
        expected[name] = [alone(model, prompt) for prompt in asked]
    assert len({str(answers) for answers in expected.values()}) == len(names)
    models = {name: served(name) for name in names}
    assert len({id(model.engine) for model in models.values()}) == 1, "the base is loaded once"
    jobs = [(name, at) for at in range(len(asked)) for name in names]
    futures = [models[name].submit(asked[at], GREEDY) for name, at in jobs]
    for (name, at), future in zip(jobs, futures, strict=True):
        assert future.result().text == models[name].format.decode(expected[name][at]), (name, at)


def bottleneck_of(base: Path, target: Path, layers: int) -> Path:
    """As ``harness.training`` saves it."""
    target.mkdir()
    torch.manual_seed(11)
    shapes = {"down.weight": (6, 48), "down.bias": (6,), "up.weight": (48, 6), "up.bias": (48,)}
    save_file(
        {f"{at}.{name}": torch.randn(shape) for at in range(layers) for name, shape in shapes.items()},
        target / "adapter_model.safetensors",
    )
    config = {"peft_type": "BOTTLENECK", "base_model_name_or_path": str(base), "activation": "relu"}
    (target / "adapter_config.json").write_text(json.dumps(config), "utf-8")
    return target


def test_a_bottleneck_follows_every_layer(bases: dict[str, Path], tmp_path: Path) -> None:
    base, adapter = bases["llama"], bottleneck_of(bases["llama"], tmp_path / "b", 3)
    model: Any = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).eval()
    weights = load_file(adapter / "adapter_model.safetensors")

    def after(at: int) -> Any:
        def hook(_layer: Any, _given: Any, output: Any) -> Any:
            states = output[0] if isinstance(output, tuple) else output
            down = torch.relu(F.linear(states, weights[f"{at}.down.weight"], weights[f"{at}.down.bias"]))
            states = states + F.linear(down, weights[f"{at}.up.weight"], weights[f"{at}.up.bias"])
            return (states, *output[1:]) if isinstance(output, tuple) else states

        return hook

    asked = prompts(6, seed=9)
    plain = [alone(model, prompt) for prompt in asked]
    for at, layer in enumerate(model.model.layers):
        layer.register_forward_hook(after(at))
    beside = [alone(model, prompt) for prompt in asked]
    assert beside != plain
    models = served(str(base)), served(str(adapter))
    futures = [
        (one.submit(prompt, GREEDY), want)
        for one, wanted in zip(models, (plain, beside), strict=True)
        for prompt, want in zip(asked, wanted, strict=True)
    ]
    assert [future.result().text for future, _ in futures] == [models[0].format.decode(want) for _, want in futures]


def test_a_base_that_has_changed_is_refused(bases: dict[str, Path], tmp_path: Path) -> None:
    adapter = bottleneck_of(bases["llama"], tmp_path / "b", 3)
    record = {"base": "gone", "base_path": str(bases["llama"]), "base_digest": "0" * 64, "method": "adapter"}
    (adapter / "harness-training.json").write_text(json.dumps(record), "utf-8")
    with pytest.raises(NotAModelError, match="trained on other weights"):
        place_of(str(adapter))
    record["base_digest"] = weights_digest(bases["llama"]) + "0" * 48
    (adapter / "harness-training.json").write_text(json.dumps(record), "utf-8")
    assert place_of(str(adapter)).method == "adapter"


@pytest.mark.parametrize("kind", ["lora", "prefix", "bottleneck"])
def test_our_own_engine_takes_adapters_too(folder: Path, tmp_path: Path, kind: str) -> None:
    """What transformers computes with the adapter beside the base, through the cohorts of any model."""
    low = LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "w1", "in_proj"], task_type="CAUSAL_LM")
    config = low if kind == "lora" else PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=5, num_layers=4)
    if kind == "bottleneck":
        adapter = bottleneck_of(folder, tmp_path / kind, 4)
    else:
        adapter = adapter_of(folder, tmp_path / kind, config, 4)
    general = Cohorts(General(folder))
    ours = served(str(adapter))
    assert isinstance(ours.engine.model, Lfm2)
    for prompt in prompts(6, seed=8):
        row = row_of(ours.engine, prompt, GREEDY, adapter)
        general.add([row])
        while general.busy:
            general.step()
        assert ours.generate(prompt, GREEDY).text == row.future.result().text
    assert load(place_of(str(adapter)))[1] is None or kind == "prefix"


def test_merged_equals_unmerged(folder: Path, tmp_path: Path) -> None:
    low = LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "out_proj", "w2"], task_type="CAUSAL_LM")
    adapter = adapter_of(folder, tmp_path / "lora", low, 6)
    place = place_of(str(adapter))
    base = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    beside = PeftModel.from_pretrained(base, adapter).eval()
    model, _ = load(place)
    ids = prompts(1)[0]
    with torch.inference_mode():
        expected = beside(input_ids=torch.tensor([ids])).logits[0, -1]
    logits = model.forward(Step.of([], [(0, 0, ids)]), Slots(model.state, 1))[0]
    assert torch.allclose(logits, expected, atol=1e-4)


def test_streaming_and_names(bases: dict[str, Path], adapters: dict[str, Path]) -> None:
    model = init_chat_model(f"local:{adapters['first']}", temperature=0, max_tokens=8)
    assert isinstance(model, LocalChatModel)
    answer = model.invoke("Hello")
    assert "".join(str(chunk.content) for chunk in model.stream("Hello")) == answer.content
    assert answer.response_metadata["model_provider"] == "local"
    plain = model.invoke("Hello", model=str(bases["llama"]))
    assert plain.content != answer.content
    assert plain.response_metadata["model_name"] == str(bases["llama"])
    weights = [
        m._identifying_params["weights"] for m in (model, model.model_copy(update={"model": str(bases["llama"])}))
    ]
    assert weights[0].startswith(f"{weights[1]}+")


def broken(base: Path, target: Path, name: str, content: bytes | None) -> Path:
    target.mkdir()
    for file in base.iterdir():
        if file.name != name or content is not None:
            (target / file.name).write_bytes(
                content if file.name == name and content is not None else file.read_bytes()
            )
    return target


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("model.safetensors", b"no weights", "cannot be loaded"),
        ("model.safetensors", None, "holds no weights"),
        ("chat_template.jinja", None, r"no chat template.*chat_template\.jinja"),
        ("config.json", b'{"model_type": "nobody"}', "cannot be loaded"),
    ],
)
def test_a_folder_that_cannot_be_run_says_why(
    bases: dict[str, Path], tmp_path: Path, name: str, content: bytes | None, word: str
) -> None:
    with pytest.raises(NotAModelError, match=word):
        served(str(broken(bases["llama"], tmp_path / "m", name, content)))


def test_pickled_weights_are_refused(bases: dict[str, Path], adapters: dict[str, Path], tmp_path: Path) -> None:
    folder = broken(bases["llama"], tmp_path / "m", "model.safetensors", None)
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(NotAModelError, match="can run code"):
        served(str(folder))
    adapter = broken(adapters["first"], tmp_path / "a", "adapter_model.safetensors", None)
    with pytest.raises(NotAModelError, match="pickled weights are not read"):
        served(str(adapter)).generate((5, 6), GREEDY)
    assert served(str(bases["llama"])).generate((5, 6), GREEDY).text is not None


def test_a_base_that_is_gone_is_named(adapters: dict[str, Path], tmp_path: Path) -> None:
    adapter = broken(adapters["first"], tmp_path / "a", "README.md", None)
    config = json.loads((adapter / "adapter_config.json").read_text("utf-8"))
    config["base_model_name_or_path"] = "/nowhere/base"
    (adapter / "adapter_config.json").write_text(json.dumps(config), "utf-8")
    with pytest.raises(NotAModelError, match="/nowhere/base"):
        served(str(adapter))
    with pytest.raises(FileNotFoundError, match="no folder here"):
        served(str(tmp_path / "nothing"))


class Local(Standard):
    """What LangChain's suites are told of any other model."""

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return LocalChatModel


class TestLangChainUnit(Local, ChatModelUnitTests):
    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": "a/folder"}


@pytest.mark.asyncio  # for the suite's coroutines; the others need no warning that they are none
@pytest.mark.filterwarnings("ignore:.*not an async function:pytest.PytestWarning")
class TestLangChainBehaviour(Local, ChatModelIntegrationTests):
    @pytest.fixture(autouse=True)
    def _here(self, bases: dict[str, Path]) -> None:
        self._folder = str(bases["llama"])

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": self._folder}

    @property
    def supports_model_override(self) -> bool:
        return True

    @property
    def model_override_value(self) -> str:
        return f"{self._folder}/."
