from __future__ import annotations

import json
from dataclasses import replace

import pytest

from harness.analyse import Record, failures, node_costs, observe, run_file, targets
from harness.analyse.issues import ISSUES
from harness.analyse.wanted import tasks
from harness.plugins.proposers import techniques
from harness.types import Discovery, ModelUse, Score, Span
from tests import makers
from tests.makers import call, case, node, prompt, run, var

LABELS = ("billing", "technical", "shipping")


def tickets(n: int = 12) -> list:
    return [
        case(f"t{i}", {"ticket": f"text {i}"}, expected_intent=LABELS[i % 3], expected_queue=f"q{i % 3}")
        for i in range(n)
    ]


def asked(c) -> tuple:
    return ({"role": "system", "content": "Classify."}, {"role": "human", "content": c.inputs["ticket"]})


def fill(p, messages):
    """The system prompt "Classify." or a template with one variable that is the human message."""
    if p.role == "system":
        return {} if messages[0]["content"] == p.text else None
    return {"ticket": messages[-1]["content"]}


def wanted(name, cases, runs) -> dict:
    task = tasks(Record(cases, runs)).get(name)
    found = {c.id: task.wanted(c) for c in cases} if task else {}
    return {id: answer for id, answer in found.items() if answer is not None}


def played(cases, classify, route, k=0) -> list:
    """Runs of a two-node app; the functions give the reply of each node to a case, state keeps them stripped."""
    found = []
    for c in cases:
        first, second = classify(c), route(c)
        calls = (
            call("classify", first, messages=asked(c), step=1),
            call("route", second, messages=({"role": "human", "content": first},), step=2),
        )
        state = {**c.inputs, "intent": first.strip(), "queue": second.strip()}
        found.append(run(state, *calls, case=c.id, k=k))
    return found


def test_each_node_gets_the_field_that_it_answers_even_when_it_is_wrong():
    cases = tickets()
    runs = played(cases, lambda c: "I do not know", lambda c: "elsewhere")
    assert wanted("classify", cases, runs) == {c.id: c.expected["expected_intent"] for c in cases}
    assert wanted("route", cases, runs) == {c.id: c.expected["expected_queue"] for c in cases}


def test_the_name_of_an_asked_tool_is_the_reply_where_there_is_no_text():
    names = ("refund", "human")
    cases = [case(f"t{i}", {"ticket": f"text {i}"}, expected_tool=names[i % 2]) for i in range(6)]
    response = {"generations": [{"message": {"data": {"tool_calls": [{"name": "refund", "args": {}}]}}}]}
    runs = [run({}, call(text="", messages=asked(c), response=response), case=c.id) for c in cases]
    seen = observe(node(), prompt("Classify.", role="system"), Record(cases, runs), fill)
    assert [(o.answer, o.wanted) for o in seen[:2]] == [("refund", "refund"), ("refund", "human")]


def test_a_field_that_a_later_node_repeats_stays_with_the_node_that_answers_it():
    cases = [case(f"t{i}", {"ticket": "x"}, expected_intent=LABELS[i % 3]) for i in range(9)]
    runs = played(
        cases,
        lambda c: c.expected["expected_intent"],
        lambda c: f"The {c.expected['expected_intent']} team takes it",
    )
    assert wanted("classify", cases, runs)["t1"] == "technical"
    assert wanted("route", cases, runs) == {}


def test_a_node_that_speaks_json_is_wanted_to_give_all_its_fields():
    cases = [case(f"t{i}", {"ticket": "x"}, expected_queue=f"q{i % 2}", expected_days=i) for i in range(6)]
    runs = [run({"queue": "q0", "days": 1}, call("route", '{"queue": "q0", "days": 1}'), case=c.id) for c in cases]
    assert json.loads(wanted("route", cases, runs)["t5"]) == {"queue": "q1", "days": 5}


FORM = {"response_format": {"type": "json_schema", "json_schema": {"name": "Sorted", "schema": {}}}}
CLASS = {"response_format": {"schema": "Sorted", "fields": {}}}  # as a class is recorded
LOOSE = {"response_format": {"type": "json_object"}}
TOOL = {"tools": [{"name": "Sorted"}, {"name": "Other"}], "tool_choice": {"type": "tool", "name": "Sorted"}}
ONLY = {"tools": [{"name": "Sorted"}], "tool_choice": "any"}


def filled_in(c, label: str, parameters: dict, node: str = "classify"):
    """The call of a node that fills in a form with a label and a reason, as its schema or its tool wants it."""
    args = {"why": f"{label} or some such", "kind": label}
    if "tools" not in parameters:
        return call(node, json.dumps(args), messages=asked(c), parameters=parameters)
    tool = {"name": "Sorted", "args": args, "id": "1"}
    response = {"generations": [{"message": {"data": {"tool_calls": [tool]}}}]}
    return call(node, "", messages=asked(c), parameters=parameters, response=response)


@pytest.mark.parametrize("parameters", [FORM, CLASS, TOOL, ONLY], ids=["schema", "class", "named tool", "only tool"])
def test_of_a_form_the_entry_that_becomes_the_answer_is_judged(parameters):
    """Its key is not named like the field, and other entries stand beside it."""
    cases = [case(f"t{i}", {"ticket": f"text {i}"}, expected_intent=LABELS[i % 3]) for i in range(9)]
    runs = [run({"intent": "billing"}, filled_in(c, "billing", parameters), case=c.id) for c in cases]
    seen = observe(node(), prompt("Classify.", role="system"), Record(cases, runs), fill)
    assert [(o.answer, o.wanted) for o in seen[:3]] == [("billing", label) for label in LABELS]
    (target,) = targets(FOUND, {CLASSIFY.id: seen}, ())
    assert target.why.startswith("6 of 9 dev replies wrong")
    assert "free-text output" not in target.issues


def test_a_form_may_end_up_deep_in_the_output():
    cases = [case(f"t{i}", {"ticket": f"text {i}"}, expected_topic=LABELS[i % 3]) for i in range(9)]
    runs = [run({"found": {"kind": "billing"}}, filled_in(c, "billing", FORM), case=c.id) for c in cases]
    record = Record(cases, runs, paths={"expected_topic": "found.kind"})
    seen = observe(node(), prompt("Classify.", role="system"), record, fill)
    assert [(o.answer, o.wanted) for o in seen[:3]] == [("billing", label) for label in LABELS]
    assert failures(record)[0].name == "topic: got 'billing', wanted 'shipping'"


def test_json_that_only_the_prompt_asks_for_is_wanted_with_its_own_key():
    cases = [case(f"t{i}", {"ticket": f"text {i}"}, expected_intent=LABELS[i % 3]) for i in range(9)]
    runs = [run({"intent": "billing"}, filled_in(c, "billing", LOOSE), case=c.id) for c in cases]
    seen = observe(node(), prompt("Classify.", role="system"), Record(cases, runs), fill)
    assert [(o.answer, o.wanted) for o in seen[1:2]] == [('{"kind": "billing"}', '{"kind": "technical"}')]


def test_a_node_without_a_field_is_wanted_nothing():
    cases = [case("t0", {"ticket": "x"})]
    assert wanted("classify", cases, [run({}, call(), case="t0")]) == {}
    assert wanted("nowhere", tickets(), []) == {}


def test_observations_hold_the_commonest_reply_and_the_mean_score():
    cases = tickets(3)
    replies = [["billing"] * 3, ["shipping", "billing", "shipping"], ["technical"] * 3]
    runs = [r for k in range(3) for r in played(cases, lambda c, k=k: replies[int(c.id[1])][k], lambda c: "q0", k=k)]
    scores = [Score("accuracy", "t1", k, v) for k, v in enumerate([0.0, 1.0, None])]
    system = prompt("Classify.", role="system")
    first, second, third = observe(node("classify"), system, Record(cases, runs, scores), fill)
    assert (second.answer, second.wanted, second.score) == ("shipping", "technical", 0.5)
    assert (first.score, third.answer) == (None, "technical")
    assert second.messages == asked(cases[1])


def test_a_node_is_not_blamed_for_what_it_was_told_wrongly():
    """Route follows its policy; classify errs on every technical ticket in the first run and on t1 in both."""
    cases = tickets(6)
    queue = {label: f"q{i}" for i, label in enumerate(LABELS)}

    def label(c, k: int) -> str:
        wrong = c.id == "t1" or (c.expected["expected_intent"] == "technical" and k == 0)
        return "shipping" if wrong else c.expected["expected_intent"]

    runs = [
        r for k in (0, 1) for r in played(cases, lambda c, k=k: label(c, k), lambda c, k=k: queue[label(c, k)], k=k)
    ]
    scores = [Score("accuracy", c.id, 0, 1.0) for c in cases]
    template = prompt("Label: ", var("ticket"), nodes=["route"])
    seen = {o.case: o for o in observe(node("route"), template, Record(cases, runs, scores), fill)}
    assert (seen["t1"].wanted, seen["t1"].score) == (None, None)
    assert all(o.answer == o.wanted for o in seen.values() if o.case != "t1")
    assert seen["t4"].filled == {"ticket": "technical"}


def test_a_case_whose_calls_never_held_the_prompt_is_not_observed():
    cases = tickets(3)
    runs = played(cases, lambda c: "billing", lambda c: "q0")
    other = prompt("Another text.", role="system")
    assert observe(node("classify"), other, Record(cases, runs), fill) == ()
    template = prompt("Ticket: ", var("ticket"))
    assert [o.filled for o in observe(node("classify"), template, Record(cases, runs), fill)] == [
        {"ticket": "text 0"},
        {"ticket": "text 1"},
        {"ticket": "text 2"},
    ]


def test_failures_are_grouped_by_what_went_wrong():
    cases = tickets(12)
    replies = {"billing": "billing", "technical": "shipping", "shipping": "Dear customer, thank you"}
    runs = played(cases, lambda c: replies[c.expected["expected_intent"]], lambda c: c.expected["expected_queue"])
    found = {p.name: p.cases for p in failures(Record(cases, runs, []))}
    assert found["intent: got 'shipping', wanted 'technical'"] == ("t1", "t4", "t7", "t10")
    assert found["intent: none of the 3 labels"] == ("t2", "t5", "t8", "t11")
    assert len(found) == 2


def test_faults_and_missing_scores_are_patterns_of_their_own():
    cases = tickets(4)
    runs = [
        run(None, case="t0", fault=makers.fault("app")),
        run(None, case="t1", fault=makers.fault("infrastructure")),
        *played(cases[2:], lambda c: c.expected["expected_intent"], lambda c: c.expected["expected_queue"]),
    ]
    names = [p.name for p in failures(Record(cases, runs, [Score("cost", "t3", 0, None, "unpriced: acme")]))]
    assert names == ["not scored: unpriced: acme", "the app failed: ValueError"]


def test_a_case_that_fails_in_fewer_than_half_of_its_runs_is_no_pattern():
    cases = tickets(1)
    runs = [
        r for k in range(3) for r in played(cases, lambda c, k=k: "billing" if k else "shipping", lambda c: "q0", k=k)
    ]
    assert failures(Record(cases, runs)) == ()


def test_costs_by_node_are_means_per_run_and_unpriced_stays_unpriced():
    prices = {"acme:small": (1.0, 1.0)}
    runs = [
        run({}, call(seconds=0.3), call("route", seconds=0.1, model="other:x"), case="t0"),
        run({}, call(seconds=0.5), call(seconds=0.3, error="Timeout: 1"), case="t1"),
        run(None, case="t2", fault=makers.fault("infrastructure")),
    ]
    classify, route = node_costs(runs, prices)
    assert (classify.node, classify.calls, classify.tokens) == ("classify", 1.0, 110.0)
    assert classify.seconds == pytest.approx(0.4)
    assert classify.share == pytest.approx(0.8 / 0.9)
    assert classify.usd == pytest.approx(110e-6)
    assert (route.calls, route.usd) == (0.5, None)
    assert node_costs([], prices) == ()


def test_run_file_counts_only_what_was_scored():
    runs = [run({}, case=f"t{i}", seconds=2.0) for i in range(3)]
    scores = [Score("accuracy", "t0", 0, 1.0), Score("accuracy", "t1", 0, 0.0), Score("accuracy", "t2", 0, None, "?")]
    written = run_file(runs, scores)
    assert (written["total_cases"], written["correct"], written["accuracy"]) == (3, 1, 0.5)
    assert (written["total_latency"], written["avg_latency"], written["avg_cost"]) == (6.0, 2.0, None)
    assert [row["correct"] for row in written["case_results"]] == [True, False, None]


CLASSIFY = prompt("You read tickets. What is it about?\n\nTicket: ", var("ticket"))
FOUND = Discovery(
    "graph.py:graph", (node(models=(ModelUse("acme", "small", {"temperature": 0.7}, "n.py:3"),)),), (CLASSIFY,)
)


def seen_by(answers: dict[str, str]) -> dict:
    return {CLASSIFY.id: [makers.seen(f"text {i}", answers.get(w, w), w) for i, w in enumerate(LABELS * 5)]}


def test_a_weak_prompt_shows_its_issues_with_an_idea_for_each():
    (target,) = targets(FOUND, seen_by({"billing": "?"}), ())
    assert {"no label list", "free-text output", "no examples", "no edge-case rule"} <= set(target.issues)
    assert "temperature too high for a fixed answer" in target.issues
    assert len(target.ideas) == len(target.issues)
    assert target.role == "chooses one of 3 labels"


def test_an_issue_names_the_line_that_shows_it():
    text = "You read tickets.\nExplain your reasoning in detail.\nWhat is it about?\n"
    lines = prompt(text, role="system", span=Span("prompts.py", 0, 99, 3, 6))
    (target,) = targets(Discovery("graph.py:graph", FOUND.nodes, (lines,)), {lines.id: seen_by({})[CLASSIFY.id]}, ())
    shown = {weak.issue: (weak.where, weak.shown) for weak in target.weaknesses}
    assert shown["asks for more than the answer"] == ("prompts.py:4", 'says "Explain your reasoning in detail."')
    assert shown["temperature too high for a fixed answer"] == ("n.py:3", "temperature=0.7")
    assert shown["no label list"] == ("prompts.py:3-6", "does not name 'billing', 'shipping', 'technical'")
    assert shown["max_tokens unset"][0] == "n.py:3"
    assert tuple(weak.issue for weak in target.weaknesses) == target.issues
    joined = replace(lines, span=Span("prompts.py", 0, 99, 3, 9))  # the lines of the text are not those of the file
    (target,) = targets(Discovery("graph.py:graph", FOUND.nodes, (joined,)), {}, ())
    assert {weak.where for weak in target.weaknesses} <= {"prompts.py:3-9", "n.py:3"}


def test_the_mistake_that_is_made_most_is_said_with_the_impact():
    (target,) = targets(FOUND, seen_by({"billing": "shipping", "technical": "?"}), ())
    assert target.reasons[0] == "10 of 15 dev replies wrong, mostly 'billing' said as 'shipping' (5)"
    assert target.reasons[1:] == ("prompt proved, its answers can be checked", "not measured yet")
    once = {CLASSIFY.id: [makers.seen("text", "a long and friendly letter to somebody", "billing")]}
    assert targets(FOUND, once, ())[0].reasons[0] == "1 of 1 dev replies wrong"


def test_the_name_of_a_variable_makes_no_choice_of_a_node():
    letter = prompt("Write a letter about ", var("state['intent']"), id="letter", nodes=["write"])
    (target,) = targets(Discovery("graph.py:graph", (node("write"),), (letter,)), {}, ())
    assert target.role == "calls a model"


def test_a_good_prompt_shows_none_of_them():
    good = prompt(
        "Sort the ticket of a customer of our shop by what it is about. Answer with the label only.\n"
        "billing: money and invoices\ntechnical: the device\nshipping: the way of the parcel\n"
        "If a parcel is late, say shipping. Example: 'no light' is technical.",
        role="system",
    )
    steady = node(models=(ModelUse("acme", "small", {"temperature": 0.0, "max_tokens": 16}, "n.py:3"),))
    found = Discovery("graph.py:graph", (steady,), (good,))
    (target,) = targets(found, {good.id: seen_by({})[CLASSIFY.id]}, ())
    assert target.issues == ()
    assert target.impact == 1


def test_more_failures_mean_more_impact_and_nothing_measured_is_said():
    impacts = [targets(FOUND, seen_by(dict.fromkeys(wrong, "?")), ())[0].impact for wrong in ((), LABELS[:1], LABELS)]
    assert impacts == sorted(impacts)
    assert len(set(impacts)) == 3
    assert "not measured" in targets(FOUND, {}, ())[0].why


def test_targets_are_sorted_and_texts_that_pass_a_variable_on_are_none():
    bare = prompt("Ticket: ", var("ticket"), id="bare")
    draft = prompt("Write a letter to the customer about ", var("intent"), id="draft", nodes=["write"], proof="likely")
    found = Discovery(
        "graph.py:graph", (node("write"), node("lookup", is_llm=False), node("classify")), (bare, draft, CLASSIFY)
    )
    rows = targets(found, seen_by(dict.fromkeys(LABELS, "?")), node_costs([run({}, call())], {}))
    assert [row.prompt for row in rows] == [CLASSIFY.id, "draft"]
    assert rows[0].total > rows[1].total
    assert "110 tokens a case" in rows[0].why


def test_an_idea_says_what_is_expected_of_its_technique_and_why():
    every = tuple(techniques().values())
    assert {issue.technique for issue in ISSUES} - {""} <= {t.name for t in every}
    (target,) = targets(FOUND, seen_by({"billing": "?"}), (), every)
    known = techniques()["few_shot"]
    idea = target.ideas[target.issues.index("no examples")]
    assert all(part in idea for part in (known.name, known.effect, known.reason, f"{known.stars} of 5"))
    assert any("by hand" in idea for idea in target.ideas)


def test_a_goal_to_spend_less_looks_where_it_is_spent():
    other = prompt("Write a long and friendly letter to the customer.", id="letter", nodes=["write"])
    found = Discovery("graph.py:graph", (node(), node("write")), (CLASSIFY, other))
    costs = node_costs([run({}, call(seconds=0.1), call("write", seconds=0.9))], {})
    seen = seen_by(dict.fromkeys(LABELS, "?"))
    impacts = {t.node: (t.impact, t.why) for t in targets(found, seen, costs, (), "s")}
    assert impacts["write"][0] == 5
    assert impacts["write"][1].startswith("90% of the seconds")
    assert impacts["classify"][0] == 1
    assert targets(found, seen, costs)[0].node == "classify"
