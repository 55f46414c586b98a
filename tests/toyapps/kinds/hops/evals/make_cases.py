"""One question of two hops for each book."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from facts import BORN, WROTE

rows = [
    {"id": f"q{n}", "input": {"question": f"Where was the writer of {book} born?"}, "expected_answer": BORN[writer]}
    for n, (book, writer) in enumerate(WROTE.items())
]
Path(__file__).with_name("cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
