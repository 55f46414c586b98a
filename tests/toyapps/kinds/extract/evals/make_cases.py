"""72 messages with an order number and a count, seeded."""

import json
import random
from pathlib import Path

WORDS = [
    "Please cancel {}: I do not need the {} pieces.",
    "Where is {}? The {} pieces are late.",
    "Of {} all {} pieces broke.",
]
rng = random.Random(11)
rows = []
for index in range(72):
    order = f"{rng.choice(['KX', 'BR', 'ZZ'])}-{rng.randrange(1000, 9999)}"
    pieces = rng.randrange(1, 40)
    text = rng.choice(WORDS).format(order, pieces)
    record = {"order": order, "pieces": pieces}
    rows.append({"id": f"o{index}", "input": {"message": text}, "expected_record": record})
Path(__file__).with_name("cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
