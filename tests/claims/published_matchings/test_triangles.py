import pytest
import torch

from saecore.claims.published_matchings import triangles
from saecore.claims.published_matchings.arrays import partners_of_nine, read_pairs
from saecore.measures.seeds.many_seeds import triple_consistency
from tests.claims.published_matchings.planted import LATENTS, LOST, written

KEPT = 1 - LOST / LATENTS


@pytest.fixture(scope="module")
def partners(tmp_path_factory):
    pairs = read_pairs(written(tmp_path_factory.mktemp("p") / "a.npz"))
    return [partners_of_nine(pairs, kind) for kind in ("decoder", "encoder")]


def slowly(decoder, encoder):
    """Closings by a loop over every latent."""
    counts = {n: [0, 0] for n in range(4)}
    there = (decoder >= 0).any(2)
    for r in range(9):
        for s in range(9):
            for t in range(9):
                if len({r, s, t}) < 3 or not (there[r, s] & there[s, t] & there[r, t]):
                    continue
                for i in range(0, LATENTS, 7):
                    on = int(decoder[r, s, i])
                    n = int(decoder[r, s, i] == encoder[r, s, i])
                    n += int(decoder[s, t, on] == encoder[s, t, on])
                    n += int(decoder[r, t, i] == encoder[r, t, i])
                    counts[n][0] += 1
                    counts[n][1] += int(decoder[s, t, on] == decoder[r, t, i])
    return counts


def test_true_partners_close_and_lost_ones_do_not(partners):
    decoder, encoder = partners
    found = triangles.closings(decoder, encoder)
    assert [one.agreeing for one in found] == [0, 1, 2, 3]
    assert sum(one.share for one in found) == pytest.approx(1)
    assert found[3].share == pytest.approx(KEPT, abs=0.01)
    assert found[3].closed > 0.999
    assert found[0].closed == pytest.approx(1 / LOST, abs=0.005)
    assert triangles.triples(decoder) == 9 * 8 * 7 - 6 * 7


def test_the_slow_twin_counts_the_same_on_every_seventh_latent(partners):
    decoder, encoder = partners
    slow = slowly(decoder, encoder)
    total = sum(seen for seen, _ in slow.values())
    fast = triangles.closings(decoder, encoder)
    for n, (seen, home) in slow.items():
        assert fast[n].share == pytest.approx(seen / total, abs=0.02)
        if seen > 200:
            assert fast[n].closed == pytest.approx(home / seen, abs=0.02)


def test_the_parts_add_up_to_the_consistency_of_all(partners):
    decoder, encoder = partners
    parts = triangles.closings(decoder, encoder)
    whole = triangles.closed(decoder, level=0.95)
    assert whole.estimate == pytest.approx(triple_consistency(decoder))
    total = sum(one.share * one.closed for one in parts if one.share)
    assert whole.estimate == pytest.approx(total, abs=1e-6)
    assert whole.low < whole.estimate < whole.high


def test_matchings_of_one_thing_agree_with_all_others_or_by_chance(partners):
    shares = triangles.agreeing_with(*partners)
    assert float(shares.sum()) == pytest.approx(1)
    assert float(shares[8]) == pytest.approx(KEPT, abs=0.01)
    chance = (1 - 1 / LOST) ** 8 * LOST / LATENTS
    assert float(shares[0]) == pytest.approx(chance, abs=0.02)
    assert len(shares) == 9


def test_random_matchings_close_by_chance_alone():
    generator = torch.Generator().manual_seed(5)
    partner = torch.full((9, 9, LATENTS), -1)
    for s in range(9):
        partner[s, s] = torch.arange(LATENTS)
        for t in range(s + 1, 9):
            partner[s, t] = torch.randperm(LATENTS, generator=generator)
            partner[t, s, partner[s, t]] = torch.arange(LATENTS)
    found = triangles.closed(partner, level=0.95)
    assert found.estimate == pytest.approx(1 / LATENTS, abs=1e-3)
