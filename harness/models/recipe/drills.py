"""Drills: short look-ups that form the circuits on which everything else rests.

They are frequent until their running accuracy passes a gate (see `train`), then rare. Labels are arbitrary words, so
that nothing but the prompt can tell the answer.
"""

from harness.models.recipe import evidence
from harness.models.recipe.chat import Episode, Turn
from harness.models.recipe.episodes import draw_labels, label_list
from harness.models.recipe.policy import OTHER_LABELS, QUEUES
from harness.models.recipe.speech import Speaker
from harness.models.recipe.tickets import roughen, ticket
from harness.models.recipe.topics import INTENT_NAMES, TOPICS, Topic

NAMES = tuple(dict.fromkeys([n for names in INTENT_NAMES.values() for n in names] + list(OTHER_LABELS) + list(QUEUES)))
SIMPLE_NAMES = tuple(name for name in NAMES if name.isalpha())
KEY_VALUE_FORMS = (
    "{}: {}",
    "{} -> {}",
    "{} = {}",
    "- {}: {}",
    "{} goes to {}",
    '"{}": "{}"',
    "| {} | {} |",
    "{} is {}",
    "{} ({})",
)
GROUP_FORMS = (
    "{}: {}",
    "{}: {}",
    "- {}: {}",
    "{} - {}",
    "{} = {}",
    "- {} -> {}",
    "**{}**: {}",
    "{} ({})",
    "{}:\n  {}",
    "{} | {}",
)
KINDS = ("key_value", "group_drill", "rule_drill", "word_drill", "example_drill", "list_drill")


def arbitrary_labels(speaker: Speaker, count: int) -> list[str]:
    """Distinct labels without a meaning of their own for tickets: names out of place, letters, codes."""
    style = speaker.rng.random()
    if style < 0.75:
        return speaker.rng.sample(NAMES, count)
    if style < 0.9:
        return speaker.rng.sample("ABCDEFGHKLMNPRSTUVWXYZ", count)
    return [f"{speaker.pick(('L', 'T', 'C', 'K'))}{number}" for number in speaker.rng.sample(range(1, 10), count)]


def most_lines(skill: float) -> int:
    """How long a drill may be, 5-9 lines, by the running accuracy."""
    return min(9, 5 + int(6 * skill))


def key_value(speaker: Speaker, skill: float) -> Episode:
    """`key: value` lines, then keys one by one."""
    count = speaker.rng.randint(2, most_lines(skill))
    simple = speaker.chance(1.6 - 1.5 * skill)  # one word per key and value, key before value
    names = SIMPLE_NAMES if simple else NAMES
    keys = speaker.rng.sample(names, count)
    numbers = not simple and speaker.chance(0.4)
    values = [str(speaker.rng.randint(1, 99)) if numbers else speaker.pick(names) for _ in keys]
    form = speaker.pick(KEY_VALUE_FORMS[:2] if simple else KEY_VALUE_FORMS)
    gap = "\n" if simple else speaker.pick(("\n", "\n", ", ", "; "))
    prompt = gap.join(form.format(*pair) for pair in zip(keys, values, strict=True))
    turns = [Turn("system", prompt)]
    for index in speaker.rng.choices(
        range(count), k=speaker.rng.randint(3, 9)
    ):  # repeated: nothing to gain by elimination
        turns += [Turn("user", keys[index]), Turn("assistant", values[index], (values[index],))]
    return Episode("key_value", tuple(turns))


def group_drill(speaker: Speaker, skill: float) -> Episode:
    """`value: key, key, key` lines, then keys one by one: a key must learn what its line began with."""
    hard = max(0.0, (skill - 0.6) / 0.4)
    values = arbitrary_labels(speaker, speaker.rng.randint(2, 3 + round(4 * hard)))
    words = [name for name in SIMPLE_NAMES if name not in values]
    form, comma = speaker.pick(GROUP_FORMS), speaker.pick((", ", ", ", ", ", "; ", " / "))
    lines: list[str] = []
    owner: dict[str, str] = {}
    for value in values:
        count = speaker.rng.randint(1, 2 + round(4 * hard))
        keys = [" ".join(speaker.rng.sample(words, 2 if speaker.chance(0.7 * hard) else 1)) for _ in range(count)]
        keys = [key for key in dict.fromkeys(keys) if key not in owner] or [f"{value}s"]
        owner |= dict.fromkeys(keys, value)
        lines.append(form.format(value, comma.join(keys)))
    turns = [Turn("system", "\n".join(lines))]
    for key in speaker.rng.sample(list(owner), min(len(owner), speaker.rng.randint(3, 8))):
        turns += [Turn("user", key), Turn("assistant", owner[key], (owner[key],))]
    return Episode("group_drill", tuple(turns))


def topic_drill(speaker: Speaker, kind: str, skill: float) -> Episode:
    """Topics -> arbitrary labels by rules, descriptions or examples; then tickets of these topics."""
    count = speaker.rng.randint(2, most_lines(skill))
    topics: list[Topic] = speaker.rng.sample(TOPICS, count)
    labels = arbitrary_labels(speaker, min(count, speaker.rng.randint(2, 5)) if skill > 0.6 else count)
    pairs = [(topic, labels[i] if i < len(labels) else speaker.pick(labels)) for i, topic in enumerate(topics)]
    speaker.rng.shuffle(pairs)
    simple = speaker.chance(1.5 - 2 * skill)
    clues: list[str] = []
    if simple:
        sort = {"rule_drill": "gist", "example_drill": "core"}.get(kind) or speaker.pick(("gist", "core", "words"))
        clues = [evidence.clue(speaker, topic, sort).strip("'\"") for topic, _ in pairs]
        lines = [(clue, label) for clue, (_, label) in zip(clues, pairs, strict=True)]
        lines = [line[::-1] for line in lines] if kind == "word_drill" else lines
        prompt = "\n".join(": ".join(line) for line in lines)
    elif kind == "rule_drill":
        prompt = evidence.rules(speaker, pairs, {})
    elif kind == "word_drill":
        sort = speaker.pick(("gist", "gist", "words", "mixed", "core", "piece"))
        prompt = evidence.descriptions(speaker, pairs, sort)
    else:
        prompt = evidence.examples(speaker, pairs)
    turns = [Turn("system", prompt)]
    asked = speaker.rng.randint(3, 8)
    once = count > 2 and speaker.chance(0.7)  # a topic asked again is answered by the chat itself, not by its line
    for index in (
        speaker.rng.sample(range(count), min(count, asked)) if once else speaker.rng.choices(range(count), k=asked)
    ):
        topic, label = pairs[index]
        if simple and speaker.chance(
            0.4
        ):  # words of a line in disorder: the whole line must be matched, not its last word
            words = clues[index].split()
            kept = speaker.rng.sample(words, max(1, round(len(words) * speaker.pick((0.6, 0.8, 1.0)))))
            turns += [Turn("user", " ".join(kept)), Turn("assistant", label, (label,))]
            continue
        text = ticket(speaker, topic, noise=0.0 if simple else speaker.pick((0.0, 0.0, 0.4))).text
        turns += [Turn("user", text if simple else roughen(speaker, text)), Turn("assistant", label, (label,))]
    return Episode(kind, tuple(turns))


def list_drill(speaker: Speaker, skill: float) -> Episode:
    """A few labels by their natural names, then many short tickets: what the words of a ticket have to do with the
    names of labels, at a fraction of the tokens of a whole prompt."""
    labels = draw_labels(speaker)
    intents = speaker.rng.sample(tuple(labels), min(len(labels), speaker.rng.randint(2, most_lines(skill) - 2)))
    names = [labels[intent] for intent in intents]
    topics = [topic for topic in TOPICS if len(set(topic.intents) & set(intents)) == 1]  # no room for doubt
    turns = [Turn("system", label_list(speaker, names) if speaker.chance(0.5) else ", ".join(names))]
    for topic in speaker.rng.choices(topics, k=speaker.rng.randint(5, 10)):
        label = next(labels[intent] for intent in topic.intents if intent in intents)
        if speaker.chance(0.25):
            text = evidence.gist_of(speaker, topic)
        else:
            text = roughen(speaker, ticket(speaker, topic, noise=speaker.pick((0.0, 0.0, 0.3))).text)
        turns += [Turn("user", text), Turn("assistant", label, (label,))]
    return Episode("list_drill", tuple(turns))


def drill(speaker: Speaker, kind: str, skill: float = 1.0) -> Episode:
    """One episode of a kind in KINDS, as long as a running accuracy of `skill` allows."""
    if kind == "key_value":
        return key_value(speaker, skill)
    if kind == "group_drill":
        return group_drill(speaker, skill)
    return list_drill(speaker, skill) if kind == "list_drill" else topic_drill(speaker, kind, skill)
