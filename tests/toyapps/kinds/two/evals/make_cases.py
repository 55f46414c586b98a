"""66 notes, seeded."""

import json
import random
from pathlib import Path

WORDS = {
    "garden": ["Cut the hedge by {}.", "The hedge needs water on {}."],
    "kitchen": ["Clean the oven by {}.", "Our oven broke on {}."],
    "garage": ["Change the tyre by {}.", "Buy a tyre on {}."],
}
rng = random.Random(8)
rows = []
for index in range(66):
    label = list(WORDS)[index % 3]
    rows.append(
        {
            "id": f"n{index}",
            "input": {"note": f"{rng.choice(WORDS[label]).format(rng.choice('ABCDEFGH'))} {index}"},
            "expected_topic": label,
        }
    )
Path(__file__).with_name("cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
