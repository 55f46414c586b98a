"""Examples as people write them are read; what is wrong with them is said with its line, all at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import HarnessError, Problems, UserError
from harness.training.division import divide
from harness.training.examples import Example, digest, load, rows
from tests.training.conftest import lesson, pair, write


def lines(path: Path, *values: object) -> Path:
    path.write_text("".join((v if isinstance(v, str) else json.dumps(v)) + "\n" for v in values), "utf-8")
    return path


def refused(path: Path) -> str:
    with pytest.raises(HarnessError) as caught:
        load(path, path.name)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_chat_pairs_json_and_csv_say_the_same(tmp_path: Path) -> None:
    wanted = lesson(12)
    chat = load(write(tmp_path / "chat.jsonl", wanted))
    pairs = [{"input": one.messages[0]["content"], "output": one.answer} for one in wanted]
    as_lines = load(lines(tmp_path / "pairs.jsonl", *pairs))
    as_list = load(lines(tmp_path / "pairs.json", pairs))
    table = "input,output\n" + "".join(f'"{p["input"]}","{p["output"]}"\n' for p in pairs)
    (tmp_path / "pairs.csv").write_text(table, "utf-8")
    for found in (chat, as_lines, as_list, load(tmp_path / "pairs.csv")):
        assert digest(found) == digest(wanted)


def test_a_system_text_comes_first_and_a_group_is_kept(tmp_path: Path) -> None:
    row = {"system": "Be brief.", "prompt": "why?", "completion": "because", "group": "g"}
    others = [{"prompt": f"{n}", "completion": f"{n}"} for n in range(10)]
    first = load(lines(tmp_path / "a.jsonl", row, *others))[0]
    assert [one["role"] for one in first.messages] == ["system", "user", "assistant"]
    assert first.group == "g"


def test_findings_have_their_lines_and_stop_at_fifty(tmp_path: Path) -> None:
    bad = ["{", {"messages": []}, {"input": "x"}, 7, {"messages": [{"role": "tool", "content": "x"}]}]
    said = refused(lines(tmp_path / "bad.jsonl", *bad))
    assert [f"bad.jsonl:{n}: " in said for n in range(1, 6)] == [True] * 5
    many = refused(lines(tmp_path / "many.jsonl", *(["{"] * 80)))
    assert many.count("not valid JSON") == 50
    assert "stopped after 50 findings" in many


def test_a_line_of_csv_that_is_broken_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("input,output\na,b\nc,d,e\n", "utf-8")
    assert "a.csv:3: more cells" in refused(tmp_path / "a.csv")


def test_fewer_than_ten_are_refused(tmp_path: Path) -> None:
    assert "9 examples, at least 10" in refused(write(tmp_path / "few.jsonl", lesson(9)))


def test_equal_answers_are_refused(tmp_path: Path) -> None:
    same = [pair(f"question {n}", "billing") for n in range(12)]
    assert "all 12 answers are equal, 'billing'" in refused(write(tmp_path / "same.jsonl", same))


def test_no_answers_at_all_are_one_finding_and_single_ones_have_lines(tmp_path: Path) -> None:
    none = [pair(f"question {n}", "") for n in range(12)]
    assert refused(write(tmp_path / "none.jsonl", none)).count("all 12 answers are empty") == 1
    some = [*lesson(12), pair("x", " ")]
    assert "some.jsonl:13: the answer is empty" in refused(write(tmp_path / "some.jsonl", some))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "cannot be read" in refused(tmp_path / "nowhere.jsonl")


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.text(max_size=4), st.text(min_size=1, max_size=4), st.sampled_from("abcd ")), min_size=12),
    st.floats(0.01, 0.5),
    st.integers(0, 5),
)
def test_no_group_is_on_both_sides(told: list[tuple[str, str, str]], share: float, seed: int) -> None:
    data = [pair(asked, answer, group.strip()) for asked, answer, group in told]
    try:
        sides = divide(data, share, seed)
    except UserError:
        assert len({one.unit for one in data}) == 1
        return
    assert sides.training
    assert sides.validation
    assert not {one.unit for one in sides.training} & {one.unit for one in sides.validation}
    assert sorted(rows([one]) for one in (*sides.training, *sides.validation)) == sorted(rows([one]) for one in data)


def test_one_group_cannot_be_divided_unless_nothing_is_to_be_validated() -> None:
    data: list[Example] = [pair(f"q {n}", f"{n}", "all") for n in range(12)]
    with pytest.raises(UserError, match="all examples are of one group"):
        divide(data, 0.2, 42)
    assert divide(data, 0, 42).validation == ()


def test_broken_csv_quotes(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text('input,output\n"a,b\n', "utf-8")
    with pytest.raises(Problems):
        load(tmp_path / "q.csv")
