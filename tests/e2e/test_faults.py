"""An endpoint that fails at 1, 10 and 30 % of the calls: 429 with Retry-After, 500, a reply cut short, a slow drip."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import TOYS, git
from tests.e2e.conftest import Said, harness
from tests.providers.faulty import Faulty
from tests.providers.rules import Skill, ruled
from tests.providers.server import listening

SORT = Skill(
    asked="Sort",
    case=r"Mail: (.*)",
    labels={"repair": "wheel chain", "order": "parcel helmet"},
    own={"repair": "workshop"},
    slip=0.0,
)
RUN = ("run", "--runs", "1", "--seed", "7", "--max-iterations", "1", "--proposer", "label_list", "--json")


def tuned(folder: Path, rate: float) -> tuple[Said, Faulty]:
    """A run against an endpoint with that rate of faults."""
    tree = Path(shutil.copytree(TOYS / "online", folder / f"online{rate}"))
    subprocess.run([sys.executable, str(tree / "evals/make_cases.py")], check=True)
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "app")):
        git(tree, *arguments)
    faulty = Faulty(ruled([SORT], seed=1), rate)
    with listening(faulty) as served:
        env = {"OPENAI_BASE_URL": served.url, "OPENAI_API_KEY": "none"}
        return harness(tree, *RUN, env=env), faulty


def decisions(told: dict[str, Any]) -> list[Any]:
    """What became of each candidate."""
    return [(trial["technique"], trial["stage"], trial["gain"]) for trial in told["trials"]]


@pytest.mark.slow
def test_faults_of_the_endpoint_change_no_decision_and_score_nothing_0(tmp_path: Path) -> None:
    plain, none = tuned(tmp_path, 0.0)
    assert plain.code == 0, plain.err
    assert none.faults == 0
    assert [stage for _, stage, _ in decisions(plain.data)] == ["kept"]
    goal = plain.data["goals"][0]
    assert (goal["initial"], goal["final"]) == (0.5, 1.0)
    for rate in (0.01, 0.10):
        said, faulty = tuned(tmp_path, rate)
        assert said.code == 0, said.err
        assert faulty.faults > 0
        assert decisions(said.data) == decisions(plain.data)
        assert said.data["goals"] == plain.data["goals"]
    said, faulty = tuned(tmp_path, 0.30)
    assert faulty.faults > 20
    assert said.code in (0, 1), said.err
    goal = said.data["goals"][0]
    assert (goal["initial"], goal["final"]) in ((0.5, 1.0), (0.5, 0.5))
    (trial,) = said.data["trials"]
    assert trial["stage"] == "kept" or "missing" in trial["words"], trial
