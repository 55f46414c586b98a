"""Blocks of a prompt that reveal a convention: rule lines, description lists, word lists, examples.

A block maps topics to labels; every renderer says only what its mapping says. How a block looks (headings, bullets,
quotes, tags, separators) is drawn anew each time and carries no meaning.
"""
# ruff: noqa: E501 - a pattern is easier to read in one line

import json
import re
from collections.abc import Mapping, Sequence

from harness.models.recipe.speech import Speaker
from harness.models.recipe.tickets import core_of, sentence, ticket
from harness.models.recipe.topics import SLOTS, Topic
from harness.models.recipe.wording import EVIDENCE_HEADING, LABEL_WORD, THING

Pairs = Sequence[tuple[Topic, str]]  # (topic, label it is filed under)

STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "the",
        "i",
        "you",
        "we",
        "my",
        "your",
        "our",
        "me",
        "us",
        "it",
        "its",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "am",
        "to",
        "of",
        "in",
        "on",
        "at",
        "for",
        "from",
        "with",
        "without",
        "and",
        "or",
        "but",
        "so",
        "as",
        "if",
        "this",
        "that",
        "these",
        "there",
        "do",
        "does",
        "did",
        "not",
        "no",
        "will",
        "can",
        "could",
        "may",
        "must",
        "have",
        "has",
        "had",
        "would",
        "please",
        "how",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "by",
        "than",
        "then",
        "once",
        "after",
        "before",
        "since",
        "still",
        "yet",
        "again",
        "one",
        "all",
        "any",
        "they",
        "he",
        "she",
        "them",
        "their",
        "if",
        "over",
    ]
)
RULES = (
    "[<Things>|Customers'] [about|concerning|on|that mention|that speak of|dealing with] <gist> [go to|belong to|belong under|count as|are filed under|fall under|are labelled|get the <label_word>|should be labelled|are always|must be marked as] <label>.",
    "If [the customer|someone|a <thing>|the writer|a person] [mentions|writes about|asks about|speaks of|complains about|brings up] <gist>, [use|choose|answer|pick|it is|the <label_word> is|label it|take|file it under|go for] <label>.",
    "[Use|Choose|Pick|Answer|Select|Take|Apply|Prefer] <label> [for|when it is about|in cases of|whenever there is talk of|with|if the <thing> is about] <gist>.",
    "<gist> [->|=>|=|means|:|is|are|=>|counts as|go to|goes under] <label>",
    "[We|Our desk|The company|The team|Our colleagues] [file|files|treat|treats|handle|handles|put|puts] <gist> [under|as|with|in] <label>.",
    "<label> [is|covers|includes|takes|handles|is also for|is the home of|is responsible for] <gist>.",
    "<label>: <gist>",
    "[Treat|Consider|Regard|Mark|Label|File|Tag] <gist> as <label>.",
    "[Note|Remember|Mind|Keep in mind|Be aware|Attention][:| that] <gist> [is|are|count as|go to|belong to] <label>.",
)
CONTRASTS = (
    "<gist> [is|are|go to|belong to|count as] <label>, not <other>.",
    "[Use|Choose|Pick] <label>[, not|and not|rather than|instead of] <other> [for|when it is about|with] <gist>.",
    "[Not|Never] <other> but <label>: <gist>.",
    "<gist> [->|=>|=] <label> (not <other>)",
    "[Although it looks like|It may sound like|Do not confuse with] <other>[, but|:|;] <gist> [is|are|go to|belong to] <label>.",
)
DESCRIBES = (
    "",
    "",
    "",
    "",
    "[tickets|messages|mails|cases|requests|everything|anything|questions|problems] [about|on|around|concerning|to do with|related to] ",
    "[covers|for|includes|use for|means|choose this for|used for|applies to|when the customer writes about|concerns] ",
    "[the customer|the writer|someone|a person] [writes about|mentions|has|speaks of|asks about|reports] ",
)
WORD_INTROS = (
    "",
    "",
    "",
    "[typical|common|frequent|usual] [words|terms|phrases|wording][: | are | such as | include ]",
    "[words|terms|phrases|keywords] [like|such as|including] ",
    "[often|usually|typically] [contains|mentions|has|says] ",
    "[mentions of|talk of|look for|signals:|cues:|keywords:|e.g.|for example|think of] ",
)
EXAMPLE_NAMES = (
    ("Ticket", "Label"),
    ("Input", "Output"),
    ("Q", "A"),
    ("Message", "Category"),
    ("Text", "Class"),
    ("Mail", "Intent"),
    ("Customer", "Label"),
    ("User", "Assistant"),
    ("Request", "Answer"),
    ("Example", "Label"),
    ("ticket", "label"),
    ("Email", "Topic"),
    ("Question", "Answer"),
    ("Customer message", "Category"),
    ("Case", "Decision"),
    ("in", "out"),
    ("Query", "Response"),
    ("Ticket", "Intent"),
    ("text", "category"),
    ("Sample", "Result"),
    ("ticket", "intent"),
)


def words_in(text: str) -> list[str]:
    """Content words of a text in their order, lower case, without stop words, slots and repetitions."""
    found = re.findall(r"[a-z]+", re.sub(r"<\w+>", " ", text.lower()))
    return list(dict.fromkeys(word for word in found if word not in STOP_WORDS and len(word) > 1))


def heading(speaker: Speaker, kind: str) -> str:
    """A heading for a block of evidence in some markup, or nothing."""
    if speaker.chance(0.2):
        return ""
    text = speaker.fill(speaker.say(EVIDENCE_HEADING[kind]), {"thing": THING})
    style = speaker.pick(("{}:", "{}:", "{}:", "## {}", "### {}", "# {}", "**{}**", "{}", "[{}]", "{}.", "== {} =="))
    return style.format(text.upper() if speaker.chance(0.06) else text)


def bullets(speaker: Speaker, lines: Sequence[str]) -> str:
    """The lines as a list in some style."""
    style = speaker.pick(("- ", "- ", "* ", "", "", "{}. ", "{}) ", "• ", "  - ", "({}) "))
    gap = "\n\n" if speaker.chance(0.06) else "\n"
    return gap.join(style.format(number) + line for number, line in enumerate(lines, 1))


def dress(speaker: Speaker) -> str:
    """A format string that marks up labels in one block."""
    return speaker.pick(("{}", "{}", "{}", "{}", "**{}**", '"{}"', "`{}`", "'{}'", "<{}>", "[{}]", "*{}*"))


def gist_of(speaker: Speaker, topic: Topic) -> str:
    """A noun phrase for the topic."""
    return speaker.say(topic.gists)


def clue(speaker: Speaker, topic: Topic, kind: str) -> str:
    """Something that gives the topic away: its gist, a quoted core, a piece of a core, or some of its words."""
    if kind == "gist":
        return gist_of(speaker, topic)
    if kind == "words":
        found = words_in(core_of(speaker, topic)) if speaker.chance(0.8) else words_in(gist_of(speaker, topic))
        count = min(len(found), speaker.pick((1, 2, 2, 3, 3, 4)))
        return ", ".join(speaker.rng.sample(found, count))
    core = speaker.fill(core_of(speaker, topic), SLOTS)
    if kind == "piece":
        words = core.split()
        size = min(len(words), speaker.pick((2, 3, 3, 4, 5)))
        starts = [speaker.rng.randrange(len(words) - size + 1) for _ in range(3)]
        pieces = [" ".join(words[start : start + size]).strip(",") for start in starts]
        core = max(pieces, key=lambda piece: len(words_in(piece)))
    return speaker.pick(('"{}"', '"{}"', "'{}'", "{}")).format(core)


def rules(speaker: Speaker, pairs: Pairs, other: Mapping[str, str]) -> str:
    """One line per pair, each in its own wording or all in one; `other` has the rival label of an ambiguous topic."""
    one_pattern = [speaker.pick(RULES)] if speaker.chance(0.3) else None
    style = dress(speaker)
    lines = []
    for topic, label in pairs:
        contrast = topic.name in other and one_pattern is None and speaker.chance(0.2)
        text = speaker.say(CONTRASTS if contrast else one_pattern or RULES)
        line = speaker.fill(
            text, {"label_word": LABEL_WORD, "thing": THING, "Things": ("Tickets", "Messages", "Mails", "Cases")}
        )
        line = line.replace("<gist>", gist_of(speaker, topic)).replace("<label>", style.format(label))
        line = line.replace("<other>", style.format(other.get(topic.name, "")))
        lines.append(line[:1].upper() + line[1:] if not line.startswith(label) and speaker.chance(0.7) else line)
    head = heading(speaker, "rules")
    body = " ".join(map(sentence, lines)) if speaker.chance(0.25) else bullets(speaker, lines)
    return f"{head}\n{body}" if head else body


def _by_label(speaker: Speaker, pairs: Pairs) -> list[tuple[str, list[Topic]]]:
    groups: dict[str, list[Topic]] = {}
    for topic, label in pairs:
        groups.setdefault(label, []).append(topic)
    items = list(groups.items())
    speaker.rng.shuffle(items)
    return items


def descriptions(speaker: Speaker, pairs: Pairs, kind: str) -> str:
    """A list with one entry per label that names its topics by gists, words, quoted cores or pieces of them."""
    intro = speaker.pick(DESCRIBES if kind == "gist" else WORD_INTROS)
    same_intro = speaker.free(intro)
    before, after = speaker.pick(
        (
            ("", ": "),
            ("", ": "),
            ("", ": "),
            ("", " - "),
            ("", " — "),
            ("", " = "),
            ("", " -> "),
            ("", ":\n  "),
            ("", "\n"),
            ("", " | "),
            ("Choose ", " for "),
            ("Label ", ": "),
            ("", " ("),
        )
    )
    close = ")" if after == " (" else ""
    style, comma = dress(speaker), speaker.pick((", ", ", ", ", ", "; ", " / ", ", or ", "\n  - ", ""))
    lines = []
    for label, topics in _by_label(speaker, pairs):
        kinds = ("gist", "gist", "words", "core", "piece") if kind == "mixed" else (kind,)
        clues = [clue(speaker, topic, speaker.pick(kinds)) for topic in topics]
        if kind == "words":
            words = list(dict.fromkeys(word for text in clues for word in text.split(", ")))
            speaker.rng.shuffle(words)
            clues = [f'"{word}"' for word in words] if speaker.chance(0.15) else words
        text = comma.join(clues)
        if not comma:  # each gap its own
            gaps = [speaker.pick((", ", ", ", "; ", " and ", "; also ", ", as well as ", ", or ")) for _ in clues[1:]]
            text = "".join(part for pair in zip(clues, [*gaps, ""], strict=True) for part in pair)
        if kind == "gist" and len(clues) > 1 and comma == ", ":
            text = ", ".join(clues[:-1]) + " and " + clues[-1]
        lead = same_intro if speaker.chance(0.7) else speaker.free(intro)
        lines.append(before + style.format(label) + after + lead + text + close + ("." if speaker.chance(0.3) else ""))
    head = heading(speaker, "definitions" if kind == "gist" or speaker.chance(0.3) else "words")
    body = bullets(speaker, lines)
    return f"{head}\n{body}" if head else body


def examples(speaker: Speaker, pairs: Pairs, answer: str = "{}") -> str:
    """One solved ticket per pair; `answer` formats a label the way the prompt wants answers."""
    solved = [(ticket(speaker, topic, noise=speaker.pick((0.0, 0.3, 0.5))).text, label) for topic, label in pairs]
    one, two = speaker.pick(EXAMPLE_NAMES)
    gap = speaker.pick(("\n", "\n", "\n\n"))
    layout = speaker.rng.randrange(10)
    if layout == 0:
        lines = [json.dumps({one.lower(): text, two.lower(): label}) for text, label in solved]
    elif layout == 1:
        tag_one, tag_two = one.lower().replace(" ", "_"), two.lower()
        lines = [f"<{tag_one}>{text}</{tag_one}>{gap[:1]}<{tag_two}>{label}</{tag_two}>" for text, label in solved]
    elif layout in (2, 3):
        form = speaker.pick(
            (
                '- "{0}" -> {1}',
                "{0} -> {1}",
                '"{0}" => {1}',
                "- {0} => {1}",
                '"{0}": {1}',
                "| {0} | {1} |",
                "{0} = {1}",
                "- {0} ({1})",
                "- {0} — {1}",
                "* '{0}': {1}",
            )
        )
        lines = [form.format(text, label) for text, label in solved]
    elif layout == 4:
        form = speaker.pick(('{1}: "{0}"', "- {1}: {0}", "[{1}] {0}", "{1} <- {0}", '* {1} — "{0}"'))
        lines = [form.format(text, label) for text, label in solved]
    elif layout == 5:
        number = speaker.pick(("Example {}", "### Example {}", "Example {}:", "{}.", "#{}"))
        lines = [
            f"{number.format(i)}\n{one}: {text}\n{two}: {answer.format(label)}"
            for i, (text, label) in enumerate(solved, 1)
        ]
    else:
        quote = speaker.pick(("{}", "{}", '"{}"'))
        lines = [f"{one}: {quote.format(text)}\n{two}: {answer.format(label)}" for text, label in solved]
        gap = speaker.pick(("\n", "\n\n", "\n\n", "\n---\n"))
    head = heading(speaker, "examples")
    return (head + "\n" if head else "") + gap.join(lines)
