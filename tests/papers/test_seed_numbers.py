"""Numbers over seeds against the slow way, and a run that was stopped."""

import pytest
import torch

from saecore.measures.seeds.matching import shared
from saecore.papers import seed_numbers
from saecore.papers.opened import FetchedSAEs


@pytest.fixture
def saes(small):
    return FetchedSAEs(small["pythia"], ["seed 1", "seed 2", "seed 3"])


def test_the_first_pair_is_matched_by_all_definitions(saes, tmp_path):
    found = seed_numbers.first_pair(saes, tmp_path / "kept")
    slow = shared(saes[0], saes[1], threshold=0.7)
    for name in ("both", "same partner", "mean", "nearest"):
        assert found[f"shared ({name})/first pair"] == slow.share(name)
    agreeing = (slow.partner_dec == slow.partner_enc).double().mean()
    assert found["agreement/first pair"] == float(agreeing)
    assert (
        found["decoder cosine/first pair"] <= found["largest decoder cosine/first pair"]
    )
    by_chance = [x for n, x in found.items() if n.startswith("shared by chance")]
    assert len(by_chance) == 4
    assert max(by_chance) < found["shared (same partner)/first pair"]


def test_all_pairs_count_appearances_as_by_hand(saes, tmp_path):
    found = seed_numbers.all_pairs(saes, tmp_path / "kept", lambda _: None)
    times = torch.zeros(3)
    for s in range(3):
        flags = [
            shared(saes[s], saes[t], threshold=0.7).flags("both")
            for t in range(3)
            if t != s
        ]
        count = torch.stack(flags).sum(0)
        times += torch.stack([(count == c).double().mean() for c in range(3)]).float()
    assert found["in one seed alone/nine seeds"] == pytest.approx(float(times[0] / 3))
    assert found["in all seeds/nine seeds"] == pytest.approx(float(times[2] / 3))
    middle, low, high = found["shared (both)/all pairs"]
    assert low <= middle <= high


def test_pairs_that_were_matched_are_not_matched_again(saes, tmp_path, monkeypatch):
    first = seed_numbers.all_pairs(saes, tmp_path / "kept", lambda _: None)
    assert len(list((tmp_path / "kept").iterdir())) == 3

    def forbidden(*_, **__):
        raise AssertionError("matched again")

    monkeypatch.setattr(seed_numbers, "shared", forbidden)
    assert seed_numbers.all_pairs(saes, tmp_path / "kept", lambda _: None) == first
