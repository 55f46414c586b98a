"""The metrics that say how much of a text agrees, held against the packages that define them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from harness.metrics import bleu, chrf, rouge, sentence_bleu, sentence_chrf
from tests import makers
from tests.conformance.metric import MetricSuite

WORDS = ("the", "a", "refund", "refunds", "parcel,", "parcel.", "Is", "on", "its", "way!", "3.5", "U.S.", "don't", "-")
SENTENCES = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
TEXTS = SENTENCES | st.text(max_size=30)
ASCII = SENTENCES | st.text(st.characters(max_codepoint=127), max_size=30)


class TestBleuConforms(MetricSuite):
    metric = bleu


class TestChrfConforms(MetricSuite):
    metric = chrf


class TestSentenceBleuConforms(MetricSuite):
    metric = sentence_bleu


class TestSentenceChrfConforms(MetricSuite):
    metric = sentence_chrf


class TestRougeConforms(MetricSuite):
    metric = rouge


def scored(metric: Any, expected: Any, got: str, **options: Any) -> float:
    value = metric.score(makers.case(expected_answer=expected), makers.run({"answer": got}), options)
    assert isinstance(value, float)
    return value


@given(st.lists(TEXTS, min_size=1, max_size=3), TEXTS)
def test_sentence_bleu_and_chrf_are_those_of_sacrebleu(references: Sequence[str], got: str) -> None:
    for metric, reference in ((sentence_bleu, sacrebleu.sentence_bleu), (sentence_chrf, sacrebleu.sentence_chrf)):
        assert math.isclose(
            scored(metric, references, got), reference(got, references).score / 100, rel_tol=1e-9, abs_tol=1e-12
        )


@given(st.lists(ASCII, min_size=1, max_size=3), ASCII)
def test_rouge_is_that_of_rouge_score(references: Sequence[str], got: str) -> None:
    variants = ["rouge1", "rouge2", "rougeL"]
    parts = {"f1": "fmeasure", "recall": "recall", "precision": "precision"}
    scorer = RougeScorer(variants, use_stemmer=False)
    single = [scorer.score(text, got) for text in references]
    for variant in variants:
        for part, theirs in parts.items():
            best = max(getattr(one[variant], theirs) for one in single)
            assert math.isclose(scored(rouge, references, got, variant=variant, part=part), best, abs_tol=1e-9)


def test_rouge_counts_words_of_other_alphabets() -> None:
    assert scored(rouge, "посылка в пути", "Посылка уже в пути") == pytest.approx(6 / 7)


@pytest.mark.parametrize("metric", [sentence_bleu, sentence_chrf, rouge], ids=lambda metric: metric.NAME)
@given(SENTENCES.filter(lambda text: any(map(str.isalpha, text))))
def test_a_text_agrees_with_itself_and_not_with_nothing(metric: Any, text: str) -> None:
    assert scored(metric, text, text) == pytest.approx(1.0)
    assert scored(metric, text, "") == 0.0


def test_several_fields_are_averaged() -> None:
    case = makers.case(expected_answer="on its way", expected_title="parcel")
    run = makers.run({"answer": "on its way", "title": "refund"})
    assert rouge.score(case, run, {}) == 0.5
