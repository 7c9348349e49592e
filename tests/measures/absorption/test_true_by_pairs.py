"""True absorption on the delta family, against a loop, and nothing where nothing is
absorbed.
"""

import pytest
import torch
from torch.testing import assert_close

from saecore.measures.absorption.true_by_pairs import gap, true_absorption
from saecore.sparse import Active, dense, sparse

AMOUNTS = torch.tensor(
    [[1, 0, 0], [2, 0, 1], [1, 1, 0], [2, 1, 1], [0, 1, 1], [0, 0, 0]],
    dtype=torch.float64,
)
PAIR = torch.tensor([[0, 1]])


def normal(*shape, seed=0):
    return torch.randn(
        *shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64
    )


def delta_family(delta, slant=0.0):
    """Parent, child and another feature, a latent each; exact for every delta where the
    child's size is 1.
    """
    directions = torch.eye(5, dtype=torch.float64)[:3].clone()
    directions[1, 0] = (
        slant  # a child whose own direction is not orthogonal to the parent's
    )
    parent, child, other = directions
    latents = AMOUNTS.clone()
    latents[:, 0] = (AMOUNTS[:, 0] - delta * AMOUNTS[:, 1]).relu()
    return (
        sparse(latents),
        torch.stack([parent, child + delta * parent, other]),
        directions,
    )


def measured(
    active, w_dec, directions, *, pairs=PAIR, main=((True, False, False),), **options
):
    return true_absorption(
        active,
        w_dec,
        sparse(AMOUNTS),
        directions,
        pairs=pairs,
        main=torch.tensor(main),
        **options,
    )


@pytest.mark.parametrize("slant", [0.0, 0.6])
@pytest.mark.parametrize("delta", [0.0, 0.25, 0.75, 1.0])
def test_the_share_that_the_child_carries_is_delta(delta, slant):
    found = measured(*delta_family(delta, slant))
    amount = torch.tensor([1.0, 2.0], dtype=torch.float64)  # rows 2 and 3 have both
    assert found.row.tolist() == [2, 3]
    assert_close(found.amount, amount)
    assert_close(found.carried, delta / amount)
    assert_close(found.own, (amount - delta) / amount)
    assert found.absorbed.tolist() == [
        delta == 1,
        False,
    ]  # the larger parent still shows
    assert found.silent.tolist() == [delta == 1, False]
    assert delta == 0 or found.latent.tolist() == [1, 1]
    assert found.rate.tolist() == [0.5 if delta == 1 else 0]


def test_a_second_copy_of_the_parent_is_no_absorber():
    active, w_dec, directions = delta_family(0.0)
    main = (
        (False, False, True),
    )  # the wrong latent is called the parent's: its own is then a copy
    found = measured(active, w_dec, directions, main=main, of_the_child=0.6)
    assert found.silent.tolist() == [True, False]
    assert not found.absorbed.any()
    assert found.carried.abs().max() == 0


def test_a_pair_without_rows_or_without_own_latents_has_no_rate():
    active, w_dec, directions = delta_family(1.0)
    pairs = torch.tensor([[0, 1], [0, 1], [1, 0]])
    main = ((True, False, False), (False, False, False), (False, True, False))
    found = measured(active, w_dec, directions, pairs=pairs, main=main)
    assert_close(
        found.rate,
        torch.tensor([0.5, torch.nan, 0.0], dtype=found.rate.dtype),
        equal_nan=True,
    )
    assert not found.absorbed[found.pair == 1].any()
    none = true_absorption(
        active,
        w_dec,
        sparse(0 * AMOUNTS),
        directions,
        pairs=PAIR,
        main=torch.tensor([[True, False, False]]),
    )
    assert none.rate.isnan().all()
    assert len(none.row) == 0


def test_an_oracle_dictionary_absorbs_nothing():
    directions = torch.linalg.qr(normal(20, 20)).Q
    amounts = (normal(300, 20, seed=1) > 0.8).double() * normal(300, 20, seed=2).abs()
    pairs = torch.tensor([[0, 1], [2, 3], [2, 4]])
    main = torch.zeros(3, 20, dtype=torch.bool)
    main[torch.arange(3), pairs[:, 0]] = True
    features = sparse(amounts)
    found = true_absorption(
        features, directions, features, directions, pairs=pairs, main=main
    )
    assert found.rate.tolist() == [0, 0, 0]
    assert_close(found.own, torch.ones_like(found.own))
    assert_close(found.carried, torch.zeros_like(found.own))
    silent = Active(
        torch.zeros(301).int(),
        torch.zeros(0).int(),
        torch.zeros(0, dtype=torch.float64),
    )
    nothing = true_absorption(
        silent, directions, features, directions, pairs=pairs, main=main
    )
    assert nothing.silent.all()
    assert (nothing.latent == -1).all()
    assert not nothing.absorbed.any()


def slowly(active, w_dec, features, directions, pairs, main, share):
    latents, amounts, out = (
        dense(active, len(w_dec)),
        dense(features, len(directions)),
        [],
    )
    for pair, (p, c) in enumerate(pairs.tolist()):
        f, g = directions[p], directions[c]
        u = f - (f @ g) / (g @ g) * g
        u = u / (u @ u)
        on_child = amounts[:, c] > 0
        specific = latents[on_child].sum(0) >= 0.5 * latents.sum(0)
        for r in (on_child & (amounts[:, p] > 0)).nonzero()[:, 0].tolist():
            part = latents[r] * (w_dec @ u) / amounts[r, p]
            others = specific & ~main[pair] & (latents[r] > 0)
            quiet = bool((latents[r][main[pair]] < 1e-8).all())
            carried = float(part[others].sum())
            top = (
                int(part.masked_fill(~others, -torch.inf).argmax())
                if others.any()
                else -1
            )
            own = float(part[main[pair]].sum())
            out.append((r, pair, own, carried, quiet and carried >= share, top))
    return sorted(out)


def test_it_is_the_loop_over_pairs_and_rows():
    directions = torch.nn.functional.normalize(normal(9, 6), dim=1)
    amounts = (normal(200, 9, seed=1) > 0.3).double() * normal(200, 9, seed=2).abs()
    latents = torch.cat([amounts[:, :5], amounts[:, 5:7] * amounts[:, :2]], 1) * (
        normal(200, 7, seed=3) > -0.5
    )
    w_dec = directions[:7] + 0.5 * normal(7, 6, seed=4)
    pairs, main = (
        torch.tensor([[5, 0], [0, 5], [1, 6], [0, 5], [7, 6]]),
        normal(5, 7, seed=5) > 0.9,
    )
    main[1] = torch.arange(7) == 2
    active, features = sparse(latents), sparse(amounts)
    found = true_absorption(
        active, w_dec, features, directions, pairs=pairs, main=main, share=0.2
    )
    slow = slowly(active, w_dec, features, directions, pairs, main, 0.2)
    has_own = main.any(1)
    fast = sorted(
        zip(
            *(
                x.tolist()
                for x in (
                    found.row,
                    found.pair,
                    found.own,
                    found.carried,
                    found.absorbed,
                    found.latent,
                )
            ),
            strict=True,
        )
    )
    assert len(fast) == len(slow)
    for one, other in zip(fast, slow, strict=True):
        assert one[:2] == other[:2]
        assert_close(one[2:4], other[2:4])
        assert one[4] == (other[4] and bool(has_own[one[1]]))
        assert one[5] == other[5]
    assert found.absorbed.any()


def test_features_need_not_be_sorted_within_a_row():
    active, w_dec, directions = delta_family(1.0)
    features = sparse(AMOUNTS)
    shuffled = features._replace(
        latent=features.latent.clone(), value=features.value.clone()
    )
    for begin, end in zip(
        features.crow[:-1].tolist(), features.crow[1:].tolist(), strict=True
    ):
        shuffled.latent[begin:end] = features.latent[begin:end].flip(0)
        shuffled.value[begin:end] = features.value[begin:end].flip(0)
    main = torch.tensor([[True, False, False]])
    plain, other = (
        true_absorption(active, w_dec, f, directions, pairs=PAIR, main=main)
        for f in (features, shuffled)
    )
    assert_close(other.carried, plain.carried)
    assert_close(other.amount, plain.amount)


def test_the_gap_by_hand_and_for_many_pairs():
    parent = torch.tensor([True, True, True, True, False, False])
    child = torch.tensor([False, False, True, True, False, True])
    absorbed = torch.tensor([True, True, False, False, False, False])
    one = gap(absorbed, parent, child)
    assert (float(one.gap), float(one.recall_without), float(one.recall_with)) == (
        1,
        1,
        0,
    )
    assert (int(one.without), int(one.both)) == (2, 2)
    half = torch.tensor([True, False, True, True, True, True])
    many = gap(
        torch.stack([absorbed, half, parent], 1),
        *(x[:, None].expand(-1, 3) for x in (parent, child)),
    )
    assert many.gap.tolist() == [1, -0.5, 0]
    assert gap(absorbed, parent, parent & False).gap.isnan()


def test_the_gap_of_the_delta_family_is_one_at_one_and_zero_below():
    for delta, expected in ((0.0, 0.0), (0.5, 0.0), (1.0, 0.5)):
        fires = dense(delta_family(delta)[0], 3)[:, 0] > 0
        assert float(gap(fires, AMOUNTS[:, 0] > 0, AMOUNTS[:, 1] > 0).gap) == expected


def test_what_does_not_fit_is_refused():
    active, w_dec, directions = delta_family(1.0)
    with pytest.raises(ValueError, match="the same rows and one space"):
        measured(active._replace(crow=active.crow[:-1]), w_dec, directions)
    with pytest.raises(ValueError, match="direction other than its child's"):
        measured(active, w_dec, directions, pairs=torch.tensor([[1, 1]]))
    with pytest.raises(ValueError, match=r"pairs must be \[pair, 2\]"):
        measured(active, w_dec, directions, pairs=torch.tensor([[0, 1, 2]]))
