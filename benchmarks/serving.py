"""Many short requests at once, beside one after the other: ``python -m benchmarks.serving`` (a minute on idle cores).

200 prompts of 40 to 80 tokens drawn at random (speed does not depend on their meaning; no beginning is shared), answers
of at most 8 tokens, greedy. *Sequential* is transformers' ``generate``, one prompt at a time, on 2 torch threads; it is
timed on the first 40, for it gains nothing from more. *Together* is the engine of ``harness.models`` with all requests
submitted at once: our own for the embedded model, the cohorts over transformers for a Llama with random weights. The
texts of the first 40 are compared. The two take turns, and the best round of each counts: other programs use the cores
too, and two threads that wait for each other suffer more from that than one.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from transformers import AutoModelForCausalLM, LlamaConfig

from harness.models.engine import Engine, Sampling

EMBEDDED = Path(__file__).parents[1] / "harness" / "models" / "embedded"
PROMPT = (40, 80)  # tokens


@dataclass(frozen=True, slots=True)
class Row:
    """One model."""

    name: str
    parameters: int
    sequential: float  # answers per second
    together: float
    length: float  # tokens of an answer, mean
    equal: int  # answers that are the same in both

    @property
    def times(self) -> float:
        """Throughput together over sequential."""
        return self.together / self.sequential


def llama(folder: Path, hidden: int, layers: int) -> Path:
    """Random weights; needs the shipped tokenizer only."""
    config = LlamaConfig(
        vocab_size=2560, hidden_size=hidden, intermediate_size=3 * hidden, num_hidden_layers=layers,
        num_attention_heads=hidden // 64, num_key_value_heads=hidden // 128, max_position_embeddings=512,
        initializer_range=0.1, eos_token_id=2, bos_token_id=1, pad_token_id=0,
    )  # fmt: skip
    torch.manual_seed(1)
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    for name in ("tokenizer.json", "chat_template.jinja", "tokenizer_config.json"):
        (folder / name).write_bytes((EMBEDDED / name).read_bytes())
    return folder


def prompts(count: int) -> list[tuple[int, ...]]:
    """Token ids, special ones left out."""
    source = random.Random(1)
    return [tuple(source.randrange(10, 2500) for _ in range(source.randint(*PROMPT))) for _ in range(count)]


def one_by_one(model: Any, asked: list[tuple[int, ...]], tokens: int) -> tuple[float, list[list[int]]]:
    """Seconds and answers of ``generate``."""
    found = []
    began = time.perf_counter()
    for prompt in asked:
        ids = torch.tensor([prompt])
        made = model.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=False,
            max_new_tokens=tokens, pad_token_id=0,
        )  # fmt: skip
        found.append(made[0, len(prompt) :].tolist())
    return time.perf_counter() - began, found


def at_once(engine: Engine, asked: list[tuple[int, ...]], tokens: int) -> tuple[float, list[str]]:
    """Seconds and answers of the engine."""
    began = time.perf_counter()
    futures = [engine.submit(prompt, Sampling(temperature=0, max_tokens=tokens)) for prompt in asked]
    texts = [future.result().text for future in futures]
    return time.perf_counter() - began, texts


def row(name: str, folder: Path, arguments: argparse.Namespace) -> Row:
    """Both in turn, ``--rounds`` times; the best of each."""
    asked = prompts(arguments.requests)
    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    slow, fast, equal, ids = [], [], 0, list[list[int]]()
    for round_ in range(arguments.rounds):
        torch.set_num_threads(2)
        one_by_one(model, asked[:5], arguments.answer)
        seconds, ids = one_by_one(model, asked[: arguments.sequential], arguments.answer)
        slow.append(seconds)
        engine = Engine(folder, prefix_bytes=0)  # nothing is remembered from round to round
        at_once(engine, asked[:5], arguments.answer)
        seconds, texts = at_once(engine, asked, arguments.answer)
        fast.append(seconds)
        expected = [engine.format.decode(found) for found in ids]
        equal = sum(a == b for a, b in zip(texts, expected, strict=False))
        engine.close()
        print(f"round {round_ + 1}: {slow[-1]:.2f} s and {fast[-1]:.2f} s, load {os.getloadavg()[0]:.1f}", flush=True)
    count = sum(parameter.numel() for parameter in model.parameters())
    length = sum(map(len, ids)) / len(ids)
    return Row(name, count, len(ids) / min(slow), len(asked) / min(fast), length, equal)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--sequential", type=int, default=40, help="of the requests, the first ones")
    parser.add_argument("--answer", type=int, default=8, help="tokens of an answer")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with TemporaryDirectory() as room:
        kinds = [
            ("embedded, our engine", EMBEDDED),
            ("Llama, cohorts", llama(Path(room) / "small", 256, 6)),
            ("Llama, cohorts", llama(Path(room) / "larger", 512, 10)),
        ]
        rows = [row(name, folder, arguments) for name, folder in kinds]
    print(
        f"{os.cpu_count()} cores; {arguments.requests} prompts of {PROMPT[0]}-{PROMPT[1]} tokens, answers of at most "
    )
    print(f"{arguments.answer}; best of {arguments.rounds} rounds")
    print("| model | parameters | tokens an answer | sequential answers/s | together answers/s | times | equal texts |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for found in rows:
        figures = f"{found.length:.1f} | {found.sequential:.1f} | {found.together:.1f} | {found.times:.1f}"
        print(
            f"| {found.name} | {found.parameters / 1e6:.1f} M | {figures} | {found.equal} of {arguments.sequential} |"
        )


if __name__ == "__main__":
    main()
