"""`harness techniques` on a repo with a finished run: what it counts is what the run said."""

from __future__ import annotations

from collections import Counter

from harness import plugins
from tests.cli.conftest import Recorded
from tests.e2e.conftest import harness


def test_every_technique_stands_with_its_record_here(recorded: Recorded) -> None:
    trials = recorded.told["trials"]
    tried = Counter(trial["technique"] for trial in trials if trial["stage"] != "refused")
    kept = Counter(trial["technique"] for trial in trials if trial["stage"] == "kept")
    said = harness(recorded.tree, "techniques", "--json")
    assert said.code == 0, said.err
    rows = {row["technique"]["name"]: row for row in said.data["entries"]}
    assert set(rows) == {one.name for one in plugins.techniques().values()}
    assert {name: row["here"]["tried"] for name, row in rows.items() if row["here"]["tried"]} == dict(tried)
    assert {name: row["here"]["kept"] for name, row in rows.items() if row["here"]["kept"]} == dict(kept)
    (winner,) = kept
    assert rows[winner]["win_rate"] == kept[winner] / tried[winner]

    page = harness(recorded.tree, "techniques").out
    assert f"{tried[winner]} tried" in page
    assert f"1 kept, {100 * kept[winner] / tried[winner]:.0f} %" in page
    for name in rows:
        assert f" {name} " in page
