"""The app of ``benchmarks.aa_loop`` follows the law of the simulated worlds."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.aa_loop import WORLDS
from benchmarks.worlds_law import FOUND, Law, label_of
from tests.worlds import World

N = 9_000  # cases
ERROR = 0.03  # five standard errors of a share at most


def outcomes(law: Law, prompt: str, evaluations: int = 0, salt: str = "") -> np.ndarray:
    """Two runs of every case, shape (cases, 2); the call before the prompt is the same whatever the salt."""
    luck = [("seed", k) for k in range(2)]
    moods = [[float(law.upstream(case, *draw)) for draw in luck] for case in range(N)]
    said = [
        [law.answer(prompt, case, mood, evaluations, *draw, salt) for mood, draw in zip(moods[case], luck, strict=True)]
        for case in range(N)
    ]
    return np.array([[text == label_of(case) for text in row] for case, row in enumerate(said)])


def law_of(world: World, dev: int = N) -> Law:
    """As the benchmark makes it."""
    return Law(7, dev, world.spread, world.noise, world.cluster, world.overfit, world.drift)


def shares(first: np.ndarray, second: np.ndarray) -> list[float]:
    """Right; both runs of a case agree; both arms agree; neighbours agree, the last of three cases left out."""
    beside = np.arange(N - 1) % 3 < 2
    agreements = [first[:, 0] == first[:, 1], first[:, 0] == second[:, 0], (first[1:, 0] == first[:-1, 0])[beside]]
    return [float(first.mean()), *(float(found.mean()) for found in agreements)]


@pytest.mark.parametrize("name", WORLDS)
def test_the_app_draws_what_the_simulated_world_draws(name: str) -> None:
    world, rng = WORLDS[name], np.random.default_rng(3)
    skills, upstream = world.skills(rng, N), rng.standard_normal((N, 2))
    simulated = shares(world.draw(skills, upstream, rng), world.draw(skills, upstream, rng))
    law = law_of(world)
    assert shares(outcomes(law, FOUND), outcomes(law, FOUND, salt="confirmation")) == pytest.approx(
        simulated, abs=ERROR
    )


def test_another_prompt_draws_every_skill_anew() -> None:
    law = law_of(WORLDS["deterministic"])
    first, second = outcomes(law, FOUND), outcomes(law, f"{FOUND}\nTake 3 minutes.")
    assert second.mean() == pytest.approx(0.6, abs=ERROR)
    assert (first == second).mean() == pytest.approx(0.6**2 + 0.4**2, abs=ERROR)


def test_gifts_are_for_dev_and_drift_is_for_all() -> None:
    overfit, drift = law_of(WORLDS["overfit"], dev=N // 2), law_of(WORLDS["drift"])
    changed = outcomes(overfit, f"{FOUND}\nTake 3 minutes.")
    assert [changed[: N // 2].mean(), changed[N // 2 :].mean()] == pytest.approx([0.7, 0.6], abs=ERROR)
    assert outcomes(overfit, FOUND).mean() == pytest.approx(0.6, abs=ERROR)
    assert outcomes(drift, FOUND, evaluations=5_000).mean() == pytest.approx(0.7, abs=ERROR)
