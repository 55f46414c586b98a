"""96 rude notes, each with a good rewriting."""

import json
from pathlib import Path

THINGS = [
    "book",
    "chair",
    "lamp",
    "plate",
    "ladder",
    "bucket",
    "broom",
    "parcel",
    "kettle",
    "carpet",
    "mirror",
    "table",
]
ORDERS = [
    "BRING {}!",
    "where is {} you promised",
    "I want {} NOW",
    "{}. Today.",
    "Hand over {}",
    "give me {}",
    "Are you asleep? Bring {}",
    "never seen {} yet, lazy",
]
rows = []
for thing in THINGS:
    for order in ORDERS:
        case = {"note": order.format(f"the {thing}")}
        wanted = f"Could you please bring the {thing} to us today?"
        rows.append({"id": f"n{len(rows)}", "input": case, "expected_polite": wanted})
Path(__file__).with_name("cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
