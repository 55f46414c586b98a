"""The chat model says what the engine says, sync or async, whole or in pieces, and is repeatable where it promises."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, ChatMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.messages.tool import tool_call
from langchain_core.runnables import RunnableLambda
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests
from pydantic import ValidationError

from harness.models import EmbeddedChatModel, init_chat_model
from harness.models.shared import shared_engine

CONVERSATION = [SystemMessage("You sort tickets."), HumanMessage("My parcel is late.")]


@pytest.fixture
def greedy(folder: Path) -> EmbeddedChatModel:
    return EmbeddedChatModel(model=str(folder), temperature=0, max_tokens=16)


@pytest.fixture
def hot(folder: Path) -> EmbeddedChatModel:
    return EmbeddedChatModel(model=str(folder), temperature=1, max_tokens=8)


class Standard:
    """What LangChain's suites are told about this model."""

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return EmbeddedChatModel

    @property
    def standard_chat_model_params(self) -> dict[str, Any]:
        return {"temperature": 0, "max_tokens": 100, "timeout": 60, "stop": [], "max_retries": 2}

    @property
    def has_tool_calling(self) -> bool:
        return False

    @property
    def has_structured_output(self) -> bool:
        return False


class TestLangChainUnit(Standard, ChatModelUnitTests):
    pass


@pytest.mark.asyncio  # for the suite's coroutines; the others need no warning that they are none
@pytest.mark.filterwarnings("ignore:.*not an async function:pytest.PytestWarning")
class TestLangChainBehaviour(Standard, ChatModelIntegrationTests):
    @pytest.fixture(autouse=True)
    def _here(self, folder: Path) -> None:
        self._folder = str(folder)

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": self._folder}

    @property
    def supports_model_override(self) -> bool:
        return True

    @property
    def model_override_value(self) -> str:
        return f"{self._folder}/."


def joined(chunks: list[AIMessageChunk]) -> AIMessageChunk:
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    return whole


def same(a: AIMessage, b: AIMessage) -> bool:
    """All that a caller sees, but for ids and what happened to lie in the prefix cache."""

    def counts(message: AIMessage) -> tuple[int, int]:
        usage = message.usage_metadata
        assert usage is not None
        return usage["input_tokens"], usage["output_tokens"]

    return (a.content, a.response_metadata, counts(a)) == (b.content, b.response_metadata, counts(b))


def test_streaming_and_async_equal_invoke(greedy: EmbeddedChatModel) -> None:
    whole = greedy.invoke(CONVERSATION)
    chunks = list(greedy.stream(CONVERSATION))
    assert len(chunks) > 3
    assert same(joined(chunks), whole)

    async def others() -> tuple[AIMessage, AIMessageChunk]:
        pieces = [chunk async for chunk in greedy.astream(CONVERSATION)]
        return await greedy.ainvoke(CONVERSATION), joined(pieces)

    for other in asyncio.run(others()):
        assert same(other, whole)


def test_what_comes_with_an_answer(greedy: EmbeddedChatModel, folder: Path) -> None:
    answer = greedy.invoke(CONVERSATION)
    length = greedy.get_num_tokens_from_messages(CONVERSATION)
    assert answer.response_metadata["finish_reason"] == "length"
    assert answer.response_metadata["model_name"] == str(folder)
    assert answer.usage_metadata is not None
    assert answer.usage_metadata["input_tokens"] == length
    assert answer.usage_metadata["output_tokens"] == 16
    again = greedy.invoke(CONVERSATION).usage_metadata
    assert again is not None
    assert again["input_token_details"]["cache_read"] == length - 1


def test_threads_and_tasks_get_what_one_gets(greedy: EmbeddedChatModel) -> None:
    asked = [f"Ticket {i}: my parcel is late" for i in range(32)]
    alone = [greedy.invoke(text).content for text in asked]
    with ThreadPoolExecutor(32) as pool:
        assert [answer.content for answer in pool.map(greedy.invoke, asked)] == alone

    async def all_at_once() -> list[AIMessage]:
        return await asyncio.gather(*(greedy.ainvoke(text) for text in asked))

    assert [answer.content for answer in asyncio.run(all_at_once())] == alone


def test_a_cancelled_task_leaves_the_engine_working(greedy: EmbeddedChatModel) -> None:
    async def give_up() -> None:
        task = asyncio.create_task(greedy.ainvoke(CONVERSATION, max_tokens=400))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async for _ in greedy.astream(CONVERSATION, max_tokens=400):
            break

    asyncio.run(give_up())
    assert next(iter(greedy.stream(CONVERSATION, max_tokens=400))).content
    assert greedy.invoke(CONVERSATION).content


def draws(model: Any, config: dict[str, Any] | None = None, text: str = "Hello", n: int = 6) -> list[Any]:
    return [model.invoke(text, config).content for _ in range(n)]


def test_seeds_repeat_and_their_absence_does_not(hot: EmbeddedChatModel) -> None:
    assert len(set(draws(hot))) > 1
    assert len(set(draws(hot.bind(seed=5)))) == 1
    seeded = hot.model_copy(update={"seed": 5})
    assert draws(seeded, n=1) == draws(hot.bind(seed=5), n=1) != draws(hot.bind(seed=6), n=1)
    assert draws(seeded.bind(seed=6), n=1) == draws(hot.bind(seed=6), n=1)


def test_the_run_s_seed_gives_repeatable_independent_draws(hot: EmbeddedChatModel) -> None:
    def run(k: int, model: Any = hot, text: str = "Hello") -> Any:
        answers = set(draws(model, {"metadata": {"harness_seed": k}}, text, n=2))
        assert len(answers) == 1
        return answers.pop()

    assert len({run(k) for k in range(6)}) > 3
    assert len({run(k, hot.bind(seed=1)) for k in range(6)}) > 3
    assert run(1) != run(1, hot.bind(seed=1))


def test_the_run_s_seed_reaches_every_way_of_calling(hot: EmbeddedChatModel) -> None:
    """From around the model, as a graph's config reaches the models in its nodes."""
    config: Any = {"metadata": {"harness_seed": 11}}

    async def streamed(messages: Any) -> str:
        return "".join([str(chunk.content) async for chunk in hot.astream(messages)])

    async def called(messages: Any) -> Any:
        return (await hot.ainvoke(messages)).content

    whole = hot.invoke(CONVERSATION, config).content
    ways = [
        RunnableLambda(lambda messages: hot.invoke(messages).content).invoke(CONVERSATION, config),
        RunnableLambda(lambda messages: "".join(str(c.content) for c in hot.stream(messages))).invoke(
            CONVERSATION, config
        ),
        asyncio.run(RunnableLambda(called).ainvoke(CONVERSATION, config)),
        asyncio.run(RunnableLambda(streamed).ainvoke(CONVERSATION, config)),
    ]
    assert ways == [whole] * 4


def test_parameters_of_one_call(greedy: EmbeddedChatModel) -> None:
    text = str(greedy.invoke("Hello").content)
    assert text.startswith(str(greedy.invoke("Hello", max_tokens=4).content))
    assert greedy.invoke("Hello", stop=[text[3:5]]).content == text[: text.index(text[3:5])]
    assert greedy.bind(temperature=None).invoke("Hello").content == text
    assert len(set(draws(greedy.bind(temperature=2.0, top_p=0.99)))) > 1
    with pytest.raises(ValueError, match="temprature"):
        greedy.invoke("Hello", temprature=1)
    with pytest.raises(ValueError, match="temperature is -1"):
        greedy.invoke("Hello", temperature=-1)


@pytest.mark.parametrize("wrong", [{"temperature": -1}, {"max_tokens": 0}, {"top_p": 0}, {"temprature": 1}])
def test_wrong_parameters_are_refused_when_the_model_is_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        init_chat_model("embedded", **wrong)


@pytest.mark.parametrize(
    ("message", "word"),
    [
        (ToolMessage("42", tool_call_id="1"), "'tool' message"),
        (AIMessage("", tool_calls=[tool_call(name="f", args={}, id="1")]), "tool calls"),
        (ChatMessage("hi", role="critic"), "'critic' message"),
        (HumanMessage([{"type": "image_url", "image_url": "x"}]), "'image_url'"),
    ],
)
def test_what_it_cannot_read_is_refused_in_words(greedy: EmbeddedChatModel, message: Any, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        greedy.invoke([message])


def test_tools_are_refused_in_words(greedy: EmbeddedChatModel) -> None:
    with pytest.raises(NotImplementedError, match="describe them in the prompt"):
        greedy.bind_tools([])
    with pytest.raises(NotImplementedError, match="describe them in the prompt"):
        greedy.invoke("Hello", tools=[])


def test_text_blocks_are_read(greedy: EmbeddedChatModel) -> None:
    blocks = HumanMessage([{"type": "text", "text": "My parcel"}, " is late."])
    assert greedy.invoke([CONVERSATION[0], blocks]).content == greedy.invoke(CONVERSATION).content


def test_a_prompt_beyond_the_context_names_both_numbers(greedy: EmbeddedChatModel) -> None:
    text = "parcel " * 600
    length = greedy.get_num_tokens_from_messages([HumanMessage(text)])
    with pytest.raises(ValueError, match=f"{length} tokens.*at most 512"):
        greedy.invoke(text)


def test_names(folder: Path) -> None:
    assert init_chat_model("embedded") == EmbeddedChatModel()
    expected = EmbeddedChatModel(model=str(folder), seed=3)
    assert init_chat_model(f"embedded:{folder}", seed=3) == expected
    assert init_chat_model(str(folder), model_provider="embedded", seed=3) == expected
    with pytest.raises(ValueError, match="nobody"):
        init_chat_model("nobody:model")


def test_langchain_missing_is_said_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langchain.chat_models", None)
    with pytest.raises(ImportError, match="pip install langchain"):
        init_chat_model("openai:gpt-x")


def python(code: str, *arguments: str) -> str:
    """Run code in a fresh interpreter; the limit only keeps a hang from hanging the suite."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_is_light() -> None:
    out = python("""
        import sys, threading
        import harness.models
        print([name for name in ("torch", "transformers", "langchain_core", "langchain") if name in sys.modules])
        import harness.models.chat
        print("transformers" in sys.modules, threading.active_count())
    """)
    assert out.split("\n")[:2] == ["[]", "False 1"]


FORK = """
    import os, sys
    from harness.models import init_chat_model
    from harness.models.engine import EngineClosedError, Sampling
    from harness.models.shared import shared_engine
    from pathlib import Path

    folder, used_before = sys.argv[1], sys.argv[2] == "used"
    model = init_chat_model(f"embedded:{folder}", temperature=0, max_tokens=8)
    engine = shared_engine(Path(folder)) if used_before else None
    before = model.invoke("Hello").content if used_before else None
    child = os.fork()
    if child == 0:
        assert shared_engine(Path(folder)) is not engine
        if engine is not None:
            try:
                engine.submit((5,), Sampling())
            except EngineClosedError as error:
                print(error)
        print(model.invoke("Hello").content.encode())
        sys.stdout.flush()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    after = model.invoke("Hello").content
    assert before in (None, after)
    print(after.encode())
"""


@pytest.mark.skipif(not hasattr(sys.modules["os"], "fork"), reason="forking is not possible here")
@pytest.mark.parametrize("state", ["fresh", "used"])
def test_a_forked_child_answers_like_its_parent(folder: Path, state: str) -> None:
    lines = python(FORK, str(folder), state).splitlines()
    assert lines[-1] == lines[-2]
    assert len(lines) == 2 if state == "fresh" else "before a fork" in lines[0]


def test_a_program_may_end_in_the_middle_of_an_answer(folder: Path) -> None:
    python(
        """
        import sys
        from pathlib import Path
        from harness.models.engine import Sampling
        from harness.models.shared import shared_engine
        engine = shared_engine(Path(sys.argv[1]))
        for i in range(20):
            engine.submit((5, 6, 7 + i), Sampling(temperature=1, max_tokens=500))
        """,
        str(folder),
    )


SHIPPED = Path(sys.modules["harness.models"].__file__ or "").parent / "embedded"


@pytest.mark.skipif(not (SHIPPED / "model.safetensors").exists(), reason="the weights are not there yet")
def test_the_shipped_folder_is_a_plain_transformers_model() -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    words = AutoTokenizer.from_pretrained(SHIPPED)
    theirs = AutoModelForCausalLM.from_pretrained(SHIPPED, dtype=torch.float32).eval()
    messages = [{"role": "system", "content": "You sort tickets."}, {"role": "user", "content": "My parcel is late."}]
    prompt = words.apply_chat_template(messages, add_generation_prompt=True, return_dict=True, return_tensors="pt")
    ids = theirs.generate(**prompt, do_sample=False, max_new_tokens=16)
    expected = words.decode(ids[0, prompt["input_ids"].shape[1] :], skip_special_tokens=True)
    assert EmbeddedChatModel(temperature=0, max_tokens=16).invoke(CONVERSATION).content == expected
    assert shared_engine(SHIPPED).model.shape.eos_ids
