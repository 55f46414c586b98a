"""Nearness of meaning: the cosine itself, what is asked for and paid, and what is on record."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics.pairwise import cosine_similarity

from harness.errors import BudgetError
from harness.metrics.similarity import Similarity, cosine, kinds
from harness.models.embed import EmbeddedEmbeddings
from harness.plugins.embeddings import embeddings
from tests import makers
from tests.conformance.metric import MetricSuite
from tests.judge.desks import Desk

NUMBERS = st.lists(st.floats(-100, 100).map(lambda x: round(x, 3)), min_size=3, max_size=3)


class Letters:
    """Embeddings that count letters, and how often they were asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.asked.append(texts)
        if any("down" in text for text in texts):
            raise ConnectionError("no route")
        return [[float(text.count(letter)) for letter in "abc"] for text in texts]


class TestEmbeddedConforms(MetricSuite):
    metric = kinds(embeddings)[0]


class TestUnsetConforms(MetricSuite):
    metric = kinds(embeddings)[1]


@given(NUMBERS, NUMBERS)
def test_the_cosine_is_that_of_scikit_learn(one: list[float], other: list[float]) -> None:
    assert cosine(one, other) == pytest.approx(float(cosine_similarity([one], [other])[0, 0]), abs=1e-9)


def own(letters: Letters, desk: Desk, **options: Any) -> Similarity:
    """The metric over counted letters."""
    made = kinds(lambda name: letters)[1].named("near", {"embeddings": "acme:v1", **options}, "")
    made.serve(desk)
    return made


def test_texts_are_asked_for_together_paid_and_once() -> None:
    letters, desk = Letters(), Desk()
    metric = own(letters, desk)
    pairs = [
        (makers.case(f"c{n}", expected_answer="aab"), makers.run({"answer": "ab" * n}, case=f"c{n}")) for n in (1, 2)
    ]
    metric.ahead(pairs)
    assert [metric.score(case, run, {}) for case, run in pairs] == pytest.approx([3 / 10**0.5, 3 / 10**0.5])
    assert letters.asked == [["ab", "aab", "abab"]]
    assert [call.model for call in desk.kept if call.key.startswith("vectors:")] == ["acme:v1"]
    again = own(letters, desk)
    assert again.score(*pairs[0], {}) == pytest.approx(3 / 10**0.5)
    assert len(letters.asked) == 1


def test_the_best_of_several_references_and_of_meanings_counts() -> None:
    metric = own(Letters(), Desk())
    run = makers.run({"answer": "aa"})
    assert metric.score(makers.case(expected_answer=["b", "a"]), run, {}) == 1.0
    assert metric.score(makers.case(expected_answer_semantic=["c", "b"]), run, {}) == 0.0
    both = makers.case(expected_answer="a", expected_answer_semantic=["c"])
    assert metric.score(both, run, {}) == 0.5
    assert own(Letters(), Desk(), only=["expected_answer"]).score(both, run, {}) == 1.0


def test_no_leave_no_network_and_no_budget_are_three_things() -> None:
    case, run = makers.case(expected_answer="a"), makers.run({"answer": "a"})
    assert "no model call" in str(own(Letters(), Desk(asks=False)).score(case, run, {}))
    assert "no route" in str(own(Letters(), Desk()).score(case, makers.run({"answer": "down"}), {}))
    with pytest.raises(BudgetError):
        own(Letters(), Desk(most=0)).score(case, run, {})


def test_the_embedded_model_puts_the_same_in_other_words_nearer() -> None:
    model = EmbeddedEmbeddings()
    said, same, other = model.embed_documents(
        ["I cannot log in to my account", "I am unable to sign into the account", "The invoice lists the wrong amount"]
    )
    assert cosine(said, same) > cosine(said, other)
    assert cosine(said, said) == pytest.approx(1.0)
    assert not any(model.embed_query(""))
