"""Changes of real files: the span and nothing else, or a refusal."""

from dataclasses import replace
from pathlib import Path
from stat import S_IMODE
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.changes import Refused, Stale, apply, bind, undo
from harness.discover import discover
from harness.types import Change, Discovery, Node, Parts, Prompt, Proposal, Variable

APP = """# -*- coding: utf-8 -*-
from pathlib import Path
from langchain_openai import ChatOpenAI
from langgraph.graph import StateGraph

PLAIN = "Be short – and kind."  # a comment
FORMAT = ("Classify {ticket} as one of:\\n"
          "billing or other")
FILE = (Path(__file__).parent / "policy.md").read_text()

def answer(state):
    text = state["text"]
    llm = ChatOpenAI(model="gpt-4o")
    return llm.invoke([
        ("system", PLAIN), ("system", FORMAT.format(ticket=text)), ("system", FILE),
        ("user", f\'Answer the words {text!r} of {state["name"]} now\'),
    ])

builder = StateGraph(dict)
builder.add_node("answer", answer)
graph = builder.compile()
"""
POLICY = "Never promise a refund.\nAlways say please.\n"
IDS = ["app.py:PLAIN", "app.py:FORMAT", "policy.md", "app.py:answer:7th literal"]
TEXT = st.text(
    alphabet=st.one_of(
        st.sampled_from("{}\"'\\\n\t #ab"), st.characters(exclude_categories=["Cs"], exclude_characters="\r")
    ),
    max_size=40,
)


def write(root: Path, newline: str = "\n", bom: bytes = b"", app: str = APP) -> Path:
    (root / "app.py").write_bytes(bom + app.replace("\n", newline).encode())
    (root / "policy.md").write_bytes(POLICY.replace("\n", newline).encode())
    return root


def found(root: Path) -> Discovery:
    return discover(root, "app.py:graph")


def prompt_of(root: Path, name: str) -> tuple[Prompt, Node]:
    discovery = found(root)
    prompt = {p.id: p for p in discovery.prompts}[name]
    return replace(prompt, proof="proved"), discovery.nodes[0]


def change_of(root: Path, name: str, parts: Parts) -> Change:
    prompt, node = prompt_of(root, name)
    return bind(Proposal("test", parts, "why"), prompt, node, id="c01", proposer="test")


def test_the_app_has_these_prompts(tmp_path: Path) -> None:
    assert sorted(p.id for p in found(write(tmp_path)).prompts) == sorted(IDS)


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(IDS), texts=st.lists(TEXT, min_size=3, max_size=3), crlf=st.booleans(), bom=st.booleans())
def test_what_is_applied_is_found_again_and_undone(name: str, texts: list[str], crlf: bool, bom: bool) -> None:
    with TemporaryDirectory() as folder:
        root = write(Path(folder), "\r\n" if crlf else "\n", b"\xef\xbb\xbf" if bom else b"")
        before = {path.name: path.read_bytes() for path in root.iterdir()}
        prompt, _ = prompt_of(root, name)
        variables = [p for p in prompt.parts if isinstance(p, Variable)]
        parts = tuple(p for i, text in enumerate(texts) for p in (f"Words {text}", *variables[i : i + 1]))
        change = change_of(root, name, parts)
        edit = apply(root, change)
        again = {p.id: p for p in found(root).prompts}
        assert again[name].parts == change.new
        file, span = change.span.file, change.span
        raw, old = (root / file).read_bytes(), before[file]
        assert raw[: span.start] == old[: span.start]
        assert raw[len(raw) - (len(old) - span.end) :] == old[span.end :]
        assert {p.name: p.read_bytes() for p in root.iterdir() if p.name != file} == {
            k: v for k, v in before.items() if k != file
        }
        undo(root, edit)
        assert {path.name: path.read_bytes() for path in root.iterdir()} == before


def test_examples_with_braces_reach_the_model_as_written(tmp_path: Path) -> None:
    root = write(tmp_path)
    prompt, _ = prompt_of(root, "app.py:FORMAT")
    example = '\nExample:\n{"label": "billing", "why": {"a": [1]}}\n'
    apply(root, change_of(root, "app.py:FORMAT", (*prompt.parts, example)))
    names: dict[str, str] = {}
    code = (root / "app.py").read_text().split("FORMAT = (", 1)[1].split(")\nFILE", 1)[0]
    exec(f"X = ({code})", names)
    assert names["X"].format(ticket="T").endswith(example)


def test_the_mode_and_the_encoding_declaration_stay(tmp_path: Path) -> None:
    app = APP.replace("utf-8", "latin-1").replace("–", "é")
    (tmp_path / "app.py").write_bytes(app.encode("latin-1"))
    (tmp_path / "policy.md").write_text(POLICY)
    (tmp_path / "app.py").chmod(0o755)
    apply(tmp_path, change_of(tmp_path, "app.py:PLAIN", ("Sois bref – é",)))
    raw = (tmp_path / "app.py").read_bytes()
    assert b'"Sois bref \\u2013 \xe9"' in raw
    assert raw.startswith(b"# -*- coding: latin-1 -*-")
    assert S_IMODE((tmp_path / "app.py").stat().st_mode) == 0o755


@pytest.mark.parametrize(
    ("name", "parts", "reason"),
    [
        ("app.py:FORMAT", ("no variable",), "lost {ticket}"),
        ("app.py:PLAIN", ("a", Variable("x", "{x}")), "added {x}"),
        ("app.py:FORMAT", ("a", Variable("ticket", "{ticket!r}")), "lost {ticket}; added {ticket!r}"),
        ("app.py:PLAIN", ("Be short – and kind.",), "unchanged"),
        ("app.py:PLAIN", ("a" * 50_000,), "50,000 characters"),
        ("app.py:PLAIN", ("a\ud800",), "cannot be written"),
        ("policy.md", ("a\rb",), "carriage return"),
    ],
)
def test_what_may_not_be_is_refused_in_words(tmp_path: Path, name: str, parts: Parts, reason: str) -> None:
    with pytest.raises(Refused, match=reason.replace("{", r"\{").replace("}", r"\}")) as caught:
        change_of(write(tmp_path), name, parts)
    assert caught.value.where.startswith(name.partition(":")[0] + ":")


def test_variables_that_are_filled_by_position_keep_their_order(tmp_path: Path) -> None:
    app = APP.replace("{ticket} as one of", "{} as {!r} of").replace("format(ticket=text)", "format(text, 1)")
    root = write(tmp_path, app=app)
    prompt, _ = prompt_of(root, "app.py:FORMAT")
    first, second = (p for p in prompt.parts if isinstance(p, Variable))
    change_of(root, "app.py:FORMAT", ("Words ", first, second))
    with pytest.raises(Refused, match="must stay in their order: they are filled by position"):
        change_of(root, "app.py:FORMAT", ("Words ", second, first))


def test_only_proved_prompts_are_changed(tmp_path: Path) -> None:
    prompt, node = prompt_of(write(tmp_path), "app.py:PLAIN")
    likely = replace(prompt, proof="unresolved", reason="did not reach the model")
    with pytest.raises(Refused, match="unresolved, not proved: did not reach the model"):
        bind(Proposal("test", ("b",), "why"), likely, node, id="c01", proposer="test")


def test_a_file_changed_since_is_not_touched(tmp_path: Path) -> None:
    root = write(tmp_path)
    change = change_of(root, "app.py:PLAIN", ("Be brief.",))
    (root / "app.py").write_text(APP.replace("Be short", "Be shorter"))
    before = (root / "app.py").read_bytes()
    with pytest.raises(Stale) as caught:
        apply(root, change)
    assert caught.value.where == "app.py:6"
    assert (root / "app.py").read_bytes() == before


def test_undo_refuses_a_file_that_went_on(tmp_path: Path) -> None:
    root = write(tmp_path)
    edit = apply(root, change_of(root, "app.py:PLAIN", ("Be brief.",)))
    apply(root, change_of(root, "app.py:PLAIN", ("Be very brief.",)))
    with pytest.raises(Stale):
        undo(root, edit)


def test_a_link_out_of_the_tree_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    root = write(tmp_path / "tree")
    change = change_of(root, "policy.md", ("Changed.\n",))
    (tmp_path / "outside.md").write_text(POLICY)
    (root / "policy.md").unlink()
    (root / "policy.md").symlink_to(tmp_path / "outside.md")
    with pytest.raises(Refused, match="outside the tree"):
        apply(root, change)
    assert (tmp_path / "outside.md").read_text() == POLICY


def test_a_text_file_keeps_its_last_line_ending(tmp_path: Path) -> None:
    root = write(tmp_path)
    apply(root, change_of(root, "policy.md", ("Never promise anything.",)))
    assert (root / "policy.md").read_bytes() == b"Never promise anything.\n"


def test_a_value_of_a_document_is_replaced_where_it_stands(tmp_path: Path) -> None:
    app = APP.replace('(Path(__file__).parent / "policy.md").read_text()', 'yaml.safe_load(open("policy.yaml"))["p"]')
    root = write(tmp_path, app="import yaml\n" + app)
    (root / "policy.yaml").write_bytes(
        b"\xef\xbb\xbfp: |  # the policy\r\n  Caf\xc3\xa9 first.\r\n\r\n# end\r\nq: 1\r\n"
    )
    change = change_of(root, "policy.yaml:p", ("Café first.\nThen pay.",))
    edit = apply(root, change)
    raw = (root / "policy.yaml").read_bytes()
    assert raw == b"\xef\xbb\xbfp: |  # the policy\r\n  Caf\xc3\xa9 first.\r\n  Then pay.\r\n\r\n# end\r\nq: 1\r\n"
    with pytest.raises(Stale):
        apply(root, change)
    undo(root, edit)
    (root / "policy.yaml").write_bytes(b"q: 1\np: [")
    with pytest.raises(Stale, match="cannot be read"):
        apply(root, change)


def test_new_lines_of_a_cleandoc_literal_get_the_margin_of_all_but_the_first(tmp_path: Path) -> None:
    literal = 'from inspect import cleandoc\nPLAIN = cleandoc("""Be short.\n    Be kind.\n    """)'
    root = write(tmp_path, app=APP.replace('PLAIN = "Be short – and kind."', literal))
    apply(root, change_of(root, "app.py:PLAIN", ("Be short.\n    Be kind.\n", "Say why.")))
    assert 'cleandoc("""Be short.\n    Be kind.\n    Say why.""")' in (root / "app.py").read_text()


@pytest.mark.parametrize("extra", ["Say why.\n\n  - in detail", "    Say why.\n"])
def test_new_lines_of_a_dedented_literal_are_indented_like_the_rest(tmp_path: Path, extra: str) -> None:
    literal = 'from textwrap import dedent\nPLAIN = dedent("""\\\n    Be short.\n      Be kind.\n    """)'
    root = write(tmp_path, app=APP.replace('PLAIN = "Be short – and kind."', literal))
    prompt, _ = prompt_of(root, "app.py:PLAIN")
    apply(root, change_of(root, "app.py:PLAIN", (*prompt.parts[:-1], "    Be short.\n      Be kind.\n", extra)))
    names: dict[str, str] = {}
    exec((root / "app.py").read_text().split("\n\nFORMAT")[0].split("StateGraph\n")[1].split("FORMAT")[0], names)
    assert names["PLAIN"].startswith("Be short.\n  Be kind.\nSay why.\n")
