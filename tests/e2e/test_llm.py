"""A run whose ideas come from a language model, asked over its real protocol."""

from __future__ import annotations

import json
import re
from pathlib import Path

from harness import cases
from tests.conftest import git
from tests.e2e.conftest import harness
from tests.providers.asked import Asked, Said
from tests.providers.server import listening

SECRET = "sk-not-a-real-one-at-all"
FAST = ("--runs", "2", "--seed", "7", "--proposer", "llm:openai:toy", "--json")
LABELS = "account, billing, shipping, technical"


def well_meaning(asked: Asked) -> Said:
    """One idea that helps, one that changes nothing of use, one that lost its variables or is no change."""
    fence = re.findall(r"The prompt as it is:\n<(data-\w+)>\n(.*?)\n</\1>", asked.prompt, re.DOTALL)
    text = fence[-1][1]
    rows = [f"{text}\nAnswer with exactly one of these labels: {LABELS}.", f"{text}\nTake your time.", text]
    ideas = [{"technique": f"idea {n}", "why": "answers are free text", "prompt": row} for n, row in enumerate(rows)]
    return Said(f"Gladly.\n```json\n{json.dumps({'diagnosis': 'no labels', 'ideas': ideas})}\n```")


def test_an_idea_of_a_model_is_judged_paid_and_kept(small_repo: Path, tmp_path: Path) -> None:
    log = tmp_path / "calls.log"
    with listening(well_meaning) as served:
        env = {"OPENAI_BASE_URL": served.url, "OPENAI_API_KEY": SECRET, "TOY_CALL_LOG": str(log)}
        said = harness(small_repo, "run", *FAST, env=env)
        assert said.code == 0, said.err
        asked = "\n".join(question.prompt for question in served.asked)
        calls = len(served.asked)
    assert said.data["spend"]["calls"] == calls + len(log.read_text("utf-8").splitlines())
    (kept,) = (trial for trial in said.data["trials"] if trial["stage"] == "kept")
    assert (kept["proposer"], kept["technique"]) == ("llm:openai:toy", "idea 0")
    assert LABELS in git(small_repo, "diff", f"main..{said.data['branch']}", "--", "app/prompts.py")

    split = cases.split(cases.load(small_repo / "evals/cases.jsonl"))
    assert any(case.inputs["ticket"] in asked for case in split.dev)
    assert not any(case.inputs["ticket"] in asked for case in split.holdout)
    assert not any(case.id in asked for case in (*split.dev, *split.holdout))

    assert SECRET not in git(small_repo, "log", "-p", f"main..{said.data['branch']}")
    assert SECRET.encode() not in (small_repo / ".harness/state.sqlite").read_bytes()
