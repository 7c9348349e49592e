"""Explanation scores of orphans beside shared latents, with a reader made up."""

from types import SimpleNamespace

import pytest
import torch

from saecore.claims.seed_dependence.orphans import scores
from saecore.claims.seed_dependence.orphans.firing import on_held_out_rows


class Reader:
    """Gives shared latents a simulation score of .8, orphans one of .3."""

    def __init__(self, held):
        self.held, self.seed = held, -1

    def explained(self, sae):
        self.seed += 1
        shared = self.held.shared(self.seed)
        value = 0.3 + 0.5 * shared.double()
        value[0] = torch.nan
        given = SimpleNamespace(simulation=value, detection=value / 2)
        return SimpleNamespace(scores=given)


@pytest.fixture(scope="module")
def held(found):
    return on_held_out_rows(found.model.base)


def test_scores_are_those_of_matched_latents(held, profile, monkeypatch):
    monkeypatch.setattr(scores, "explainer", lambda *_: Reader(held))
    read = scores.orphan_scores(held, profile)
    assert read.shared["simulation"].estimate == pytest.approx(0.8)
    assert read.orphans["simulation"].estimate == pytest.approx(0.3)
    assert read.difference["detection"].estimate == pytest.approx(-0.25)
    assert 1 <= read.pairs <= 10
    assert set(read.each["shared"].tolist()) == {0.8}
    latents = sum(len(one) for one in read.each.values())
    assert latents == profile.seeds * (len(held.shared(0)) - 1)
