"""The optimizers of dspy and gepa on the simulated task, each through its own public interface; one JSON line a run.

Runs in the environment that ``benchmarks/peers/Makefile`` makes, never in the project's:

    python others.py --systems "gepa 1,000;dspy.GEPA;MIPROv2;BootstrapRS" --seeds 1-30 [--null]
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import sys
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from types import SimpleNamespace

os.environ.setdefault("DSPY_CACHEDIR", "/tmp/dspy-peers-cache")  # nothing is cached: see SimulatedLM
warnings.filterwarnings("ignore")

import dspy  # noqa: E402
import gepa  # noqa: E402
import task  # noqa: E402

REWRITES = {"basic_instruction": "proposed_instruction", "current_instruction": "new_instruction"}  # MIPROv2, GEPA


class Model:
    """Answers both kinds of request, and counts those of the task: a repeated one is free, as with a cache."""

    def __init__(self, seed: int, null: bool) -> None:
        self.seed, self.null, self.seen = seed, null, set()
        self.rewriter, self.lock = task.Rewriter(seed), threading.Lock()

    def label(self, system: str, turns: list[str]) -> str:
        """The model's label for the last of ``turns``, those before it being solved examples."""
        case = int(task.ASKED.findall(turns[-1])[-1])
        sent = "\x1f".join([system, *turns[:-1]])
        with self.lock:
            self.seen.add((sent, case))
        return task.answer(self.seed, sent, case, task.accuracy(system, len(turns) // 2, null=self.null))

    def improve(self, instruction: str) -> str:
        """The next rewriting."""
        with self.lock:
            return self.rewriter.rewrite(instruction)


class SimulatedLM(dspy.BaseLM):
    """The model behind dspy's interface."""

    def __init__(self, model: Model) -> None:
        super().__init__("simulated", temperature=0.0, max_tokens=100, cache=False)
        self.simulated = model

    def forward(self, prompt=None, messages=None, **_):
        """One OpenAI-shaped reply."""
        messages = messages or [{"role": "user", "content": prompt}]
        text = self._reply(messages)
        message = SimpleNamespace(content=text, tool_calls=None, role="assistant", reasoning_content=None)
        choice = SimpleNamespace(message=message, finish_reason="stop", index=0, logprobs=None)
        return SimpleNamespace(choices=[choice], usage={}, model="simulated")

    def _reply(self, messages: list[dict]) -> str:
        whole = "\n".join(str(m["content"]) for m in messages)
        for given, wanted in REWRITES.items():
            if f"[[ ## {given} ## ]]" in whole and wanted in whole:
                asked = str(messages[-1]["content"]).split(f"[[ ## {given} ## ]]")[1]
                new = self.simulated.improve(asked.split("[[ ##")[0].strip())
                return json.dumps({wanted: new}) if "JSON object" in whole else reply({wanted: new})
        fields = re.findall(r"\[\[ ## (\w+) ## \]\]", str(messages[0]["content"]))
        if "topic" in fields:
            turns = [str(m["content"]) for m in messages[1:]]
            label = self.simulated.label(str(messages[0]["content"]), turns)
            return reply({"topic": label})
        wanted = [
            field for field in dict.fromkeys(fields) if field != "completed"
        ]  # MIPROv2 describes data and program
        return reply(dict.fromkeys(wanted, "A customer writes, the topic is wanted."))


def reply(fields: dict[str, str]) -> str:
    """Fields as dspy's ChatAdapter reads them."""
    parts = [f"[[ ## {name} ## ]]\n{value}" for name, value in {**fields, "completed": ""}.items()]
    return "\n\n".join(parts)


def signature() -> type[dspy.Signature]:
    """The task as dspy has it."""
    return dspy.Signature("message -> topic", task.BASE)


def examples(cases: range) -> list[dspy.Example]:
    """Labelled cases."""
    rows = [dspy.Example(message=task.text_of(n), topic=task.label_of(n)) for n in cases]
    return [row.with_inputs("message") for row in rows]


def metric(gold, found, trace=None, *_):
    """1.0 when the label is right."""
    return float(gold.topic == found.topic)


def program_facts(program: dspy.Predict) -> tuple[str, int]:
    """Instruction and number of solved examples of a program."""
    return program.signature.instructions, len(program.demos)


TRAIN, VAL = range(task.DEV), range(task.DEV, task.CASES)
Facts = tuple[str, int, float, float]  # instruction, solved examples, claimed accuracy, what it claims for the baseline


def mipro(lm: SimulatedLM, seed: int) -> Facts:
    """MIPROv2, auto="light"."""
    optimizer = dspy.MIPROv2(metric=metric, auto="light", seed=seed, num_threads=1)
    best = optimizer.compile(dspy.Predict(signature()), trainset=examples(TRAIN), valset=examples(VAL))
    return *program_facts(best), best.score / 100, best.trial_logs[1]["full_eval_score"] / 100


def bootstrap(lm: SimulatedLM, seed: int) -> Facts:
    """BootstrapFewShotWithRandomSearch as it stands."""
    optimizer = dspy.BootstrapFewShotWithRandomSearch(metric=metric, num_threads=1)
    best = optimizer.compile(dspy.Predict(signature()), trainset=examples(TRAIN), valset=examples(VAL))
    scores = {row["seed"]: row["score"] / 100 for row in best.candidate_programs}
    return *program_facts(best), max(scores.values()), scores[-3]


def dspy_gepa(lm: SimulatedLM, seed: int) -> Facts:
    """dspy.GEPA, auto="light"."""
    optimizer = dspy.GEPA(metric=metric, auto="light", reflection_lm=lm, seed=seed, num_threads=1, track_stats=True)
    best = optimizer.compile(dspy.Predict(signature()), trainset=examples(TRAIN), valset=examples(VAL))
    scores = best.detailed_results.val_aggregate_scores
    return *program_facts(best), max(scores), scores[0]


def plain_gepa(model: Model, seed: int, calls: int) -> Facts:
    """gepa.optimize with its default adapter and a budget of so many calls."""
    rows = [
        [{"input": task.text_of(n), "additional_context": {}, "answer": task.label_of(n)} for n in cases]
        for cases in (TRAIN, VAL)
    ]

    def reflect(prompt: str) -> str:
        return f"```\n{model.improve(prompt.split('```')[1].strip())}\n```"

    found = gepa.optimize(
        seed_candidate={"system_prompt": task.BASE},
        trainset=rows[0],
        valset=rows[1],
        task_lm=lambda messages: model.label(messages[0]["content"], [m["content"] for m in messages[1:]]),
        reflection_lm=reflect,
        max_metric_calls=calls,
        seed=seed,
    )
    best = found.val_aggregate_scores[found.best_idx]
    return found.best_candidate["system_prompt"], 0, best, found.val_aggregate_scores[0]


GEPA = {"gepa 1,000": 1000, "gepa 1,900": 1900}
DSPY: dict[str, Callable[[SimulatedLM, int], Facts]] = {
    "dspy.GEPA": dspy_gepa,
    "MIPROv2": mipro,
    "BootstrapRS": bootstrap,
}


def row(system: str, seed: int, null: bool) -> dict[str, object]:
    """One run: what it returns, what that is truly worth, and what was claimed."""
    model, began = Model(seed, null), time.monotonic()
    if system in GEPA:
        instruction, demos, claimed, base = plain_gepa(model, seed, GEPA[system])
    else:
        lm = SimulatedLM(model)
        with dspy.context(lm=lm, disable_history=True):
            instruction, demos, claimed, base = DSPY[system](lm, seed)
    changed = instruction != task.BASE or demos > 0
    return {
        "system": system,
        "null": null,
        "seed": seed,
        "true": task.accuracy(instruction, demos, null=null),
        "claimed": claimed,
        "changed": changed,
        "false_win": null and changed and claimed > base,
        "calls": len(model.seen),
        "seconds": round(time.monotonic() - began, 1),
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--systems", default=";".join([*GEPA, *DSPY]))
    parser.add_argument("--seeds", default="1-30")
    parser.add_argument("--null", action="store_true", help="the task in which no prompt is better")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    low, high = map(int, arguments.seeds.split("-"))
    for system in arguments.systems.split(";"):
        for seed in range(low, high + 1):
            with redirect_stdout(sys.stderr):
                found = row(system, seed, arguments.null)
            print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
