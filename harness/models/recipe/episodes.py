"""Node 1: prompts as users write them around a hidden convention, with tickets and the answers they should get."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.models.recipe import evidence, wording
from harness.models.recipe.chat import Episode, Turn
from harness.models.recipe.speech import Speaker
from harness.models.recipe.tickets import roughen, sentence, ticket
from harness.models.recipe.topics import AMBIGUOUS, INTENT_NAMES, INTENTS, PRIOR, TOPICS, Topic

FRAMES = (
    "{}",
    "{}",
    "{}",
    "{}",
    "Ticket: {}",
    "Ticket: {}",
    "Ticket:\n{}",
    '"{}"',
    '"""\n{}\n"""',
    "<ticket>\n{}\n</ticket>",
    "<ticket>{}</ticket>",
    "Customer message: {}",
    "Message: {}",
    "Text: {}",
    "Input: {}",
    "Classify this ticket: {}",
    "Mail: {}",
    "{}\nLabel:",
    "Ticket: {}\nLabel:",
    "Ticket: {}\nCategory:",
    "Input: {}\nOutput:",
    "Q: {}\nA:",
    "New ticket: {}",
    "Customer: {}",
    "The ticket reads: {}",
    "Please classify: {}",
    "What is the label of this ticket?\n{}",
    "### Ticket\n{}",
    "Customer wrote: {}",
)
ANSWER_PREFIXES = ("Label", "Category", "Intent", "Answer", "Class", "Result", "Topic", "Output")


@dataclass
class World:
    """One company: what it calls its labels, how it files topics, and what its prompt says."""

    labels: dict[str, str]  # intent -> label, in the order of the list
    convention: dict[str, str]  # topic name -> intent
    known: set[str]  # names of topics that the prompt gives away
    style: str  # of the answer: label | json | prefixed | sentence | chat | a kind of harmful line
    key: str = "label"  # JSON key or prefix
    listed: bool = True

    def label(self, topic: Topic) -> str:
        """The label under which this company files the topic."""
        return self.labels[self.convention[topic.name]]


def draw_labels(speaker: Speaker) -> dict[str, str]:
    """2-7 intents under drawn names in one letter case."""
    count = 7 if speaker.chance(0.6) else speaker.rng.randint(3, 6)
    intents = speaker.rng.sample(INTENTS, count)
    case = speaker.pick((str.lower,) * 12 + (str.capitalize, str.capitalize, str.upper))
    names = {intent: case(speaker.pick(INTENT_NAMES[intent])) for intent in intents}
    if len(set(names.values())) < count:
        return draw_labels(speaker)
    return {intent: name.replace("_", " ") for intent, name in names.items()} if speaker.chance(0.1) else names


def draw_convention(speaker: Speaker, labels: Mapping[str, str]) -> dict[str, str]:
    """Topic -> intent for the topics whose intents are all listed. One company in eight files things at random."""
    odd = speaker.chance(0.12)
    convention = {}
    for topic in TOPICS:
        if all(intent in labels for intent in topic.intents):
            first = len(topic.intents) == 1 or speaker.chance(PRIOR)
            convention[topic.name] = speaker.pick(tuple(labels)) if odd else topic.intents[0 if first else 1]
    return convention


def natural(speaker: Speaker, topic: Topic) -> str:
    """What to believe about a topic when the prompt is silent: its intent, or a coin for an ambiguous one."""
    return topic.intents[0 if len(topic.intents) == 1 or speaker.chance(PRIOR) else 1]


def label_list(speaker: Speaker, labels: Sequence[str]) -> str:
    """The labels in one of many layouts, inside a sentence or under it."""
    layout = speaker.rng.randrange(10)
    if layout < 5:
        quote = speaker.pick(("{}", "{}", "{}", '"{}"', "'{}'", "`{}`", "**{}**"))
        names = [quote.format(label) for label in labels]
        joined = speaker.pick((", ", ", ", ", ", " | ", " / ", "; ")).join(names)
        if speaker.chance(0.3):
            joined = ", ".join(names[:-1]) + speaker.pick((" or ", " and ", ", or ", ", and ")) + names[-1]
        if speaker.chance(0.15):
            joined = speaker.pick(("[{}]", "({})", "{{{}}}", "<{}>")).format(joined)
    elif layout < 9:
        style = speaker.pick(("- {}", "- {}", "* {}", "{}", "{n}. {}", "{n}) {}", "• {}", "- `{}`", "- **{}**"))
        joined = "\n" + "\n".join(style.format(label, n=n) for n, label in enumerate(labels, 1))
    else:
        joined = json.dumps(list(labels))
    text = fill(speaker, speaker.say(wording.LABEL_LIST)).replace("<labels>", joined)
    return text[:-1] if "\n" in joined and text.endswith(".") else text


def fill(speaker: Speaker, text: str) -> str:
    """Fill `<thing>` (one word per text) and `<label_word>`."""
    return text.replace("<thing>", speaker.pick(wording.THING)).replace(
        "<label_word>", speaker.pick(wording.LABEL_WORD)
    )


MOST_LINES = {"gist": (4, 8, 12, 20, 40), "mixed": (4, 8, 12, 20), "examples": (2, 4, 6, 10)}  # topics in one block


def evidence_blocks(speaker: Speaker, world: World, answer: str) -> list[str]:
    """0-3 blocks that reveal parts of the convention; the topics they give away are added to `world.known`."""
    open_topics = [topic for topic in AMBIGUOUS if topic.name in world.convention]
    clear = [topic for topic in TOPICS if topic.name in world.convention and len(topic.intents) == 1]
    kinds = [
        kind
        for kind, share in (
            ("rules", 0.25),
            ("gist", 0.32),
            ("words", 0.14),
            ("core", 0.07),
            ("piece", 0.05),
            ("mixed", 0.1),
            ("examples", 0.27),
        )
        if speaker.chance(share)
    ]
    blocks = []
    for kind in kinds:
        most = speaker.pick(MOST_LINES.get(kind, (3, 5, 8, 12)))
        share = speaker.pick((0.5, 0.7, 1.0)) if kind == "rules" else speaker.pick((0.4, 0.55, 0.7))
        count = round(most * share)
        topics = speaker.rng.sample(open_topics, min(count, len(open_topics)))
        topics += speaker.rng.sample(clear, min(most - count, len(clear)))
        speaker.rng.shuffle(topics)
        if not topics:
            continue
        pairs = [(topic, world.label(topic)) for topic in topics]
        world.known.update(topic.name for topic in topics)
        if kind == "rules":
            rivals = {
                t.name: world.labels[next(i for i in t.intents if i != world.convention[t.name])]
                for t in topics
                if len(t.intents) == 2
            }
            blocks.append(evidence.rules(speaker, pairs, rivals))
        elif kind == "examples":
            blocks.append(evidence.examples(speaker, pairs, answer))
        else:
            blocks.append(evidence.descriptions(speaker, pairs, kind))
    speaker.rng.shuffle(blocks)
    return blocks


FORMATS = {
    "label": wording.LABEL_ONLY,
    "json": wording.JSON_LABEL,
    "prefixed": wording.PREFIXED,
    "sentence": wording.SENTENCE,
}
TEMPLATES = {"label": "{}", "prefixed": "<key>: {}", "json": '{{"<key>": "{}"}}'}


def draw_prompt(speaker: Speaker, world: World) -> str:
    """The whole instruction text; sets the style of the answers that it earns."""
    lines: list[str] = []
    style = speaker.pick(("label",) * 16 + ("json", "json", "prefixed", "sentence") + ("none",) * 5)
    world.key = speaker.pick(ANSWER_PREFIXES if style == "prefixed" else wording.KEYS)
    template = TEMPLATES.get(style if speaker.chance(0.8) else "label", "{}").replace("<key>", world.key)
    if speaker.chance(0.55):
        lines.append(fill(speaker, speaker.say(wording.ROLE)))
    if speaker.chance(0.75):
        lines.append(fill(speaker, speaker.say(wording.TASK)))
    world.listed = speaker.chance(0.93)
    blocks = [label_list(speaker, tuple(world.labels.values()))] if world.listed else []
    blocks += evidence_blocks(speaker, world, template)
    chatty = speaker.chance(0.12)
    tail = [fill(speaker, speaker.say(wording.PADDING)) for _ in range(speaker.pick((0, 0, 0, 1, 1, 2)))]
    if speaker.chance(0.12):
        tail.append(babble(speaker))
    if style != "none":
        tail.append(speaker.say(FORMATS[style]).replace("<key>", world.key).replace("<prefix>", world.key))
    if chatty:
        tail.append(speaker.say(wording.CHATTY_TONE))
    if style == "none":
        style = "chat" if speaker.chance(0.85 if chatty else 0.6 if not world.listed else 0.2) else "label"
    if speaker.chance(0.14):
        kind = speaker.pick(tuple(wording.HARMFUL))
        tail.append(speaker.say(wording.HARMFUL[kind]))
        style = kind if speaker.chance(0.93) else style
    speaker.rng.shuffle(tail)
    cut = speaker.rng.randint(0, len(tail)) if speaker.chance(0.5) else 0
    middle = blocks if speaker.chance(0.8) else speaker.rng.sample(blocks, len(blocks))
    world.style = style
    gap = speaker.pick(("\n", "\n", "\n\n", " "))  # between sentences; blocks always stand on lines of their own
    stray = 0.08 if speaker.chance(0.2) else 0.0
    opening, closing = (
        gap.join(litter(speaker, fill(speaker, line), stray) for line in part)
        for part in (lines + tail[:cut], tail[cut:])
    )
    return ("\n" if gap == " " else gap).join(part for part in (opening, *middle, closing) if part)


def babble(speaker: Speaker) -> str:
    """A remark of everyday words without sense: what a prompt says of matters that training never saw."""
    words = [speaker.pick(wording.COMMON) for _ in range(speaker.rng.randint(4, 16))]
    return sentence(" ".join(words))


def litter(speaker: Speaker, line: str, share: float) -> str:
    """Stray everyday words between the words of a line, so that no instruction depends on its exact phrase."""
    words = line.split(" ")
    return " ".join(f"{word} {speaker.pick(wording.COMMON)}" if speaker.chance(share) else word for word in words)


def answer(speaker: Speaker, world: World, label: str, topic: Topic) -> Turn:
    """The answer in the style that the prompt asked for, or provoked."""
    gist = evidence.gist_of(speaker, topic)
    others = [name for name in world.labels.values() if name != label] or ["other"]
    texts = {
        "label": "{label}",
        "json": json.dumps({world.key: label}),
        "prefixed": f"{world.key}: {label}",
        "sentence": f"This {'ticket' if speaker.chance(0.7) else 'message'} is about {label}.",
        "chat": speaker.pick(
            (
                f"This looks like a question about {label}.",
                f"I think this belongs to {label}.",
                f"It seems that the customer writes about {label}.",
                f"The ticket is about {label}, I would say.",
            )
        ),
        "explain": speaker.pick(
            (
                f"The customer writes about {gist}, so the label is {label}.",
                f"Since this is about {gist}, I choose {label}.",
            )
        ),
        "friendly": speaker.pick(
            (
                f"Thank you for your message! We are happy to help you with {gist}. This is about {label}.",
                f"Dear customer, thank you for writing to us about {gist}. We will help you soon.",
            )
        ),
        "several": f"{label}, {speaker.pick(others)}",
        "confidence": f"{label} ({speaker.pick((70, 75, 80, 85, 90, 95))} %)",
        "summary": f"The customer writes about {gist}. Label: {label}",
    }
    return Turn(
        "assistant", texts[world.style].format(label=label) if world.style == "label" else texts[world.style], (label,)
    )


def classify_episode(speaker: Speaker) -> Episode:
    """One prompt and 1-10 tickets. Tickets of topics that the prompt gives away follow its convention."""
    labels = draw_labels(speaker)
    world = World(labels, draw_convention(speaker, labels), set(), "label")
    prompt = draw_prompt(speaker, world)
    topics = [topic for topic in TOPICS if topic.name in world.convention]
    known = [topic for topic in topics if topic.name in world.known]
    count = speaker.pick((1, 2, 3, 4, 5, 6, 8, 10)) + min(6, len(world.known) // 4)  # long prompts must earn their cost
    chosen: list[Topic] = []
    while len(chosen) < count:
        pool = known if known and speaker.chance(0.65) else topics
        chosen.append(speaker.pick(pool))
    in_system = speaker.chance(0.75)
    frame = speaker.pick(FRAMES)
    turns = [Turn("system", prompt)] if in_system and prompt else []
    for index, topic in enumerate(chosen):
        text = ticket(speaker, topic, joined=speaker.chance(0.12), aside=speaker.chance(0.2)).text
        text = frame.replace("{}", roughen(speaker, text))
        if index == 0 and not in_system:
            text = (
                f"{text}\n\n{prompt}"
                if speaker.chance(0.15)
                else f"{prompt}{speaker.pick((chr(10), chr(10) * 2))}{text}"
            )
        if topic.name in world.known:
            label = world.label(topic)
        else:
            intent = natural(speaker, topic)
            label = labels[intent] if world.listed or speaker.chance(0.15) else speaker.pick(INTENT_NAMES[intent])
            world.convention[topic.name] = intent
            world.known.add(topic.name)  # the chat itself now tells
        turns += [Turn("user", text), answer(speaker, world, label, topic)]
    return Episode(f"classify_{world.style}", tuple(turns))
