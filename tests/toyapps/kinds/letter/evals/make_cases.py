"""64 complaints, seeded; nothing is expected of them but what the rubric says."""

import json
import random
from pathlib import Path

THINGS = ["train", "lamp", "key", "bill", "room", "meal", "towel", "window"]
FAULTS = ["was late", "is broken", "was lost", "is wrong", "was noisy", "was cold", "is missing", "was dirty"]
pairs = [(thing, fault) for thing in THINGS for fault in FAULTS]
random.Random(3).shuffle(pairs)
rows = [{"id": f"l{i}", "input": {"letter": f"My {thing} {fault}."}} for i, (thing, fault) in enumerate(pairs)]
Path(__file__).with_name("cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
