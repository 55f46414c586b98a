"""What calls of installed packages mean: chat models, messages, templates, graphs, agents, and a little of the standard
library. The only file that knows names of LangChain and LangGraph. Unknown calls give an Opaque with their place.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from harness.discover.expressions import Evaluator, Invocation, iterated
from harness.discover.messages import as_message, event, sent
from harness.discover.paths import foreign_path
from harness.discover.texts import concatenated, step_all, templated
from harness.discover.values import (
    NOTHING,
    Agent,
    Atom,
    Chain,
    Const,
    Data,
    External,
    Function,
    Graph,
    Message,
    Model,
    Opaque,
    Record,
    Seq,
    Table,
    Template,
    Text,
    Value,
    join,
    one_string,
)
from harness.types import Json, TemplateKind

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
    r"^litellm\.(a?completion)$|\(\)(\.beta)?\.chat\.completions\.(create|parse)$|\(\)\.responses\.(create|parse)$"
    r"|\(\)\.messages\.(create|stream)$|\(\)\.(aio\.)?models\.generate_content$|^ollama\.(chat|generate)$"
)
_MESSAGES = {"SystemMessage": "system", "HumanMessage": "human", "AIMessage": "ai", "ToolMessage": "tool"}
_AGENTS = {"create_react_agent": "agent", "create_agent": "model", "create_supervisor": "supervisor"}
_SAME = {
    "list",
    "tuple",
    "sorted",
    "reversed",
    "deepcopy",
    "copy",
    "trim_messages",
    "filter_messages",
    "run",
    "wait_for",
}
_SAME |= {"create_task", "ensure_future", "shield", "merge_message_runs", "iter", "next", "RunnableSequence"}
_SAME_TEXT = {"str", "dedent", "cleandoc", "indent"}
_CALLS_FIRST = {"to_thread", "submit", "map", "starmap", "call_soon", "run_coroutine_threadsafe"}


def foreign(reader: Evaluator, path: str, call: Invocation) -> Value:
    """The value of calling ``path``, a dotted name of an installed package."""
    name = path.rsplit(".", 1)[-1]
    if _CLIENT_CALLS.search(path):
        return _client_call(reader, path, call)
    if is_chat_model(path):
        return (model(call, provider_of(name)),)
    handler = _environment if path.endswith("environ.get") else _HANDLERS.get(name)
    if handler:
        return handler(reader, call)
    if name in _MESSAGES:
        return (Message(_MESSAGES[name], call.argument(0, "content")),)
    if name in _AGENTS:
        return (_agent(reader, name, call),)
    if name in _SAME:
        return join(call.args)
    if name in _SAME_TEXT and call.args:
        texts = [a for a in call.args[0] if isinstance(a, Text)]
        return tuple(Text(step_all(t.fragments, [f"{call.where} {name}()"]), None, t.embedded) for t in texts) or (
            Data(),
        )
    if name in _CALLS_FIRST and call.args:
        return _call_first(reader, call)
    found = foreign_path(name, call.args)
    if found is not None:
        return found
    if name[:1].isupper():
        return (External(f"{path}()"),)
    return (Data(),) if path.startswith("builtins.") else (Opaque(call.source, call.where),)


# ---- models ----------------------------------------------------------------------------------------------------------


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
    bare = re.sub(r"^(Azure)?Chat|LLM$", r"\1", name).lower()
    return "" if name in ("init_chat_model", "BaseChatModel") else bare


def model(call: Invocation, provider: str) -> Model:
    """The model that a constructor call makes."""
    written = one_string(call.argument(0 if call.source.endswith("init_chat_model") else -1, *_IDS)) or ""
    split = re.match(r"([\w-]+)[:/](.+)", written) if not provider else None
    if split:
        provider, written = split[1], split[2]
    provider = one_string(call.argument(-1, "model_provider")) or provider
    return Model(provider, written, parameters(call), call.where)


def parameters(call: Invocation) -> tuple[tuple[str, Json], ...]:
    """Sampling parameters among the keyword arguments, as far as they are static."""
    found: list[tuple[str, Json]] = []
    for name in sorted(_PARAMETERS & call.kwargs.keys()):
        values = [a.static for a in call.kwargs[name] if isinstance(a, Const | Text) and a.static is not None]
        if len(values) == 1:
            found.append((name, values[0]))
    return tuple(found)


def record(reader: Evaluator, call: Invocation, models: tuple[Model, ...], value: Value) -> None:
    """Note a model call at this place."""
    found = reader.files.get(call.scope.file)
    span = found.source.span(call.scope.file, call.node) if found and isinstance(call.node, ast.Call) else None
    reader.events.append(event(call.where, call.source, models, value, span))


def _client_call(reader: Evaluator, path: str, call: Invocation) -> Value:
    provider = path.split(".", 1)[0].split("(")[0]
    bare = "" if provider == "litellm" else provider
    content = join((call.argument(-1, "messages", "input", "contents", "prompt"), *(call.args[:1] or ())))
    system = call.argument(-1, "system", "instructions")
    value = join((content, (Message("system", system),) if system else NOTHING))
    record(reader, call, (model(call, bare),), value)
    return (Data(),)


def _agent(reader: Evaluator, name: str, call: Invocation) -> Agent:
    chosen = call.argument(0, "model") if name != "create_supervisor" else call.argument(1, "model")
    models = tuple(a for a in chosen if isinstance(a, Model))
    if not models and one_string(chosen):
        provider, _, identity = (one_string(chosen) or "").rpartition(":")
        models = (Model(provider, identity, (), call.where),)
    prompt = call.argument(-1, "prompt", "system_prompt", "state_modifier", "messages_modifier")
    texts = join(
        reader.apply(a, _with(call, ((Data("state"),),), {})) if isinstance(a, Function) else (a,) for a in prompt
    )
    role = "system" if any(isinstance(a, Text) for a in texts) else ""
    made = event(call.where, name, models, (Message(role, texts),) if texts else NOTHING, None)
    last = getattr(call.node, "end_lineno", None) or 0
    file, _, line = call.where.partition(":")
    return Agent(_AGENTS[name], file, int(line), last, name, made)


# ---- handlers by name ------------------------------------------------------------------------------------------------


def _chat_template(reader: Evaluator, call: Invocation) -> Value:
    kind = template_kind(call)
    items = [item for value in (call.argument(0, "messages"),) for item in iterated(value)]
    found: list[Message] = []
    for item in items:
        for atom in item:
            message = atom if isinstance(atom, Message) else None
            if isinstance(atom, Seq | Table):
                message = as_message(atom)
            elif isinstance(atom, Text):
                message = Message("human", (atom,))
            elif isinstance(atom, Template):
                found += atom.messages
            if message:
                found.append(message if isinstance(atom, Message) else as_template(message, kind, call))
    return (Template(tuple(found)),)


def as_template(message: Message, kind: TemplateKind, call: Invocation) -> Message:
    """The message with its text read as a template of this kind."""
    content: list[Atom] = []
    for atom in message.content:
        if isinstance(atom, Text):
            fragments = tuple(templated(f, kind, f"{call.where} {call.source}") for f in atom.fragments)
            atom = Text(fragments, None, atom.embedded)
        content.append(atom)
    return Message(message.role, tuple(content))


def template_kind(call: Invocation) -> TemplateKind:
    """The kind that ``template_format`` names; LangChain's own default is that of ``str.format``."""
    written = one_string(call.argument(-1, "template_format")) or "f-string"
    return "format" if written == "f-string" else "jinja"


def _from_template(reader: Evaluator, call: Invocation) -> Value:
    role = next((r for word, r in (("System", "system"), ("AI", "ai")) if word in call.source), "human")
    return (Template((as_template(Message(role, call.argument(0, "template")), template_kind(call), call),)),)


def _jinja(reader: Evaluator, call: Invocation) -> Value:
    return as_template(Message("", call.argument(0, "source")), "jinja", call).content or (Data(),)


def _graph(reader: Evaluator, call: Invocation) -> Value:
    return (Graph(call.where),)


def _partial(reader: Evaluator, call: Invocation) -> Value:
    bound: list[Atom] = []
    for atom in call.argument(0):
        if isinstance(atom, Function):
            kwargs = tuple(call.kwargs.items())
            atom = Function(atom.node, atom.scope, (*atom.args, *call.args[1:]), (*atom.kwargs, *kwargs), atom.tag)
        bound.append(atom)
    return tuple(bound)


def _default(reader: Evaluator, call: Invocation) -> Value:
    default = call.argument(0, "default")
    made = [reader.apply(a, _with(call, (), {})) for a in call.argument(-1, "default_factory")]
    return join((default, *made)) or (Data(),)


def _environment(reader: Evaluator, call: Invocation) -> Value:
    name = one_string(call.argument(0, "key")) or "a variable"
    default = call.argument(1, "default")
    hop = f"{call.where} the environment variable {name} wins where it is set"
    return tuple(
        Text(step_all(a.fragments, [hop]), a.static, a.embedded) if isinstance(a, Text) else a for a in default
    ) or (Data(),)


def _getattr(reader: Evaluator, call: Invocation) -> Value:
    name = one_string(call.argument(1))
    found = [reader.attribute(a, name, call.source) for a in call.argument(0)] if name else []
    return join((*found, call.argument(2))) or (Data(),)


def _call_first(reader: Evaluator, call: Invocation) -> Value:
    items = [join(iterated(arg)) for arg in call.args[1:]] if call.source.endswith("map") else list(call.args[1:])
    return join(reader.apply(atom, _with(call, tuple(items), call.kwargs)) for atom in call.args[0]) or (Data(),)


def _with(call: Invocation, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Invocation:
    return Invocation(call.where, call.source, call.node, call.scope, args, kwargs)


def _executor(reader: Evaluator, call: Invocation) -> Value:
    return _call_first(reader, _with(call, call.args[1:], {})) if len(call.args) > 1 else (Data(),)


def _gather(reader: Evaluator, call: Invocation) -> Value:
    return (Seq(list(call.args)),)


def _second(reader: Evaluator, call: Invocation) -> Value:
    return call.argument(1, "val")


def _both(reader: Evaluator, call: Invocation) -> Value:
    return (Seq([item for arg in call.args for item in iterated(arg)], exact=False),)


def _dict(reader: Evaluator, call: Invocation) -> Value:
    copied = [a for arg in call.args for a in arg if isinstance(a, Table)]
    return (Table({k: v for t in copied for k, v in t.entries.items()} | call.kwargs),)


def _first(reader: Evaluator, call: Invocation) -> Value:
    return call.argument(0, "func")


def _runtime(reader: Evaluator, call: Invocation) -> Value:
    made = join(reader.apply(a, _with(call, (), {})) for a in call.argument(0))
    return (Record({"context": made}),)


def _nothing(reader: Evaluator, call: Invocation) -> Value:
    return (External(f"{call.source}()"),)


_HANDLERS: dict[str, Callable[[Evaluator, Invocation], Value]] = {
    "from_messages": _chat_template, "ChatPromptTemplate": _chat_template,
    "from_template": _from_template, "PromptTemplate": _from_template, "Template": _jinja, "from_string": _jinja,
    "StateGraph": _graph, "MessageGraph": _graph, "Graph": _graph,
    "partial": _partial, "partialmethod": _partial, "RunnableLambda": _first,
    "field": _default, "Field": _default, "getenv": _environment, "getattr": _getattr,
    "run_in_executor": _executor, "gather": _gather, "cast": _second, "add_messages": _both, "dict": _dict,
    "get_runtime": _runtime, "MessagesPlaceholder": _nothing, "ToolNode": _nothing,
}  # fmt: skip


def filled(reader: Evaluator, template: Template, call: Invocation) -> Value:
    """The messages that a template makes when it is filled in; what is filled in may be authored too."""
    inputs = [*call.args, *call.kwargs.values()]
    inner = [Text(tuple(sent(value))) for value in inputs]
    filling = concatenated([(text,) for text in inner], None)
    items: list[Value] = [(message,) for message in template.messages]
    return (Seq([*items, (Text((), None, filling.fragments),)], exact=False),)


def steps(value: Chain) -> list[Value]:
    """The steps of a chain in order, chains in chains opened."""
    flat: list[Value] = []
    for step in value.steps:
        chains = [atom for atom in step if isinstance(atom, Chain)]
        if chains and len(step) == 1:
            flat += steps(chains[0])
        else:
            flat.append(step)
    return flat
