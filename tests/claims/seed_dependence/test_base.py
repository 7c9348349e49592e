"""Base seeds and sweeps, matched."""

import torch

from saecore.claims.seed_dependence.base import base_seeds, matched
from saecore.claims.seed_dependence.grid import model_seeds
from saecore.measures.seeds.matching import shared
from saecore.report import Claim


def test_all_pairs_of_base_seeds_are_matched_at_the_claims_cosine(zoo, profile):
    claim = Claim.read("seed_dependence").moved(cosine=0.9)
    base = base_seeds(zoo, model_seeds(profile), claim)
    assert set(base.pairs.matchings) == {
        (s, t) for s in range(4) for t in range(4) if s != t
    }
    assert {pair.threshold for pair in base.pairs.matchings.values()} == {0.9}
    assert (base.cosine, base.confidence) == (0.9, claim.constants["confidence"])
    expected = shared(base.saes[0], base.saes[1], threshold=0.9)
    torch.testing.assert_close(base.pair.cosine_dec, expected.cosine_dec)


def test_a_setting_that_two_sweeps_have_is_matched_once(found):
    base = found.model.base
    both = matched(base, {"k": base.grid.ks, "width": base.grid.widths["topk"]})
    assert both["k"][3] is both["width"][20]
    assert list(both["k"]) == [2, 3, 6]
    first, second = (zoo_sae.W_dec for zoo_sae in base.saes[:2])
    there = both["k"][3].matchings[0, 1]
    torch.testing.assert_close(
        there.cosine_dec,
        torch.nn.functional.cosine_similarity(first, second[there.partner_dec]),
        atol=1e-5,
        rtol=0,
    )
