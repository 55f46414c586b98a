"""Texts in YAML, TOML and JSON: found where they stand, rewritten there, everything else read as before."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.documents import DocumentError, leaf_at, leaves, read, rewritten
from harness.documents.items import Item, Leaf

TEXT = st.text(
    alphabet=st.one_of(
        st.sampled_from("{}\"'\\\n\r\t #:-|>&*!%@`,[]ab  \u2028\x85é"), st.characters(exclude_categories=["Cs"])
    ),
    max_size=40,
)
LOADERS: dict[str, Callable[[str], Any]] = {"yaml": yaml.safe_load, "toml": tomllib.loads, "json": json.loads}
DOCUMENTS = {
    "yaml": """\
# a comment
plain: Be kind  # stays
folded plain: Be kind
  and short
single: 'It''s
  kind'
double: "Be \\u00e9 \\
  kind \\" so"
literal: |  # stays
  Be kind.

    Indented.
  # no comment
keep: |+
  Be kind.

strip: >-
  Be kind and
  go on.

  New.
    * more
  Done.
indented: |2
   Begins with a space.
list:
- Be kind
- - deep
- key: |
    Be kind.
flow: {a: Be kind, "b c": [x, 'y']}
anchored: &kind !!str Be kind
alias: *kind
<<: {merged: yes, other: Be kind}
number: 12
last: |-
  Be kind""",
    "toml": """\
title = "Be \\u00e9 kind"  # "no text"
single = 'Be "kind"'
"quoted key" = "Be kind"
[a."b c"]
multi = \"\"\"
Be \\"\\"\\" kind \\
   still
so\"\"\"\"
raw = '''Be ''kind''
so'''
list = [ "x", 'Be kind', [ "deep" ] ] # end
day = 2020-01-01
[[a.items]]
in.line = { x = "Be kind", y = 1.50 }
""",
    "json": '{"a": "Be \\u00e9 \\/ kind", "b": [1.50, null, "x", {"c": ""}],\n  "é": "Be kind", "a": "again"}\n',
}


def plain(item: Item) -> Any:
    if isinstance(item, Leaf):
        return item.value
    if isinstance(item, dict):
        return {key: plain(value) for key, value in item.items()}
    return [plain(value) for value in item] if isinstance(item, list) else item


def only_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): only_texts(v) for key, v in value.items()}
    return [only_texts(v) for v in value] if isinstance(value, list) else value if isinstance(value, str) else None


PLACES = [(kind, leaf) for kind, text in DOCUMENTS.items() for leaf in leaves(read(kind, text))]


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_the_values_are_those_of_the_formats_own_parser(kind: str) -> None:
    own = only_texts(LOADERS[kind](DOCUMENTS[kind]))
    found = only_texts(plain(read(kind, DOCUMENTS[kind])))
    assert json.dumps(found, sort_keys=True) == json.dumps(own, sort_keys=True)


@settings(max_examples=200, deadline=None)
@given(place=st.sampled_from(PLACES), new=TEXT, crlf=st.booleans(), keep=st.integers(0, 8))
def test_only_the_text_changes(place: tuple[str, Leaf], new: str, crlf: bool, keep: int) -> None:
    kind, leaf = place
    newline = "\r\n" if crlf else "\n"
    text = DOCUMENTS[kind].replace("\n", newline)
    start = leaf.start + (DOCUMENTS[kind][: leaf.start].count("\n") if crlf else 0)
    old = leaf_at(read(kind, text), start)
    new = old.value[:keep] + new + old.value[len(old.value) - keep :]
    try:
        code = rewritten(kind, text, start, new, newline)
    except DocumentError as refusal:
        assert str(refusal) == f"no {kind} text can carry this here"
        return
    after = text[:start] + code + text[old.end :]
    marked = text[:start] + '"\N{BLACK STAR}"' + text[old.end :]
    expected = json.dumps(only_texts(LOADERS[kind](marked))).replace(json.dumps("\N{BLACK STAR}"), json.dumps(new))
    assert json.dumps(only_texts(LOADERS[kind](after))) == expected


@pytest.mark.parametrize(
    ("kind", "text", "old", "new", "code"),
    [
        ("yaml", "a: Be kind # c\n", "Be kind", "Be kinder", "Be kinder"),
        ("yaml", "a: Be kind # c\n", "Be kind", "Be: kind", '"Be: kind"'),
        ("yaml", "a: 'it''s'\n", "it's", "it's so", "'it''s so'"),
        ("yaml", 'a: "\\u00e9 b"\n', "é b", "é c", '"\\u00e9 c"'),
        ("yaml", "a:\n  b: x y\n", "x y", "x\ny\n", "|\n    x\n    y"),
        ("yaml", "a: |\n   x\n\n   y\nb: 1\n", "x\n\ny\n", "x\n\ny\nz\n", "|\n   x\n\n   y\n   z"),
        ("yaml", "a: |\n  x\nb: 1\n", "x\n", "x", "|-\n  x"),
        ("yaml", "a: >\n  x\n  y\n\n  z\n", "x y\nz\n", "x y\nz\nw\n", ">\n  x\n  y\n\n  z\n\n  w"),
        ("yaml", "a: [x y]\n", "x y", "x\ny", '"x\\ny"'),
        ("toml", 'a = "\\u00e9 b"', "é b", "é c", '"\\u00e9 c"'),
        ("toml", "a = 'b'", "b", "it's", '"it\'s"'),
        ("toml", 'a = "b"', "b", "b\nc\n", '"""\nb\nc\n"""'),
        ("toml", 'a = """\nb \\\n  c"""', "b c", "b cd", '"""\nb \\\n  cd"""'),
        ("json", '["\\u00e9 \\/"]', "é /", "é /–", '"\\u00e9 \\/\\u2013"'),
        ("json", '["é"]', "é", "é\n–", '"é\\n–"'),
    ],
)
def test_the_style_that_stands_there_is_kept(kind: str, text: str, old: str, new: str, code: str) -> None:
    leaf = next(leaf for leaf in leaves(read(kind, text)) if leaf.value == old)
    assert rewritten(kind, text, leaf.start, new) == code


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("yaml", "a: [b"),
        ("yaml", "a: *b"),
        ("toml", "a = "),
        ("json", "{'a': 1}"),
        ("json", "[" * 100_000),
        ("toml", 'a = "\ue000"'),
    ],
)
def test_what_cannot_be_read_is_an_error_in_words(kind: str, text: str) -> None:
    with pytest.raises(DocumentError, match=r"no (YAML|TOML|JSON)|private use"):
        read(kind, text)


def test_several_documents_are_a_list() -> None:
    found = read("yaml", "a: x\n---\nb: y\n")
    assert [leaf.value for leaf in leaves(found)] == ["x", "y"]
