"""LangChain chat models over the engines of this process.

An engine is loaded at the first call, not when a model object is made, and is shared by all objects that name the same
base, with whatever adapter. This module knows nothing of tensors.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from queue import SimpleQueue
from typing import Any, ClassVar, NamedTuple, NoReturn

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LangSmithParams, LanguageModelInput
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.runnables.config import ensure_config
from langchain_core.tools import BaseTool
from pydantic import BaseModel, ConfigDict, Field

from harness.models.answers import LoopQueue, last_piece, piece_of, whole
from harness.models.engine import Sampling
from harness.models.folders import place_of
from harness.models.messages import plain
from harness.models.shaped import schema_of
from harness.models.shared import Served, served
from harness.models.structured import form_of, parsed

# Keys in the run's metadata by which a measuring harness names a draw: equal calls of one case differ in the position.
_RUN_SEED, _DRAW = "harness_seed", ("harness_position", "harness_salt")
_PER_CALL = frozenset({"model", "temperature", "max_tokens", "top_p", "seed", "response_format"})
_NO_TOOLS = (
    "a model that runs here cannot call tools: describe them in the prompt and parse the answer, "
    "or ask for an answer in the form of a schema: with_structured_output"
)


class _Call(NamedTuple):
    """One call, ready for the engine."""

    engine: Served
    prompt: tuple[int, ...]
    sampling: Sampling
    told: dict[str, str]  # which model answers, as the caller named it


class LocalChatModel(BaseChatModel):
    """Answers of a model in this process: no network, no key, no cost.

    ``model`` is the path of a folder that transformers' AutoModelForCausalLM loads, with a tokenizer that has a chat
    template; or of an adapter folder, which names its base: that is loaded once, whatever adapters are used beside it.
    A hub name is taken from the local cache, nothing is fetched.

    A ``seed`` (here, in ``bind`` or per call) makes a call repeatable. When the run's metadata names a
    ``harness_seed``, the seed is derived from that, from ``seed`` and from the prompt: repeatable, and independent
    from prompt to prompt and draw to draw. Without either every call is a draw of its own. (LangChain does not show
    ``stream`` the metadata of a config given to the model itself; the one of a surrounding graph or chain is seen.)
    """

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    _provider: ClassVar[str] = "local"

    model: str
    temperature: float = Field(default=0.2, ge=0)  # 0 = always the likeliest token
    max_tokens: int = Field(default=256, ge=1)  # of an answer, its end token included
    top_p: float = Field(default=1.0, gt=0, le=1)
    stop: list[str] | None = None
    seed: int | None = None
    streaming: bool = False  # whether invoke, too, goes through pieces (LangChain reads it)
    # What others need for the network; accepted so that one set of parameters serves every provider, and not used.
    timeout: float | None = None
    max_retries: int | None = None

    @property
    def _llm_type(self) -> str:
        return f"harness-{self._provider}"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        names = ("model", "temperature", "max_tokens", "top_p", "stop", "seed")
        return {name: getattr(self, name) for name in names} | {"weights": _weights(self.model)}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop=stop, **kwargs)
        params["ls_provider"] = self._provider
        return params

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        call = self._call(messages, stop, _metadata(run_manager), kwargs)
        return whole(call.engine.generate(call.prompt, call.sampling), call.told)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        # In a thread: the first call loads the model, and tokenizing a long prompt would hold up the event loop.
        call = await asyncio.to_thread(self._call, messages, stop, _metadata(run_manager), kwargs)
        return whole(await asyncio.wrap_future(call.engine.submit(call.prompt, call.sampling)), call.told)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        call = self._call(messages, stop, _metadata(run_manager), kwargs)
        pieces: SimpleQueue[str | None] = SimpleQueue()
        future = call.engine.submit(call.prompt, call.sampling, pieces)
        try:
            while (piece := pieces.get()) is not None:
                yield piece_of(piece)
            yield last_piece(future.result(), call.told)
        finally:
            future.cancel()

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        call = await asyncio.to_thread(self._call, messages, stop, _metadata(run_manager), kwargs)
        pieces = LoopQueue()
        future = call.engine.submit(call.prompt, call.sampling, pieces)
        try:
            while (piece := await pieces.get()) is not None:
                yield piece_of(piece)
            yield last_piece(future.result(), call.told)
        finally:
            future.cancel()

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> NoReturn:
        """Refuses: the model has no notion of tools."""
        raise NotImplementedError(_NO_TOOLS)

    def with_structured_output(
        self, schema: dict[str, Any] | type, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, dict[str, Any] | BaseModel]:
        """Answers as the schema says (a pydantic class, a TypedDict or a JSON schema), whatever the model would rather.

        Only tokens are drawn that keep the answer in that form. What stands in it is up to the model, so the prompt
        should ask for it. ``method`` "json_schema" is the only one. Needs llguidance.
        """
        if kwargs.pop("method", "json_schema") != "json_schema" or any(kwargs.values()):
            raise ValueError("a model that runs here fills schemas by method='json_schema' alone, without tools")
        return parsed(self.bind(response_format=form_of(schema)), schema, include_raw=include_raw)

    def get_token_ids(self, text: str) -> list[int]:
        """Ids in the model's own vocabulary."""
        return list(served(self.model).format.encode(text))

    def get_num_tokens_from_messages(self, messages: list[BaseMessage], tools: Sequence[Any] | None = None) -> int:
        """Length of the prompt that these messages become."""
        return len(served(self.model).format.prompt([plain(message) for message in messages]))

    def _call(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None,
        metadata: Mapping[str, Any],
        overrides: Mapping[str, Any],
    ) -> _Call:
        chosen = self._identifying_params | _checked(overrides)
        engine = served(chosen["model"])
        prompt = engine.format.prompt([plain(message) for message in messages])
        sampling = Sampling(
            temperature=chosen["temperature"],
            top_p=chosen["top_p"],
            max_tokens=chosen["max_tokens"],
            stop=tuple(self.stop or () if stop is None else stop),
            seed=_seed(chosen["seed"], metadata, prompt),
            schema=schema_of(chosen["response_format"]) if "response_format" in chosen else "",
        )
        return _Call(engine, prompt, sampling, {"model_name": chosen["model"], "model_provider": self._provider})


class EmbeddedChatModel(LocalChatModel):
    """The small model that ships with harness, or with ``model`` another one, or an adapter of it.

    The default temperature of 0.2 keeps answers of a model of this size on the point; the usual 0.7 to 1 make it
    ramble.
    """

    _provider: ClassVar[str] = "embedded"

    model: str = "embedded"


def _weights(model: str) -> str:
    """Digest of a model's weights: retrained under the same name it is another model. "" where nothing is."""
    try:
        return place_of(model).digest
    except (ValueError, OSError):  # told in words when it is called
        return ""


def _checked(overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters given with one call; None means "as the model object says"."""
    if overrides.keys() & {"tools", "tool_choice", "functions"}:
        raise NotImplementedError(_NO_TOOLS)
    if unknown := sorted(overrides.keys() - _PER_CALL):
        raise ValueError(
            f"a model that runs here does not know {', '.join(unknown)}; it takes {', '.join(sorted(_PER_CALL))}"
        )
    return {name: value for name, value in overrides.items() if value is not None}


def _metadata(manager: CallbackManagerForLLMRun | AsyncCallbackManagerForLLMRun | None) -> Mapping[str, Any]:
    # LangChain hands no manager to streams; inside a graph the surrounding run still names its metadata.
    return ensure_config().get("metadata", {}) if manager is None else manager.metadata


def _seed(seed: int | None, metadata: Mapping[str, Any], prompt: tuple[int, ...]) -> int | None:
    if metadata.get(_RUN_SEED) is None:
        return seed
    draw = [metadata[_RUN_SEED], *(metadata.get(name) for name in _DRAW)]
    digest = hashlib.sha256(json.dumps([seed, draw, prompt], default=str).encode())
    return int.from_bytes(digest.digest()[:8], "big")
