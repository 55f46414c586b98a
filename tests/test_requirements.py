from __future__ import annotations

from pathlib import Path

import pytest

from harness.requirements import package, wanted


@pytest.mark.parametrize(
    "module, name",
    [
        ("dotenv", "python-dotenv"),
        ("google.genai.types", "google-genai"),
        ("googleapiclient.discovery", "google-api-python-client"),
        ("langchain_groq", "langchain-groq"),
        ("langgraph.graph", "langgraph"),
    ],
)
def test_a_package_may_be_called_otherwise_than_its_module(module: str, name: str) -> None:
    assert package(module) == name


@pytest.mark.parametrize(
    "file, text, said",
    [
        ("requirements.txt", "langchain_groq >= 1\n", "-r requirements.txt"),
        ("requirements.txt", "langchain-groq[all]==1\n", "-r requirements.txt"),
        ("requirements.txt", "langchain-groq-extras\n", "langchain-groq"),
        ("pyproject.toml", '[project]\ndependencies = ["Langchain-Groq>=1"]\n', "-e ."),
        ("README.md", "langchain-groq", "langchain-groq"),
    ],
)
def test_requirements_that_name_it_are_installed_whole(tmp_path: Path, file: str, text: str, said: str) -> None:
    (tmp_path / file).write_text(text, "utf-8")
    assert wanted(tmp_path, "langchain_groq") == said
