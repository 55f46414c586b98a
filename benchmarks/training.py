"""Training on the embedded model: what each method learns and takes, and how the loop compares with two others.

    python -m benchmarks.training tasks [--examples 150] [--n 200] [--only lora prefix]
    python -m benchmarks.training table                     # what was measured so far, again
    python -m benchmarks.training speed [--trl PYTHON]      # PYTHON of an environment with trl, see below
    python -m benchmarks.training paces                     # what speed measured, again

``tasks`` trains every method on solved tickets of the sample's desk (held-out wordings) and answers fresh tickets of
another seed; each is compared with the untrained base ticket by ticket, by the sign-flip test that decides elsewhere.
``speed`` trains LoRA on equal examples for equal steps by this loop, by a bare PyTorch loop, and by TRL's SFTTrainer
(pip install trl==1.16 datasets, in an environment of its own), a round for each of some seeds: tokens per CPU second of
one core and the loss on held-back examples. ``table`` and ``paces`` print again what was measured.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from benchmarks.lora import chat
from harness import stats
from harness.models.recipe.company import draw_tickets, label_of
from harness.models.recipe.tickets import Ticket
from harness.training import (
    bases,
    examples,
    forward,
    jobs,
    loop,
    manifest,
    parameters,
    preparing,
    serving,
    sitting,
    spec,
    weights,
)
from harness.training.batches import collate, order
from harness.training.examples import Example
from harness.training.loop import Course
from harness.training.methods import METHODS
from harness.training.preparing import Ready
from harness.training.spec import Spec
from harness.types import Score

SEED = 3001
HERE = Path(__file__).resolve().parent


def drawn(seed: int, count: int, without: frozenset[str] = frozenset()) -> list[Ticket]:
    """Tickets of unlike texts."""
    found = {one.text: one for _, one in draw_tickets(seed, 3 * count) if one.text not in without}
    return list(found.values())[:count]


def taught(tickets: Sequence[Ticket]) -> tuple[Example, ...]:
    """Tickets with their labels."""
    return tuple(
        Example(
            (*chat(one), {"role": "assistant", "content": label_of(one.topic)}),
            hashlib.md5(one.text.encode()).hexdigest(),
        )
        for one in tickets
    )


@torch.inference_mode()
def right(model: Any, tokenizer: Any, tickets: Sequence[Ticket]) -> list[bool]:
    """Which tickets get their label, greedily; prompts of one length go together, so that nothing is padded."""
    prompts = [tokenizer.apply_chat_template(chat(one), add_generation_prompt=True)["input_ids"] for one in tickets]
    found = {}
    for length in sorted(set(map(len, prompts))):
        numbers = [number for number, prompt in enumerate(prompts) if len(prompt) == length]
        ids = torch.tensor([prompts[number] for number in numbers])
        out = model.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=8, do_sample=False, use_cache=True,
            pad_token_id=tokenizer.pad_token_id,
        )  # fmt: skip
        texts = tokenizer.batch_decode(out[:, length:], skip_special_tokens=True)
        found |= {
            number: text.strip() == label_of(tickets[number].topic) for number, text in zip(numbers, texts, strict=True)
        }
    return [found[number] for number in range(len(tickets))]


def scores(hits: Sequence[bool]) -> list[Score]:
    """As the harness scores them."""
    return [Score("accuracy", f"t{number}", 0, float(hit)) for number, hit in enumerate(hits)]


def tasks(arguments: argparse.Namespace) -> None:
    """Train what is named, keep every answer in ROWS, and print the table of all that were kept."""
    fresh = drawn(SEED + 1, arguments.n)
    solved = drawn(SEED, arguments.examples, frozenset(one.text for one in fresh))
    data, known = taught(solved), {one.template for one in solved}
    new = [number for number, one in enumerate(fresh) if one.template not in known]
    kept = _kept(len(data), len(fresh))
    if not kept["before"]:
        base = bases.find("embedded")
        network = weights.network(base.folder, frozen=True).eval()
        kept["before"] = right(network, weights.tokenizer(base.folder), fresh)
        _keep(kept)
    chosen = () if arguments.what == "table" else arguments.only or METHODS
    for method, settings in ((name, one) for name in chosen for one in SETTINGS[name]):
        label = " ".join([method, *map(str, settings.values())])
        row = _trained(method, settings, data, fresh)
        kept = _kept(len(data), len(fresh))  # read again: another process may measure another method
        kept["rows"][label] = row
        _keep(kept)
    before = kept["before"]
    print(
        f"{len(data)} examples; {len(fresh)} fresh tickets, {len(new)} of them in wordings that no example has; ",
        end="",
    )
    print(f"the untrained base is right in {share(before):.3f}, in new wordings {share(before, new):.3f}\n")
    print("| method | trained | epochs | loss | accuracy | new wordings | p | s | foreseen s | s/1,000 tokens ", end="")
    print("| peak GB | foreseen GB | result MB |\n" + "|---" * 13 + "|")
    for label, row in kept["rows"].items():
        print(_line(label, before, row, new))


SETTINGS: dict[str, list[dict[str, Any]]] = {
    "full": [{}],
    "lora": [{}],
    "qlora": [{}, {"quantization_bits": 8}],
    "prefix": [{}],
    "adapter": [{}],
}
ROWS = HERE / "results" / "training.json"
PACES = HERE / "results" / "training_speed.json"


def _kept(examples_: int, n: int) -> dict[str, Any]:
    """What was measured before with as many examples and tickets, else nothing."""
    found = json.loads(ROWS.read_text("utf-8")) if ROWS.exists() else {}
    if (found.get("examples"), found.get("n")) == (examples_, n):
        return dict(found)
    return {"examples": examples_, "n": n, "before": [], "rows": {}}


def _keep(kept: dict[str, Any]) -> None:
    ROWS.write_text(json.dumps(kept) + "\n", "utf-8")


def _trained(method: str, settings: dict[str, Any], data: Sequence[Example], fresh: Sequence[Ticket]) -> dict[str, Any]:
    """A job as a user's, in a process of its own; what it left, on fresh tickets."""
    before = bases.digest(bases.find("embedded").folder)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "job"
        folder.mkdir()
        spec.write(folder, Spec(method, "embedded", "tickets of the desk", settings, threads=1))
        (folder / jobs.DATA).write_text(examples.rows(data), "utf-8")
        subprocess.run([sys.executable, "-m", "harness.training.worker", str(folder)], check=True, capture_output=True)
        told = manifest.read(folder / jobs.RESULT)
        size = sum(path.stat().st_size for path in (folder / jobs.RESULT).iterdir())
        tokenizer = weights.tokenizer(Path(told.base_path))
        hits = right(serving.load(folder / jobs.RESULT), tokenizer, fresh)
    if bases.digest(Path(told.base_path)) != before:
        raise SystemExit("the base has changed")
    return {"metrics": told.metrics, "bytes": size, "hits": hits}


def share(hits: Sequence[bool], numbers: Sequence[int] | None = None) -> float:
    """Of the hits, or of those of certain numbers."""
    chosen = list(hits) if numbers is None else [hits[number] for number in numbers]
    return sum(chosen) / len(chosen)


def _line(label: str, before: Sequence[bool], row: dict[str, Any], new: Sequence[int]) -> str:
    after, told = row["hits"], row["metrics"]
    found = stats.compare("accuracy", "higher", scores(before), scores(after), {}, SEED)
    return (
        f"| {label} | {told['trained_parameters']:,} | {told['epochs']} | {told['validation_loss']:.3f} "
        f"| {share(after):.3f} | {share(after, new):.3f} | {found.p:.1g} | {told['seconds']:.0f} "
        f"| {told['estimated_seconds']:.0f} | {1000 * told['seconds'] / told['tokens']:.2f} "
        f"| {told['peak_bytes'] / 1e9:.2f} | {told['estimated_bytes'] / 1e9:.2f} | {row['bytes'] / 1e6:.2f} |"
    )


# ---- speed ---------------------------------------------------------------------------------------------------------


def speed(arguments: argparse.Namespace) -> None:
    """Three loops, equal data, batches, steps, method and threads; a round for each seed, in turn."""
    data = taught(drawn(SEED, 150))
    asked = Spec("lora", "embedded", "tickets", threads=1)
    chosen = parameters.read(
        "lora",
        {"epochs": arguments.epochs, "batch_size": 8, "prompt_loss_weight": 0, "patience": 50, "lora_dropout": 0},
    )
    ready = preparing.prepare(asked, bases.find("embedded"), chosen, data)
    rounds: list[dict[str, tuple[float, float]]] = []
    for seed in range(chosen.seed, chosen.seed + arguments.rounds):
        one = replace(ready, parameters=replace(ready.parameters, seed=seed))
        found = {"ours": _ours(asked, one), "bare": _bare(one)}
        if arguments.trl:
            found["trl"] = _theirs(arguments.trl, one)
        rounds.append(found)
        print(seed, found, file=sys.stderr, flush=True)
        PACES.write_text(json.dumps({"epochs": arguments.epochs, "rounds": rounds}) + "\n", "utf-8")
    paces(arguments)


def paces(arguments: argparse.Namespace) -> None:
    """The table of what ``speed`` measured: medians of the pace, mean and spread of the loss over the seeds."""
    kept = json.loads(PACES.read_text("utf-8"))
    rounds = kept["rounds"]
    print(f"{len(rounds)} seeds, {kept['epochs']} epochs each\n")
    print("| loop | tokens per CPU second | against bare, round by round | loss on validation answers |", end="")
    print(" against bare, seed by seed |\n" + "|---" * 5 + "|")
    for name in rounds[0]:
        pace, lost = zip(*(one[name] for one in rounds), strict=True)
        beside = statistics.median(one[name][0] / one["bare"][0] for one in rounds)
        apart = [one[name][1] - one["bare"][1] for one in rounds]
        print(f"| {name} | {statistics.median(pace):.0f} | {beside:.2f} | {around(lost)} | {around(apart, '+')} |")


def around(values: Sequence[float], sign: str = "") -> str:
    """Mean and standard deviation."""
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.mean(values):{sign}.3f} ± {spread:.3f}"


def _built(ready: Ready) -> Any:
    torch.manual_seed(ready.parameters.seed)
    return METHODS["lora"].build(ready.base, ready.parameters)


def _ours(asked: Spec, ready: Ready) -> tuple[float, float]:
    model = _built(ready)
    with tempfile.TemporaryDirectory() as folder:
        course = sitting.course_of(Path(folder), asked, ready)
        begun = time.process_time()
        done = loop.train(model, Course(**{**_fields(course), "validation": ()}), lambda progress, steps: None)
        took = time.process_time() - begun
    return done.tokens / took, forward.validate(model, ready.validation.kept, 8, course.pad)[0]


def _fields(course: Course) -> dict[str, Any]:
    return {name: getattr(course, name) for name in course.__slots__}


def _bare(ready: Ready) -> tuple[float, float]:
    """What anybody would write: the same batches, the same loss, nothing else."""
    model = _built(ready).train()
    moved = [one for one in model.parameters() if one.requires_grad]
    rate, pad = _rate(ready), ready.tokenizer.pad_token_id
    optimizer = torch.optim.AdamW(moved, lr=rate, weight_decay=0.01)
    steps, warm = ready.epochs * loop.steps_of(len(ready.training.kept), ready.parameters), 0
    step = tokens = 0
    warm = max(1, round(0.1 * steps))
    begun = time.process_time()
    for epoch in range(ready.epochs):
        for numbers in order(ready.training.kept, 8, ready.parameters.seed, epoch):
            batch = collate([ready.training.kept[number] for number in numbers], pad)
            for group in optimizer.param_groups:
                group["lr"] = rate * min((step + 1) / warm, (steps - step) / (steps - warm + 1))
            logits = model(input_ids=batch.ids).logits[:, :-1]
            targets = batch.ids[:, 1:].masked_fill(batch.weights[:, 1:] == 0, -100)
            lost = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
            lost.backward()
            torch.nn.utils.clip_grad_norm_(moved, 1.0)
            optimizer.step()
            optimizer.zero_grad()
            step, tokens = step + 1, tokens + batch.tokens
    pace = tokens / (time.process_time() - begun)
    return pace, forward.validate(model, ready.validation.kept, 8, pad)[0]


def _theirs(python: str, ready: Ready) -> tuple[float, float]:
    """TRL's SFTTrainer in its own environment; its adapter is validated here."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = [{"ids": one.ids, "weights": one.weights} for one in ready.training.kept]
        order_ = {
            "rows": rows,
            "base": str(ready.base.folder),
            "epochs": ready.epochs,
            "rate": _rate(ready),
            "seed": ready.parameters.seed,
        }
        (folder / "order.json").write_text(json.dumps(order_), "utf-8")
        done = subprocess.run([python, str(HERE / "training_trl.py"), name], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"TRL's part failed:\n{done.stderr}")
        pace = float(done.stdout.splitlines()[-1])
        model = METHODS["lora"].load(ready.base.folder, folder)
        return pace, forward.validate(model, ready.validation.kept, 8, ready.tokenizer.pad_token_id)[0]


def _rate(ready: Ready) -> float:
    return sitting.course_of(Path(), Spec("lora", "embedded", ""), ready).rate


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["tasks", "table", "speed", "paces"])
    parser.add_argument("--examples", type=int, default=150)
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--only", nargs="+", choices=list(METHODS))
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--trl", default="", help="python of an environment with trl")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    {"tasks": tasks, "table": tasks, "speed": speed, "paces": paces}[arguments.what](arguments)


if __name__ == "__main__":
    main()
