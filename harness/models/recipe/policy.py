"""Node 2: a policy (label -> queue, days) in some layout, a line that asks for parts, and the answer."""
# ruff: noqa: E501 - a pattern is easier to read in one line

import json
from typing import NamedTuple

from harness.models.recipe.chat import Episode, Turn
from harness.models.recipe.speech import Speaker
from harness.models.recipe.tickets import ticket
from harness.models.recipe.topics import INTENT_NAMES, TOPICS

QUEUES = (
    "finance",
    "warehouse",
    "helpdesk",
    "retention",
    "frontdesk",
    "backoffice",
    "tier1",
    "tier2",
    "logistics",
    "returns",
    "security",
    "identity",
    "showroom",
    "care",
    "quality",
    "claims",
    "ledger",
    "dock",
    "desk_a",
    "desk_b",
    "cashiers",
    "engineers",
    "night_shift",
    "specialists",
    "team_north",
    "team_south",
    "web_team",
    "loyalty",
    "dispatch",
    "repairs",
    "orders",
    "field_service",
    "complaints",
    "audit",
    "concierge",
    "mailroom",
    "customs",
    "legal",
    "recovery",
    "onboarding",
)
OTHER_LABELS = (
    "other",
    "praise",
    "press",
    "privacy",
    "spam",
    "partner",
    "warranty",
    "complaint",
    "feedback",
    "jobs",
    "legal",
)
ROW = (
    "<label>: [queue|team|goes to] <queue>[, | and |; ][<days> days|answer within <days> days|due in <days> days|days: <days>]",
    "<label> [->|=>|goes to|is sent to|is handled by|belongs to] <queue>[, | within | in |; answered within | and takes ]<days> days",
    "<label> [tickets|requests|cases|mails] [go to|are handled by|are sent to|belong to|are for] [<queue>|the <queue> queue|the <queue> team][, | and are answered within | and take | with a limit of ]<days> days",
    "[The|Our] <queue> [queue|team] [handles|takes|receives|looks after|owns] <label>[, | and answers within | in | with a deadline of ]<days> days",
    "<label> | <queue> | <days>",
    "<label>: <queue>, <days>",
    "<label> = <queue> / <days> days",
    "For <label> [use|choose|take] [<queue>|queue <queue>|the queue <queue>] and [<days> days|promise <days> days|a deadline of <days> days]",
    "<label>: queue=<queue>[, |; | ]days=<days>",
)
POLICY_HEADING = (
    "[Policy|Routing policy|Company policy|Service levels|Routing table|Queues|Our policy|Who does what|Routing|SLA|Queue plan]",
    "[Policy|The rules|The table|Routing rules] [by label|per label|for tickets|of the desk|for each category]",
    "[Each|Every] label has [a queue|its queue] and [a deadline|a number of days|its days]",
)
ROUTE_TASK = (
    "[Route|Send|Forward|Dispatch|Assign] the [labelled |sorted |]<thing> [to its queue|to the right queue|by the policy|as the policy says|to a team].",
    "[Decide|Find|Look up|Determine|Tell us|State] [the queue and the days|where the <thing> goes and how long it takes|queue and deadline][| by the policy| for the label].",
    "[Given|From|With|Based on] the label[, | ][say|state|decide|find|look up] [who handles it and when|the queue and the days|its queue and its deadline].",
    "[You route|Your job is to route|You forward|You assign] [tickets|labelled tickets|customer mail|requests][| to teams| to queues| by policy].",
)
ASK_JSON = (
    '[Answer|Reply|Respond|Return|Output] [as|with|in] [JSON|a JSON object|valid JSON] with [the keys|keys|the fields|fields] "<q>" and "<d>".',
    '[Return|Output|Write|Give|Use] [JSON|this format|this shape|an object][:| like this:| such as:] {"<q>": "[...|name|queue]", "<d>": [0|N|number]}.',
    '[Format|Output format|Answer format|Schema]: {"<q>": "...", "<d>": ...}',
    "[JSON|A JSON object|Valid JSON] [only|please|is required], [keys|fields] <q> and <d>.",
    "[Answer|Reply|Respond|Return] [only |][JSON|a JSON object] [with|containing|holding] <q> and <d>[.| and nothing else.]",
)
ASK_SENTENCE = (
    "[Answer|Reply|Respond|Write|Tell the customer] in [one|a|a short|a full] sentence [with|that names|that mentions|giving|stating] [the queue and the days|the queue and the deadline|who handles it and in how many days|both queue and days].",
    "[Mention|Name|State|Include|Give|Say] [the queue|the team|who handles it] and [the days|the number of days|the deadline|how many days it takes] in [a|one] sentence.",
)
ASK_QUEUE = (
    "[Answer|Reply|Respond] with [only the queue|the queue only|just the queue|nothing but the queue|the name of the queue].",
    "[Name|Give|Return|State|Output] [only|just|no more than] the [queue|team|name of the queue].",
)
ASK_DAYS = (
    "[Answer|Reply|Respond] with [only the days|just the number of days|nothing but the number of days|the number only].",
    "[Name|Give|Return|State|Output] [only|just|no more than] the [days|number of days|deadline].",
)
QUERY = (
    "Label: <label>",
    "label: <label>",
    "<label>",
    "The label is <label>.",
    "Category: <label>",
    "Intent: <label>",
    "This ticket is <label>.",
    "<label_word>: <label>",
    '{"label": "<label>"}',
    "Classified as <label>",
    "Label = <label>",
)
QUEUE_KEYS, DAY_KEYS = (
    ("queue", "queue", "queue", "team", "route", "assignee", "desk"),
    ("days", "days", "days", "deadline", "sla", "due"),
)


PLAIN_SHARE = 0.25  # of the policies come in the most usual layout, by which routing is learnt first


class Row(NamedTuple):
    """What the policy promises for one label."""

    queue: str
    days: int


def make_policy(speaker: Speaker, labels: list[str]) -> dict[str, Row]:
    """A policy with distinct queues (sometimes shared) and 1-30 days."""
    queues = speaker.rng.sample(QUEUES, len(labels))
    return {
        label: Row(queue, speaker.rng.randint(1, 9) if speaker.chance(0.6) else speaker.rng.randint(10, 30))
        for label, queue in zip(labels, queues, strict=True)
    }


def policy_text(speaker: Speaker, policy: dict[str, Row], plain: bool = False) -> str:
    """The policy in one layout, usually the same for every row; `plain` is the most usual one."""
    if plain:
        form = speaker.pick(
            ("{}: {}, {} days", "- {}: queue {}, {} days", "{}: queue {}, {} days", "- {}: {}, {} days")
        )
        return "Policy:\n" + "\n".join(form.format(label, row.queue, row.days) for label, row in policy.items())
    if speaker.chance(0.06):
        return json.dumps({label: {"queue": row.queue, "days": row.days} for label, row in policy.items()})
    pattern = speaker.pick(ROW)
    wording = speaker.say(pattern) if "[" in pattern else pattern
    lines = []
    for label, row in policy.items():
        text = wording if speaker.chance(0.85) else speaker.say(ROW[:4])
        lines.append(text.replace("<label>", label).replace("<queue>", row.queue).replace("<days>", str(row.days)))
    head = speaker.pick(("{}:", "{}:", "## {}", "{}", "**{}**", "### {}")).format(speaker.say(POLICY_HEADING))
    style = speaker.pick(("- {}", "{}", "* {}", "{}.", "| {} |", "  {}"))
    body = "\n".join(style.format(line) for line in lines)
    if speaker.chance(0.2):
        body = ". ".join(lines) + "."
    return f"{head}\n{body}" if speaker.chance(0.85) else body


def route_episode(speaker: Speaker, with_policy: bool = True) -> Episode:
    """One policy prompt and 1-4 labels to route. Without a policy nothing tells the answer: any queue, any days."""
    labels = [speaker.pick(names) for names in INTENT_NAMES.values()] + list(OTHER_LABELS)
    speaker.rng.shuffle(labels)
    labels = list(dict.fromkeys(labels))[: speaker.rng.randint(2, 8)]
    policy = make_policy(speaker, labels)
    plain = speaker.chance(PLAIN_SHARE)
    ask = "json" if plain else speaker.pick(("json",) * 9 + ("sentence", "sentence", "queue", "days", "none"))
    q, d = ("queue", "days") if plain else (speaker.pick(QUEUE_KEYS), speaker.pick(DAY_KEYS))
    parts = (
        [speaker.fill(speaker.say(ROUTE_TASK), {"thing": ("ticket", "request", "message")})]
        if speaker.chance(0.8)
        else []
    )
    if with_policy:
        parts.append(policy_text(speaker, policy, plain))
    patterns = {"json": ASK_JSON, "sentence": ASK_SENTENCE, "queue": ASK_QUEUE, "days": ASK_DAYS}
    if ask != "none":
        parts.insert(speaker.rng.randint(0, len(parts)), speaker.say(patterns[ask]).replace("<q>", q).replace("<d>", d))
    prompt = speaker.pick(("\n", "\n", "\n\n")).join(parts)
    turns: list[Turn] = []
    in_system = speaker.chance(0.75) and bool(parts)
    if in_system:
        turns.append(Turn("system", prompt))
    frame = speaker.pick(QUERY).replace("<label_word>", speaker.pick(("Topic", "Class", "Type", "Result")))
    show_ticket = speaker.chance(0.25)
    for index, label in enumerate(speaker.rng.sample(labels, min(len(labels), speaker.rng.randint(1, 4)))):
        query = frame.replace("<label>", label)
        if show_ticket:
            text = ticket(speaker, speaker.pick(TOPICS)).text
            query = speaker.pick(("Ticket: {t}\n{q}", "{q}\nTicket: {t}", "{t}\n{q}", '{q}\n"{t}"')).format(
                t=text, q=query
            )
        if not in_system and index == 0:
            query = prompt + "\n" + query
        row = policy[label] if with_policy else Row(speaker.pick(QUEUES), speaker.rng.randint(1, 30))
        turns.append(Turn("user", query))
        turns.append(_answer(row, "sentence" if ask == "none" else ask, q, d))
    return Episode("route" if with_policy else "route_blind", tuple(turns))


def _answer(row: Row, ask: str, q: str, d: str) -> Turn:
    hot = (row.queue, str(row.days))
    if ask == "json":
        return Turn("assistant", json.dumps({q: row.queue, d: row.days}), hot)
    if ask == "queue":
        return Turn("assistant", row.queue, hot[:1])
    if ask == "days":
        return Turn("assistant", str(row.days), hot[1:])
    return Turn("assistant", f"The {row.queue} queue will answer within {row.days} days.", hot)
