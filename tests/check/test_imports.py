"""Which packages an app needs, from its source alone."""

from __future__ import annotations

from pathlib import Path

from harness.check.imports import on_start


def needs(root: Path, files: dict[str, str], entry: str = "app.py") -> dict[str, str]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return {need.package: need.where for need in on_start(root, root / entry)[0]}


def test_top_level_packages_with_their_first_line(tmp_path: Path) -> None:
    text = (
        "import os, json\nimport langgraph.graph as lg\nfrom langgraph import types\nfrom pydantic import BaseModel\n"
    )
    assert needs(tmp_path, {"app.py": text}) == {"langgraph": "app.py:2", "pydantic": "app.py:4"}


def test_modules_of_the_repo_are_followed(tmp_path: Path) -> None:
    files = {
        "graphs/desk/graph.py": "from graphs.desk import nodes\nfrom . import prompts\nfrom .deep.inner import x\n",
        "graphs/desk/__init__.py": "import in_package\n",
        "graphs/desk/nodes.py": "import in_nodes\n",
        "graphs/desk/prompts.py": "import in_prompts\n",
        "graphs/desk/deep/inner.py": "import in_inner\nfrom .. import nodes\n",
        "graphs/desk/unused.py": "import in_unused\n",
    }
    assert needs(tmp_path, files, "graphs/desk/graph.py") == {
        "in_package": "graphs/desk/__init__.py:1",
        "in_nodes": "graphs/desk/nodes.py:1",
        "in_prompts": "graphs/desk/prompts.py:1",
        "in_inner": "graphs/desk/deep/inner.py:1",
    }


def test_a_src_folder_and_neighbours_are_the_repos_own(tmp_path: Path) -> None:
    files = {
        "app/main.py": "import helper\nimport lib.core\n",
        "app/helper.py": "import one\n",
        "src/lib/core.py": "import two\n",
    }
    assert needs(tmp_path, files, "app/main.py") == {"one": "app/helper.py:1", "two": "src/lib/core.py:1"}


def test_what_an_app_can_do_without_is_left_out(tmp_path: Path) -> None:
    text = """\
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import only_types
else:
    import really
try:
    import maybe
except ImportError:
    import instead
finally:
    import always
try:
    import must
except KeyError:
    pass
def late():
    import later
class Model:
    import inside
"""
    assert set(needs(tmp_path, {"app.py": text})) == {"really", "always", "must", "inside"}


def test_circles_and_broken_files_end(tmp_path: Path) -> None:
    files = {"app.py": "import other\n", "other.py": "import app\nimport broken\nimport x\n", "broken.py": "def (:\n"}
    assert needs(tmp_path, files) == {"x": "other.py:3"}
