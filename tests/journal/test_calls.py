"""The call store: the contract of every store, and what this one adds."""

from __future__ import annotations

from contextlib import closing

import pytest

from harness.journal import Calls
from tests import makers
from tests.conformance.call_store import CallStoreSuite


@pytest.fixture
def calls(tmp_path):
    with closing(Calls(tmp_path / "state.sqlite")) as opened:
        yield opened


class TestCalls(CallStoreSuite):
    @pytest.fixture
    def store(self, calls):
        return calls


def test_a_store_that_is_opened_again_has_everything(tmp_path):
    path, call = tmp_path / "state.sqlite", makers.call()
    with closing(Calls(path)) as calls:
        calls.record("c1", 0, "", call)
    with closing(Calls(path)) as calls:
        assert calls.recorded("c1", 0, [""]) == {call.key: call}


def test_many_at_once_are_as_one_by_one(calls):
    items = [(f"c{i % 50}", k, "", makers.call(key=f"{i}:{k}")) for i in range(1500) for k in range(2)]
    calls.record_many(items)
    pairs = [(f"c{i}", k) for i in range(51) for k in range(2)]
    found = calls.recorded_many(pairs, [""])
    assert set(found) == set(pairs)
    assert found["c50", 0] == {}
    assert all(found[pair] == calls.recorded(*pair, [""]) for pair in pairs)
    assert sum(map(len, found.values())) == len(items)


def test_of_two_salts_the_first_that_has_a_key_wins(calls):
    old, new = makers.call(seconds=1.0), makers.call(seconds=2.0)
    calls.record("c1", 0, "a", old)
    calls.record("c1", 0, "b", new)
    assert calls.recorded("c1", 0, ["b", "a"]) == {new.key: new}


def test_lone_surrogates_and_case_ids_with_quotes(calls):
    call = makers.call(key="1f", text="\ud800 half an emoji")
    calls.record('it\'s "c1" [ü]', 0, "", call)
    assert calls.recorded('it\'s "c1" [ü]', 0, [""]) == {call.key: call}
