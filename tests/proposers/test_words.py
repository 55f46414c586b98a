from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.proposers.words import likeness, log_odds, telling, terms, vectors

GROUP = [
    "The lamp is dead. My order came on time.",
    "My order came on time. The lamp is dead again!",
    "The door does not lock. My order came on time.",
    "Since Monday the door does not lock.",
]
OTHERS = ["My order came on time. I want my money.", "I want an invoice. My order came on time.", "Where is my money?"]
texts = st.lists(st.text(alphabet="ab cd. é'-\n", max_size=30), max_size=5)


def test_phrases_cover_every_kind_of_case_and_leave_out_what_all_say():
    found = telling(dict.fromkeys(GROUP, 1.0), OTHERS, 6)
    assert any("lamp is dead" in phrase for phrase in found)
    assert any("door" in phrase for phrase in found)
    assert not any("on time" in phrase for phrase in found)


def test_what_matters_more_comes_first():
    by_door = {text: float("door" in text) for text in GROUP}
    assert "door" in telling(by_door, OTHERS, 6)[0]
    assert telling(dict.fromkeys(GROUP, 0.0), OTHERS, 6) == []


@given(texts, texts, st.integers(0, 4))
def test_phrases_are_words_of_the_texts(group, others, most):
    said = " ".join(group).split()
    found = telling(dict.fromkeys(group, 1.0), others, most)
    assert len(set(found)) == len(found) <= most
    assert all(any(word in token for token in said) for phrase in found for word in phrase.split())


@given(texts, texts)
def test_a_mark_is_commoner_in_the_group(group, others):
    for term in log_odds(group, others):
        inside, outside = ((sum(term in terms(t) for t in side) + 0.5) / (len(side) + 1) for side in (group, others))
        assert inside > outside


@given(texts)
def test_likeness_is_a_cosine(found):
    space = vectors(found)
    for one in space:
        assert likeness(one, one) == 0.0 or abs(likeness(one, one) - 1.0) < 1e-9
        for other in space:
            assert -1e-9 <= likeness(one, other) <= 1.0 + 1e-9


def test_function_words_are_no_terms_and_phrases_do_not_span_them():
    assert terms("The lamp is broken and the lamp shade too") == ("lamp", "broken", "shade", "lamp shade")
