"""What the tickets are about: 7 intents and 40 topics, as data from `topics.toml`.

A topic with one intent is clear. A topic with two is a matter of convention: companies file it under either, and only
a prompt can tell which (the first named is what a model without further help should believe in 60 of 100 cases).
`cores` are patterns of the sentence that states the problem, `gists` of the noun phrase by which definitions name it.
Tickets and definitions share words on purpose: both halves of the wordings (see `speech`) use the same words.
"""

import tomllib
from importlib.resources import files
from typing import Any, NamedTuple

PRIOR = 0.6  # belief in the first-named intent of an ambiguous topic when the prompt says nothing


class Topic(NamedTuple):
    """One kind of problem."""

    name: str
    intents: tuple[str, ...]  # one: clear; two: a matter of convention
    cores: tuple[str, ...]  # patterns of the sentence in a ticket, no final stop
    gists: tuple[str, ...]  # patterns of a noun phrase that names the topic


def _words(table: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(words) for name, words in table.items()}


def _topics(tables: list[dict[str, Any]]) -> tuple[Topic, ...]:
    return tuple(Topic(one["name"], tuple(one["intents"]), tuple(one["cores"]), tuple(one["gists"])) for one in tables)


_DATA = tomllib.loads(files(__package__).joinpath("topics.toml").read_text(encoding="utf-8"))

# Names that companies give to the intents. Which one is meant in a prompt, only its label list tells.
INTENT_NAMES: dict[str, tuple[str, ...]] = _words(_DATA["intent_names"])
INTENTS = tuple(INTENT_NAMES)

CLEAR = _topics(_DATA["clear"])
AMBIGUOUS = _topics(_DATA["ambiguous"])
TOPICS: tuple[Topic, ...] = CLEAR + AMBIGUOUS
TOPIC_BY_NAME = {topic.name: topic for topic in TOPICS}

SLOTS: dict[str, tuple[str, ...]] = _words(_DATA["slots"])
