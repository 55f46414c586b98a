"""Which candidates the screen leaves, in which order they are confirmed, and which two of them may be put together.

Spends nothing and asks no app: all of it follows from what dev has shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness import levels, plugins, stats
from harness.figures import number
from harness.loop.ahead import better_part
from harness.loop.baseline import baseline_runs, scores_of, target_metric
from harness.loop.noted import label_of, note_trial
from harness.loop.state import State, Wiring
from harness.types import Change, Comparison, Trial

UNCLEAR = "screened out"  # how a candidate ended whose gain on dev is not clear enough


def on_dev(ctx: Wiring, change_id: str) -> Comparison | None:
    """What the whole screen said of a candidate, whether it passed or not."""
    if ctx.notes.has("screened", change_id):
        return ctx.notes.get("screened", change_id, Comparison)
    return ctx.notes.get("trial", f"{change_id}:{UNCLEAR}", Trial).screen


def halved(ctx: Wiring, state: State, standing: dict[str, Comparison | None]) -> dict[str, Comparison | None]:
    """The better two fifths, at least two where there are two; the others leave the race."""
    order = sorted(standing, key=lambda key: (bool(ctx.notes.change(key).aim), *strength(ctx, standing[key]), key))
    keep = better_part(len(order))
    for change_id in order[keep:]:
        words = "others gained more on dev in the same number of runs"
        note_trial(ctx, state, ctx.notes.change(change_id), standing[change_id], "not chosen", words)
    return {key: standing[key] for key in standing if key in order[:keep]}


def strength(ctx: Wiring, result: Comparison | None) -> tuple[float, float]:
    """Sort key, the best first: promise before size, for a gain of few cases that scatter is soon the largest."""
    if result is None or result.gain is None:
        return 1.0, 0.0
    return -promise(ctx, result), -result.gain


def clear(ctx: Wiring, change_id: str) -> bool:
    """Whether a change is likelier than not to be shown alone."""
    found = on_dev(ctx, change_id)
    return found is not None and promise(ctx, found) >= levels.CLEAR


def promise(ctx: Wiring, result: Comparison) -> float:
    """Chance that the holdout would show what dev has seen."""
    return stats.promise(result, share=ctx.metrics[result.metric].UNIT == "")


def rank(ctx: Wiring, state: State, results: dict[str, Comparison]) -> list[str]:
    """Ids that pass the screen, best first; ties go to the cheaper, then the shorter text. The rest is recorded."""
    passed = []
    for change_id, result in results.items():
        if stats.screen(result, share=ctx.metrics[result.metric].UNIT == ""):
            passed.append(change_id)
        else:
            chance = f"a chance of {promise(ctx, result):.0%} to be shown there, less than {stats.ADMITTED:.0%}"
            words = f"gain on dev is not clear enough to ask the holdout: {chance}"
            note_trial(ctx, state, ctx.notes.change(change_id), result, UNCLEAR, words)
    return ordered(ctx, state, admitted(ctx, {change_id: results[change_id] for change_id in passed}))


def ordered(ctx: Wiring, state: State, passed: Sequence[str]) -> list[str]:
    """What has passed the screen in the order to be confirmed: what betters the goal itself comes first."""

    def place(change_id: str) -> tuple[object, ...]:
        change = ctx.notes.change(change_id)
        return bool(change.aim), *strength(ctx, on_dev(ctx, change_id)), *price(ctx, state, change), change_id

    return sorted(passed, key=place)


def left(ctx: Wiring, state: State, order: Sequence[str]) -> list[str]:
    """What a round puts to the holdout: the best and the next that is no variant of it, beside what has another aim.

    Three confirmations that fail use up nearly all of the level, so a further candidate would be asked for nothing.
    Without sealed cases each has a level of its own, and all stay.
    """
    if not ctx.split.two_stage:
        return list(order)
    changes_of = {change_id: ctx.notes.change(change_id) for change_id in order}
    own = [change_id for change_id in order if not changes_of[change_id].aim]
    others = sorted(own[1:], key=lambda key: is_variant(changes_of[own[0]], changes_of[key]))  # stable: else as ranked
    stay = {*own[:1], *others[: levels.LEFT - 1]}
    for change_id in own:
        if change_id not in stay:
            words = "others of its round are more promising on dev"
            note_trial(ctx, state, changes_of[change_id], on_dev(ctx, change_id), "not chosen", words)
    return [change_id for change_id in order if change_id in stay or changes_of[change_id].aim]


def pair_of(ctx: Wiring, state: State, pool: Sequence[str]) -> list[str]:
    """The two changes of the text in work that may be put together, [] for none.

    Without sealed cases never: there every candidate divides the level.
    """
    if not ctx.settings.join or not ctx.split.two_stage:
        return []
    found = [ctx.notes.change(change_id) for change_id in pool]
    texts = [c for c in found if c.prompt == state["target"] and not (c.parameter or c.revision or c.aim)][:2]
    return [c.id for c in texts] if len(texts) == 2 and not is_variant(*texts) else []


def keeps_goals(ctx: Wiring, state: State, pair: str) -> bool:
    """Whether two changes in one keep on dev what the app as it is keeps: one alone may, and has a better chance."""
    generation, change = state["generation"], ctx.notes.change(pair)
    arms = baseline_runs(ctx, generation), ctx.journal.load_runs(label_of(generation, change))
    aim = target_metric(ctx, generation)
    for goal in ctx.notes.goals().goals:
        if goal.target is None or goal.metric == aim:
            continue
        ends = (scores_of(ctx, goal.metric, ctx.split.dev, runs) for runs in arms)
        old, new = (stats.summarise(goal.metric, scores).mean for scores in ends)
        if old is None or new is None:
            continue
        if stats.clears(old, goal, goal.target) and not stats.clears(new, goal, goal.target):
            words = f"together they do not keep the goal on {goal.metric} on dev ({number(new)})"
            note_trial(ctx, state, change, on_dev(ctx, pair), "not chosen", words)
            return False
    return True


def is_variant(one: Change, other: Change) -> bool:
    """Whether both are the same idea said in two ways: of one built-in technique, such as two choices of examples."""
    return one.technique == other.technique and one.proposer == other.proposer in plugins.techniques()


def admitted(ctx: Wiring, results: dict[str, Comparison]) -> list[str]:
    """The ids of what may be confirmed, in that order, with what dev said of each written down."""
    for change_id, result in results.items():
        ctx.notes.put("screened", change_id, result)
    return list(results)


def price(ctx: Wiring, state: State, change: Change) -> tuple[int, int]:
    """What breaks a tie: tokens of the candidate's runs on dev, then the length of its text."""
    calls = [call for run in ctx.journal.load_runs(label_of(state["generation"], change)) for call in run.calls]
    tokens = sum((call.tokens_in or 0) + (call.tokens_out or 0) for call in calls)
    return tokens, sum(len(part) for part in change.new if isinstance(part, str))
