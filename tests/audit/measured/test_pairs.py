"""Pairs of SAEs with planted latents in common, whole and by shards."""

import pytest
import torch

from saecore.audit.measured import pairs
from saecore.audit.measured.pairs import compared_pair, null_shards, sampled
from saecore.measures.dictionary.nulls import KINDS
from saecore.measures.seeds.mutual import shards_of


@pytest.fixture
def planted(directions, held):
    """60 latents of 100 in common, in another order."""
    same = directions(60, 0)
    a = torch.cat([same, directions(40, 1)])
    b = torch.cat([same, directions(40, 2)]).flip(0)
    return held(a, name="a"), held(b, name="b")


@pytest.mark.parametrize("exact_up_to", [1000, 50])
def test_the_planted_share_is_found(planted, exact_up_to):
    found = compared_pair(*planted, threshold=0.9, exact_up_to=exact_up_to)
    assert found.exact == (exact_up_to == 1000)
    for name in ("same partner", "decoder's partner", "both", "decoder", "nearest"):
        assert found.matching.share(name) == pytest.approx(0.6)
        assert found.null(name).value == 0
    assert found.of == "a and b"
    assert set(found.nulls) == set(KINDS)


def test_the_mean_of_absolute_cosines_is_found_for_small_saes(planted, monkeypatch):
    found = compared_pair(*planted, threshold=0.9)
    assert found.absolute is not None
    assert float(found.absolute.mean()) > max(found.absolute_nulls.values())
    monkeypatch.setattr(pairs, "MEAN_COSINE_UP_TO", 10)
    found = compared_pair(*planted, threshold=0.9)
    assert found.absolute is None
    assert found.null("same partner").value == 0


def test_decoders_alone_are_compared_where_an_encoder_is_missing(planted):
    bare = planted[1]._replace(encoder=None)
    found = compared_pair(planted[0], bare, threshold=0.9)
    assert not found.encoders
    assert found.matching.share("decoder") == pytest.approx(0.6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_null_by_shards_keeps_what_the_whole_null_keeps(
    kind, directions, monkeypatch
):
    monkeypatch.setattr(pairs, "NULL_SHARD", 64)
    rows = directions(200, 0)
    decoder, encoder = null_shards(kind, shards_of(rows), shards_of(2 * rows))
    made = decoder.whole()
    assert made.shape == (200, 32)
    assert torch.equal(decoder.read(60, 70), made[60:70])
    assert not torch.allclose(made, rows, atol=0.1)
    if kind != "Gaussian":
        torch.testing.assert_close(encoder.whole(), 2 * made, rtol=1e-3, atol=1e-3)
    if kind in ("rotated", "sign-flipped"):
        torch.testing.assert_close(made @ made.T, rows @ rows.T, rtol=1e-3, atol=1e-3)


def test_some_latents_are_drawn_and_all_where_there_are_few():
    assert torch.equal(sampled(5, 10), torch.arange(5))
    some = sampled(100, 10)
    assert len(some.unique()) == 10
    assert torch.equal(some, some.sort().values)
