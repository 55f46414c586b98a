"""Topics -> ticket texts: a core sentence of the topic between sentences that say nothing about it."""
# ruff: noqa: E501 - a pattern is easier to read in one line

import zlib
from typing import NamedTuple

from harness.models.recipe.speech import Speaker
from harness.models.recipe.topics import SLOTS, Topic

BEFORE = (
    "[Hello|Hi|Good morning|Dear team|Hey|Good day|Hi there][,|.|!]",
    "[Hello|Hi|Dear] [support|team|all|service], [a short question|I hope you can help|this is urgent|I have a problem]:",
    "I [bought|ordered] a <item> <when>.",
    "[I am a customer|We have been with you] [since|for] [a year|2019|two years|long].",
    "[Order|Reference|My number is|Customer] <number>.",
    "[Not sure who to ask|I hope this is the right place|Second message about this], but",
)
AFTER = (
    "[Thanks|Thank you|Many thanks|Cheers|Best], <name>",
    "[Please|Kindly] [help|advise|look into it|get back to me][ soon| today|].",
    "[What should I do|Can you help|Who takes care of this|What now]?",
    "[My number is|Order number|Reference] <number>.",
    "[This is really annoying|I am not happy|It is urgent|No hurry|I am a bit lost].",
    "[The rest|Everything else] is [fine|ok|good].",
)
# True remarks about other matters: a reader must not be led astray by a single word.
ASIDE = (
    "[By the way|Otherwise|Apart from that], [the app works well|the delivery was quick|the price is fine|my login works].",
    "[I like the <item>|Your shop is nice|My colleague <name> ordered too|I read the guide first].",
    "[My last invoice was right|The refund from March came|The parcel before this one was on time|The trial was good].",
)


class Ticket(NamedTuple):
    """A text with what it is about; `template` names the wording of the core and thereby its half."""

    text: str
    topic: Topic
    template: str


def core_of(speaker: Speaker, topic: Topic) -> str:
    """A core sentence of the topic from the speaker's half, `<slots>` unfilled."""
    return speaker.say(topic.cores)


def template_id(topic: Topic, core: str) -> str:
    """A name of one wording of a core, equal for equal wordings."""
    return f"{topic.name}-{zlib.crc32(core.strip().lower().encode()):08x}"


def sentence(text: str) -> str:
    """Capitalised, with a final stop."""
    text = text[:1].upper() + text[1:]
    return text if text[-1:] in ".!?:" else text + "."


def ticket(speaker: Speaker, topic: Topic, *, noise: float = 0.45, joined: bool = False, aside: bool = False) -> Ticket:
    """A ticket of the topic. `noise` is the chance of each surrounding sentence; `joined` states the problem twice in
    two wordings; `aside` adds a true remark about another matter."""
    core = core_of(speaker, topic)
    parts = [sentence(core)]
    if joined:
        parts.append(sentence(core_of(speaker, topic)))
    if aside:
        parts.insert(speaker.rng.randrange(2), speaker.free(speaker.pick(ASIDE)))
    if speaker.chance(noise):
        before = speaker.free(speaker.pick(BEFORE))
        parts.insert(0, before)
        if before.endswith(("but", ",")) and not parts[1].startswith("I "):
            parts[1] = parts[1][:1].lower() + parts[1][1:]
    if speaker.chance(noise):
        parts.append(speaker.free(speaker.pick(AFTER)))
    text = speaker.fill(" ".join(parts), SLOTS)
    return Ticket(text, topic, template_id(topic, core))


def roughen(speaker: Speaker, text: str) -> str:
    """Training only: a lost word, a lost capital or a lost stop, so that no single word is relied upon."""
    words = text.split(" ")
    if speaker.chance(0.35):
        words = [word for word in words if not speaker.chance(0.12)] or words
    text = " ".join(words)
    if speaker.chance(0.15):
        text = text.lower()
    return text.rstrip(".!") if speaker.chance(0.15) else text
