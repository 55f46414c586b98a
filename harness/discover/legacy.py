"""LangChain's own chains and agents of the time before LangGraph: each is read as the prompt and model it is."""

from __future__ import annotations

from collections.abc import Callable

from harness.discover.expressions import Evaluator
from harness.discover.objects import Invocation
from harness.discover.values import NOTHING, Chain, Seq, Table, Template, Value, join

_PROMPTS = ("prompt", "combine_docs_chain_kwargs", "chain_type_kwargs", "system_message", "prefix")


def _prompted(reader: Evaluator, call: Invocation) -> Value:
    """``LLMChain(llm=..., prompt=...)`` and the makers that take the model first, wherever they take the prompt."""
    given = call.argument(-1, *_PROMPTS)
    inner = [join(a.entries.values()) for a in given if isinstance(a, Table)]
    positional = [arg for arg in call.args[1:] if any(isinstance(a, Template | Chain) for a in arg)]
    return _steps((join(inner) if inner else given) or join(positional), call.argument(0, "llm", "model"))


def _of_tools(reader: Evaluator, call: Invocation) -> Value:
    """``initialize_agent(tools, llm, ...)``."""
    settings = [a for a in call.argument(-1, "agent_kwargs") if isinstance(a, Table)]
    return _steps(join(v for t in settings for v in t.entries.values()), call.argument(1, "llm"))


def _steps(prompt: Value, model: Value) -> Value:
    return (Chain((prompt, model) if prompt else (model,)),)


def _wrapped(reader: Evaluator, call: Invocation) -> Value:
    """What only runs the runnable that it is given."""
    return call.argument(0, "agent", "runnable", "chain", "bound") or NOTHING


def _after(reader: Evaluator, call: Invocation) -> Value:
    """``create_retrieval_chain(retriever, chain)``."""
    return call.argument(1, "combine_docs_chain")


def _branches(reader: Evaluator, call: Invocation) -> Value:
    """``RunnableBranch((condition, runnable), ..., default)``."""
    pairs = [a.items[1] for arg in call.args for a in arg if isinstance(a, Seq) and len(a.items) == 2]
    return join((*pairs, *call.args[-1:]))


_BY_NAME = (
    "LLMChain", "ConversationChain", "create_stuff_documents_chain", "create_sql_query_chain", "load_qa_chain",
    "load_summarize_chain", "create_tool_calling_agent", "create_openai_functions_agent", "create_openai_tools_agent",
    "create_structured_chat_agent", "create_json_chat_agent", "create_xml_agent", "create_history_aware_retriever",
    "create_structured_output_runnable", "RetrievalQA.from_chain_type", "RetrievalQA.from_llm",
    "ConversationalRetrievalChain.from_llm", "create_pandas_dataframe_agent", "create_sql_agent", "create_csv_agent",
    "agents.create_react_agent",
)  # fmt: skip
HANDLERS: dict[str, Callable[[Evaluator, Invocation], Value]] = {
    **dict.fromkeys(_BY_NAME, _prompted),
    "initialize_agent": _of_tools, "AgentExecutor": _wrapped, "RunnableWithMessageHistory": _wrapped,
    "AgentExecutor.from_agent_and_tools": _wrapped, "create_retrieval_chain": _after, "RunnableBranch": _branches,
}  # fmt: skip
