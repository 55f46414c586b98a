"""Phase 3, first half: steps 7 and 8. Which prompt to work on, and which single changes to try there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from langgraph.runtime import Runtime

from harness import changes, redaction
from harness.literals import normal
from harness.loop.baseline import baseline_runs, observations, scores_of, target_metric
from harness.loop.causes import told
from harness.loop.compose import composed, upon
from harness.loop.further import beyond_ideas
from harness.loop.hearing import identity, proposals
from harness.loop.noted import label_of
from harness.loop.state import State, Wiring
from harness.loop.trial import room
from harness.types import Brief, Change, Discovery, Node, Past, Prompt, Proposal, Trial


def prioritise(state: State, runtime: Runtime[Wiring]) -> State:
    """Step 7: the prompt with the highest priority that has something left to try."""
    ctx = runtime.context
    generation = state["generation"]
    editable = {p.id for p in ctx.notes.discovery(generation).prompts if p.is_editable}
    for target in ctx.notes.targets(generation):
        allowed = not ctx.settings.nodes or target.node in ctx.settings.nodes
        if allowed and target.prompt in editable and target.prompt not in state["exhausted"]:
            ctx.progress.note(f"target: {target.node} ({target.prompt}), priority {target.total} of 15")
            return {"target": target.prompt, "stem": "", "climbs": 0}
    left = nothing_left(editable, without_ideas(ctx, generation))
    return {"target": "", "stopped": left + (beyond_ideas(ctx) if editable else "")}


def without_ideas(ctx: Wiring, generation: int) -> list[str]:
    """The prompts that can be edited and never were, each with the reason why it is hard to have an idea.

    Several of one node for one reason are counted, not named.
    """
    editable = {p.id for p in ctx.notes.discovery(generation).prompts if p.is_editable}
    tried = {trial.change.node for trial in ctx.notes.trials()}
    rows = [t for t in ctx.notes.targets(generation) if not ctx.settings.nodes or t.node in ctx.settings.nodes]
    silent: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row.prompt in editable and row.node not in tried:
            silent.setdefault((row.node, row.why.partition(";")[0]), []).append(row.prompt)
    return [
        f"{node} ({prompts[0] if len(prompts) == 1 else f'{len(prompts)} prompts'}): {why}"
        for (node, why), prompts in silent.items()
    ]


def nothing_left(editable: set[str], silent: Sequence[str]) -> str:
    """Why there is no target, in words; ``silent`` are the prompts that got no idea, with the reason."""
    if not editable:
        return (
            "no prompt could be proved to reach a model, so none is edited; `harness nodes` lists what was found "
            "and why each prompt is not proved"
        )
    words = "there is nothing left to try: every proposer has been heard on every prompt that can be edited"
    return f"{words}; none had an idea for {', '.join(silent)}" if silent else words


def propose(state: State, runtime: Runtime[Wiring]) -> State:
    """Step 8, first part: bind each proposal to its place; what breaks a rule is refused with its reason."""
    ctx = runtime.context
    counter, tried = state["counter"], list(state["tried"])
    candidates: list[str] = []
    found = make_brief(state, ctx)
    base = ctx.notes.change(state["stem"]) if state["stem"] else None
    brief = upon(ctx, state, found, label_of(state["generation"], base)) if base else found
    most = room(ctx, state)
    for proposer, proposal in proposals(ctx, state, brief):
        if len(candidates) >= most:
            break
        if base and (proposal.parameter or proposal.aim):
            continue  # not of this text, or not for its goal: it is heard on its own
        counter += 1
        change_id = f"c{counter:02d}"
        tried.append(identity(proposal))
        try:
            change = bound(ctx, state, found, proposal, change_id, proposer)
        except changes.Refused as refusal:
            record_refusal(ctx, state, unbound(change_id, proposal, found, proposer), str(refusal))
            continue
        ctx.notes.put("change", change_id, composed(base, change) if base else change)
        candidates.append(change_id)
    exhausted = [*state["exhausted"], *([] if candidates or base else [state["target"]])]
    return {
        "candidates": candidates,
        "pair": [],
        "counter": counter,
        "tried": tried,
        "rounds": state["rounds"] + 1,
        "exhausted": exhausted,
    }


def bound(ctx: Wiring, state: State, brief: Brief, proposal: Proposal, id: str, proposer: str) -> Change:
    """The proposal as a change of its text or of its number. Raises Refused where it may not or cannot be made."""
    if proposal.aim not in ("", *ctx.metrics):
        raise changes.Refused(f"its aim is {proposal.aim!r}, which is no metric of this run")
    if not proposal.parameter:
        refuse_secret(brief.prompt, proposal)
        change = changes.bind(proposal, brief.prompt, brief.node, id=id, proposer=proposer)
    else:
        nodes = ctx.notes.discovery(state["generation"]).nodes
        change = changes.bind_parameter(proposal, brief.node, nodes, id=id, proposer=proposer)
    return replace(change, parents=proposal.parents, aim=proposal.aim)


def refuse_secret(prompt: Prompt, proposal: Proposal) -> None:
    """Raise Refused for a text that would write a secret, of a case or the environment, into a file of the user's."""
    old, new = (" ".join(part for part in parts if isinstance(part, str)) for parts in (prompt.parts, proposal.parts))
    if redaction.holds(new) and not redaction.holds(old):
        raise changes.Refused("it holds what looks like a secret, which would stand in the repository")


def make_brief(state: State, ctx: Wiring) -> Brief:
    """Everything a proposer is given for the target prompt."""
    generation = state["generation"]
    found = ctx.notes.discovery(generation)
    prompt = next(p for p in found.prompts if p.id == state["target"])
    node = node_of(found.nodes, prompt)
    metric = target_metric(ctx, generation)
    dev_ids = {case.id for case in ctx.split.dev}
    dev_runs = [run for run in baseline_runs(ctx, generation) if run.case in dev_ids]
    known = observations(ctx, found, dev_runs, scores_of(ctx, metric, ctx.split.dev, dev_runs))
    seen, beside = known[prompt.id], tuple(one for name in sharing(found, node, prompt) for one in known.get(name, ()))
    goal = next(g for g in ctx.notes.goals().goals if g.metric == metric)
    past = tuple(past_of(trial, prompt) for trial in ctx.notes.trials() if trial.change.prompt == prompt.id)
    return Brief(
        node, prompt, seen, goal, goal.direction, tuple(state["tried"]), ctx.settings.seed, past,
        ctx.notes.goals().goals, ctx.settings.models, told(ctx, generation, node), beside,
    )  # fmt: skip


def past_of(trial: Trial, prompt: Prompt) -> Past:
    """What a proposer is told of an idea that was tried; its text where it began at the one that stands there now."""
    change = trial.change
    gain = trial.screen.gain if trial.screen and not change.aim else None  # else in the unit of another metric
    same = not change.parameter and not change.revision and normal(prompt.parts) == change.old
    text = change.new if same else ()
    return Past(change.technique, change.why, trial.end, gain, change.id, text, change.parents)


def sharing(found: Discovery, node: Node, prompt: Prompt) -> list[str]:
    """Ids of the other prompts at nodes whose model gets its id at the same place as one of ``node``'s."""
    places = {use.literals["model"] for use in node.models if "model" in use.literals}
    nodes = {n.name for n in found.nodes if any(use.literals.get("model") in places for use in n.models)}
    return [p.id for p in found.prompts if p.id != prompt.id and p.nodes and p.nodes[0] in nodes]


def node_of(nodes: Sequence[Node], prompt: Prompt) -> Node:
    """The first node that the prompt feeds."""
    return next(node for node in nodes if node.name == prompt.nodes[0])


def unbound(change_id: str, proposal: Proposal, brief: Brief, proposer: str) -> Change:
    """The record of a proposal that was refused before it became a change."""
    prompt = brief.prompt
    return Change(
        id=change_id,
        node=brief.node.name,
        technique=proposal.technique,
        prompt=proposal.parameter or prompt.id,
        span=proposal.place or prompt.span,
        old=() if proposal.parameter else prompt.parts,
        new=proposal.parts,
        why=proposal.why,
        proposer=proposer,
        nodes=prompt.nodes,
        parameter=proposal.parameter,
        parents=proposal.parents,
        aim=proposal.aim,
    )


def record_refusal(ctx: Wiring, state: State, change: Change, reason: str) -> None:
    """A refused proposal is a trial of its own, so that the report shows it."""
    trial = Trial(state["iteration"] + 1, change, None, "refused", reason, at=ctx.now())
    ctx.notes.put("trial", f"{change.id}:refused", trial)
    ctx.progress.tried(trial)
