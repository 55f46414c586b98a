"""Chat models: which foreign names make one, with which parameters, and the notes of their calls."""

from __future__ import annotations

import ast
import re
from dataclasses import replace

from harness.discover.expressions import Evaluator
from harness.discover.messages import event
from harness.discover.objects import Invocation
from harness.discover.repeating import repeat
from harness.discover.texts import variable_of
from harness.discover.values import NOTHING, Const, Data, Message, Model, Table, Text, Value, join, one_string
from harness.types import Json, Span

_NO_MODELS = {
    "ChatPromptTemplate", "ChatMessage", "ChatMessageHistory", "ChatMessagePromptTemplate", "ChatGeneration",
    "ChatResult", "ChatPromptValue", "ChatGenerationChunk",
}  # fmt: skip
_OTHER_MODELS = {"OpenAI", "AzureOpenAI", "OllamaLLM", "Ollama", "VertexAI", "BedrockLLM", "HuggingFacePipeline"}
_CHAT_CLASS = re.compile(r"^(?:Azure|Fake\w*|Generic\w*|Base)?Chat(?=[A-Z]|$)\w*$|ChatModel$")
_IDS = ("model", "model_name", "model_id", "deployment_name", "azure_deployment", "repo_id")
_PARAMETERS = {
    "temperature", "max_tokens", "max_completion_tokens", "max_output_tokens", "num_predict", "top_p", "top_k", "seed",
    "stop", "timeout", "max_retries", "reasoning_effort", "n", "format",
}  # fmt: skip
_CLIENT_CALLS = re.compile(
    r"^litellm\.(a?completion)$|(\(\)|^openai)(\.beta)?\.chat\.completions\.(create|parse|stream)$"
    r"|\(\)\.responses\.(create|parse|stream)$|\(\)\.messages\.(create|stream|parse)$|\bChatCompletion\.a?create$"
    r"|\(\)\.(aio\.)?models\.generate_content(_stream)?$|^ollama\.((Async)?Client\(\)\.)?(chat|generate)$"
    r"|\(\)\.chat\.(complete|stream)(_async)?$|\(\)\.chat_completion$"
)
_CLIENT_MODELS = re.compile(r"\.GenerativeModel$|\(\)\.(aio\.)?chats\.create$")


def is_chat_model(path: str) -> bool:
    """Whether the dotted name is a class or function that makes a chat model."""
    name = path.rsplit(".", 1)[-1]
    if name == "init_chat_model":
        return True
    return name not in _NO_MODELS and (
        bool(_CHAT_CLASS.search(name)) or (name in _OTHER_MODELS and "langchain" in path)
    )


def provider_of(name: str) -> str:
    """The provider that a class name tells: ``ChatOpenAI`` -> ``openai``; "" for general ones."""
    bare = re.sub(r"^(Azure)?Chat|(Chat)?Model$|LLM$", r"\1", name).lower()
    return "" if name == "init_chat_model" else bare.removeprefix("base")


def asks_unknown(call: Invocation) -> bool:
    """Whether a call is written as those of a provider's client, of which nothing else is known."""
    dots = [place for place, letter in enumerate(call.source) if letter == "."]
    return "model" in call.kwargs and any(is_client_call(f"(){call.source[place:]}") for place in dots)


def is_client_model(path: str) -> bool:
    """Whether the dotted name makes an object of a provider's client that stands for one model."""
    return bool(_CLIENT_MODELS.search(path))


def client_model(reader: Evaluator, path: str, call: Invocation) -> Value:
    """The model of a provider's client, with the system text that it is made with."""
    made = model(reader, path, call, path.split(".", 1)[0], 0)
    return (replace(made, rule=join((call.argument(-1, "system_instruction"), _configured(call)))),)


def _configured(call: Invocation) -> Value:
    """The system text among the settings of a call."""
    settings = [a for a in call.argument(-1, "config", "generation_config") if isinstance(a, Table)]
    return join(table.entries.get("system_instruction", NOTHING) for table in settings)


def model(reader: Evaluator, path: str, call: Invocation, provider: str, place: int = -1) -> Model:
    """The model that a call of ``path``, a constructor, makes; ``place`` is where it takes the id, if by position."""
    named = call.argument(0 if call.source.endswith("init_chat_model") else place, *_IDS)
    written = one_string(named) or ""
    split = re.match(r"([\w-]+)[:/](.+)", written) if not provider else None
    identity = split[2] if split else written
    provider = one_string(call.argument(-1, "model_provider")) or (split[1] if split else provider)
    literals = (*_literals(call), *_identity(named))
    return Model(
        provider, identity, _parameters(call), call.where, literals, _room(reader, path, call), written,
        overrides=_overrides(call, named),
    )  # fmt: skip


def bound(of: Model, call: Invocation) -> Model:
    """The model with the keyword arguments of ``bind``, which win over its own."""
    named = call.argument(-1, *_IDS)
    hidden = {*call.kwargs, *(["model"] if named else [])}
    own = {name: value for name, value in of.literals if name not in hidden}
    identity = one_string(named) or ("" if named else of.id)
    return replace(
        of,
        id=identity,
        written=identity if named else of.written,
        parameters=tuple({**dict(of.parameters), **dict(_parameters(call))}.items()),
        literals=tuple({**own, **dict((*_literals(call), *_identity(named)))}.items()),
        overrides=(*((name, of) for name, of in of.overrides if name not in hidden), *_overrides(call, named)),
        steers=join((of.steers, call.argument(-1, "tools"), call.argument(-1, "response_format"))),
    )


def steered(of: Model, more: Value) -> Model:
    """The model with further tools, or the form of its reply."""
    return replace(of, steers=join((of.steers, more)))


def _parameters(call: Invocation) -> tuple[tuple[str, Json], ...]:
    """Sampling parameters among the keyword arguments, as far as they are static."""
    found: list[tuple[str, Json]] = []
    for name in sorted(_PARAMETERS & call.kwargs.keys()):
        values = [a.static for a in call.kwargs[name] if isinstance(a, Const | Text) and a.static is not None]
        if len(set(values)) == 1:
            found.append((name, values[0]))
    return tuple(found)


def _overrides(call: Invocation, named: Value) -> tuple[tuple[str, str], ...]:
    """Parameters, and the id that ``named`` gives, with the environment variable that wins over what is written."""
    given = {name: call.kwargs[name] for name in sorted(_PARAMETERS & call.kwargs.keys())} | {"model": named}
    return tuple((name, variable) for name, value in given.items() if (variable := variable_of(value)))


def _literals(call: Invocation) -> tuple[tuple[str, Span], ...]:
    """Places of those sampling parameters that can be nothing but one number of the repository."""
    found: list[tuple[str, Span]] = []
    for name in sorted(_PARAMETERS & call.kwargs.keys()):
        spans = [a.span if isinstance(a, Const) else None for a in call.kwargs[name]]
        if len(spans) == 1 and spans[0] is not None:
            found.append((name, spans[0]))
    return tuple(found)


def _identity(named: Value) -> tuple[tuple[str, Span], ...]:
    """The place of the id where it can be nothing but one text of the repository, with nothing filled into it."""
    texts = [fragment for atom in named if isinstance(atom, Text) for fragment in atom.fragments]
    alone = (
        len(named) == 1
        and len(texts) == 1
        and not texts[0].problem
        and one_string(named) == "".join(map(str, texts[0].parts))
    )
    return (("model", texts[0].span),) if alone else ()


def _room(reader: Evaluator, path: str, call: Invocation) -> Span | None:
    """The end of the last argument of the call; None where its arguments are not all written there, or it is made by
    other code, such as a partial."""
    node, found = call.node, reader.files.get(call.scope.file)
    name = path.rsplit(".", 1)[-1]
    if (
        not isinstance(node, ast.Call)
        or found is None
        or not found.is_editable
        or ast.unparse(node.func).rsplit(".", 1)[-1] != name
    ):
        return None
    if any(keyword.arg is None for keyword in node.keywords) or not (node.args or node.keywords):
        return None
    last = max(
        (*node.args, *(k.value for k in node.keywords)), key=lambda a: (a.end_lineno or 0, a.end_col_offset or 0)
    )
    span = found.source.span(call.scope.file, last)
    return Span(span.file, span.end, span.end, span.end_line, span.end_line)


def record(reader: Evaluator, call: Invocation, models: tuple[Model, ...], value: Value) -> None:
    """Note a model call at this place."""
    found = reader.files.get(call.scope.file)
    span = found.source.span(call.scope.file, call.node) if found and isinstance(call.node, ast.Call) else None
    rules = join(m.rule for m in models)
    value = join((value, (Message("system", rules),))) if rules else value
    noted = event(call.where, call.source, models, value, span)
    reader.events.append(replace(noted, repeat=repeat(reader, call)))


def is_client_call(path: str) -> bool:
    """Whether the dotted name is a provider client's own completion call."""
    return bool(_CLIENT_CALLS.search(path))


def client_call(reader: Evaluator, path: str, call: Invocation) -> Value:
    """Note the call of a provider's own client."""
    provider = path.split(".", 1)[0].split("(")[0]
    bare = "" if provider == "litellm" else provider
    content = join((call.argument(-1, "messages", "input", "contents", "prompt"), *(call.args[:1] or ())))
    system = join((call.argument(-1, "system", "instructions"), _configured(call)))
    value = join((content, (Message("system", system),) if system else NOTHING))
    made = model(reader, path, call, bare)
    named = [f.span for a in call.argument(-1, *_IDS) if isinstance(a, Text) for f in a.fragments]
    if len(named) == 1:  # such a client has no constructor that tells the model: the place of its name does
        made = replace(made, where=f"{named[0].file}:{named[0].line}")
    forms = join(call.argument(-1, name) for name in ("tools", "response_format", "text_format"))
    record(reader, call, (steered(made, forms),), value)
    return (Data(),)
