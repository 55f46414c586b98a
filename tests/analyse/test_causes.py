"""Which node likely caused a failure, which label was said for which, and who takes the most."""

from __future__ import annotations

import json
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from harness import analyse
from harness.analyse.record import Record
from harness.types import Call, Case, Confusion, NodeCost, Run, Score
from tests import makers

LABELS = ("billing", "shipping", "technical")


def replied(node: str, text: str, step: int, **changes: object) -> Call:
    """A call with all that a replay needs."""
    response = {"generations": [{"message": {"type": "ai", "data": {"content": text}}, "text": text}]}
    return makers.call(node, text, step=step, response=response, **changes)


def case(n: int, **expected: object) -> Case:
    return makers.case(f"c{n}", {"ticket": f"ticket {n}"}, expected_intent=LABELS[n % 3], **expected)


def record(cases: Sequence[Case], runs: Sequence[Run], wrong: set[str]) -> Record:
    scores = [Score("accuracy", run.case, run.k, 0.0 if run.case in wrong else 1.0) for run in runs]
    return Record(cases, runs, scores)


def sorted_wrongly(n: int, *after: Call, wrong: bool, say: str = "") -> Run:
    said = say or (LABELS[(n + 1) % 3] if wrong else LABELS[n % 3])
    return makers.run({"intent": said}, replied("classify", said, 1), *after, case=f"c{n}")


def test_a_wrong_answer_that_nobody_reads_is_the_cause() -> None:
    cases = [case(n) for n in range(12)]
    runs = [sorted_wrongly(n, wrong=n < 4) for n in range(12)]
    found = record(cases, runs, {"c0", "c1", "c2", "c3"})
    blamed = analyse.suspects(found)
    assert {(s.node, s.last, s.run.case) for s in blamed} == {("classify", True, f"c{n}") for n in range(4)}
    (cause,) = analyse.causes(found, blamed, {})
    assert (cause.node, cause.how, cause.cases, cause.of) == ("classify", "its answer", 4, 4)
    assert cause.examples == ("c0", "c1", "c2", "c3")


def test_an_answer_that_others_read_is_corrected_to_be_run_again() -> None:
    cases = [case(n) for n in range(12)]
    runs = [sorted_wrongly(n, replied("draft", "Dear customer", 2), wrong=n < 4) for n in range(12)]
    found = record(cases, runs, {"c0", "c1", "c2", "c3"})
    blamed = analyse.suspects(found)
    assert not any(suspect.last for suspect in blamed)
    first, second = blamed[0].calls
    assert (first.text, first.key, second.text) == ("billing", runs[0].calls[0].key, "Dear customer")
    (generation,) = first.response["generations"]
    assert (generation["text"], generation["message"]["data"]["content"]) == ("billing", "billing")
    assert runs[0].calls[0].response["generations"][0]["text"] == "shipping"
    (cause,) = analyse.causes(found, blamed, {"c0": 1.0, "c1": 1.0, "c2": 0.0})
    assert (cause.how, cause.cases) == ("run again", round(4 * 2 / 3))
    assert "corrected in 3 of them and run on, 2 came out better" in cause.words


def test_a_json_reply_keeps_its_shape_when_it_is_corrected() -> None:
    cases = [case(n) for n in range(12)]
    runs = []
    for n in range(12):
        said = LABELS[(n + (n < 4)) % 3]
        text = json.dumps({"why": "so", "intent": said})
        runs.append(makers.run({"intent": said}, replied("classify", text, 1), replied("draft", "x", 2), case=f"c{n}"))
    blamed = analyse.suspects(record(cases, runs, {"c0", "c1", "c2", "c3"}))
    assert json.loads(blamed[0].calls[0].text) == {"why": "so", "intent": "billing"}


def test_where_no_case_says_what_a_node_should_reply_a_correlation_is_told_as_one() -> None:
    cases = [makers.case(f"c{n}", expected_answer=f"the long answer of case {n}") for n in range(30)]
    wrong = {f"c{n}" for n in range(10)}
    runs = [
        makers.run(
            {"answer": "no" if n < 10 else f"the long answer of case {n}"},
            replied("find", "none" if n < 9 else f"page {n}", 1),
            replied("write", "no" if n < 10 else f"the long answer of case {n}", 2),
            case=f"c{n}",
        )
        for n in range(30)
    ]
    found = record(cases, runs, wrong)
    by_node = {cause.node: cause for cause in analyse.causes(found, (), {})}
    cause = by_node["find"]
    assert (cause.how, cause.cases, cause.of) == ("correlation", 9, 10)
    assert cause.words.startswith("it replies 'none': then 100% of the runs fail, else 5%")
    assert "not a proof" in cause.words


def test_nothing_fails_nothing_is_caused() -> None:
    cases = [case(n) for n in range(12)]
    found = record(cases, [sorted_wrongly(n, wrong=False) for n in range(12)], set())
    assert analyse.causes(found, analyse.suspects(found), {}) == ()


@given(st.lists(st.sampled_from([*LABELS, "else", ""]), min_size=12, max_size=30))
def test_the_confusion_matrix_is_that_of_scikit_learn(said: list[str]) -> None:
    cases = [case(n) for n in range(len(said))]
    runs = [sorted_wrongly(n, wrong=False, say=text or " ") for n, text in enumerate(said)]
    tables = analyse.confusions(Record(cases, runs))
    if not tables:
        assert not any(text.strip() for text in said)
        return
    (table,) = tables
    theirs = [text if text in LABELS else "~other" for text in said]
    matrix = confusion_matrix([LABELS[n % 3] for n in range(len(said))], theirs, labels=[*LABELS, "~other"])
    ours = [[*row, *([0] if len(row) == 3 else [])] for row in table.counts]
    assert ours == matrix[:3].tolist()


def test_mistakes_and_spenders_in_words() -> None:
    table = Confusion("expected_intent", ("a", "b"), ("a", "b", "other"), ((7, 2, 1), (0, 9, 0)))
    assert analyse.mistakes(table, 1) == ["expected_intent: 'a' wanted and 'b' said in 2 of 10 runs"]
    costs = [NodeCost("find", 1, 3.0, 100, None, 0.75), NodeCost("write", 1, 1.0, 300, None, 0.25)]
    slow, dear = analyse.spenders(costs)
    assert "find, 3 s" in slow
    assert "write, 300 tokens a case, 75 %" in dear
    assert analyse.spenders(costs[:1]) == ()
