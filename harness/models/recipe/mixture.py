"""Which kind of episode comes next. Drills are frequent until they are mastered, then a small share for good."""

from collections.abc import Mapping

from harness.models.recipe.chat import Episode
from harness.models.recipe.drills import KINDS, drill
from harness.models.recipe.episodes import classify_episode
from harness.models.recipe.policy import route_episode
from harness.models.recipe.speech import Speaker

EAGER_SHARE = {"key_value": 0.25, "rule_drill": 0.15, "word_drill": 0.15, "example_drill": 0.10}  # while unmastered
RARE_SHARE = 0.03  # of each mastered drill
ROUTE_SHARE, BLIND_SHARE = 0.13, 0.012


def draw(speaker: Speaker, drilling: Mapping[str, bool]) -> Episode:
    """The next episode; `drilling[kind]` is True while that drill is not mastered."""
    dice = speaker.rng.random()
    for kind in KINDS:
        dice -= EAGER_SHARE[kind] if drilling.get(kind) else RARE_SHARE
        if dice < 0:
            return drill(speaker, kind)
    dice = speaker.rng.random()
    if dice < ROUTE_SHARE:
        return route_episode(speaker)
    return route_episode(speaker, with_policy=False) if dice < ROUTE_SHARE + BLIND_SHARE else classify_episode(speaker)
