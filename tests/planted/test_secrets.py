"""Forty secrets, half of them in the environment and half in cases: none leaves for a model, a report or a commit."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from harness.redaction import HIDDEN, Redactor, holds
from tests.conftest import git
from tests.e2e.conftest import harness, pattern, small_repo  # noqa: F401 - fixtures
from tests.e2e.test_llm import well_meaning
from tests.providers.server import listening

LUCK = Random(5)
LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def drawn(n: int, letters: str = LETTERS) -> str:
    return "".join(LUCK.choice(letters) for _ in range(n))


ENDS = ("_API_KEY", "_TOKEN", "_SECRET", "_PASSWORD", "_ACCESS_KEY")
ENVIRONMENT = {f"SEED{n}{ENDS[n % 5]}": f"hush {drawn(14)} {n}" for n in range(20)}
SHAPED = [
    *(f"sk-proj-{drawn(24)}" for _ in range(4)),
    *(f"ghp_{drawn(36)}" for _ in range(3)),
    *(f"AKIA{drawn(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}" for _ in range(3)),
    *(f"xoxb-{drawn(30)}" for _ in range(2)),
    *(f"AIza{drawn(35)}" for _ in range(2)),
    *(f"eyJ{drawn(20)}.eyJ{drawn(30)}.{drawn(30)}" for _ in range(2)),
    *(f"hf_{drawn(32)}" for _ in range(2)),
    f"-----BEGIN RSA PRIVATE KEY-----\n{drawn(60)}\n-----END RSA PRIVATE KEY-----",
    f"postgres://admin:{drawn(20)}@db.example/orders",
]


@pytest.mark.parametrize("secret", SHAPED)
def test_a_key_is_known_by_its_look(secret: str) -> None:
    shown = Redactor({}).text(f"before {secret} after")
    assert HIDDEN in shown
    assert shown.startswith("before ")
    assert shown.endswith(" after")


@pytest.mark.parametrize(
    "text",
    [
        "task-force one",
        "the risk-benefit ratio of sk-8",
        "https://example.org/a:b@c",
        "ghp_ is a prefix",
        "AKIA",
        "",
        "eyJ.eyJ",
    ],
)
def test_ordinary_words_are_no_secret(text: str) -> None:
    assert not holds(text)


def test_no_seeded_secret_leaves(small_repo: Path, tmp_path: Path) -> None:  # noqa: F811
    assert len(ENVIRONMENT) + len(SHAPED) == 40
    path = small_repo / "evals/cases.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for row, secret in zip(rows, [*SHAPED, *SHAPED], strict=False):
        row["input"] = {"ticket": f"{row['input']['ticket']} My key is {secret}"}
    path.write_text("\n".join(map(json.dumps, rows)) + "\n", "utf-8")
    git(small_repo, "commit", "-qam", "cases with keys")
    names = ("--proposer", "few_shot", "--proposer", "llm:openai:toy", "--proposer", "label_list")
    with listening(well_meaning) as served:
        env = {**ENVIRONMENT, "OPENAI_BASE_URL": served.url, "OPENAI_API_KEY": "none"}
        said = harness(
            small_repo, "run", "--runs", "1", "--seed", "7", "--max-iterations", "1", *names, "--json", env=env
        )
        assert said.code in (0, 1), said.err
        asked = "\n".join(question.prompt for question in served.asked)
    assert HIDDEN in asked, "cases with keys were told"
    branch = git(small_repo, "log", "-p", f"main..{said.data['branch']}")
    state = (small_repo / ".harness/state.sqlite").read_bytes()
    for secret in SHAPED:
        bare = secret.split("\n")[1] if "\n" in secret else secret
        assert bare not in asked
        assert bare not in branch
        assert bare not in said.out + said.err
    for value in ENVIRONMENT.values():
        assert value not in asked + branch + said.out + said.err
        assert value.encode() not in state
