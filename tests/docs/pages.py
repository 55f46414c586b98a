"""The pages that people read, and the blocks of code in them."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[2]
PAGES = tuple(page for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")) if page.name != "fine-tune.md")


def tokens(page: Path) -> list[Token]:
    """The block structure of a page."""
    return MarkdownIt().enable("table").parse(page.read_text("utf-8"))


def blocks(page: Path, language: str) -> list[str]:
    """The text of every fenced block in a language."""
    return [token.content for token in tokens(page) if token.type == "fence" and token.info == language]


def file_in(page: Path, path: str) -> str:
    """The block below a line that names a file."""
    found = tokens(page)
    named = [at for at, token in enumerate(found) if token.content == f"**`{path}`**"]
    return next(token.content for token in found[named[0] :] if token.type == "fence")


def module_of(text: str, name: str) -> ModuleType:
    """A module made of a text."""
    module = ModuleType(name)
    sys.modules[name] = module  # dataclasses look themselves up there
    exec(compile(text, f"{name}.py", "exec"), module.__dict__)
    return module


def anchors(page: Path) -> set[str]:
    """Headings as GitHub makes anchors of them."""
    found = tokens(page)
    texts = [found[at + 1].content for at, token in enumerate(found) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in texts}
