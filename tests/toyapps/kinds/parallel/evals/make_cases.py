"""72 reviews with a topic and a mood, seeded."""

import json
import random
from pathlib import Path

TOPICS = {"food": "soup", "service": "waiter", "place": "terrace"}
MOODS = {"pleased": "lovely", "cross": "awful", "bored": "plain"}
rng = random.Random(4)
rows = []
for index in range(72):
    topic, mood = list(TOPICS)[index % 3], list(MOODS)[index // 3 % 3]
    text = f"On day {rng.randrange(100, 999)} the {TOPICS[topic]} was {MOODS[mood]}."
    rows.append({"id": f"v{index}", "input": {"review": text}, "expected_topic": topic, "expected_mood": mood})
Path(__file__).with_name("cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
