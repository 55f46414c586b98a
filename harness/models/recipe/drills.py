"""Drills: short look-ups that form the circuits on which everything else rests.

They are frequent until their running accuracy passes a gate (see `train`), then rare. Labels are arbitrary words, so
that nothing but the prompt can tell the answer.
"""

from harness.models.recipe import evidence
from harness.models.recipe.chat import Episode, Turn
from harness.models.recipe.policy import OTHER_LABELS, QUEUES
from harness.models.recipe.speech import Speaker
from harness.models.recipe.tickets import roughen, ticket
from harness.models.recipe.topics import INTENT_NAMES, TOPICS, Topic

NAMES = tuple(dict.fromkeys([n for names in INTENT_NAMES.values() for n in names] + list(OTHER_LABELS) + list(QUEUES)))
KINDS = ("key_value", "rule_drill", "word_drill", "example_drill")


def arbitrary_labels(speaker: Speaker, count: int) -> list[str]:
    """Distinct labels without a meaning of their own for tickets: names out of place, letters, codes."""
    style = speaker.rng.random()
    if style < 0.75:
        return speaker.rng.sample(NAMES, count)
    if style < 0.9:
        return speaker.rng.sample("ABCDEFGHKLMNPRSTUVWXYZ", count)
    return [f"{speaker.pick(('L', 'T', 'C', 'K'))}{number}" for number in speaker.rng.sample(range(1, 10), count)]


def key_value(speaker: Speaker) -> Episode:
    """`key: value` lines, then keys one by one."""
    count = speaker.rng.randint(2, 9)
    keys = speaker.rng.sample(NAMES, count)
    numbers = speaker.chance(0.35)
    values = [str(speaker.rng.randint(1, 99)) if numbers else speaker.pick(NAMES) for _ in keys]
    form = speaker.pick(("{}: {}", "{} -> {}", "{} = {}", "- {}: {}", "{} goes to {}", '"{}": "{}"', "| {} | {} |", "{} is {}", "{} ({})"))
    prompt = speaker.pick(("\n", "\n", ", ", "; ")).join(form.format(*pair) for pair in zip(keys, values, strict=True))
    turns = [Turn("system", prompt)]
    for index in speaker.rng.sample(range(count), min(count, speaker.rng.randint(2, 6))):
        turns += [Turn("user", keys[index]), Turn("assistant", values[index], (values[index],))]
    return Episode("key_value", tuple(turns))


def topic_drill(speaker: Speaker, kind: str) -> Episode:
    """Topics -> arbitrary labels by rules, descriptions or examples; then tickets of these topics."""
    count = speaker.rng.randint(2, 7)
    topics: list[Topic] = speaker.rng.sample(TOPICS, count)
    labels = arbitrary_labels(speaker, min(count, speaker.rng.randint(2, 5)))
    pairs = [(topic, labels[i] if i < len(labels) else speaker.pick(labels)) for i, topic in enumerate(topics)]
    speaker.rng.shuffle(pairs)
    if kind == "rule_drill":
        prompt = evidence.rules(speaker, pairs, {})
    elif kind == "word_drill":
        prompt = evidence.descriptions(speaker, pairs, speaker.pick(("gist", "words", "words", "core", "piece")))
    else:
        prompt = evidence.examples(speaker, pairs)
    turns = [Turn("system", prompt)]
    for topic, label in speaker.rng.sample(pairs, min(count, speaker.rng.randint(2, 5))):
        text = ticket(speaker, topic, noise=speaker.pick((0.0, 0.0, 0.4))).text
        turns += [Turn("user", roughen(speaker, text)), Turn("assistant", label, (label,))]
    return Episode(kind, tuple(turns))


def drill(speaker: Speaker, kind: str) -> Episode:
    """One episode of a kind in KINDS."""
    return key_value(speaker) if kind == "key_value" else topic_drill(speaker, kind)
