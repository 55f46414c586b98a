"""Partial credit for a routed ticket: the queue is worth three quarters of a point, the days the rest.

A ticket in the right queue with a wrong deadline is mended by a clerk; one in the wrong queue is lost. Accuracy treats
both alike. A metric of your own is one file like this one: four texts and one function, here in the folder of the
cases. It runs in the app's interpreter, which need not have `harness`.
"""

import json

NAME = "queue_and_days"
VERSION = "2"
DIRECTION = "higher"
UNIT = ""  # a share of 1

QUEUE = 0.75


def score(case, run, options):
    """0-1, or a sentence that says why the case cannot be scored."""
    if "expected_answer" not in case.expected:
        return "the case does not say how it should be routed"
    if run.fault:
        return "the network failed" if run.lost else 0.0
    wanted, answer = json.loads(case.expected["expected_answer"]), routed(run.output.get("answer", ""))
    return QUEUE * (answer.get("queue") == wanted["queue"]) + (1 - QUEUE) * (answer.get("days") == wanted["days"])


def routed(text):
    """What the ticket system would read from the app's answer; {} when that is no JSON object."""
    try:
        answer = json.loads(text)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
