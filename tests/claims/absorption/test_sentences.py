import pytest

from saecore.claims.absorption import sentences
from saecore.report.told import chosen_sentence

OUTCOMES = ("holds", "fails", "undecided")


@pytest.mark.parametrize("name", sentences.ABSORPTION_SENTENCES)
def test_every_outcome_has_a_sentence_of_its_own_with_its_number(name):
    said = dict(sentences.ABSORPTION_SENTENCES[name])
    sure, other = (0.9, 0.89, 0.91), (-0.9, -0.91, -0.89)
    wide = (0.5, -5.0, 5.0)
    if "below" in said:
        sure, other = other, sure
    found = [chosen_sentence(number, **said) for number in (sure, other, wide)]
    assert len(set(found)) == 3
    assert all("{number}" in said[outcome] for outcome in OUTCOMES)


def test_a_number_that_could_not_be_asked_for_is_passed_over(monkeypatch):
    shown = []
    monkeypatch.setattr(sentences, "told", lambda *a, **k: shown.append((a, k)))
    sentences.show_sentence("absorbed_excess", None)
    assert shown == []
    sentences.show_sentence("kind_excess", 0.1, kind="category")
    assert "“category”" in shown[0][1]["holds"]
