"""How fast the embedded model answers: ``python -m benchmarks.inference`` (a few minutes on busy cores).

Label answers: prompts of about 220 tokens of which 170 are shared, two tokens and the end token. Long: 24 tokens.
Other programs use the cores too, so each figure is the best of several rounds and the load average stands beside it.
The second figure divides by the processor seconds of the whole process instead of the clock: what one core would do
undisturbed. With ``--random`` it measures random weights of the shipped shape, where the shipped ones are missing.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.models.engine import Engine, Sampling

EMBEDDED = Path(__file__).parents[1] / "harness" / "models" / "embedded"
SHARED, OWN = 170, (40, 60)  # tokens of the common beginning, and of what follows it


def random_folder(folder: Path) -> Path:
    """Weights of the shipped shape, drawn; needs the shipped tokenizer only."""
    from transformers import Lfm2Config, Lfm2ForCausalLM

    shape = Lfm2Config(
        vocab_size=2560,
        hidden_size=192,
        intermediate_size=512,
        num_hidden_layers=8,
        num_attention_heads=6,
        num_key_value_heads=3,
        conv_L_cache=3,
        block_auto_adjust_ff_dim=False,
        layer_types=["conv", "full_attention"] * 4,
        max_position_embeddings=2048,
        eos_token_id=2,
    )
    Lfm2ForCausalLM(shape).save_pretrained(folder)
    for name in ("tokenizer.json", "chat_template.jinja", "tokenizer_config.json"):
        (folder / name).write_bytes((EMBEDDED / name).read_bytes())
    return folder


def prompts(count: int, source: random.Random) -> list[tuple[int, ...]]:
    """Token ids drawn at random: speed does not depend on their meaning."""
    head = tuple(source.randrange(4, 2000) for _ in range(SHARED))
    return [head + tuple(source.randrange(4, 2000) for _ in range(source.randint(*OWN))) for _ in range(count)]


def rate(engine: Engine, asked: list[tuple[int, ...]], sampling: Sampling, concurrency: int) -> tuple[float, float]:
    """Sampled tokens per second of the clock and per second of processor time."""
    clock, processor = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(concurrency) as pool:
        answers = list(pool.map(lambda prompt: engine.generate(prompt, sampling), asked))
    tokens = sum(answer.completion_tokens for answer in answers)
    return tokens / (time.perf_counter() - clock), tokens / (time.process_time() - processor)


def best(engine: Engine, tokens: int, concurrency: int, rounds: int, count: int) -> tuple[float, float]:
    """The best round, each with prompts that were never seen before. Random ids hardly ever draw the end token."""
    sampling = Sampling(temperature=0.2, max_tokens=tokens, seed=1)
    runs = [rate(engine, prompts(count, random.Random(i)), sampling, concurrency) for i in range(rounds)]
    return max(clock for clock, _ in runs), max(processor for _, processor in runs)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--folder", type=Path, default=EMBEDDED)
    arguments.add_argument("--random", action="store_true", help="random weights of the shipped shape")
    arguments.add_argument("--rounds", type=int, default=5)
    chosen = arguments.parse_args()
    with TemporaryDirectory() as room:
        engine = Engine(random_folder(Path(room)) if chosen.random else chosen.folder)
        print(
            "| concurrency | label answers/s | per CPU second | tokens/s of 24-token answers | per CPU second | load |"
        )
        print("|---|---|---|---|---|---|")
        for concurrency in (1, 16, 32):
            label = [figure / 3 for figure in best(engine, 3, concurrency, chosen.rounds, 160)]
            long = best(engine, 24, concurrency, chosen.rounds, 64)
            figures = " | ".join(f"{figure:.0f}" for figure in (*label, *long))
            print(f"| {concurrency} | {figures} | {os.getloadavg()[0]:.1f} |", flush=True)
        engine.close()
        print(engine.stats)


if __name__ == "__main__":
    main()
