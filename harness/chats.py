"""Chat models by name, and texts of others set apart as data: what the rooms that ask a model of their own agree on.

Knows no prompt and no money. LangChain is loaded only where a model is made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from harness.errors import PluginError, UserError, boundary
from harness.redaction import Redactor
from harness.types import Call, Json

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

Messages = Sequence[tuple[str, str]]  # role and text


def chat_model(title: str, where: str, example: str, parameters: Mapping[str, Json] | None = None) -> BaseChatModel:
    """The model of "PROVIDER:MODEL", made by ``langchain.chat_models.init_chat_model``.

    Its credentials are those of this process: the environment that ``harness`` was started with. Raises UserError, at
    ``where``, with what to install where a package is missing, and for a name that says no provider (``example`` is
    one that does).
    """
    provider, _, model = title.partition(":")
    if not provider or not model:
        raise UserError(f"{title!r} names no model", where=where, fix=f"write {example}")
    try:
        from langchain.chat_models import init_chat_model  # an extra: only who names a model needs it

        with boundary(f"the model {title}", where=where):
            return init_chat_model(model, model_provider=provider, **(parameters or {}))
    except ImportError as error:
        raise UserError(f"{title} needs langchain: {error}", where=where, fix="pip install langchain") from error
    except PluginError as error:
        raise UserError(error.message, where=where, fix=_mend(provider, error.__cause__)) from error


def _mend(provider: str, cause: BaseException | None) -> str:
    """What usually helps where a model could not be made."""
    if isinstance(cause, ImportError):
        return f"pip install langchain-{provider.replace('_', '-')}"
    if isinstance(cause, ValueError):
        return "see the names of providers in LangChain's init_chat_model"
    return "put its key into the environment that harness is started with; a file that the app loads is not read here"


def call_of(title: str, messages: Messages, reply: Any, seconds: float, position: int = 0) -> Call:
    """A reply as a call that can be paid and recorded; without a key."""
    usage: Any = reply.usage_metadata or {}
    return Call(
        key="", node="", step=0, position=position, model=title,
        messages=tuple({"role": role, "content": text} for role, text in messages), parameters={},
        text=str(reply.text), response={}, tokens_in=usage.get("input_tokens"),
        tokens_out=usage.get("output_tokens"), seconds=seconds,
    )  # fmt: skip


def data(text: str) -> str:
    """What users and models wrote, for a model of another's: between fences, without secrets."""
    return fenced(Redactor.of({}, ()).text(text))


def fenced(text: str) -> str:
    """``text`` as data: between fences that it cannot hold, for their name is made from it."""
    name = f"data-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
    return f"<{name}>\n{text}\n</{name}>"
