"""A report as GitHub reads it: its sections, its tables, its fences, with ordinary and with hostile text inside."""

from __future__ import annotations

import dataclasses
import re
import typing
from collections.abc import Iterator
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from harness.report import files, render
from harness.report.charts import DRAWN
from harness.report.text import code, fenced, inline, split_diff, table
from harness.types import FailurePattern, Outcome, Settings, Variable, Yield
from tests.report.outcomes import DIFF, comparison, hostile, outcome, summary

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
SECTIONS = [
    "Executive summary",
    "Phase 1: preparation",
    "Phase 2: baseline",
    "Phase 3: what was tried",
    "Results",
    "Final diff",
    "Cases",
    "Latency and cost by node",
    "Recommendations",
    "Limits and how to read this",
    "Conclusion",
]
NASTY = [
    "a | b || c",
    "``` \n# not a heading\n````",
    "</details><script>alert(1)</script>",
    "- item\n1. item\n# heading",
    "[x](javascript:y) ![i](z) <http://a.b>",
    "*a* _b_ ~~c~~ `d` $e$ \\",
    "ends with a backslash \\",
    "`|\\`",
    "&lt;b&gt; &amp; &#124;",
    "\x00\r\n\u2028\u202e\ufeff",
    "<!-- ",
    "---",
    "@everyone",
    "",
]
FOREIGN = st.one_of(
    st.sampled_from(NASTY), st.text(alphabet="|`\\<>&*_[]()!#-+=1. \n\r\tab@~$\x00\u2028é", max_size=40)
)


def tokens(text: str) -> list[Token]:
    """The block structure."""
    return READER.parse(text)


def headings(text: str, level: str) -> list[str]:
    """Raw text of the headings of one level."""
    found = tokens(text)
    return [found[i + 1].content for i, t in enumerate(found) if t.type == "heading_open" and t.tag == level]


def rows(text: str) -> Iterator[list[int]]:
    """For every table the number of cells of each row."""
    counts: list[int] = []
    for token in tokens(text):
        if token.type == "table_open":
            counts = []
        elif token.type == "tr_open":
            counts.append(0)
        elif token.type in ("td_open", "th_open"):
            counts[-1] += 1
        elif token.type == "table_close":
            yield counts


def shape(text: str) -> list[tuple[str, str]]:
    """The structure without the words."""
    return [(t.type, t.tag) for t in tokens(text)]


def read(fragment: str) -> str:
    """What a person sees of a fragment of Markdown."""
    return unescape(re.sub(r"<[^>]*>", "", READER.render(fragment))).strip("\n")


def test_sections_in_order() -> None:
    text = render(outcome())
    assert headings(text, "h1") == ["Tuning report: support desk"]
    assert headings(text, "h2") == SECTIONS


def test_empty_run_is_a_whole_report() -> None:
    """Nothing found, tried or measured: every section says so."""
    text = render(
        outcome(
            targets=(), baseline=(), failures=(), costs_before=(), costs_after=(), trials=(), results=(), dev_cases=(),
            diff="", total=None, holdout=0, dev=8, counts=(0, 0, 0), alpha_spent=0.0, notes=(),
        )
    )  # fmt: skip
    assert headings(text, "h2") == SECTIONS
    for sentence in ("No candidate was tried", "No file was changed", "No change was kept", "too few for any claim"):
        assert sentence in text
    assert "None" not in text


def test_every_table_row_has_every_cell() -> None:
    found = list(rows(render(outcome())))
    assert len(found) >= 10
    assert all(len(set(counts)) == 1 and len(counts) > 1 for counts in found)


def test_the_claim_is_the_holdout_gain_with_all_it_rests_on() -> None:
    head = render(outcome()).split("## Phase 1")[0]
    for part in (
        "+12.0 points",
        "+6.0 to +18.0 points",
        "120 sealed holdout cases",
        "40 improved",
        "p = 0.0004",
    ):
        assert part in head
    for part in ("3 candidates tried", "2 confirmations", "0.02 of the error level 0.05", "1 of 2 goals"):
        assert part in head
    assert "+20.0 points" not in head  # the gain on dev that made it win


def test_a_message_that_is_a_variable_alone_is_no_prompt_that_could_have_been_edited() -> None:
    plain = outcome()
    assert "1 prompt was not proved" in render(plain)
    proved, other = plain.discovery.prompts
    bare = dataclasses.replace(other, parts=(Variable("question", "{question}"),))
    found = dataclasses.replace(plain.discovery, prompts=(proved, bare))
    assert "not proved" not in render(outcome(discovery=found))


def test_result_table() -> None:
    text = render(outcome()).split("## Results")[1]
    assert "| `accuracy` | 61.0 % | 73.0 % | +12.0 points | +19.7 % | at least 90.0 % | 81 % | missed |" in text


def test_the_report_shows_exactly_the_pictures_that_lie_beside_it() -> None:
    for chosen in (
        outcome(),
        outcome(trials=()),
        outcome(trials=(), costs_before=(), costs_after=(), counts=(0, 9, 0)),
    ):
        written = files(chosen)
        shown = re.findall(r"!\[[^\]]+\]\(([^)]*)\)", written["report.md"])
        assert sorted([*shown, "report.md"]) == sorted(written)
        assert set(written) <= {"report.md", *(f"{name}.svg" for name in DRAWN)}
    assert len(files(outcome())) == 1 + len(DRAWN)


def test_iterations_are_dated() -> None:
    assert headings(render(outcome()), "h3")[-4:-2] == [
        "Iteration 1: kept, 2026-01-01 12:03 UTC",
        "Iteration 2: rejected on the holdout, 2026-01-01 12:07 UTC",
    ]


def test_every_candidate_is_in_with_its_reason() -> None:
    text = render(outcome())
    for part in (
        "`c01`",
        "`c02`",
        "`c03`",
        "no gain on dev after 1 run(s)",
        "graphs/prompts.py:3-5",
        "rejected on the holdout",
    ):
        assert part in text


def test_one_stage_says_what_it_does_not_control() -> None:
    text = render(outcome(holdout=0, dev=70))
    assert "Overfitting to the cases is not controlled" in text
    assert "sealed" not in text.split("## Limits")[0].replace("too few for a sealed holdout", "")


def test_lock_is_told_from_convention() -> None:
    assert "by convention" in render(outcome())
    assert "by convention" not in render(outcome(settings=Settings(holdout="/elsewhere/cases.jsonl")))


def test_long_diff_is_folded_and_short_is_not() -> None:
    long = DIFF + "".join(f"+line {i}\n" for i in range(60))
    assert "<details><summary>graphs/answer.md</summary>" in render(outcome(diff=long))
    assert "<summary>graphs/answer.md" not in render(outcome())


def test_diff_is_complete() -> None:
    fences = [t.content for t in tokens(render(outcome())) if t.type == "fence"]
    for path, part in split_diff(DIFF):
        assert part + "\n" in fences
        assert path in ("graphs/prompts.py", "graphs/answer.md")


def test_rare_patterns_are_counted_together() -> None:
    many = tuple(FailurePattern(f"pattern {i}", 100 - i, ("dev-001",)) for i in range(15))
    text = render(outcome(failures=many))
    assert "pattern 11 " in text and "pattern 12 " not in text
    assert f"| 3 rarer patterns | {88 + 87 + 86} | - |" in text


def test_unknown_unit_is_a_bare_number() -> None:
    text = render(outcome(units={}, baseline=(summary("politeness", 3.25),)))
    assert "| `politeness` | 3.25 |" in text
    assert "| `accuracy` | 61.0 % |" in text  # its goal says %


@given(FOREIGN)
@settings(max_examples=80)
def test_hostile_text_changes_no_structure(text: str) -> None:
    """The same blocks as with a harmless word; only the change itself may have more or fewer lines, in its fence."""
    rendered = render(hostile(text))
    assert shape(rendered) == shape(render(hostile("word")))
    assert all(len(set(counts)) == 1 for counts in rows(rendered))
    html = READER.render(rendered)
    assert not any(mark in html for mark in ("<script", "<a ", "<em>", "<del>"))
    assert set(re.findall(r'<img src="([^"]*)"', html)) <= {f"{name}.svg" for name in DRAWN}


@given(FOREIGN)
def test_text_reads_as_written(text: str) -> None:
    seen = " ".join(re.sub(r"[\x00-\x1f\u2028\u202e\ufeff]", " ", text).split())
    for fragment in (inline(text), code(text)):
        shown = re.sub(r"</?p>", "", read(f"see {fragment} end").replace("\u2060", ""))
        assert shown == f"see {seen or '(empty)'} end"


@given(FOREIGN, FOREIGN)
def test_cells_keep_their_text(left: str, right: str) -> None:
    text = str(table(["a", "b"], [[code(left), inline(right)], [left, right]]))
    assert list(rows(text)) == [[2, 2, 2]]


@given(st.text(alphabet="`\n ab~", max_size=60))
def test_fence_holds_whatever_it_is_given(text: str) -> None:
    found = tokens(f"before\n\n{fenced(text)}\n\nafter")
    assert [t.type for t in found] == [
        "paragraph_open", "inline", "paragraph_close", "fence", "paragraph_open", "inline", "paragraph_close",
    ]  # fmt: skip
    assert found[3].content.rstrip("\n") == text.rstrip("\n")


# ---- the holdout stays sealed --------------------------------------------------------------------------------------


def test_an_outcome_holds_cases_of_dev_only() -> None:
    """The fields through which ids of cases can reach a report; look twice before a new one joins the list."""
    per_case = {"Outcome.dev_cases", "FailurePattern.cases"}
    seen: set[type] = set()
    found: set[str] = set()

    def walk(noun: type) -> None:
        if noun in seen:
            return
        seen.add(noun)
        hints = typing.get_type_hints(noun)
        for field in dataclasses.fields(noun):
            if "case" in field.name and field.type not in ("str", "int") and field.name != "cases_path":
                found.add(f"{noun.__name__}.{field.name}")
            for part in parts(hints[field.name]):
                assert part.__name__ not in ("Case", "Run", "Score", "Observation", "Job"), f"{noun}.{field.name}"
                if dataclasses.is_dataclass(part):
                    walk(part)

    def parts(hint: object) -> Iterator[type]:
        if isinstance(hint, type):
            yield hint
        for inner in typing.get_args(hint):
            yield from parts(inner)

    walk(Outcome)
    assert found == per_case


@given(st.sets(st.from_regex(r"hold-[a-z]{6}", fullmatch=True), min_size=1, max_size=5))
@settings(max_examples=20)
def test_holdout_is_told_in_totals(holdout: set[str]) -> None:
    """Two runs that differ only in which holdout cases moved give the same report."""
    text = render(outcome(total=comparison(), counts=(40, 70, 10)))
    assert not any(case in text for case in holdout)
    named = set(re.findall(r"`(dev-\d+)`", text))
    assert named == {case for case, _, _ in outcome().dev_cases}
    assert "40 improved, 70 unchanged, 10 worse. Its cases are not named" in text


@pytest.mark.parametrize("state", ["met", "reached", "missed", "unknown"])
def test_each_state_has_its_advice(state: str) -> None:
    plain = outcome()
    changed = dataclasses.replace(plain.results[0], state=state)
    text = render(outcome(results=(changed,))).split("## Recommendations")[1].split("## Limits")[0]
    words = {
        "met": "Review the diff",
        "reached": "not yet met",
        "missed": "short of its target",
        "unknown": "could not be judged",
    }
    assert words[state] in text


def advised(**changes: object) -> str:
    return render(outcome(**changes)).split("## Recommendations")[1].split("## Limits")[0]


@pytest.mark.parametrize(("effect", "needed"), [(0.1, "1,004"), (0.35, None), (0.01, None), (0.0, None), (None, None)])
def test_a_gain_too_small_to_be_seen_is_told_with_the_cases_it_takes(effect: float | None, needed: str | None) -> None:
    """((2.326 + 0.842) / d)^2 cases at level .01 and power .8, between the 120 there are and 20 times as many."""
    last = outcome().trials[2]
    assert last.decision is not None
    found = dataclasses.replace(last.decision.comparison, effect=effect)
    trial = dataclasses.replace(last, decision=dataclasses.replace(last.decision, comparison=found))
    text = advised(trials=(trial,))
    assert ("would show it" in text) == (needed is not None)
    assert needed is None or f"looked 1.0 points better: if that is real, about {needed} holdout cases" in text


def test_what_still_fails_and_what_got_worse_is_named_by_dev_cases() -> None:
    text = advised(dev_cases=(("dev-001", 0.8, 0.4), ("dev-002", 0.2, 0.9), ("dev-003", None, 0.1)))
    assert (
        "What still fails most often is got 'billing', wanted 'refund' (12 runs, such as `dev-003`, `dev-004`)" in text
    )
    assert "1 dev case got worse in `accuracy`: `dev-001`." in text
    assert "got worse" not in advised()


def test_each_issue_of_a_target_stands_with_what_could_mend_it() -> None:
    (target,) = outcome().targets
    ideas = ("name every label (label list: accuracy up; 5 of 5: no model can guess them)", "by hand")
    text = render(outcome(targets=(dataclasses.replace(target, issues=("no label list", "vague"), ideas=ideas),)))
    part = text.split("### Targets")[1].split("## Phase 2")[0]
    for issue, idea in zip(("no label list", "vague"), ideas, strict=True):
        assert f"| {issue} | {idea} |" in part


def test_an_idea_for_several_prompts_and_nodes_is_told_once() -> None:
    (target,) = outcome().targets
    one = dataclasses.replace(target, node="read", issues=("vague",), ideas=("say more",))
    other = dataclasses.replace(one, node="write")
    part = render(outcome(targets=(one, dataclasses.replace(one, prompt="p.py:Q"), other)))
    assert part.count("say more") == 1 and "| `read`, `write` | vague | say more |" in part


def test_who_proposed_what_is_told_with_each_column_and_who_hides_behind_builtin() -> None:
    assert "Who proposed what" not in render(outcome())
    two = (Yield("builtin", 6, 0, 3, 1, 0.12, 0, 1440), Yield("ideas.py:propose", 1, 2, 1, 0, 0.0, 0, 240))
    text = render(outcome(yields=two))
    part = text[text.index("### Who proposed what") : text.index("### Iteration 1")]
    assert part.index("`ideas.py:propose` | 1 | 2 | 1 | 0 | -") < part.index("`builtin` | 6 | 0 | 3 | 1 | +12.0 points")
    assert "| Of use per 1,000 calls |" in part and "under *By* each has its own name" in part
    assert "under *By*" not in render(outcome(yields=two[1:]))
    assert "| By |" in text and "(`c01`, by `few_shot`)" in text


def test_the_sign_of_an_improvement_is_told_where_a_goal_is_better_low() -> None:
    told = "Improvement is final minus initial"
    assert told in render(outcome()) and told not in render(outcome(results=outcome().results[:1]))
