"""What every CallStore must do. A test module subclasses ``CallStoreSuite`` and says how one is opened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.protocols import CallStore
from tests import makers


class CallStoreSuite:
    """Subclass it and define the fixture ``store``: an empty store."""

    @pytest.fixture
    def store(self) -> Iterator[CallStore]:
        raise NotImplementedError

    def test_gives_back_what_was_recorded(self, store) -> None:
        one, two = makers.call(text="one"), makers.call(text="two", tokens_in=None, response={"a": [1, None, "ü"]})
        for call in (one, two):
            store.record("c1", 0, "", call)
        assert store.recorded("c1", 0, [""]) == {one.key: one, two.key: two}

    def test_keeps_case_run_and_salt_apart(self, store) -> None:
        call = makers.call()
        store.record("c1", 0, "salt", call)
        for case, k, salts in (("c2", 0, ["salt"]), ("c1", 1, ["salt"]), ("c1", 0, [""]), ("c1", 0, [])):
            assert store.recorded(case, k, salts) == {}
        assert store.recorded("c1", 0, ["", "salt"]) == {call.key: call}

    def test_storing_a_key_twice_keeps_the_first(self, store) -> None:
        first, second = makers.call(seconds=1.0), makers.call(seconds=2.0)
        assert first.key == second.key
        for call in (first, second):
            store.record("c1", 0, "", call)
        assert store.recorded("c1", 0, [""]) == {first.key: first}

    def test_a_failed_call_is_not_replayed_and_gives_way_to_one_that_succeeded(self, store) -> None:
        failed, good = makers.call(error="Timeout: 5 s"), makers.call()
        store.record("c1", 0, "", failed)
        assert store.recorded("c1", 0, [""]) == {}
        store.record("c1", 0, "", good)
        store.record("c1", 0, "", failed)
        assert store.recorded("c1", 0, [""]) == {good.key: good}
