"""The company of the sample app: its labels, how it files ambiguous topics, its policy, and cases from its desk.

The model never saw this convention as such: in training every company files ambiguous topics in its own way. The cases
use only wordings that training never says (see `speech`).
"""

import json
from random import Random
from typing import Any

from harness.models.recipe.policy import Row
from harness.models.recipe.speech import Speaker
from harness.models.recipe.tickets import Ticket, ticket
from harness.models.recipe.topics import AMBIGUOUS, CLEAR, Topic

LABELS = ("billing", "refund", "shipping", "account", "technical", "cancellation", "sales")
CONVENTION = {  # ambiguous topic -> the label it gets here; clear topics get the label of their intent
    "refund_missing": "billing",
    "arrived_broken": "shipping",
    "wrong_item": "shipping",
    "locked_unpaid": "account",
    "login_error": "account",
    "charged_after_cancel": "cancellation",
    "shipping_cost": "sales",
    "switch_plan": "account",
    "checkout_error": "billing",
    "stop_order": "cancellation",
    "cancel_and_repay": "refund",
    "trial_end": "sales",
    "delete_account": "cancellation",
    "defective_device": "refund",
    "change_address": "shipping",
    "voucher": "sales",
    "tracking_page": "technical",
    "card_on_file": "billing",
    "install_help": "technical",
}
POLICY = {
    "billing": Row("finance", 2),
    "refund": Row("claims", 5),
    "shipping": Row("warehouse", 3),
    "account": Row("helpdesk", 1),
    "technical": Row("engineers", 4),
    "cancellation": Row("retention", 6),
    "sales": Row("showroom", 7),
}
SHARES = {
    "easy": 0.45,
    "medium": 0.37,
    "hard": 0.18,
}  # easy: clear topics; medium: ambiguous; hard: ambiguous, led astray


def label_of(topic: Topic) -> str:
    """The label under which this company files the topic."""
    return CONVENTION.get(topic.name, topic.intents[0])


def other_label(topic: Topic) -> str:
    """The rival label of an ambiguous topic."""
    return next(intent for intent in topic.intents if intent != label_of(topic))


def expected_answer(label: str) -> str:
    """What node 2 should answer for a label."""
    return json.dumps({"queue": POLICY[label].queue, "days": POLICY[label].days})


def draw_tickets(seed: int, count: int) -> list[tuple[str, Ticket]]:
    """(difficulty, ticket) pairs in held-out wordings, even over labels, then over their topics; no text twice."""
    speaker = Speaker(Random(seed), held_out=True)
    levels = [level for level, share in SHARES.items() for _ in range(round(share * count))]
    levels = (levels + ["easy"] * count)[:count]
    speaker.rng.shuffle(levels)
    queues: dict[tuple[str, bool], list[Topic]] = {}
    texts: set[str] = set()
    used: set[str] = set()
    drawn = []
    for number, level in enumerate(levels):
        label, clear = LABELS[number % len(LABELS)], level == "easy"
        queue = queues.setdefault((label, clear), [])
        if not queue:
            queue.extend(topic for topic in (CLEAR if clear else AMBIGUOUS) if label_of(topic) == label)
            speaker.rng.shuffle(queue)
        topic, hard = queue.pop(), level == "hard"
        for attempt in range(100):  # the first 40 attempts also look for a wording not used yet
            one = ticket(speaker, topic, joined=hard and speaker.chance(0.3), aside=hard)
            if one.text not in texts and (one.template not in used or attempt >= 40):
                break
        texts.add(one.text)
        used.add(one.template)
        drawn.append((level, one))
    return drawn


def make_cases(seed: int, count: int) -> list[dict[str, Any]]:
    """Cases of the sample app, ready for JSONL."""
    cases = []
    for number, (level, one) in enumerate(draw_tickets(seed, count), 1):
        label = label_of(one.topic)
        cases.append(
            {
                "id": f"desk-{seed}-{number:04d}",
                "category": label,
                "difficulty": level,
                "input": {"ticket": one.text},
                "expected_intent": label,
                "expected_answer": expected_answer(label),
                "metadata": {
                    "topic": one.topic.name,
                    "template": one.template,
                    "ambiguous": len(one.topic.intents) == 2,
                },
            }
        )
    return cases
