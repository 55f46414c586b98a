"""Small apps on disk for the discovery tests."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

HEAD = """\
from langchain_openai import ChatOpenAI
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_core.prompts import ChatPromptTemplate
from langgraph.graph import StateGraph
llm = ChatOpenAI(model="gpt-4o-mini", temperature=0.2)
"""
TAIL = """
builder = StateGraph(dict)
builder.add_node("work", work)
graph = builder.compile()
"""

Writer = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    """Writes files below a fresh root and returns the root."""

    def written(files: Mapping[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return written
