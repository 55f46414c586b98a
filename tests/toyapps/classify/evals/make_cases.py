"""Writes cases.jsonl: 160 tickets from templates, seeded."""

import json
import random
from pathlib import Path

TEMPLATES = {
    "billing": [
        "I was charged twice on {day}.",
        "The invoice of {day} is wrong.",
        "Please send my refund for {day}.",
        "My card was charged on {day} without an order.",
    ],
    "technical": [
        "I get a crash since {day}.",
        "There is an error when I save on {day}.",
        "The page freezes since {day}.",
        "My screen stays black since {day}.",
    ],
    "account": [
        "I lost my password on {day}.",
        "My login stopped working on {day}.",
        "Please change my username from {day} on.",
        "My profile vanished on {day}.",
    ],
    "shipping": [
        "My parcel of {day} never came.",
        "The courier left nothing on {day}.",
        "When is the delivery due after {day}?",
        "Send the order of {day} to another address.",
    ],
}
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "May 2", "June 9", "July 14"]
LEVELS = ["easy"] * 5 + ["medium"] * 4 + ["hard"]


def main() -> None:
    rng = random.Random(7)
    rows = [
        {"input": {"ticket": template.format(day=day)}, "expected_intent": label, "category": label}
        for label, templates in TEMPLATES.items()
        for template in templates
        for day in DAYS
    ]
    rng.shuffle(rows)
    path = Path(__file__).with_name("cases.jsonl")
    with path.open("w") as file:
        for i, row in enumerate(rows):
            file.write(json.dumps({"id": f"t{i:03d}", **row, "difficulty": LEVELS[i % len(LEVELS)]}) + "\n")


if __name__ == "__main__":
    main()
