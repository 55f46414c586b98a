"""Case files: what is read, and every way in which a line can be wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import cases
from harness.errors import Problems, UserError
from harness.types import Case, Json


def row(**fields: Json) -> str:
    return json.dumps({"id": "a", "input": "where is my parcel"} | fields)


def load(root: Path, text: str, name: str = "cases.jsonl") -> tuple[Case, ...]:
    (root / name).write_text(text, encoding="utf-8")
    return cases.load(root / name, name)


def refused(root: Path, text: str, name: str = "cases.jsonl") -> list[tuple[str, str, str]]:
    with pytest.raises(Problems) as caught:
        load(root, text, name)
    assert caught.value.exit_code == 2
    return [(f.where, f.message, f.fix) for f in caught.value.findings]


def test_a_line_becomes_a_case(tmp_path: Path) -> None:
    text = row(
        category="billing",
        difficulty="hard",
        cluster="mail-7",
        metadata={"source": "mail"},
        expected_intent="refund",
        expected_answer_semantic=["money back"],
        expected_tone={"polite": True},
        reviewer="kim",
    )
    assert load(tmp_path, f"\n{text}\n") == (
        Case(
            id="a",
            inputs={"input": "where is my parcel"},
            expected={
                "expected_intent": "refund",
                "expected_answer_semantic": ["money back"],
                "expected_tone": {"polite": True},
            },
            category="billing",
            difficulty="hard",
            cluster="mail-7",
            metadata={"source": "mail", "reviewer": "kim"},
            line=2,
        ),
    )


def test_an_object_is_the_inputs_of_the_graph(tmp_path: Path) -> None:
    (case,) = load(tmp_path, row(input={"ticket": "hi", "tries": 2}))
    assert case.inputs == {"ticket": "hi", "tries": 2}


def test_the_cluster_may_stand_in_the_metadata(tmp_path: Path) -> None:
    assert load(tmp_path, row(metadata={"cluster": 7}))[0].cluster == "7"
    assert load(tmp_path, row(cluster="own", metadata={"cluster": 7}))[0].cluster == "own"


def test_json_knows_the_line_of_each_case(tmp_path: Path) -> None:
    text = (
        '{\n "note": {"test_cases": [1]},\n "test_cases": [\n  '
        + row(id="a")
        + ",\n\n  {\n"
        + row(id="b")[1:]
        + "\n ]\n}\n"
    )
    assert [(case.id, case.line) for case in load(tmp_path, text, "cases.json")] == [("a", 4), ("b", 6)]


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path, newline: str) -> None:
    text = newline.join([row(id="a"), row(id="b"), ""])
    (tmp_path / "c.jsonl").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert [case.line for case in cases.load(tmp_path / "c.jsonl")] == [1, 2]


def test_a_line_separator_inside_a_text_is_no_line_end(tmp_path: Path) -> None:
    text = json.dumps({"id": "a", "input": "one\u2028two"}, ensure_ascii=False) + "\n" + row(id="b")
    assert [case.line for case in load(tmp_path, text)] == [1, 2]


# ---- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "says", "fix"),
    [
        ('{"id": "b", "input"', "not valid JSON", "one object per line"),
        ('{"id": "b", "input": NaN}', "NaN is not JSON", "one object per line"),
        ('"text"', "a case is an object, not 'text'", '{"id"'),
        ('{"input": "long enough"}', '"id" is missing', "billing-01"),
        ('{"id": "", "input": "long enough"}', '"id" is missing', "billing-01"),
        ('{"id": 7, "input": "long enough"}', '"id" cannot be 7', "billing-01"),
        ('{"id": "b"}', '"input" is missing', "5 characters"),
        ('{"id": "b", "input": "  abc  "}', "\"input\" '  abc  ' is shorter than 5 characters", "5 characters"),
        ('{"id": "b", "input": 12345}', '"input" cannot be 12345', "object of graph inputs"),
        ('{"id": "b", "input": {}}', '"input" cannot be {}', "object of graph inputs"),
        (
            '{"id": "b", "input": "long enough", "difficulty": "tough"}',
            "\"difficulty\" cannot be 'tough'",
            "easy, medium",
        ),
        ('{"id": "b", "input": "long enough", "category": 3}', '"category" cannot be 3', "a text"),
        ('{"id": "b", "input": "long enough", "metadata": []}', '"metadata" cannot be []', "object"),
        ('{"id": "b", "input": "long enough", "expected_intent": 1}', '"expected_intent" cannot be 1', "a text"),
        (
            '{"id": "b", "input": "long enough", "expectd_intent": "x"}',
            "unknown key 'expectd_intent'",
            "'expected_intent'",
        ),
        (
            '{"id": "b", "input": "long enough", "expectd_topic": "x"}',
            "unknown key 'expectd_topic'",
            "'expected_topic'",
        ),
        ('{"id": "b", "input": "long enough", "Expected_topic": "x"}', "unknown key", "'expected_topic'"),
        ('{"id": "a", "input": "long enough"}', "id 'a' stands at cases.jsonl:1 already", "of its own"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, says: str, fix: str) -> None:
    ((where, message, mend),) = refused(tmp_path, f"{row(id='a')}\n\n{line}\n{row(id='c')}\n")
    assert where == "cases.jsonl:3"
    assert says in message
    assert fix in mend


def test_every_finding_comes_at_once(tmp_path: Path) -> None:
    text = f'{{"id": "x", "inputs": "long enough", "difficulty": 1}}\n{row()}\nbroken\n{row()}\n'
    found = refused(tmp_path, text)
    assert [where.partition(":")[2] for where, _, _ in found] == ["1", "1", "1", "3", "4"]


def test_a_double_id_is_found_though_the_first_is_wrong_otherwise(tmp_path: Path) -> None:
    found = refused(tmp_path, f"{row(input='abc')}\n{row()}\n")
    assert [where for where, _, _ in found] == ["cases.jsonl:1", "cases.jsonl:2"]


def test_reading_stops_after_fifty_findings(tmp_path: Path) -> None:
    found = refused(tmp_path, "broken\n" * 80)
    assert [where for where, _, _ in found[:50]] == [f"cases.jsonl:{n}" for n in range(1, 51)]
    assert [message for _, message, _ in found[50:]] == ["stopped after 50 findings"]


@pytest.mark.parametrize(
    ("name", "text", "where", "says"),
    [
        ("cases.jsonl", "", "cases.jsonl", "no test case"),
        ("cases.jsonl", "\n \n", "cases.jsonl", "no test case"),
        ("cases.json", "", "cases.json", "no test case"),
        ("cases.json", '{"test_cases": []}', "cases.json", "no test case"),
        ("cases.json", '{"cases": []}', "cases.json:1", 'no list under "test_cases"'),
        ("cases.json", "[]", "cases.json:1", 'no list under "test_cases"'),
        ("cases.json", '{\n"test_cases": [\n{"id": 1,}\n]}', "cases.json:3", "not valid JSON"),
        ("cases.json", '{"test_cases": [\n\n{"id": "a"}]}', "cases.json:3", '"input" is missing'),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, name: str, text: str, where: str, says: str) -> None:
    ((found, message, fix),) = refused(tmp_path, text, name)
    assert found == where
    assert says in message
    assert fix


def test_a_file_in_utf_16_is_told_how_to_become_utf_8(tmp_path: Path) -> None:
    (tmp_path / "w.jsonl").write_bytes(row().encode("utf-16"))
    with pytest.raises(UserError, match="not UTF-8") as caught:
        cases.load(tmp_path / "w.jsonl", "w.jsonl")
    assert "iconv -f utf-16 -t utf-8 w.jsonl" in caught.value.fix


def test_a_missing_or_binary_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="missing") as caught:
        cases.load(tmp_path / "none.jsonl", "none.jsonl")
    assert (caught.value.where, caught.value.exit_code) == ("none.jsonl", 2)
    (tmp_path / "b.jsonl").write_bytes(row().encode() + b"\n\xff\xfe\x00")
    with pytest.raises(UserError, match="not UTF-8: the byte 0xff at column 1") as caught:
        cases.load(tmp_path / "b.jsonl", "b.jsonl")
    assert caught.value.where == "b.jsonl:2"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_ROWS = st.lists(
    st.fixed_dictionaries({"input": st.dictionaries(st.text(max_size=5), _JSON, min_size=1, max_size=3)}),
    min_size=1,
    max_size=5,
)


@settings(max_examples=40)
@given(_ROWS, st.sampled_from([None, 1, 3]), st.dictionaries(st.text(max_size=5), _JSON, max_size=2))
def test_json_and_jsonl_hold_the_same_cases(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Json]], indent: int | None, beside: dict[str, Json]
) -> None:
    root = tmp_path_factory.mktemp("cases")
    named = [{"id": f"case {n}"} | fields for n, fields in enumerate(rows)]
    lines = load(root, "\n".join(json.dumps(fields) for fields in named))
    text = json.dumps(beside | {"test_cases": named}, indent=indent)
    whole = load(root, text, "cases.json")
    assert (
        [(c.id, c.inputs) for c in whole] == [(c.id, c.inputs) for c in lines] == [(n["id"], n["input"]) for n in named]
    )
    if indent is not None:
        assert all("{" in text.splitlines()[case.line - 1] for case in whole)
        assert len({case.line for case in whole}) == len(whole)
