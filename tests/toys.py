"""Small tasks of each kind with replies a weak prompt gets: labels, an extraction, JSON, free text. Not the sample."""

from __future__ import annotations

from harness.types import Brief, Observation, Parts
from tests.makers import brief, prompt, seen, var, words_of

_DISHES = {
    "soup": [
        "A clear broth with leek",
        "Cold tomato broth with basil",
        "Broth of lentils and leek",
        "Onion broth, hot",
    ],
    "cake": [
        "Almond sponge with cream",
        "Sponge layers and cherry cream",
        "Lemon sponge glaze",
        "Chocolate cream tower",
    ],
    "salad": [
        "Rocket leaves with vinegar",
        "Raw carrot and vinegar",
        "Mixed leaves, oil, vinegar",
        "Cold lentils, oil",
    ],
}


def dishes(answers: dict[str, str]) -> list[Observation]:
    """Menu lines to sort into three courses; ``answers`` maps a wanted label to what the model says instead."""
    return [
        seen(f"{text}{end}", answers.get(label, label), label, filled={"dish": f"{text}{end}"})
        for end in (".", ", for two.")
        for label, texts in _DISHES.items()
        for text in texts
    ]


def orders(template: str) -> list[Observation]:
    """Order numbers to be copied out of messages; ``template`` is the reply with {} for the number."""
    numbers = [f"{stem}-{n}" for n, stem in enumerate(["KX", "BR", "PL", "ZZ", "MD", "TT", "OW", "QA"], start=710)]
    return [
        seen(f"Please cancel {number}, ordered on day {i}", template.format(number), number)
        for i, number in enumerate(numbers)
    ]


def letters() -> list[Observation]:
    """Free text with references that share no form; half of it is scored right."""
    topics = ["a late train", "a broken lamp", "a lost key", "a wrong bill", "a noisy room", "a cold meal"]
    return [
        seen(
            f"The guest complains about {topic}.",
            f"We are sorry to hear of {topic} and will look into it within {i + 2} days, as you may expect.",
            None,
            score=float(i % 2 == 0),
        )
        for i, topic in enumerate(topics)
    ]


def forms() -> list[Observation]:
    """JSON with two fixed keys, answered in prose."""
    return [
        seen(f"Room {n} for {n % 3 + 1} nights", f"That is room {n}.", f'{{"room": {n}, "name": "guest {n}"}}')
        for n in range(8)
    ]


POLICY = "\n".join(
    f"Rule {n}: a dish of that kind goes on page {n} of the menu, whatever it costs." for n in range(1, 12)
)

HUMAN = prompt("Which course is this dish?\n\nDish: ", var("dish"), "\nCourse:")
SYSTEM = prompt("You sort the dishes of a menu.", role="system")
BARE = prompt(var("ticket"))
EXTRACT = prompt("Find the order number.\n", var("ticket"))
FIRST = prompt("Dish: ", var("dish"), f"\n\nWhich course is this dish? Follow the policy.\n{POLICY}\nCourse:")
INLINE = prompt("You sort the dishes of a menu into courses. Here is the dish: ", var("dish"))
WRITE = prompt("Answer this complaint: ", var("ticket"))

BRIEFS: dict[str, Brief] = {
    "labels, human template": brief(HUMAN, dishes({"soup": "salad", "cake": "It is a dessert."})),
    "labels, system prompt": brief(SYSTEM, dishes({"soup": "salad", "cake": "It is a dessert."})),
    "labels, all right": brief(HUMAN, dishes({})),
    "labels, case first": brief(FIRST, dishes({"soup": "salad"})),
    "labels, case inline": brief(INLINE, dishes({"soup": "salad"})),
    "extraction": brief(EXTRACT, orders("The order number is {}.")),
    "extraction, bare variable": brief(BARE, orders("The order number is {}.")),
    "json": brief(EXTRACT, forms()),
    "free text": brief(WRITE, letters()),
    "one observation": brief(WRITE, letters()[:1]),
}


def lines(parts: Parts) -> list[str]:
    """The lines of a text that hold something."""
    return [line for line in words_of(parts).splitlines() if line.strip()]
