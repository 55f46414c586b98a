"""Which kind of episode comes next. Drills are frequent until they are mastered, then a small share for good."""

from collections.abc import Mapping

from harness.models.recipe.chat import Episode
from harness.models.recipe.drills import KINDS, drill
from harness.models.recipe.episodes import classify_episode
from harness.models.recipe.policy import route_episode
from harness.models.recipe.speech import Speaker

GATE = 0.85  # running accuracy at which a drill counts as mastered
# One after the other, until its running accuracy, such a kind takes most of the batch: learnt together they hinder each
# other for millions of tokens, alone each forms within two minutes. A kind that is forgotten is repeated.
LESSONS = {
    "key_value": 0.5,
    "list_drill": 0.65,
    "rule_drill": 0.7,
    "example_drill": 0.6,
    "route": 0.7,
    "group_drill": 0.8,
    "word_drill": 0.8,
}
LESSON_SHARE = 0.8
EAGER_SHARE = {
    "key_value": 0.03,
    "group_drill": 0.04,
    "rule_drill": 0.1,
    "word_drill": 0.14,
    "example_drill": 0.07,
    "list_drill": 0.02,
}
RARE_SHARE = 0.03  # of each mastered drill
ROUTE_SHARE, BLIND_SHARE = 0.35, 0.012


def draw(speaker: Speaker, skills: Mapping[str, float] | None = None) -> Episode:
    """The next episode; `skills` are running accuracies by kind of drill (None: all is mastered)."""
    dice = speaker.rng.random()
    lesson = next((kind for kind, gate in LESSONS.items() if skills is not None and skills.get(kind, 0.0) < gate), None)
    if lesson is not None and skills is not None:
        if dice < LESSON_SHARE:
            return route_episode(speaker) if lesson == "route" else drill(speaker, lesson, skills.get(lesson, 0.0))
        dice = (dice - LESSON_SHARE) / (1 - LESSON_SHARE)
    for kind in KINDS:
        skill = 1.0 if skills is None else skills.get(kind, 0.0)
        dice -= EAGER_SHARE[kind] if skill < GATE else RARE_SHARE
        if dice < 0:
            return drill(speaker, kind, skill)
    dice = speaker.rng.random()
    if dice < ROUTE_SHARE:
        return route_episode(speaker)
    return route_episode(speaker, with_policy=False) if dice < ROUTE_SHARE + BLIND_SHARE else classify_episode(speaker)
