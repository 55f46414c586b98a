"""Chat models that run in this process, and one door to every other.

``init_chat_model("embedded")`` is the small model that ships with harness, ``init_chat_model("embedded:/a/folder")``
any other folder of its kind; every other string goes to LangChain. Importing this package loads neither torch nor
LangChain: programs that only name a model should not wait for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from harness.models.chat import EmbeddedChatModel

__all__ = ["EmbeddedChatModel", "init_chat_model"]

_PROVIDER = "embedded"


def init_chat_model(model: str, *, model_provider: str | None = None, **parameters: Any) -> BaseChatModel:
    """A chat model by name, like ``langchain.chat_models.init_chat_model`` with the provider ``embedded`` added.

    ``parameters`` are the model's own, such as temperature. Raises ImportError with the command that helps when the
    packages behind a provider are missing.
    """
    provider, _, rest = model.partition(":")
    if model_provider in (None, _PROVIDER) and provider == _PROVIDER:
        return _embedded(rest or _PROVIDER, parameters)
    if model_provider == _PROVIDER:
        return _embedded(model, parameters)
    try:
        from langchain.chat_models import init_chat_model as of_langchain
    except ImportError as error:
        raise ImportError(f"the model {model!r} needs LangChain: pip install langchain") from error
    chosen: BaseChatModel = of_langchain(model, model_provider=model_provider, **parameters)
    return chosen


def _embedded(model: str, parameters: dict[str, Any]) -> EmbeddedChatModel:
    try:
        from harness.models.chat import EmbeddedChatModel
    except ImportError as error:
        raise ImportError(
            f"the embedded model needs torch ({error}): pip install 'langgraph-harness[local]'"
        ) from error
    return EmbeddedChatModel(model=model, **parameters)


def __getattr__(name: str) -> Any:
    """``from harness.models import EmbeddedChatModel`` without paying for torch before."""
    if name == "EmbeddedChatModel":
        from harness.models.chat import EmbeddedChatModel

        return EmbeddedChatModel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
