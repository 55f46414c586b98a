"""What lies in strangers' repositories beside sound Python: read as far as it goes, and noted with its place."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from harness.discover import discover, find_entry
from harness.discover.mending import mended
from harness.errors import UserError
from harness.types import Discovery
from tests.discover.conftest import HEAD, TAIL, Writer

SYSTEM = "Sort the ticket into billing or other."
ASK = f"def work(s): return llm.invoke([('system', {SYSTEM!r})])\n"
APP = f"{HEAD}{ASK}{TAIL}"


def texts(found: Discovery) -> list[str]:
    return [prompt.text for prompt in found.prompts]


def with_helper(root: Path, helper: bytes) -> Discovery:
    """An app whose node takes its text and another function from a helper file."""
    body = "from helper import P\ndef work(s): return llm.invoke([('system', P)])\n"
    (root / "app.py").write_text(f"{HEAD}{body}{TAIL}")
    (root / "helper.py").write_bytes(helper)
    return discover(root, "app.py:graph")


MISTAKES = {  # a helper, and how the note on it begins
    "half a call": ("def f(:\n    pass\nP = {!r}\n", "helper.py:1: cannot be read: "),
    "unclosed": ("P = {!r}\nx = (1,\n", "helper.py:2: cannot be read: '(' was never closed"),
    "unclosed text": ("P = {!r}\ndef f():\n    x = '''never\nclosed\n", "helper.py:3: cannot be read: unterminated"),
    "in a function": ("P = {!r}\ndef f():\n    x = = 1\n    return 1\n", "helper.py:3: cannot be read: "),
    "bad indentation": ("def f():\n    a\n  b\nP = {!r}\n", "helper.py:3: cannot be read: "),
    "decorated": ("@deco\ndef f(x:\n    pass\n\nP = {!r}\n", "helper.py:2: cannot be read: "),
    "null byte": ("x = 'a\0b'\nP = {!r}\n", "helper.py:1: cannot be read: "),
    "deep": ("x = " + "-" * 20_000 + "1\nP = {!r}\n", "helper.py:1: cannot be read: code is nested too deeply"),
    "tabs and spaces": ("def f():\n\ta\n        b\nP = {!r}\n", "helper.py:3: cannot be read: "),
}


@pytest.mark.parametrize(("helper", "note"), MISTAKES.values(), ids=MISTAKES.keys())
def test_all_but_the_mistake_of_a_file_is_read(tmp_path: Path, helper: str, note: str) -> None:
    found = with_helper(tmp_path, helper.replace("{!r}", repr(SYSTEM)).encode())
    assert texts(found) == [SYSTEM]
    assert any(said.startswith(note) and "left out" in said for said in found.notes), found.notes


def test_what_is_no_python_at_all_is_one_note(tmp_path: Path) -> None:
    found = with_helper(tmp_path, b"".join(b"%d <- ((\n" % n for n in range(200)))
    assert any(note.startswith("helper.py:1: cannot be read: ") for note in found.notes)


def test_a_file_with_a_mistake_keeps_its_lines() -> None:
    tree, left = mended("a = 1\nb = (\nc = 3\n\nd = 4\n")
    assert [(node.lineno, type(node).__name__) for node in tree.body if node.lineno > 4] == [(5, "Assign")]
    assert left[0].line == 2


NEWER = {
    "function": "def first[T](xs: list[T]) -> T: return xs[0]\n",
    "bounds": "class Box[T: (int, str), *Ts, **P](\n    list): pass\nasync def g[\n  T\n](x): pass\n",
    "alias": "type Pair[T] = tuple[T, T]\ntype Name = str\ntype = 3\ntype (x)\n",
}


@pytest.mark.parametrize("code", NEWER.values(), ids=NEWER.keys())
def test_type_parameters_of_newer_pythons_are_read(write: Writer, code: str) -> None:
    found = discover(write({"app.py": f"{HEAD}{code}{ASK}{TAIL}"}), "app.py:graph")
    assert texts(found) == [SYSTEM]
    assert found.notes == ()


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python reads it")
def test_quotes_in_fstrings_of_newer_pythons_cost_one_line(write: Writer) -> None:
    newer = 'def shown(s):\n    a = f"{s["x"]}"\n    return a\n'
    found = discover(write({"app.py": f"{HEAD}{newer}{ASK}{TAIL}"}), "app.py:graph")
    assert texts(found) == [SYSTEM]
    (note,) = found.notes
    assert note.startswith("app.py:7: cannot be read: f-string: ") and note.endswith("; line 7 is left out")


def test_the_graphs_own_file_with_a_mistake_is_refused_with_its_line(write: Writer) -> None:
    with pytest.raises(UserError) as refused:
        discover(write({"app.py": f"{APP}x = = 1\n"}), "app.py:graph")
    assert (refused.value.where, refused.value.fix) == ("app.py:11", "mend this line")


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf" + APP.encode(),
        APP.replace("\n", "\r\n").encode(),
        f"# -*- coding: latin-1 -*-\n# \xe9\n{APP}".encode("latin-1"),
        f"#!/usr/bin/python\n# vim: set fileencoding=shift_jis :\n# \u3042\n{APP}".encode("shift_jis"),
        f"\f\n{APP}\n\x1a".replace("\x1a", "").encode(),
    ],
    ids=["byte order mark", "CRLF", "latin-1", "shift_jis", "form feed"],
)
def test_bytes_of_all_kinds_are_read_and_spans_are_places_in_them(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "app.py").write_bytes(raw)
    found = discover(tmp_path, "app.py:graph")
    (prompt,) = found.prompts
    assert raw[prompt.span.start : prompt.span.end] == repr(SYSTEM).encode()
    assert raw.replace(b"\r\n", b"\n").split(b"\n")[prompt.span.line - 1].find(SYSTEM.encode()) > 0


@pytest.mark.parametrize(
    ("helper", "note"),
    [
        (b"x = 1\n# caf\xe9\n", "helper.py:2: cannot be read: not utf-8"),
        (b"# coding: klingon\n", "helper.py:1: cannot be read: unknown encoding"),
        (b"x = 1\n" * 2_000_000, "helper.py: cannot be read: larger than 2,000,000 bytes"),
    ],
    ids=["not UTF-8", "unknown encoding", "10 MB"],
)
def test_files_that_no_python_reads_are_noted(tmp_path: Path, helper: bytes, note: str) -> None:
    found = with_helper(tmp_path, helper)
    assert [node.is_llm for node in found.nodes] == [True]
    assert any(said.startswith(note) for said in found.notes), found.notes


def test_links_in_circles_and_things_that_are_no_files(write: Writer) -> None:
    root = write({"app.py": APP, "pkg/inner.py": "from langgraph.graph import StateGraph\n"})
    (root / "pkg/round").symlink_to(root, target_is_directory=True)
    (root / "loop.py").symlink_to(root / "loop.py")
    (root / "gone.py").symlink_to(root / "nowhere.py")
    (root / "folder.py").mkdir()
    os.mkfifo(root / "pipe.py")
    assert texts(discover(root)) == [SYSTEM]
    assert find_entry(root) == "app.py:graph"


def test_a_folder_that_may_not_be_entered_is_noted(write: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write({"app.py": APP, "closed/x.py": "x = 1\n"})
    real = os.scandir

    def scandir(path: str) -> object:  # whoever runs the tests may be allowed everything
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = discover(root)
    assert texts(found) == [SYSTEM]
    assert "closed: cannot be read: Permission denied" in found.notes


def test_environments_and_packages_of_others_are_left_out(write: Writer) -> None:
    others = ("node_modules/a", "venv/lib", "tools/own/lib/site-packages", ".hidden", "mine")
    root = write({"app.py": APP, "mine/pyvenv.cfg": "", **{f"{place}/app.py": APP for place in others}})
    assert [node.file for node in discover(root).nodes] == ["app.py"]


def test_packages_without_init_and_modules_that_import_each_other(write: Writer) -> None:
    root = write({
        "app.py": f"{HEAD}from space.deep.texts import P\ndef work(s): return llm.invoke([('system', P)])\n{TAIL}",
        "space/deep/texts.py": "import space.deep.other\nfrom space.deep import other\nP = other.Q\n",
        "space/deep/other.py": f"Q = {SYSTEM!r}\nfrom space.deep.texts import P\n",
    })  # fmt: skip
    assert texts(discover(root, "app.py:graph")) == [SYSTEM]


def test_a_repository_inside_the_repository_is_read_as_part_of_it(write: Writer) -> None:
    body = "from shared.texts import P\ndef work(s): return llm.invoke([('system', P)])\n"
    root = write({"app.py": f"{HEAD}{body}{TAIL}", "shared/.git": "gitdir: x\n", "shared/texts.py": f"P = {SYSTEM!r}"})
    assert texts(discover(root, "app.py:graph")) == [SYSTEM]


def test_two_graphs_of_one_name_are_told_apart_by_their_files(write: Writer) -> None:
    root = write({"a/graph.py": APP, "b/graph.py": APP})
    with pytest.raises(UserError, match=r"a/graph.py:graph, b/graph.py:graph"):
        find_entry(root)
    assert [node.file for node in discover(root).nodes] == ["a/graph.py", "b/graph.py"]


def test_without_a_graph_it_says_what_was_looked_for_and_where(write: Writer) -> None:
    root = write({"a.py": "x = 1\n", "b/c.py": "y = = 2\n# StateGraph\n"})
    with pytest.raises(UserError, match=r"no langgraph.json, and in 2 Python files .* b/c.py \(line 1: "):
        find_entry(root)


def notebook(*cells: str) -> str:
    made = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    return json.dumps({"cells": [{"cell_type": "markdown", "source": ["# Title"]}, *made]})


def test_a_notebook_is_read_and_not_edited(write: Writer) -> None:
    root = write({"n.ipynb": notebook("%pip install x\n!ls", "%%bash\nls (", HEAD, ASK, TAIL)})
    with pytest.raises(UserError, match=r"--graph n.ipynb:NAME reads one, none is tuned"):
        find_entry(root)
    found = discover(root, find_entry(root, "n.ipynb:graph"))
    assert [(p.text, p.proof, p.reason) for p in found.prompts] == [
        (SYSTEM, "unresolved", "stands in a notebook, which is read and not edited")
    ]
    (use,) = found.nodes[0].models
    assert (use.id, dict(use.literals), use.room) == ("gpt-4o-mini", {}, None)


def test_big_tables_are_read(write: Writer) -> None:
    entries = ",".join(f"'k{number}': 'Sort the letter {number} well.'" for number in range(5_000))
    found = discover(write({"app.py": f"{HEAD}T = {{{entries}}}\ndef work(s): return llm.invoke(T['k4321'])\n{TAIL}"}))
    assert texts(found) == ["Sort the letter 4321 well."]
