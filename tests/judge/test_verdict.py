"""What is made of a judge's reply, and of a rubric's file."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import PluginError
from harness.judge import from_file, verdict
from harness.judge.forms import Form, form, is_form

YES_NO, SCALE, PAIR, CLAIMS = Form("yes/no"), Form("scale", 1, 5), Form("pairwise"), Form("claims")


@pytest.mark.parametrize(
    ("reply", "of", "value"),
    [
        ('{"reason": "it does", "verdict": "yes"}', YES_NO, 1.0),
        ('Sure.\n```json\n{"reason": "no {brace}", "verdict": "No."}\n```', YES_NO, 0.0),
        ('{"Verdict": true}', YES_NO, 1.0),
        ("**Verdict:** no", YES_NO, 0.0),
        ("Yes.", YES_NO, 1.0),
        ('{"reason": "it says {\\"verdict\\": \\"yes\\"}", "verdict": "no"}', YES_NO, 0.0),
        ('{"verdict": 4}', SCALE, 0.75),
        ('{"score": "4/5"}', SCALE, 0.75),
        ("Score: 2", SCALE, 0.25),
        ('{"verdict": "second"}', PAIR, 0.0),
        ('{"verdict": "A"}', PAIR, 1.0),
        ('{"verdict": "tie"}', PAIR, 0.5),
        ('{"verdict": [{"claim": "a", "supported": "yes"}, {"claim": "b", "supported": false}]}', CLAIMS, 0.5),
    ],
)
def test_a_verdict_is_read_however_it_is_written(reply: str, of: Form, value: float) -> None:
    assert verdict.value(reply, of) == value


@pytest.mark.parametrize(
    ("reply", "of"),
    [
        ("", YES_NO),
        ("I cannot say.", YES_NO),
        ('{"verdict": "perhaps"}', YES_NO),
        ('{"verdict": "yes"} {"verdict": "no"}', YES_NO),
        ('{"verdict": 6}', SCALE),
        ('{"verdict": "4/10"}', SCALE),
        ('{"verdict": true}', SCALE),
        ('{"verdict": NaN}', SCALE),
        ('{"verdict": []}', CLAIMS),
        ('{"verdict": [{"claim": "a"}]}', CLAIMS),
        ('{"verdict": "ye', YES_NO),
    ],
)
def test_no_verdict_is_a_sentence_never_a_zero(reply: str, of: Form) -> None:
    found = verdict.value(reply, of)
    assert isinstance(found, str)
    assert found.startswith("the judge ")


@given(st.text(max_size=200), st.sampled_from([YES_NO, SCALE, PAIR, CLAIMS]))
def test_any_reply_is_a_share_or_a_sentence(reply: str, of: Form) -> None:
    for text in (reply, json.dumps({"verdict": reply})):
        found = verdict.value(text, of)
        assert isinstance(found, str) or 0 <= found <= 1


@given(st.integers(0, 20), st.integers(1, 20), st.integers(0, 20))
def test_a_scale_goes_from_0_to_1(low: int, width: int, at: int) -> None:
    high = low + width
    assert form(f"{low}-{high}") == Form("scale", low, high)
    found = Form("scale", low, high).value(low + at)
    assert found == (at / width if at <= width else None)


@pytest.mark.parametrize("text", ["", "5-1", "3-3", "maybe", 5, None, "1 to 5"])
def test_other_words_are_no_form(text: object) -> None:
    assert form(text) is None
    assert "1-5" in is_form(text)


def test_a_rubric_file_says_model_form_and_rubric() -> None:
    text = '---\njudge: openai:toy\n# a comment\nscale: "1-5"\ncontext: ["documents", "notes"]\n---\n\nIt is polite.\n'
    assert from_file(text, "evals/polite.md") == {
        "model": "openai:toy",
        "scale": "1-5",
        "context": ["documents", "notes"],
        "rubric": "It is polite.",
    }


@pytest.mark.parametrize("text", ["", "# Notes\nof the team", "---\ntitle: a page\n---\nwords", "---\njudge: a:b"])
def test_other_markdown_is_no_rubric(text: str) -> None:
    assert from_file(text, "evals/notes.md") is None


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("---\njudge: a:b\nscael: 1-5\n---\nx", "evals/r.md:3", "scale"),
        ("---\njudge: a:b\nscale\n---\nx", "evals/r.md:3", "scale: yes/no"),
        ("---\njudge: a:b\n---\n \n", "evals/r.md:3", "empty"),
    ],
)
def test_a_wrong_head_is_told_with_its_line(text: str, where: str, words: str) -> None:
    with pytest.raises(PluginError) as caught:
        from_file(text, "evals/r.md")
    assert caught.value.where == where
    assert words in str(caught.value)
