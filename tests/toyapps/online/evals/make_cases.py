"""Writes cases.jsonl: mails of two topics, told apart by one word."""

import json
from pathlib import Path

WORDS = {"repair": ("wheel", "chain"), "order": ("parcel", "helmet")}

lines = []
for n in range(48):
    topic = ("repair", "order")[n % 2]
    word = WORDS[topic][n // 2 % 2]
    case = {"id": f"mail-{n:02d}", "input": {"mail": f"Note {n} on my {word}, please"}, "expected_topic": topic}
    lines.append(json.dumps(case))
Path(__file__).with_name("cases.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
