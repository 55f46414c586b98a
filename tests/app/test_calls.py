"""Calls are recorded and replayed wherever the app makes them: pools, streams, batches, subgraphs, fan-outs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from harness.app.client import Pool
from tests.app.helpers import job, odd, only, runs_of


@pytest.fixture(scope="module")
def app() -> Iterator[Pool]:
    with odd("graph") as app:
        yield app


@pytest.mark.parametrize(
    "deed, prompts",
    [
        ("pool", ["in pool a", "in pool b", "in pool c", "in pool d"]),
        ("stream", ["by word"]),
        ("batch", ["one", "two"]),
        ("generate", ["g", "h"]),
        ("twice", ["same", "same"]),
        ("text", ["by text"]),
        ("text stream", ["by text"]),
        ("tools", ["tools"]),
    ],
)
def test_every_call_is_recorded_with_its_node_and_replayed(app: Pool, deed: str, prompts: list[str]) -> None:
    run, calls = only(app, deed)
    assert run.fault is None
    assert sorted(str(call.messages[-1]["content"]) for call in calls if call.node == "act") == prompts
    assert len({call.key for call in calls}) == len(prompts) + 1
    again, made = only(app, deed, replay={call.key: call for call in calls})
    assert not made and again.output == run.output
    assert sorted(c.key for c in again.calls) == sorted(c.key for c in calls)


def test_a_stream_left_early_is_recorded_as_far_as_it_was_read(app: Pool) -> None:
    run, calls = only(app, "read some")
    assert [call.text.strip() for call in calls if call.node == "act"] == [run.output["said"].strip()]


def test_equal_calls_differ_by_position(app: Pool) -> None:
    run, _ = only(app, "twice")
    assert sorted(call.position for call in run.calls if call.node == "act") == [0, 1]


def test_tokens_reason_parameters_and_seconds_are_kept(app: Pool) -> None:
    run, _ = only(app, "tell")
    call = run.calls[0]
    assert (call.tokens_in, call.tokens_out, call.finish_reason) == (3, 2, "stop")
    assert call.parameters["temperature"] == 0.0 and call.step == 1


def test_a_replay_counts_the_seconds_recorded(app: Pool) -> None:
    _, calls = only(app, "slow")
    known = {call.key: replace(call, seconds=50.0) for call in calls}
    again, _ = only(app, "slow", replay=known)
    assert 100.0 <= again.seconds < 150.0, "two nodes, one after the other"


def test_a_record_of_a_failure_is_not_replayed(app: Pool) -> None:
    _, calls = only(app, "retried")
    broken = {call.key: replace(call, error="ConnectionError: no route", response={}) for call in calls}
    _, made = only(app, "retried", replay=broken)
    assert len(made) == len(calls)


def test_cases_and_indices_draw_apart(app: Pool) -> None:
    keys = [{call.key for call in only(app, do, k=k)[1]} for do, k in (("one", 0), ("one", 1), ("two", 0))]
    assert not (keys[0] & keys[1] or keys[0] & keys[2] or keys[1] & keys[2])


def test_parallel_sends_of_equal_content_are_told_apart() -> None:
    with odd("fanning") as app:
        run, calls = only(app, "fan")
        again, made = only(app, "fan", replay={call.key: call for call in calls})
    assert len({call.key for call in calls}) == 3 and {call.step for call in calls} == {1}
    assert not made and sorted(again.output["log"]) == sorted(run.output["log"])


def test_a_change_inside_a_subgraph_moves_what_follows_it_and_nothing_before() -> None:
    with odd("nested") as app:
        run, calls = only(app, "nest")
        known = {call.key: call for call in calls}
        assert [call.node for call in run.calls] == ["before", "deep", "deeper", "after"]
        assert [call.step for call in run.calls] == [1, 2, 2, 3]
        moved = {
            changed: [c.node for c in only(app, "nest", replay=known, salt="s", changed=(changed,))[1]]
            for changed in ("deep", "deeper", "sub", "after")
        }
    assert moved == {
        "deep": ["deep", "deeper", "after"],
        "deeper": ["deeper", "after"],
        "sub": ["deep", "deeper", "after"],
        "after": ["after"],
    }


def test_async_streams_are_recorded_and_replayed() -> None:
    with odd("agraph") as app:
        assert app.describe().is_async
        run, calls = only(app, "stream")
        again, made = only(app, "stream", replay={call.key: call for call in calls})
    assert run.output["said"].startswith("echo: by word")
    assert not made and again.output == run.output


def test_jobs_side_by_side_keep_their_calls_apart(app: Pool) -> None:
    runs, _ = runs_of(app, [job(f"n{n}") for n in range(20)])
    for do, run in runs.items():
        assert [call.messages[-1]["content"] for call in run.calls] == [f"first {do}", do]
