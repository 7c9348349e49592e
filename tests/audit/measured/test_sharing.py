"""Shared latents with planted truth: m of n, all, and none."""

from typing import Any, cast

import pytest
import torch

from saecore.audit.measured.sharing import ONE_PAIR, OVER_ALL_SEEDS, shared_latents

LEVEL: dict[str, Any] = {"threshold": 0.9, "level": 0.95}


def value(found, name, of=None) -> Any:
    (one,) = (x for x in found.numbers if x.name == name and of in (None, x.of))
    return one


def test_exactly_the_planted_share_is_found(directions, held):
    same = directions(30, 0)
    one = held(torch.cat([same, directions(50, 1)]), name="one")
    other = held(torch.cat([directions(50, 2), same]), name="other")
    found = shared_latents(one, [other], **LEVEL)
    share = value(found, "shared (same partner)")
    assert share.value == pytest.approx(30 / 80)
    assert share.low < share.value < share.high
    assert share.interval == ONE_PAIR
    assert share.null.value == 0
    assert found.times == []


def test_an_sae_shares_everything_with_itself(directions, held):
    rows = directions(80, 0)
    found = shared_latents(held(rows, name="a"), [held(rows, name="b")], **LEVEL)
    for one in cast(Any, found.numbers):
        assert one.value == pytest.approx(1, abs=1e-5)
        assert one.null.value < 0.7


def test_random_saes_are_like_their_null(directions, held):
    one, other = held(directions(80, 0), name="a"), held(directions(80, 1), name="b")
    found = shared_latents(one, [other], **LEVEL)
    assert value(found, "shared (same partner)").value == 0
    for name in ("PW-MCC", "matched cosine"):
        number = value(found, name)
        assert number.value == pytest.approx(number.null.value, abs=0.05)


def test_three_saes_are_seeds_and_say_how_often_a_latent_is_found(directions, held):
    everywhere, pair = directions(40, 0), directions(20, 1)
    first = held(torch.cat([everywhere, pair, directions(20, 2)]), name="first")
    second = held(torch.cat([everywhere, pair, directions(20, 3)]), name="second")
    third = held(torch.cat([everywhere, directions(40, 4)]), name="third")
    found = shared_latents(first, [second, third], **LEVEL)
    share = value(found, "shared (same partner)", "all pairs of 3 SAEs")
    assert share.value == pytest.approx((60 + 40 + 40) / 3 / 80)
    assert share.interval == OVER_ALL_SEEDS
    assert value(found, "found in all SAEs").value == pytest.approx(0.5)
    alone = (20 + 20 + 40) / 240
    assert value(found, "found in one SAE alone").value == pytest.approx(alone)
    assert found.times == pytest.approx([alone, 40 / 240, 0.5])
    assert found.lonely[-1] == pytest.approx(alone)


def test_wide_saes_say_how_they_were_paired(directions, held):
    rows = directions(80, 0)
    found = shared_latents(
        held(rows, name="a"), [held(rows, name="b")], exact_up_to=50, **LEVEL
    )
    assert "mutual nearest neighbours" in found.told
    assert value(found, "shared (same partner)").value == 1
    assert "PW-MCC" not in [one.name for one in found.numbers]


def test_an_sae_without_an_encoder_is_compared_by_its_decoder(directions, held):
    rows = directions(80, 0)
    bare = held(rows, name="b")._replace(encoder=None)
    found = shared_latents(held(rows, name="a"), [bare], **LEVEL)
    assert "by its decoder alone" in found.told
    assert "shared (same partner)" not in [one.name for one in found.numbers]
    assert value(found, "shared (decoder)").value == 1
