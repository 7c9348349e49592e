import pytest
import torch

from saecore.claims.absorption import absorbed_words
from saecore.claims.absorption import setting as opened
from saecore.claims.absorption.absorbed_words import largest_case
from saecore.source.tasks.labelled_words import labelled
from tests.claims.absorption.planted import EACH, NAMES, OWN


def test_quarters_hold_the_words_by_how_often_they_occur(setting, study, monkeypatch):
    words = len(setting.letters.words.words)
    often = torch.arange(words) % EACH
    often = (
        100 - often
    )  # the first words of each letter, which are absorbed, most often
    monkeypatch.setattr(absorbed_words, "occurrences", lambda setting: (9000, often))
    found = absorbed_words.absorbed_by_frequency(setting, study.saes)
    shares = [row["absorbed, base"] for row in found.quarters]
    assert found.tokens == 9000
    assert shares[:3] == [0, 0, 0]
    assert shares[3] == pytest.approx(study.absorbed.estimate * EACH / OWN, rel=0.1)
    wide = found.quarters[3]["absorbed, width 640, k 4"]
    assert wide > shares[3]
    medians = [row["median occurrences"] for row in found.quarters]
    assert medians == sorted(medians)


def test_letters_stand_by_falling_rate_with_a_number_per_seed(setting, study):
    rates = absorbed_words.by_letter_and_seed(setting, study.saes)
    assert next(iter(rates)) == "B"  # it has the most
    assert set(rates) <= set(NAMES)
    assert {len(values) for values in rates.values()} == {2}
    means = [sum(values) for values in rates.values()]
    assert means == sorted(means, reverse=True)


class Text:
    """Ten tokens of text, in place of a zoo and of a model."""

    vocab_size = 7

    def get(self, recipe):
        assert recipe.folder == "tokens"
        return torch.tensor([[0, 1, 1, 2, 2], [0, 2, 5, 5, 6]])

    def token(self, word):
        return {"A": 1, "B": 2, "C": 3}[word[0]]


def test_words_are_counted_in_the_models_own_text(setting):
    tokens, often = absorbed_words.occurrences(
        setting._replace(zoo=Text(), model=Text())
    )
    assert tokens == 10
    assert often[::EACH].tolist() == [2, 3, 0]


def test_every_layer_has_its_words_exchanged(setting, shipped):
    words = labelled(shipped, "pronoun", sentence=opened.SENTENCE, at_most=20)
    asked = setting._replace(
        model=shipped, letters=setting.letters._replace(words=words)
    )
    found = absorbed_words.layers(asked)
    assert list(found) == list(range(shipped.n_layers))
    assert found[0].follows > found[shipped.n_layers - 1].follows


# One word from the inside


@pytest.fixture(scope="module")
def case(setting, study):
    return largest_case(setting, study.saes)


def test_the_case_is_a_word_that_is_absorbed_whole(case, setting):
    assert case.word.startswith(case.letter)
    assert case.removed.min() == pytest.approx(-4.0)
    assert int(case.active[case.removed.argmin()]) == case.absorber
    assert case.lead == pytest.approx(4.0)


def test_what_stays_along_the_probe_keeps_the_effect(case):
    assert case.kept.abs().max() < case.removed.abs().max() / 2


def test_its_main_latents_are_silent_and_the_absorber_stands_for_the_word(case):
    *mains, absorber = case.latents
    assert all(row["here"] == 0 for row in mains)
    assert absorber["latent"] == f"absorber {case.absorber}"
    assert absorber["loudest on"].split(", ")[0] == case.word
    assert absorber["here"] == pytest.approx(1.0)
    assert absorber["cosine with the probe"] == pytest.approx(case.cosine)
    assert absorber["contribution along it"] > 0.5


def test_removing_a_latent_that_does_nothing_changes_nothing(case):
    assert len(case.active) == len(case.removed) == len(case.kept)
    assert torch.isfinite(case.removed).all()
