"""96 tickets for three desks, seeded: enough for a sealed holdout."""

import json
import random
from pathlib import Path

WORDS = {
    "refunds": ["I want my money for {} back.", "You owe me money since {}."],
    "outages": ["The site is down since {}.", "On {} your service was down."],
    "sales": ["Can I buy ten more on {}?", "We want to buy the plan of {}."],
}
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "May 2", "June 9", "July 14"]
rng = random.Random(5)
rows = []
for index in range(96):
    desk = rng.choice(list(WORDS))
    text = f"{rng.choice(WORDS[desk]).format(rng.choice(DAYS))} (ticket {index})"
    rows.append({"id": f"r{index}", "input": {"ticket": text}, "expected_route": desk, "category": desk})
Path(__file__).with_name("cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
