"""Metric names as people write them."""

from __future__ import annotations

import pytest

from harness.goals import names

KNOWN = ("accuracy", "latency", "tokens", "cost", "error_rate", "tone_match", "correctness_2")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Accuracy", "accuracy"),
        ("**Accuracy**", "accuracy"),
        ("2. Accuracy:", "accuracy"),
        ("Accuracy (Correctness Rate)", "accuracy"),
        ("Correctness Rate", "accuracy"),
        ("Latency (Response Time)", "latency"),
        ("Average latency", "latency"),
        ("Response time", "latency"),
        ("Speed (response time)", "latency"),
        ("Latency (p95)", "latency_p95"),
        ("P99 response time", "latency_p99"),
        ("95th percentile latency", "latency_p95"),
        ("Cost per request", "cost"),
        ("Token usage", "tokens"),
        ("Error rate", "error_rate"),
        ("error-rate", "error_rate"),
        ("Exact match", "exact"),
        ("Input tokens", "tokens_in"),
        ("Completion tokens", "tokens_out"),
        ("Retries per request", "retries"),
        ("JSON field accuracy", "json_field"),
        ("Weighted F1", "f1"),
        ("F1-score (weighted)", "f1"),
        ("Tone match", "tone_match"),
        ("tone accuracy", None),
        ("p95 accuracy", None),
        ("", None),
        ("42", None),
    ],
)
def test_canonical(written: str, name: str | None) -> None:
    assert names.canonical(written, KNOWN) == name


def test_a_metric_of_the_repo_comes_before_an_alias() -> None:
    assert names.canonical("Correctness", [*KNOWN, "correctness"]) == "correctness"


@pytest.mark.parametrize(
    ("written", "near"), [("Acuracy", "accuracy"), ("respone time", "latency"), ("tone-matching", "tone_match")]
)
def test_nearest(written: str, near: str) -> None:
    assert names.nearest(written, KNOWN) == near


def test_nearest_of_nothing() -> None:
    assert names.nearest("accuracy", []) == ""
