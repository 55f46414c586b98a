"""A run whose goal is what a judge says, asked over its real protocol: paid, replayed, and within the budget."""

from __future__ import annotations

import json
import re
from pathlib import Path

from harness import cases
from tests.conftest import git
from tests.e2e.conftest import harness
from tests.providers.asked import Asked, Said
from tests.providers.server import Provider, listening

SECRET = "sk-not-a-real-one-at-all"
RUBRIC = "---\njudge: openai:toy\nscale: yes/no\npath: intent\n---\nThe intent is the one that was expected.\n"
FAST = ("--runs", "2", "--seed", "7", "--max-iterations", "1", "--proposer", "label_list", "--json")


def fair(asked: Asked) -> Said:
    """Compares what was expected with the reply, as a careful reader would."""
    texts = [text for _, text in re.findall(r"<(data-\w+)>\n(.*?)\n</\1>", asked.prompt, re.DOTALL)]
    wanted, reply = json.loads(texts[1])["intent"], texts[-1].strip().lower()
    return Said(json.dumps({"reason": f"wanted {wanted}", "verdict": "yes" if reply == wanted else "no"}))


def judged(tree: Path) -> None:
    """The goal is the judge's."""
    (tree / "evals/right.md").write_text(RUBRIC, "utf-8")
    goals = tree / "fine-tune.md"
    goals.write_text(goals.read_text("utf-8").replace("**Accuracy**", "**Right**"), "utf-8")
    git(tree, "add", "-A")
    git(tree, "commit", "-qm", "a judge")


def environment(served: Provider, log: Path) -> dict[str, str]:
    return {"OPENAI_BASE_URL": served.url, "OPENAI_API_KEY": SECRET, "TOY_CALL_LOG": str(log)}


def made(log: Path) -> int:
    """Calls that the app made."""
    return len(log.read_text("utf-8").splitlines())


def test_a_judge_decides_is_paid_and_asked_each_question_once(small_repo: Path, tmp_path: Path) -> None:
    judged(small_repo)
    log = tmp_path / "calls.log"
    with listening(fair) as served:
        env = environment(served, log)
        assert harness(small_repo, "check", env=env).code == 0
        assert served.asked == []
        cut = harness(small_repo, "run", *FAST, "--budget-calls", "450", env=env)
        assert cut.code == 4, cut.err
        assert len(served.asked) + made(log) == 450
        said = harness(small_repo, "resume", "--budget-calls", "100000", "--json", env=env)
        assert said.code == 0, said.err
        asked = [question.prompt for question in served.asked]
        again = harness(small_repo, "report", "--rescore", "right", "--json", env=env)
        assert len(asked) == len(served.asked) == len(set(asked))
    assert said.data["spend"]["calls"] == len(asked) + made(log)
    split = cases.split(cases.load(small_repo / "evals/cases.jsonl"))
    (kept,) = (trial for trial in said.data["trials"] if trial["stage"] == "kept")
    assert (kept["technique"], said.data["claimed"]["metric"]) == ("label list", "right")
    labels = [{"case": case.id, "label": "yes" if n % 3 else "no"} for n, case in enumerate(split.dev[:20])]
    (small_repo / "labels.jsonl").write_text("\n".join(map(json.dumps, labels)), "utf-8")
    held = harness(small_repo, "judge", "calibrate", "labels.jsonl", "--json")
    assert (held.code, held.data["n"], held.data["spend"]["calls"]) == (0, 20, 0), held.err
    last = [row for row in again.data["rows"] if row["metric"] == "right"][-1]
    assert last["change"]["gain"] > 0.1

    told = git(small_repo, "log", "-p", f"main..{said.data['branch']}")
    assert not any(case.id in told or case.inputs["ticket"] in told for case in split.holdout)
    assert not any(case.id in prompt for prompt in asked for case in split.holdout)
    assert SECRET not in told
    assert SECRET.encode() not in (small_repo / ".harness/state.sqlite").read_bytes()
