"""Every kind of entry is started or refused in words; inputs and outputs are mapped."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.app import AppHost, AppOptions
from harness.errors import AppError
from harness.types import Case, Job
from tests.app.helpers import ODD, odd, only, sharing
from tests.conftest import TOYS


def opened(entry: str, tree: Path, python: str = sys.executable) -> AppError:
    """The error that opening ``entry`` ends with."""
    host = sharing(entry, AppOptions()) if python == sys.executable else AppHost(python, entry, AppOptions())
    with pytest.raises(AppError) as caught:
        host.open(tree, "v1")
    assert caught.value.exit_code == 3 and caught.value.where and caught.value.fix
    return caught.value


@pytest.mark.parametrize("entry", ["draft", "make", "make_with", "amake", "managed", "remembering"])
def test_runs(entry: str) -> None:
    with odd(entry) as app:
        assert app.describe().nodes == ("first", "act")
        run, _ = only(app, "tell")
        assert run.output["log"] == ["first", "act"]
        assert only(app, "tell", k=1)[0].output["log"] == ["first", "act"], "threads of runs are apart"


def test_a_context_with_defaults_is_filled() -> None:
    with odd("kind") as app:
        assert app.describe().has_context and only(app, "x")[0].output["said"] == "plain"


@pytest.mark.parametrize(
    "entry, words, fix",
    [
        ("needing", "needs user", "default"),
        ("make_needing", "model, speed", "default"),
        ("stopping", "interrupt_before='act'", "interrupt_before"),
        ("not_a_graph", "is a int", ""),
        ("missing", "has no 'missing'; it has", "odd.py:"),
    ],
)
def test_is_refused_in_words(entry: str, words: str, fix: str) -> None:
    error = opened(f"odd.py:{entry}", ODD)
    assert words in error.message and fix in error.fix


def test_a_missing_file_and_a_missing_interpreter_are_named(tmp_path: Path) -> None:
    assert "nowhere.py does not exist" in opened("nowhere.py:graph", ODD).message
    assert "no-python" in opened("odd.py:graph", ODD, str(tmp_path / "no-python")).message


@pytest.mark.parametrize(
    "line, words, fix",
    [
        ("import no_such_package", "No module named 'no_such_package'", "-m pip install no-such-package"),
        ("import os; os.environ['MY_MODEL']", "MY_MODEL", "set the variable MY_MODEL"),
        ("raise ValueError('Did not find OPENAI_API_KEY')", "OPENAI_API_KEY", "set the variable OPENAI_API_KEY"),
        ("def broken(:", "SyntaxError", "-m app.graph"),
        ("import os; os._exit(5)", "ended while importing", "python"),
        ("import sys; sys.exit('not today')", "not today", "-m app.graph"),
    ],
)
def test_a_failed_import_names_file_line_and_fix(
    toy_tree: Callable[[str], Path], line: str, words: str, fix: str
) -> None:
    tree = toy_tree("classify")
    prompts = tree / "app/prompts.py"
    prompts.write_text(prompts.read_text() + line + "\n")
    error = opened("app/graph.py:graph", tree)
    assert words in error.message and fix in error.fix
    if "_exit(" not in line:
        assert error.where == f"app/prompts.py:{len(prompts.read_text().splitlines())}"


@pytest.mark.parametrize("package, init", [("extractor", True), ("extractor", False), ("my-app/extractor", True)])
def test_a_package_that_imports_relatively_is_started(tmp_path: Path, package: str, init: bool) -> None:
    source = (TOYS / "classify/app/graph.py").read_text().replace("from app.", "from .")
    assert "from .prompts" in source
    shutil.copytree(TOYS / "classify/app", tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / package / "graph.py").write_text(source)
    (tmp_path / package / "__init__.py").unlink(missing_ok=True)
    if init:
        (tmp_path / package / "__init__.py").write_text("")
    app = sharing(f"{package}/graph.py:graph", AppOptions()).open(tmp_path, "v1")
    assert app.describe().nodes
    app.close()


@pytest.mark.parametrize("line", ["from .llm import missing", "from llm import missing", "from pkg.llm import missing"])
def test_the_fix_of_a_failed_import_fails_alike_and_works_once_mended(tmp_path: Path, line: str) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg/graph.py").write_text(f"{line}\n")
    (tmp_path / "pkg/llm.py").write_text("")
    by_hand = opened("pkg/graph.py:graph", tmp_path).fix.removeprefix("make this work first: ")
    failed = subprocess.run(by_hand, shell=True, cwd=tmp_path, capture_output=True, text=True)
    assert "cannot import name 'missing'" in failed.stderr
    (tmp_path / "pkg/llm.py").write_text("missing = 1\n")
    assert subprocess.run(by_hand, shell=True, cwd=tmp_path).returncode == 0


def test_a_file_of_the_same_name_at_the_root_is_not_taken_for_the_entry(toy_tree: Callable[[str], Path]) -> None:
    tree = toy_tree("odd")
    (tree / "my-app").mkdir()
    (tree / "odd.py").rename(tree / "my-app/odd.py")
    (tree / "odd.py").write_text("")
    app = sharing("my-app/odd.py:make", AppOptions()).open(tree, "v1")
    assert app.describe().nodes == ("first", "act")
    app.close()


def test_secrets_do_not_leave(toy_tree: Callable[[str], Path]) -> None:
    tree = toy_tree("classify")
    (tree / "app/prompts.py").write_text("import os\nraise ValueError('bad key ' + os.environ['SOME_API_KEY'])\n")
    host = AppHost(sys.executable, "app/graph.py:graph", AppOptions(env={"SOME_API_KEY": "sk-0123456789"}))
    with pytest.raises(AppError) as caught:
        host.open(tree, "v1")
    host.close()
    assert "0123456789" not in str(caught.value) and "<SOME_API_KEY>" in str(caught.value)


@pytest.fixture(scope="module")
def chatting() -> Iterator[object]:
    with odd("chatting") as app:
        yield app


@pytest.mark.parametrize("inputs", [{"input": "hello"}, {"messages": [{"role": "user", "content": "hello"}]}])
def test_text_and_messages_reach_a_chat_graph(chatting, inputs: dict[str, object]) -> None:
    (run,) = chatting.run([Job(Case("c", inputs, {}), 0, seed=1)], lambda *_: None)
    assert [message["role"] for message in run.output["messages"]] == ["user", "assistant"]
    assert run.output["messages"][1]["content"].startswith("echo: hello")


def test_a_bare_text_reaches_the_functional_api() -> None:
    with odd("flow") as app:
        (run,) = app.run([Job(Case("c", {"input": "hello"}, {}), 0, seed=1)], lambda *_: None)
    assert run.output.startswith("echo: hello") and len(run.calls) == 1


def test_an_interrupt_cannot_be_answered() -> None:
    with odd("asking") as app:
        assert app.describe().checkpointer == "InMemorySaver"
        run, _ = only(app, "x")
    assert run.fault is not None and run.fault.kind == "app"
    assert "interrupt in node 'ask'" in run.fault.message


def test_a_new_version_runs_its_own_text(toy_tree: Callable[[str], Path]) -> None:
    tree = toy_tree("classify")
    host = sharing("app/graph.py:graph", AppOptions())
    prompts = tree / "app/prompts.py"
    for word in ("first", "other"):  # of one length and most likely one second: stale bytecode would show
        prompts.write_text(f'CLASSIFY = "{word}"\nREPLY = "{{ticket}} sentence"\n')
        app = host.open(tree, word)
        (run,) = app.run([Job(Case("c", {"ticket": "An error."}, {}), 0, seed=1)], lambda *_: None)
        assert run.calls[0].messages[0]["content"] == word
        app.close()
    assert not list(tree.rglob("__pycache__"))
