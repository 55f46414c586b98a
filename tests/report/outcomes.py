"""Outcomes to render: an ordinary one, and the same with any text in the places where foreign text ends up."""

from __future__ import annotations

from dataclasses import replace

from harness.types import (
    Change,
    Comparison,
    Decision,
    Discovery,
    FailurePattern,
    Goal,
    Goals,
    Guard,
    ModelUse,
    Node,
    NodeCost,
    Outcome,
    Prompt,
    Result,
    Settings,
    Span,
    Spend,
    Summary,
    Target,
    Trial,
)

DIFF = """diff --git a/graphs/prompts.py b/graphs/prompts.py
index 1..2 100644
--- a/graphs/prompts.py
+++ b/graphs/prompts.py
@@ -1,2 +1,3 @@
 CLASSIFY = "Sort the ticket."
+LABELS = "billing, technical"
diff --git a/graphs/answer.md b/graphs/answer.md
index 3..4 100644
--- a/graphs/answer.md
+++ b/graphs/answer.md
@@ -1 +1 @@
-Answer.
+Answer with a label only.
"""

LAST = "2026-01-01T12:07:30+00:00"
ACCURACY = Goal("accuracy", "higher", 0.9, unit="%", where="fine-tune.md:4", text="accuracy 90 % or higher")
LATENCY = Goal("latency", "lower", 2.0, unit="s", where="fine-tune.md:5", text="latency at most 2 s")


def summary(metric: str, mean: float | None, n: int = 120) -> Summary:
    """A metric over ``n`` cases."""
    if mean is None:
        return Summary(metric, 0, n, None, None, None, None, None, None, None)
    return Summary(metric, n, 0, mean, 0.3 * mean, mean, 0.9 * mean, 1.05 * mean, 0.0, 1.2 * mean, (mean, mean))


def comparison(gain: float = 0.12, p: float = 0.0004) -> Comparison:
    """Accuracy from .61 by ``gain``."""
    return Comparison(
        "accuracy", 120, 0, 0.61, 0.61 + gain, gain, gain - 0.06, gain + 0.06, p, 0.35, 40, 70, 10, "exact sign-flip"
    )


def change(number: int = 1, text: str = "few-shot examples") -> Change:
    """A change of one prompt."""
    span = Span("graphs/prompts.py", 10, 40, 3, 5)
    old, new = ("Sort the ticket.\n",), ("Sort the ticket.\nLabels: billing, technical\n",)
    return Change(
        f"c{number:02}", "classify", text, "graphs/prompts.py:CLASSIFY", span, old, new, "labels vary", "few_shot"
    )


def decision(verdict: str = "keep") -> Decision:
    """A confirmation with one guardrail."""
    guard = Guard("latency", True, "at most 2", 1.2, 1.3, 1.4)
    found = comparison() if verdict == "keep" else comparison(0.01, 0.4)
    words = "Kept: accuracy is 0.12 better." if verdict == "keep" else "Rejected: p = 0.4 is above the level."
    return Decision("keep" if verdict == "keep" else "reject", found, (guard,), 0.01, words)


def trials() -> tuple[Trial, ...]:
    """One kept, one rejected, one that never got that far."""
    screen = comparison(0.2, 0.01)
    return (
        Trial(1, change(1), screen, "kept", "kept", decision(), "2026-01-01T12:03:09+00:00"),
        Trial(1, change(2, "output format"), comparison(-0.02, 0.8), "futile", "no gain on dev after 1 run(s)"),
        Trial(2, change(3, "definitions"), screen, "confirmed", "p above the level", decision("reject"), LAST),
    )


def outcome(**changes: object) -> Outcome:
    """An ordinary end of a run."""
    use = ModelUse("embedded", "small", {}, "graphs/graph.py:3")
    node = Node("classify", "graphs/graph.py", 9, "classify", "graphs/nodes.py", 3, 9, True, "calls llm", models=(use,))
    span = Span("graphs/prompts.py", 10, 40, 3, 5)
    prompts = tuple(
        Prompt(name, span, "constant", "plain", "system", ("Sort.",), ("classify",), proof)
        for name, proof in (("graphs/prompts.py:CLASSIFY", "proved"), ("graphs/prompts.py:OLD", "unresolved"))
    )
    plain = Outcome(
        run_id="20260101-1200-ab",
        project="support desk",
        started="2026-01-01T12:00:00Z",
        finished="2026-01-01T12:08:00Z",
        base="0123456789abcdef",
        branch="harness/20260101-1200-ab",
        harness_version="0.1.0",
        settings=Settings(graph="graphs/graph.py:graph"),
        goals=Goals((ACCURACY, LATENCY), criteria=("all goals",)),
        discovery=Discovery("graphs/graph.py:graph", (node,), prompts),
        targets=(
            Target("classify", prompts[0].id, "sorts tickets", ("labels vary",), ("examples",), 5, 4, 3, "fails most"),
        ),
        dev=60,
        holdout=120,
        digest="feedbeef" * 8,
        baseline=(summary("accuracy", 0.61, 180), summary("latency", 1.2, 180), summary("cost", None)),
        failures=(FailurePattern("got 'technical', wanted 'billing'", 31, ("dev-001", "dev-002")),),
        costs_before=(
            NodeCost("classify", 1.0, 0.9, 220.0, None, 0.75),
            NodeCost("answer", 1.0, 0.3, 90.0, None, 0.25),
        ),
        costs_after=(NodeCost("classify", 1.0, 1.0, 320.0, None, 0.77), NodeCost("answer", 1.0, 0.3, 90.0, None, 0.23)),
        trials=trials(),
        results=(
            Result(ACCURACY, summary("accuracy", 0.61), summary("accuracy", 0.73), "missed", 0.81),
            Result(LATENCY, summary("latency", 1.2), summary("latency", 1.3), "met", 1.0),
        ),
        dev_cases=tuple((f"dev-{i:03}", 0.4, 0.8) for i in range(60)),
        counts=(40, 70, 10),
        diff=DIFF,
        commits=("abc",),
        alpha_spent=0.02,
        spend=Spend(4200, 1800, 900_000, 12_000, 480.0, None),
        phases={"baseline": 120.0, "iterate": 340.0},
        stopped="the cap of 5 iterations is reached",
        notes=("the tree was dirty",),
        total=comparison(),
        units={"accuracy": "", "latency": "s", "cost": "USD"},
        course=tuple(
            (summary("accuracy", share), summary("latency", took)) for share, took in ((0.61, 1.2), (0.74, 1.3))
        ),
        failures_left=(FailurePattern("got 'billing', wanted 'refund'", 12, ("dev-003", "dev-004")),),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def hostile(text: str) -> Outcome:
    """The ordinary outcome with ``text`` wherever a user's repo, its cases or a model can put some."""
    plain = outcome()
    changed = replace(change(1, text), node=text, why=text, proposer=text, nodes=(text, "classify"), new=(text,))
    words = replace(decision(), words=text, guards=(Guard(text, True, text, 1.0, 1.1, 1.2),))
    goal = replace(ACCURACY, text=text, where=text)
    return replace(
        plain,
        project=text,
        stopped=text,
        notes=(text,),
        branch=text,
        goals=Goals((goal, LATENCY), criteria=(text,)),
        failures=(FailurePattern(text, 3, (text,)),),
        failures_left=(FailurePattern(text, 2, (text,)),),
        targets=(Target(text, text, text, (text,), (text,), 1, 2, 3, text),),
        costs_after=(NodeCost(text, 1.0, 2.0, 3.0, 0.1, 1.0),),
        dev_cases=((text, 0.0, 1.0),),
        diff=f"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n+{text}\n",
        trials=(
            Trial(1, changed, comparison(), "kept", text, words),
            Trial(1, replace(changed, id=text), None, "refused", text),
        ),
    )
