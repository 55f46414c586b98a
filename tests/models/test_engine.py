"""Many callers at once get what each would get alone, and nobody waits for a request that went wrong."""

from __future__ import annotations

import random
import threading
from concurrent.futures import CancelledError, ThreadPoolExecutor, wait
from pathlib import Path
from queue import SimpleQueue

import pytest
import torch
from transformers import Lfm2ForCausalLM

from harness.models.engine import Completion, Engine, EngineClosedError, Sampling
from harness.models.lfm2 import Lfm2
from harness.models.shared import shared_engine

GREEDY = Sampling(temperature=0, max_tokens=12)


def prompts(count: int, *, shared: int = 30, seed: int = 1) -> list[tuple[int, ...]]:
    source = random.Random(seed)
    head = tuple(source.randrange(4, 260) for _ in range(shared))
    return [head + tuple(source.randrange(4, 260) for _ in range(source.randint(1, 25))) for _ in range(count)]


def together(engine: Engine, asked: list[tuple[int, ...]], sampling: Sampling) -> list[Completion]:
    return [future.result() for future in [engine.submit(prompt, sampling) for prompt in asked]]


def test_greedy_answers_are_those_of_transformers(engine: Engine, reference: Lfm2ForCausalLM) -> None:
    for prompt, answer in zip(prompts(5), together(engine, prompts(5), GREEDY), strict=True):
        ids = reference.generate(
            torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt)), do_sample=False, max_new_tokens=12
        )
        assert answer.text == engine.format.decode(ids[0, len(prompt) :].tolist())


def test_forty_threads_get_what_one_gets(engine: Engine, folder: Path) -> None:
    asked = prompts(40) + prompts(8, shared=3, seed=2)
    alone = Engine(folder, prefix_bytes=0)
    expected = [alone.generate(prompt, GREEDY) for prompt in asked]
    alone.close()
    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda prompt: engine.generate(prompt, GREEDY), asked))
    assert [a.text for a in answers] == [e.text for e in expected]
    assert len({a.text for a in answers}) > 10
    assert engine.stats.steps < sum(a.completion_tokens for a in answers) / 5  # they really shared steps


def test_a_seed_decides_whatever_shares_the_batch(engine: Engine) -> None:
    hot = [Sampling(temperature=1, max_tokens=8, seed=seed) for seed in range(12)]
    asked = prompts(12)
    alone = [engine.generate(prompt, sampling).text for prompt, sampling in zip(asked, hot, strict=True)]
    futures = [engine.submit(prompt, sampling) for prompt, sampling in zip(asked, hot, strict=True)]
    noise = [engine.submit(prompt, Sampling(temperature=1, max_tokens=5)) for prompt in prompts(20, seed=9)]
    assert [future.result().text for future in futures] == alone
    wait(noise)


def test_seeds_and_temperatures_differ(engine: Engine) -> None:
    def distinct(temperature: float, seeds: list[int | None]) -> int:
        same = [prompts(1)[0]] * len(seeds)
        asked = [Sampling(temperature=temperature, max_tokens=3, seed=seed) for seed in seeds]
        futures = [engine.submit(prompt, sampling) for prompt, sampling in zip(same, asked, strict=True)]
        return len({future.result().text for future in futures})

    assert distinct(1.0, list(range(30))) > distinct(0.05, list(range(30)))
    assert distinct(1.0, [None] * 30) > 1
    assert distinct(1.0, [4] * 30) == 1


def test_a_shared_beginning_is_computed_once(engine: Engine) -> None:
    asked = prompts(20, shared=100)
    answers = together(engine, asked, GREEDY)
    assert sum(answer.cached_tokens < 100 for answer in answers) == 1
    again = together(engine, asked, GREEDY)
    assert [a.cached_tokens for a in again] == [len(prompt) - 1 for prompt in asked]
    assert [a.text for a in again] == [a.text for a in answers]
    assert engine.stats.cached_tokens == sum(a.cached_tokens for a in answers + again)


def test_counts_and_reasons(engine: Engine) -> None:
    prompt = prompts(1)[0]
    whole = engine.generate(prompt, Sampling(temperature=0, max_tokens=6))
    assert (whole.finish_reason, whole.completion_tokens, whole.prompt_tokens) == ("length", 6, len(prompt))
    middle = whole.text[2:4]
    short = engine.generate(prompt, Sampling(temperature=0, max_tokens=6, stop=("no such text", middle)))
    assert short.finish_reason == "stop"
    assert short.text == whole.text[: whole.text.index(middle)]


def test_the_end_token_ends_an_answer(engine: Engine) -> None:
    """Found by drawing: of 200 seeds some draw it within the limit."""
    asked = [Sampling(temperature=3, max_tokens=20, seed=seed) for seed in range(200)]
    futures = [engine.submit(prompts(1)[0], sampling) for sampling in asked]
    answers = [future.result() for future in futures]
    ended = [answer for answer in answers if answer.finish_reason == "stop"]
    assert 0 < len(ended) < 200
    assert all(answer.completion_tokens == 20 for answer in answers if answer.finish_reason == "length")
    assert min(answer.completion_tokens for answer in ended) < 20
    assert not any("<|im_end|>" in answer.text for answer in answers)


def test_pieces_arrive_and_end(engine: Engine) -> None:
    pieces: SimpleQueue[str | None] = SimpleQueue()
    future = engine.submit(prompts(1)[0], GREEDY, pieces)
    received = list(iter(pieces.get, None))
    assert len(received) > 1
    assert "".join(received) == future.result().text


def test_the_context_is_a_limit(engine: Engine) -> None:
    context = engine.model.shape.context
    full = (5,) * context
    assert engine.generate(full, Sampling(max_tokens=9)).completion_tokens == 1
    assert engine.generate(full[:-3], Sampling(temperature=0, max_tokens=9)).completion_tokens == 4
    with pytest.raises(ValueError, match=f"{context + 1} tokens.*at most {context}"):
        engine.submit((5,) * (context + 1), GREEDY)
    with pytest.raises(ValueError, match="empty"):
        engine.submit((), GREEDY)


def test_cancelled_requests_leave_the_others_alone(engine: Engine) -> None:
    long = Sampling(temperature=0, max_tokens=400)
    asked = prompts(60)
    futures = [engine.submit(prompt, long if i % 2 else GREEDY) for i, prompt in enumerate(asked)]
    for future in futures[1::2]:
        future.cancel()
    assert all(future.result().completion_tokens == 12 for future in futures[::2])
    assert all(future.cancelled() for future in futures[1::2])
    assert engine.generate(asked[0], GREEDY).text == futures[0].result().text


def test_a_listener_learns_of_a_cancellation(engine: Engine) -> None:
    pieces: SimpleQueue[str | None] = SimpleQueue()
    future = engine.submit(prompts(1)[0], Sampling(temperature=0, max_tokens=400), pieces)
    future.cancel()
    received = list(iter(pieces.get, None))
    assert future.cancelled()
    assert len(received) < 400


def test_a_failing_step_fails_its_rows_only(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("not enough memory")

    with monkeypatch.context() as patch:
        patch.setattr(Lfm2, "forward", broken)
        futures = [engine.submit(prompt, GREEDY) for prompt in prompts(3)]
        for future in futures:
            with pytest.raises(RuntimeError, match="not enough memory"):
                future.result()
    assert engine.generate(prompts(1)[0], GREEDY).completion_tokens == 12


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_in_the_thread_hangs_nobody(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def buggy(*_: object) -> None:
        raise KeyError("a bug")

    with monkeypatch.context() as patch:
        patch.setattr(Lfm2, "forward", buggy)
        with pytest.raises(EngineClosedError):
            engine.generate(prompts(1)[0], GREEDY)
    assert engine.generate(prompts(1)[0], GREEDY).completion_tokens == 12


def test_closing_fails_what_is_unfinished(folder: Path) -> None:
    engine = Engine(folder)
    futures = [engine.submit(prompt, Sampling(temperature=0, max_tokens=400)) for prompt in prompts(40)]
    engine.close()
    engine.close()
    for future in futures:
        with pytest.raises((EngineClosedError, CancelledError)):
            future.result()
    with pytest.raises(EngineClosedError):
        engine.submit(prompts(1)[0], GREEDY)


def test_one_engine_per_folder(folder: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        engines = list(pool.map(shared_engine, [folder, folder / ".." / folder.name] * 4))
    assert len(set(map(id, engines))) == 1


def test_no_thread_before_the_first_request_and_torch_is_left_as_it_was(folder: Path) -> None:
    before, threads = torch.get_num_threads(), threading.active_count()
    engine = Engine(folder)
    assert threading.active_count() == threads
    engine.generate(prompts(1)[0], GREEDY)
    assert torch.get_num_threads() == before
    engine.close()
    assert threading.active_count() == threads


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"config.json, tokenizer.json"):
        Engine(tmp_path)
