"""Self-consistency through the real loop: a helper in the user's file, judged by gain and price."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import git
from tests.e2e.conftest import harness

RUN = ("run", "--proposer", "self_consistency", "--runs", "3", "--seed", "7", "--json")


def test_a_vote_over_five_replies_is_kept_where_it_gains(small_repo: Path) -> None:
    said = harness(small_repo, *RUN)
    assert said.code in (0, 1), said.err
    first, *more = said.data["trials"]
    assert (first["technique"], first["node"], first["stage"]) == ("self-consistency", "classify", "kept")
    assert [trial["stage"] for trial in more] == ["refused"]
    assert "it asks several times already" in more[0]["words"]
    assert said.data["claimed"]["low"] > 0
    after = git(small_repo, "show", f"{said.data['branch']}:app/graph.py")
    assert '    reply = _commonest_reply(model, 5, [SystemMessage(CLASSIFY), HumanMessage(state["clean"])])\n' in after
    assert "import" not in after.split("def _commonest_reply")[1].split("\n\n\n")[0]  # it needs nothing of ours


def test_a_goal_for_tokens_forbids_it(small_repo: Path) -> None:
    goals = small_repo / "fine-tune.md"
    text = goals.read_text("utf-8").replace("- **Latency**: 2.0 seconds", "- **Token usage**: 60 tokens")
    goals.write_text(text, "utf-8")
    git(small_repo, "commit", "-qam", "tokens count")
    said = harness(small_repo, *RUN)
    assert said.code == 1, said.err
    (trial,) = said.data["trials"]
    assert trial["stage"] == "confirmed"
    assert "token" in trial["words"]
    assert git(small_repo, "diff", "--name-only", f"main..{said.data['branch']}", "--", "app") == ""
