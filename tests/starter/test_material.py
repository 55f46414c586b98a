"""Rows of somebody's data become cases that fit the graph, whatever the files hold."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import cases
from harness.discover import Keys
from harness.starter import texts
from harness.starter.material import Found, fitting, gather, rows, text_key
from harness.starter.material.records import example
from harness.starter.material.secrets import holds_secret

TICKET = Keys(
    {"ticket": "str", "tone": "str"},
    {"intent": "str"},
    {"ticket": "str", "intent": "str", "tone": "str"},
    frozenset({"tone"}),
)
IS_B = {"expected_intent": "b"}
ASKED, SNOW, BILLING = "Why so late?", {"expected_answer": "Snow."}, {"expected_intent": "billing"}
CHAT = Keys({"messages": "messages"}, {}, {"messages": "messages"})
MAIL = Keys({"email": "dict"}, {"kind": "Literal['a', 'b']"}, {"email": "dict", "kind": "Literal['a', 'b']"})


def collected(root: Path, keys: Keys = TICKET, **files: str | bytes) -> Any:
    """What is gathered from files by name, "__" for "/" and the last "_" for "."."""
    names = []
    for key, held in files.items():
        stem, _, suffix = key.replace("__", "/").rpartition("_")
        path = root / f"{stem}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(held if isinstance(held, bytes) else held.encode())
        names.append(path.relative_to(root).as_posix())
    return gather(root, names, keys, "app.py:graph")


def one_row(record: dict[str, Any], keys: Keys) -> dict[str, Any] | None:
    read = example(record, keys, "data/x.jsonl:1")
    made = rows(fitting([read] if read else [], keys)[0], keys, words_wanted=False)
    return made[0] if made else None


@pytest.mark.parametrize(
    ("record", "keys", "given", "expected"),
    [
        # our own form, and keys that are named as the graph names them
        ({"id": "7", "input": {"ticket": "x"}, "expected_intent": "billing"}, TICKET, {"ticket": "x"}, BILLING),
        ({"ticket": "x", "intent": "billing", "who": "me"}, TICKET, {"ticket": "x"}, BILLING),
        # plain columns
        ({"question": "Why is it late?", "answer": "Snow."}, CHAT, "Why is it late?", SNOW),
        ({"question": "hm?", "label": "x"}, TICKET, {"ticket": "hm?"}, {"expected_intent": "x"}),
        ({"query": "Why is it late?"}, Keys(), "Why is it late?", {}),
        # LangSmith: a dataset as JSON and as CSV, and an experiment, whose outputs are what the app said
        ({"inputs": {"question": ASKED}, "outputs": {"answer": "Snow."}}, CHAT, ASKED, SNOW),
        ({"inputs.ticket": "x", "outputs.intent": "b"}, TICKET, {"ticket": "x"}, IS_B),
        ({"inputs": '{"ticket": "x"}', "outputs": '{"intent": "b"}'}, TICKET, {"ticket": "x"}, IS_B),
        ({"inputs.ticket": "x", "outputs.intent": "c", "reference.intent": "b"}, TICKET, {"ticket": "x"}, IS_B),
        ({"inputs.ticket": "x", "outputs.intent": "b", "feedback.good": "1"}, TICKET, {"ticket": "x"}, {}),
        # Inspect, OpenAI evals, chat files
        ({"input": ASKED, "target": "Snow."}, CHAT, ASKED, SNOW),
        ({"input": [{"role": "user", "content": ASKED}], "ideal": "Snow."}, CHAT, ASKED, SNOW),
        (
            {"messages": [{"role": "user", "content": ASKED}, {"role": "assistant", "content": "Snow."}]},
            CHAT, ASKED, SNOW,
        ),
        # too short for a bare text
        ({"question": "Why?"}, CHAT, {"messages": [{"role": "user", "content": "Why?"}]}, {}),
        # names of fields that are near the graph's
        ({"email": {"body": "x"}, "expected_kind": "a"}, MAIL, {"email": {"body": "x"}}, {"expected_kind": "a"}),
        ({"question": "a text for a dict"}, MAIL, None, None),
        ({"answer": "nothing is asked"}, CHAT, None, None),
    ],
)  # fmt: skip
def test_rows_of_many_forms(record: dict[str, Any], keys: Keys, given: object, expected: object) -> None:
    row = one_row(record, keys)
    if given is None:
        assert row is None
        return
    assert row is not None
    assert row["input"] == given
    assert {name: value for name, value in row.items() if name.startswith("expected_")} == expected
    marks = row["metadata"]
    assert (marks["source"], marks["draft"]) == ("data/x.jsonl:1", True)
    assert ("lacks" in marks) == (not expected)


def test_what_the_graph_does_not_take_is_kept_beside_the_case() -> None:
    row = one_row({"question": ASKED, "answer": "Snow.", "context": "It snows."}, CHAT)
    assert row is not None
    row = one_row({"inputs": {"question": ASKED, "context": "It snows."}}, CHAT)
    assert row is not None
    assert row["metadata"]["also"] == {"context": "It snows."}
    needy = Keys({"ticket": "str", "customer": "str"}, {}, {"ticket": "str", "customer": "str"})
    row = one_row({"question": ASKED}, needy)
    assert row is not None
    assert row["metadata"]["inputs"] == "the graph takes customer too"


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        (Keys(), ""),
        (CHAT, "messages"),
        (TICKET, "ticket"),
        (MAIL, None),
        (Keys({"user_id": "str", "query": "Annotated[str, 'x']"}), "query"),
        (Keys({"tone": "str", "notes": "Optional[str]"}, {}, {}, frozenset({"tone"})), "notes"),
    ],
)
def test_the_input_that_takes_what_a_user_says(keys: Keys, name: str | None) -> None:
    assert text_key(keys) == name


def test_words_that_a_test_looks_for_are_expected_where_the_goal_asks_for_words() -> None:
    told = [Found("Who founded it?", "t.py:1", holds=("harrison",)), Found("Who else?", "t.py:2", holds=("a", "b"))]
    first, second = rows(told, CHAT, words_wanted=True)
    assert (first["expected_answer"], second["expected_output"]) == ("harrison", ["a", "b"])
    assert rows(told, CHAT, words_wanted=False)[0]["metadata"]["hint"] == "a test looks for harrison"


def test_equal_examples_are_one_case_and_ids_are_unique(tmp_path: Path) -> None:
    lines = [
        {"id": "a", "ticket": "one"},
        {"id": "a", "ticket": "two"},
        {"id": "b", "ticket": "one"},
        {"ticket": "three"},
    ]
    told = collected(tmp_path, evals__data_jsonl="\n".join(map(json.dumps, lines)))
    made = rows([one for _, one in told.examples], TICKET, words_wanted=False)
    assert [row["id"] for row in made] == ["a", "a-2", "data.jsonl-4"]


def test_bad_files_are_told_and_stop_nothing(tmp_path: Path) -> None:
    told = collected(
        tmp_path,
        evals__good_jsonl='{"ticket": "x"}\n',
        evals__half_jsonl='{"ticket": "y"}\n{"ticket": \n[1]\nNaN\n',
        evals__latin_csv=b"question,answer\nwhy \xe9,snow\n",
        evals__broken_json='{"examples": [{"ticket": "z"}',
        evals__deep_json="[" * 100_000,
        evals__binary_csv=b"\x00\x01\x02\xff\xfe",
        tests__test_x_py="def broken(:\n",
        tests__test_y_py=b"# \xff\ngraph.invoke({'ticket': 'a'})\n",
        promptfooconfig_yaml="tests: [\n",
        README_md="```python\ngraph.invoke({'ticket': \n```\n",
    )
    assert sorted(one.where for _, one in told.examples) == ["evals/good.jsonl:1", "evals/half.jsonl:1"]
    notes = "\n".join(told.notes)
    assert "evals/half.jsonl: 2 rows left out, no JSON (line 2, 4)" in notes
    assert "evals/latin.csv:2: not UTF-8, so it was not read" in notes
    assert "evals/broken.json: 1 row left out, no JSON" in notes
    assert "promptfooconfig.yaml: cannot be read" in notes


def test_formulas_stay_texts_and_keys_stay_out(tmp_path: Path) -> None:
    key = "sk-" + "".join(random.Random(3).choices("abcdefghijkmnpqrstuvwxyz0123456789", k=40))
    table = f'question,answer\n"=HYPERLINK(""http://x"",""y"")",@SUM(A1)\nmy key is {key},no\nplain question,yes\n'
    told = collected(tmp_path, CHAT, data__qa_csv=table)
    assert [(one.given, dict(one.expected)) for _, one in told.examples] == [
        ('=HYPERLINK("http://x","y")', {"answer": "@SUM(A1)"}),
        ("plain question", {"answer": "yes"}),
    ]
    assert told.notes == ("data/qa.csv: 1 example left out: what looks like a key is in it (data/qa.csv:3)",)


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        ("Bearer abcdefghijklmnopqrstuvwxyz12", True),
        ("-----BEGIN RSA PRIVATE KEY-----", True),
        ("postgres://admin:hunter22@db/x", True),
        ({"api_key": "0123456789"}, True),
        ({"inputs": {"password": "correct-horse"}}, True),
        ("a commit 3f1c9d2e4b5a69788796a5b4c3d2e1f00f1e2d3c of a repo", True),  # told from a key by nothing
        ("order 550e8400-e29b-41d4-a716-446655440000", False),
        ("I forgot my password, what now?", False),
        ({"token": "a word of the text"}, False),
        ("https://example.org/a-very-long-path-to-a-page-about-nothing-at-all", False),
        ("Donaudampfschifffahrtsgesellschaftskapitaen", False),
    ],
)
def test_what_looks_like_a_key(value: object, is_one: bool) -> None:
    assert holds_secret(value) is is_one


def test_a_large_file_is_sampled_the_same_way_whatever_its_order(tmp_path: Path) -> None:
    lines = [json.dumps({"ticket": f"question number {n}", "intent": "ab"[n % 2]}) for n in range(2000)]
    first = collected(tmp_path / "a", evals__data_jsonl="\n".join(lines))
    random.Random(1).shuffle(lines)
    second = collected(tmp_path / "b", evals__data_jsonl="\n".join(lines))
    texts_of = [{one.given["ticket"] for _, one in told.examples} for told in (first, second)]
    assert len(texts_of[0]) == 300
    assert texts_of[0] == texts_of[1]
    assert first.notes == ("evals/data.jsonl: 300 of its 2,000 examples were taken, chosen by hash",)


def test_an_alias_bomb_is_not_opened(tmp_path: Path) -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(20)
    )
    told = collected(tmp_path, promptfooconfig_yaml=f"{bomb}tests: [vars: *u]\n")
    assert told.examples == ()
    assert "grows without bounds" in told.notes[0]


def test_tests_of_promptfoo_and_their_assertions(tmp_path: Path) -> None:
    config = """
prompts: [p.txt]
tests:
  - vars: {ticket: "It broke"}
    assert:
      - {type: equals, value: technical}
  - description: pays
    vars: {ticket: "I pay twice"}
    assert:
      - {type: icontains, value: refund}
      - {type: llm-rubric, value: is polite}
"""
    table = "ticket,__expected\nMy box is wet,contains: sorry\nHello,other\n"
    told = collected(tmp_path, promptfooconfig_yaml=config, tests__more_csv=table)
    seen = {one.given["ticket"]: one for _, one in told.examples}
    assert dict(seen["It broke"].expected) == {"answer": "technical"}
    assert seen["I pay twice"].holds == ("refund",)
    assert seen["I pay twice"].hint == "pays; llm-rubric: is polite"
    assert seen["I pay twice"].where == "promptfooconfig.yaml:7"
    assert seen["My box is wet"].holds == ("sorry",)
    assert dict(seen["Hello"].expected) == {"answer": "other"}


def test_code_blocks_of_a_readme_are_read_with_the_lines_of_the_page(tmp_path: Path) -> None:
    block = '```python\nfrom app import graph\n\n>>> graph.invoke({"ticket": "Where is it?"})\n```\n'
    page = f"Try it:\n\n{block}\n```sh\nls\n```\n"
    (one,) = collected(tmp_path, README_md=page).examples
    assert (one[0], one[1].where, one[1].given) == ("README", "README.md:6", {"ticket": "Where is it?"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(allow_nan=True) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
COLUMNS = st.sampled_from(
    ["id", "input", "inputs", "question", "ticket", "messages", "outputs", "expected_intent", "expected_answer",
     "answer", "expected_answer_semantic", "intent", "category", "difficulty", "inputs.ticket",
     "reference.intent", "__expected"]
)  # fmt: skip


@settings(max_examples=200)
@given(
    records=st.lists(st.dictionaries(COLUMNS | st.text(max_size=6), JSON, max_size=5), max_size=6),
    keys=st.sampled_from([Keys(), TICKET, CHAT, MAIL]),
)
def test_whatever_the_rows_hold_the_case_file_is_in_order(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]], keys: Keys
) -> None:
    root = tmp_path_factory.mktemp("any")
    (root / "evals").mkdir()
    (root / "evals/data.jsonl").write_text("\n".join(map(json.dumps, records)), "utf-8")
    told = gather(root, ["evals/data.jsonl"], keys, "app.py:graph")
    made = rows(fitting([one for _, one in told.examples], keys)[0], keys, words_wanted=True)
    for as_lines in (True, False):
        file = root / f"cases.{'jsonl' if as_lines else 'json'}"
        file.write_text(texts.written(made, as_lines=as_lines), "utf-8")
        if made:
            assert len(cases.load(file)) == len(made)
