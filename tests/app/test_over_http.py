"""Calls that an app makes with a provider's raw SDK are measured and never replayed; those of LangChain count once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from harness.app import AppHost, AppOptions
from harness.app.client import Pool
from tests.app.helpers import only
from tests.conftest import TOYS
from tests.providers.server import Provider, echo, listening


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with listening(echo()) as running:
        yield running


@pytest.fixture(scope="module", params=["graph", "agraph"])
def app(request: pytest.FixtureRequest, server: Provider) -> Iterator[Pool]:
    options = AppOptions(env={"TOY_URL": server.url}, backoff=0.01, attempts=2)
    with (
        closing(AppHost(sys.executable, f"sdk.py:{request.param}", options)) as host,
        closing(host.open(TOYS / "sdk", "v1")) as app,
    ):
        yield app


@pytest.mark.parametrize("text", ["hello", "stream this"])
def test_a_raw_call_is_recorded_like_any_other(app: Pool, server: Provider, text: str) -> None:
    before = len(server.asked)
    run, calls = only(app, text)
    assert run.fault is None and run.output["again"] == f"echo: echo: {text}"
    assert [(call.node, call.over_http) for call in calls] == [("raw", True), ("chained", False)]
    assert len(server.asked) - before == 2, "the LangChain call is not counted again on the wire"
    raw = calls[0]
    assert raw.model == "127.0.0.1:toy" and raw.text == f"echo: {text}"
    assert (raw.tokens_in, raw.tokens_out) == (len(text.split()) + 4, len(text.split()) + 1) and raw.seconds > 0
    assert [dict(message) for message in raw.messages] == [
        {"role": "system", "content": "Answer in one word."},
        {"role": "user", "content": text},
    ]
    assert raw.parameters["model"] == "toy"


def test_a_raw_call_is_made_again_where_others_are_replayed(app: Pool, server: Provider) -> None:
    _, calls = only(app, "twice")
    before = len(server.asked)
    run, again = only(app, "twice", replay={call.key: call for call in calls})
    assert [call.node for call in again] == ["raw"] and len(server.asked) == before + 1
    assert [call.replayed for call in run.calls] == [False, True]


def test_refusals_that_the_sdk_gets_over_are_retries(app: Pool, server: Provider) -> None:
    run, calls = only(app, f"fail 2 raw {len(server.asked)}")  # a text that was never refused before
    assert run.fault is None and [bool(call.error) for call in calls if call.over_http] == [True, True, False]
    assert [call.retries for call in run.calls if call.over_http and not call.error] == [2]


def test_a_provider_that_is_down_is_infrastructure(app: Pool) -> None:
    run, _ = only(app, "down")
    assert run.fault is not None and run.fault.kind == "infrastructure"
