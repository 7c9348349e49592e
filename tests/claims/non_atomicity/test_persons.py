"""Persons whose latents are sums of planted attributes."""

import pytest
import torch

from saecore.claims.non_atomicity import persons
from tests.claims.non_atomicity.planted import (
    PROFILE,
    PlantedZoo,
    person_saes,
    planted_quiz,
)


@pytest.fixture
def about():
    return planted_quiz()


@pytest.fixture
def found(model, about):
    return person_saes(model, about, model.grid.base)


def test_everybody_has_a_latent(found, about):
    one = persons.person_latents(found, about, found.grid.base[0])
    assert one.has.all()
    assert one.own.latent.tolist() == list(range(len(about.persons)))
    assert one.active == 1
    assert not persons.person_latents(found, about, found.grid.base[0], f1=1).has.any()


def test_planted_attributes_are_told_on_persons_who_did_not_choose(
    found, about, monkeypatch
):
    monkeypatch.setattr(persons, "quiz", lambda zoo, profile: about)
    one = persons.text_attributes(found)
    assert one is not None
    assert one.found.low > 0.95
    assert one.null.estimate == pytest.approx(0.5, abs=0.05)
    assert one.excess.estimate == pytest.approx(one.found.estimate - one.null.estimate)


def test_values_that_too_few_have_are_not_asked_about(found, about):
    has = torch.arange(len(about.persons)) < 8
    uses = torch.rand(len(has), 5)
    how = {"least": 3, "generator": torch.Generator().manual_seed(0)}
    told = persons.told_labels(uses, about.values, has, **how)
    assert len(told.auc) == 5 + 4 + 2
    every = torch.cat(
        [torch.nn.functional.one_hot(v) for v in about.values[has].unbind(1)], 1
    )
    assert int((~told.auc.isnan()).sum()) <= int((every.sum(0) >= 3).sum())
    nobody = persons.told_labels(uses, about.values, has & False, **how)
    assert persons.over_labels(found, [nobody] * 3) is None


def test_the_shipped_model_is_asked_about_all_persons():
    found = persons.quiz(PlantedZoo(), PROFILE)
    assert found.values.shape == (len(found.persons), 3)
    assert [len(one.tokens) for one in found.asked] == [len(found.persons)] * 3
    assert int(found.of.max()) == len(found.persons) - 1
    assert 0.3 < found.choose.double().mean() < 0.7
