"""Sharing on dictionaries whose overlap is planted, and every definition by hand."""

import itertools
from typing import NamedTuple

import pytest
import torch
from jaxtyping import TypeCheckError
from torch import Tensor

from saecore.measures.algebra.assignment import assign
from saecore.measures.dictionary.nulls import Weights, gaussian
from saecore.measures.seeds.matching import (
    DEFINITIONS,
    Definition,
    Matching,
    shared,
    sweep,
    weighted_share,
)


def tied(rows: Tensor) -> Weights:
    return Weights(rows.T.clone(), rows.clone())


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def planted(
    width: int = 200, common: int = 80, d_model: int = 64
) -> tuple[Weights, Weights, Tensor]:
    """Two dictionaries with `common` latents in common (cosine about .95), in another
    order.
    """
    rows, others = normal(width, d_model), normal(width, d_model, seed=1)
    others[:common] = rows[:common] + 0.3 * others[:common]
    order = torch.randperm(width, generator=torch.Generator().manual_seed(2))
    return tied(rows), tied(others[order]), order


class Cosines(NamedTuple):
    """Four latents with cosines of our choosing."""

    partner_dec: list[int]
    partner_enc: list[int]
    cosine_dec: list[float]
    cosine_enc: list[float]
    encoder_at_decoder: list[float]


def by_hand(case: Cosines, threshold: float = 0.7) -> Matching:
    blank = assign(torch.eye(4), torch.eye(4))
    decoder = blank._replace(
        partner=torch.tensor(case.partner_dec),
        cosine=torch.tensor(case.cosine_dec),
        nearest=torch.full((4,), 0.9),
    )
    encoder = blank._replace(
        partner=torch.tensor(case.partner_enc),
        cosine=torch.tensor(case.cosine_enc),
        nearest=torch.tensor([0.9, 0.9, 0.9, 0.1]),
    )
    return Matching(decoder, encoder, torch.tensor(case.encoder_at_decoder), threshold)


HAND = Cosines(
    [0, 1, 2, 3],
    [0, 2, 1, 3],
    [0.7, 0.8, 0.8, 0.9],
    [0.75, 0.8, 0.8, 0.6],
    [0.75, 0.75, 0.2, 0.6],
)


def test_each_definition_counts_what_it_says_on_four_latents():
    matching = by_hand(HAND)
    expected: dict[Definition, list[bool]] = {
        "same partner": [True, False, False, False],  # .7 itself counts
        "decoder's partner": [False, True, False, False],  # .7 itself does not
        "both": [False, True, True, False],
        "decoder": [False, True, True, True],
        "mean": [True, True, True, True],
        "nearest": [True, True, True, False],
    }
    assert set(expected) == set(DEFINITIONS)
    for definition, flags in expected.items():
        assert matching.flags(definition).tolist() == flags, definition
    assert matching.share("both") == 0.5
    assert matching.agreement() == 0.5
    assert matching.similarity[0] == pytest.approx(0.725)


def test_planted_common_latents_are_shared_and_no_others():
    a, b, order = planted()
    matching = shared(a, b, threshold=0.7)
    assert matching.shared.nonzero().flatten().tolist() == list(range(80))
    torch.testing.assert_close(order[matching.partner_dec[:80]], torch.arange(80))
    for definition in DEFINITIONS:
        assert matching.share(definition) == pytest.approx(0.4)
    assert 0.4 < matching.agreement() <= 1
    assert matching.gap < 1e-6


def test_a_dictionary_shares_everything_with_itself_in_another_order():
    a, _, order = planted()
    b = Weights(a.W_enc[:, order], a.W_dec[order])
    matching = shared(a, b, threshold=0.7)
    assert matching.share() == matching.agreement() == 1
    torch.testing.assert_close(matching.encoder_at_decoder, torch.ones(200))


def test_random_dictionaries_share_nothing_in_64_dimensions():
    a, _, _ = planted()
    null = gaussian(a, generator=torch.Generator().manual_seed(5))
    matching = shared(a, null, threshold=0.7)
    assert all(matching.share(name) == 0 for name in DEFINITIONS)


def test_encoders_that_point_elsewhere_are_not_shared_though_decoders_are():
    a, b, _ = planted()
    other = Weights(normal(64, 200, seed=8), b.W_dec)
    matching = shared(a, other, threshold=0.7)
    assert matching.share("decoder") == pytest.approx(0.4)
    assert matching.share() == matching.share("decoder's partner") == 0


def test_seen_from_the_other_side_the_same_pairs_are_shared():
    a, b, _ = planted()
    there, back = shared(a, b, threshold=0.7), shared(b, a, threshold=0.7)
    for definition in DEFINITIONS:
        torch.testing.assert_close(
            there.flip().flags(definition), back.flags(definition)
        )
    torch.testing.assert_close(there.flip().encoder_at_decoder, back.encoder_at_decoder)


def test_of_unequal_widths_the_narrow_one_is_matched_whole():
    a, b, _ = planted()
    wide = Weights(
        torch.cat([a.W_enc, normal(64, 50, seed=4)], 1),
        torch.cat([a.W_dec, normal(50, 64, seed=4)]),
    )
    matching = shared(wide, b, threshold=0.7)
    assert int((matching.partner_dec < 0).sum()) == 50
    assert not matching.shared[matching.partner_dec < 0].any()
    assert not matching.same[matching.partner_dec < 0].any()
    assert matching.share() == pytest.approx(80 / 250)
    assert matching.flip().share() == pytest.approx(0.4)


def test_weights_count_live_latents_or_firings():
    a, b, _ = planted()
    matching = shared(a, b, threshold=0.7)
    live = torch.arange(200) < 100
    assert matching.share(weight=live) == pytest.approx(0.8)
    firings = torch.where(torch.arange(200) < 80, 9, 1)
    assert matching.share(weight=firings) == pytest.approx(720 / 840)
    assert matching.agreement(weight=matching.same) == 1


def test_ties_and_pairs_at_the_threshold_are_counted_as_planted():
    a, b, _ = planted()
    clean = shared(a, b, threshold=0.7)
    assert (clean.ties, clean.near_threshold) == (0, 0)
    a.W_dec[100:112] = a.W_dec[100]
    a.W_enc[:, 150:153] = a.W_enc[:, 150:151]
    tied_now = shared(a, b, threshold=0.7)
    assert tied_now.ties == 15
    assert tied_now.flip().ties == 15
    cosine = float(clean.cosine_dec[3])
    for offset, count in ((0, 1), (8e-6, 1), (3e-5, 0)):
        assert clean._replace(threshold=cosine + offset).near_threshold == count


def test_dead_latents_are_not_shared():
    a, b, _ = planted()
    a.W_dec[:10] = 0
    a.W_enc[:, :10] = torch.nan
    matching = shared(a, b, threshold=0.7)
    assert matching.shared.nonzero().flatten().tolist() == list(range(10, 80))


def test_the_share_falls_with_the_threshold_and_the_sweep_is_the_share():
    a, b, _ = planted()
    matching = shared(a, b, threshold=0.5)
    curve = sweep(matching, [0.1, 0.5, 0.9, 0.97, 1.01])
    assert (curve.share.diff(dim=1) <= 0).all()
    assert curve.share[0, 1] == matching.share()
    assert (curve.share[:, -1] == 0).all()
    assert curve.share.shape == (len(DEFINITIONS), 5)


def test_what_cannot_be_compared_is_refused_in_a_sentence():
    a, b, _ = planted()
    with pytest.raises(ValueError, match="same d_model"):
        shared(a, tied(normal(10, 32)), threshold=0.7)
    with pytest.raises(
        (ValueError, TypeCheckError), match=r"must be one of|parameter 'definition'"
    ):
        shared(a, b, threshold=0.7).flags("equal")  # type: ignore[arg-type]
    b.W_enc = b.W_enc.T
    with pytest.raises(ValueError, match="transpose the encoder"):
        shared(a, b, threshold=0.7)
    flags = torch.tensor([True, False])
    with pytest.raises(ValueError, match="one weight per latent"):
        weighted_share(flags, torch.ones(3))
    with pytest.raises(ValueError, match="not all be zero"):
        weighted_share(flags, torch.zeros(2))


def authors_rule(a: Weights, b: Weights, threshold: float) -> list[bool]:
    """Shared as published, from the weights alone and by trying all pairings: unit
    rows, one assignment for the decoders and one for the encoders, and a latent counts
    if both give it the same partner with cosines of at least the threshold.
    """
    found = []
    for rows, others in ((a.W_dec, b.W_dec), (a.W_enc.T, b.W_enc.T)):
        table = [[float(x @ y / (x.norm() * y.norm())) for y in others] for x in rows]
        every = itertools.permutations(range(len(others)))
        best = max(every, key=lambda p, t=table: sum(t[i][j] for i, j in enumerate(p)))
        found.append([(j, table[i][j]) for i, j in enumerate(best)])
    return [
        dec[0] == enc[0] and min(dec[1], enc[1]) >= threshold
        for dec, enc in zip(*found, strict=True)
    ]


def test_the_authors_rule_by_brute_force_shares_the_same_latents():
    seen = []
    for seed in range(12):
        rows, columns = normal(6, 5, seed=seed), normal(6, 5, seed=seed + 100)
        noise = normal(2, 6, 5, seed=seed + 200)
        order = torch.randperm(6, generator=torch.Generator().manual_seed(seed))
        a = Weights((rows + columns / 3).T, rows)
        b = Weights(
            (rows + columns / 3 + 0.6 * noise[0])[order].T,
            (rows + 0.6 * noise[1])[order],
        )
        ours = shared(a, b, threshold=0.7).shared.tolist()
        assert ours == authors_rule(a, b, 0.7)
        seen += ours
    assert 10 < sum(seen) < len(seen) - 10  # both answers occur
