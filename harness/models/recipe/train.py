"""Train the embedded model from nothing (or go on from a checkpoint) on text made as it trains.

    python -m harness.models.recipe.train --out work/run1 --minutes 100
    python -m harness.models.recipe.export --run work/run1 --out harness/models/embedded

The run folder holds the tokenizer, the newest checkpoint (safetensors and JSON) and `log.jsonl`. The rate is constant
and falls linearly over the last part of the time; time is what this process and its predecessors spent training.
Stop it at will: the same command goes on from the newest checkpoint.
"""

import argparse
import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

import torch
import torch.distributed as dist
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.multiprocessing.spawn import start_processes
from transformers import Lfm2ForCausalLM

from harness.models.recipe.batches import Batch, batches
from harness.models.recipe.mixture import draw
from harness.models.recipe.network import build, loss_of, speed_up_training
from harness.models.recipe.optim import Muon, split_parameters
from harness.models.recipe.speech import Speaker
from harness.models.recipe.tokenizer import save_tokenizer, train_tokenizer

MUON_RATE, ADAM_RATE = 0.012, 2e-3
MEMORY = 0.99  # of the running accuracies, per answer batch


@dataclass
class Progress:
    """What a run must remember beside its weights."""

    steps: int = 0
    tokens: int = 0  # ids seen, padding excluded
    seconds: float = 0.0  # spent training
    accuracy: dict[str, float] = field(
        default_factory=dict
    )  # kind -> running share of answers with all hot tokens right

    def note(self, batch: Batch, hits: Tensor) -> None:
        """Update the running accuracies from one batch."""
        right = torch.ones(len(batch.kinds), dtype=torch.bool)
        hot = batch.answers >= 0
        right[batch.answers[hot & ~hits]] = False
        for kind in set(batch.kinds):
            mine = [bool(right[i]) for i, k in enumerate(batch.kinds) if k == kind]
            keep = MEMORY ** min(len(mine), 20)
            self.accuracy[kind] = keep * self.accuracy.get(kind, 0.0) + (1 - keep) * sum(mine) / len(mine)


class Trainer:
    """A model, its two optimizers and its progress, stored in one folder."""

    def __init__(self, folder: Path, vocabulary: int) -> None:
        self.folder = folder
        self.model: Lfm2ForCausalLM = build(vocabulary)
        speed_up_training(self.model)
        matrices, others = split_parameters(self.model)
        self.muon = Muon(matrices)
        self.adam = torch.optim.AdamW(others, lr=ADAM_RATE, betas=(0.9, 0.95), weight_decay=0.0)
        self.progress = Progress()

    def step(self, batch: Batch, factor: float) -> float:
        """One update at `factor` times the full rates; returns the loss."""
        loss, hits = loss_of(self.model, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        share_gradients(self.model)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        warm = min(1.0, (self.progress.steps + 1) / 50)
        self.muon.step(MUON_RATE * factor * warm)
        for group in self.adam.param_groups:
            group["lr"] = ADAM_RATE * factor * warm
        self.adam.step()
        self.model.zero_grad()
        self.progress.steps += 1
        self.progress.tokens += int((batch.ids != 0).sum()) * dist.get_world_size()  # about
        self.progress.note(batch, hits)
        return loss.item()

    def save(self) -> None:
        """Write weights, optimizer state and progress; a crash while writing leaves the older files."""
        tensors = {f"model.{name}": p.detach().contiguous() for name, p in self.model.named_parameters()}
        tensors |= {f"muon.{number}": buffer for number, buffer in enumerate(self.muon.buffers.values())}
        for index, state in self.adam.state_dict()["state"].items():
            tensors |= {f"adam.{index}.{name}": value.contiguous() for name, value in state.items()}
        save_file(tensors, self.folder / "new-state.safetensors")
        (self.folder / "new-progress.json").write_text(json.dumps(asdict(self.progress)))
        for name in ("state.safetensors", "progress.json"):
            (self.folder / f"new-{name}").replace(self.folder / name)

    def load(self) -> None:
        """Go on from the files of `save`."""
        tensors = load_file(self.folder / "state.safetensors")
        for name, parameter in self.model.named_parameters():
            parameter.data.copy_(tensors[f"model.{name}"])
        for position, buffer in enumerate(self.muon.buffers.values()):
            buffer.copy_(tensors[f"muon.{position}"])
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in tensors.items():
            if key.startswith("adam."):
                _, number, name = key.split(".")
                state.setdefault(int(number), {})[name] = value
        self.adam.load_state_dict({"state": state, "param_groups": self.adam.state_dict()["param_groups"]})
        self.progress = Progress(**json.loads((self.folder / "progress.json").read_text()))


def share_gradients(model: torch.nn.Module) -> None:
    """Average the gradients over the processes: one exchange per step, so busy neighbours on the cores cost little."""
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    dist.all_reduce(flat)
    for gradient, mean in zip(gradients, torch.split(flat, [g.numel() for g in gradients]), strict=True):
        gradient.copy_(mean.view_as(gradient) / dist.get_world_size())


def share_progress(progress: Progress) -> None:
    """Let every process follow the clock, the count and the running accuracies of the first."""
    box = [asdict(progress)]
    dist.broadcast_object_list(box)
    for name, value in box[0].items():
        setattr(progress, name, value)


def run(rank: int, arguments: argparse.Namespace) -> None:
    """Train until the time is spent: one of the processes, with one thread."""
    torch.set_num_threads(1)
    folder: Path = arguments.out
    dist.init_process_group(
        "gloo", init_method=f"file://{(folder / 'meet').resolve()}", rank=rank, world_size=arguments.processes
    )
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    torch.manual_seed(arguments.seed)
    trainer = Trainer(folder, tokenizer.get_vocab_size())
    if (folder / "state.safetensors").exists():
        trainer.load()
    progress = trainer.progress
    rng = Random(f"{arguments.seed} {progress.steps} {rank}")  # other text in each process and after each restart
    speaker = Speaker(rng)
    source = batches(lambda: draw(speaker, progress.accuracy), tokenizer, rng, arguments.batch)
    end, mean, saved = arguments.minutes * 60, 0.0, time.monotonic()
    while progress.seconds < end:
        started = time.monotonic()
        rate = min(1.0, (end - progress.seconds) / (arguments.decay * end))
        loss = trainer.step(next(source), rate)
        progress.seconds += time.monotonic() - started
        share_progress(progress)
        mean = loss if mean == 0.0 else 0.98 * mean + 0.02 * loss
        if rank == 0 and progress.steps % 50 == 0:
            write_log(folder / "log.jsonl", progress, mean, rate)
        if rank == 0 and time.monotonic() - saved > arguments.save_every:
            trainer.save()
            saved = time.monotonic()
    if rank == 0:
        trainer.save()


def write_log(path: Path, progress: Progress, loss: float, rate: float) -> None:
    """Append one line of JSON."""
    line = asdict(progress) | {"loss": round(loss, 4), "rate": round(rate, 3)}
    line["accuracy"] = {kind: round(value, 3) for kind, value in sorted(progress.accuracy.items())}
    with path.open("a") as log:
        log.write(json.dumps(line) + "\n")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="run folder; an existing one is continued")
    parser.add_argument("--minutes", type=float, default=100, help="training time in all, earlier processes included")
    parser.add_argument("--decay", type=float, default=0.25, help="last share of the time in which the rate falls to 0")
    parser.add_argument("--batch", type=int, default=4096, help="tokens per step and process")
    parser.add_argument("--processes", type=int, default=2, help="one thread each; gradients are averaged")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save-every", type=float, default=60, help="seconds between checkpoints")
    arguments = parser.parse_args()
    folder: Path = arguments.out
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "meet").unlink(missing_ok=True)
    if not (folder / "tokenizer.json").exists():
        save_tokenizer(train_tokenizer(), folder)
    start_processes(  # type: ignore[no-untyped-call]
        run, (arguments,), nprocs=arguments.processes, start_method="spawn"
    )


if __name__ == "__main__":
    main()
