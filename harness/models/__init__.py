"""Chat models that run in this process, and one door to every other.

``init_chat_model("embedded")`` is the small model that ships with harness, ``init_chat_model("local:a/folder")`` any
model folder, or an adapter folder that is loaded beside its base ("embedded:a/folder" says the same); every other
string goes to LangChain. Importing this package loads neither torch nor LangChain: programs that only name a model
should not wait for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from harness.models.chat import EmbeddedChatModel, LocalChatModel

__all__ = ["EmbeddedChatModel", "LocalChatModel", "init_chat_model"]

_CLASSES = {"embedded": "EmbeddedChatModel", "local": "LocalChatModel"}  # provider -> class in ``chat``


def init_chat_model(model: str, *, model_provider: str | None = None, **parameters: Any) -> BaseChatModel:
    """A chat model by name, like ``langchain.chat_models.init_chat_model`` with ``embedded`` and ``local`` added.

    ``parameters`` are the model's own, such as temperature. Raises ImportError with the command that helps when the
    packages behind a provider are missing.
    """
    provider, colon, rest = model.partition(":")
    if model == "embedded" and model_provider in (None, *_CLASSES):
        return _ours("embedded", {"model": model, **parameters})
    if colon and provider in _CLASSES and model_provider in (None, provider):
        return _ours(provider, {"model": rest, **parameters})
    if model_provider in _CLASSES:
        return _ours(model_provider, {"model": model, **parameters})
    try:
        from langchain.chat_models import init_chat_model as of_langchain
    except ImportError as error:
        raise ImportError(f"the model {model!r} needs LangChain: pip install langchain") from error
    chosen: BaseChatModel = of_langchain(model, model_provider=model_provider, **parameters)
    return chosen


def _ours(provider: str, parameters: dict[str, Any]) -> LocalChatModel:
    try:
        from harness.models import chat
    except ImportError as error:
        raise ImportError(
            f"a model that runs here needs torch ({error}): pip install 'langgraph-harness[local]'"
        ) from error
    chosen: LocalChatModel = getattr(chat, _CLASSES[provider])(**parameters)
    return chosen


def __getattr__(name: str) -> Any:
    """``from harness.models import EmbeddedChatModel`` without paying for torch before."""
    if name in _CLASSES.values():
        from harness.models import chat

        return getattr(chat, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
