"""LEACE and the mean difference against closed forms; shrinkage against the truth."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from saecore.measures.editing import erasure


@pytest.fixture
def rows():
    generator = torch.Generator().manual_seed(3)
    label = torch.rand(4000, generator=generator) < 0.4
    mix = torch.randn(12, 12, generator=generator, dtype=torch.float64)
    x = torch.randn(4000, 12, generator=generator, dtype=torch.float64) @ mix
    return x + label[:, None] * torch.randn(
        12, generator=generator, dtype=torch.float64
    ) + 3.0, label


def covariance(x, label):
    return (x - x.mean(0)).T @ (label.double() - label.double().mean()) / len(x)


def closed_form(x, label):
    """r(x) = x - W+ P W (x - E x) as written, with matrix roots and pseudo-inverses
    from scipy.
    """
    from scipy.linalg import pinv, sqrtm

    x, z = x.numpy(), np.eye(int(label.max()) + 1)[label.long().numpy()]
    centred = x - x.mean(0)
    w = np.real(pinv(sqrtm(centred.T @ centred / len(x)), rtol=1e-6))
    whitened = w @ (centred.T @ (z - z.mean(0)) / len(x))
    p = whitened @ pinv(whitened, rtol=1e-9)
    return torch.from_numpy(x - centred @ (pinv(w, rtol=1e-6) @ p @ w).T)


def many_labels(x):
    """Four labels, each with a mean of its own."""
    label = torch.arange(len(x)) % 4
    return x + 2 * torch.randn(
        4, 12, generator=torch.Generator().manual_seed(1), dtype=x.dtype
    )[label], label


@pytest.mark.parametrize("labels", [2, 4])
@pytest.mark.parametrize("singular", [False, True])
def test_leace_equals_the_closed_form_with_matrix_roots_from_scipy(
    rows, labels, singular
):
    x, label = rows if labels == 2 else many_labels(rows[0])
    if singular:  # 12 dimensions of 17
        mix = torch.randn(
            12, 5, generator=torch.Generator().manual_seed(6), dtype=torch.float64
        )
        x = torch.cat([x, x @ mix], 1)
    erased = erasure.leace(x, label)(x)
    assert_close(erased, closed_form(x, label), rtol=1e-6, atol=1e-6)
    assert (erased - x).norm(dim=1).mean() > 0.1


def test_after_leace_no_linear_probe_tells_the_label(rows):
    from sklearn.linear_model import LogisticRegression

    x, label = rows
    erased = erasure.leace(x, label)(x)
    assert_close(
        covariance(erased, label),
        torch.zeros(12, dtype=torch.float64),
        rtol=0,
        atol=1e-9,
    )
    probe = LogisticRegression(C=1e6, max_iter=2000).fit(erased.numpy(), label.numpy())
    assert probe.score(erased.numpy(), label.numpy()) == pytest.approx(
        1 - label.double().mean().item()
    )


def test_leace_makes_the_smallest_edit_of_those_that_erase(rows):
    x, label = rows

    def cost(eraser):
        return float((eraser(x) - x).square().sum(1).mean())

    direction = covariance(
        x, label
    )  # projecting out the cross-covariance erases as well
    other = erasure.along(direction, centre=x.mean(0))
    assert_close(
        covariance(other(x), label),
        torch.zeros(12, dtype=torch.float64),
        rtol=0,
        atol=1e-9,
    )
    assert cost(erasure.leace(x, label)) < cost(other)


def test_leace_of_many_labels_has_rank_one_less(rows):
    x, label = many_labels(rows[0])
    eraser = erasure.leace(x, label)
    assert eraser.left.shape[1] == 3
    means = torch.stack([eraser(x)[label == i].mean(0) for i in range(4)])
    assert_close(means, means[:1].expand(4, 12), rtol=1e-8, atol=1e-8)


def test_leace_copes_with_rows_that_do_not_fill_the_space(rows):
    x, label = rows
    flat = torch.cat([x, x[:, :3]], 1)
    erased = erasure.leace(flat, label)(flat)
    assert_close(erased[:, :12], erasure.leace(x, label)(x), rtol=1e-5, atol=1e-5)


def test_what_carries_no_label_is_left_alone(rows):
    x, _ = rows
    paired = torch.cat([x, x])
    unrelated = torch.cat([torch.zeros(len(x)), torch.ones(len(x))]).bool()
    assert_close(erasure.leace(paired, unrelated)(paired), paired)


def test_the_mean_difference_leaves_two_equal_means(rows):
    x, label = rows
    erased = erasure.mean_difference(x, label)(x)
    assert_close(erased[label].mean(0), erased[~label].mean(0))


def test_projecting_out_a_direction_leaves_nothing_along_it(rows):
    x, _ = rows
    direction = torch.arange(12, dtype=torch.float64)
    assert_close(
        erasure.along(direction)(x) @ direction,
        torch.zeros(len(x), dtype=torch.float64),
        atol=1e-9,
        rtol=0,
    )
    unit = direction / direction.norm()
    assert_close((erasure.along(direction)(x) - x).norm(dim=1), (x @ unit).abs())


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (torch.ones(3), "4000 rows came with 3 labels"),
        (torch.ones(4000), "all rows have the same"),
    ],
)
def test_labels_that_cannot_be_erased_are_refused(rows, label, message):
    with pytest.raises(ValueError, match=message):
        erasure.leace(rows[0], label.bool())


def test_a_zero_direction_is_refused():
    with pytest.raises(ValueError, match="must not be zero"):
        erasure.along(torch.zeros(3))


def test_a_direction_that_tells_the_label_is_half_from_chance(rows):
    x, label = rows[0].clone(), rows[1]
    x[:, 7] = label * (1 + torch.rand(len(x), dtype=x.dtype))
    assert erasure.spread(x, label, torch.eye(12, dtype=x.dtype))[7] == 0.5


def test_the_auroc_of_a_column_may_lie_below_half_and_ties_are_no_news(rows):
    label = torch.tensor([True, True, False, False])
    values = torch.tensor([[0.0, 1.0], [0.0, 1.0], [2.0, 1.0], [3.0, 1.0]])
    assert erasure.auroc_from_half(values, label).tolist() == [0.5, 0.0]


def test_erasers_without_a_dictionary_are_those_of_the_functions_that_make_them(rows):
    x, label = rows
    axes = torch.eye(12, dtype=x.dtype)
    found = erasure.without_dictionary(
        x, label, axes, generator=torch.Generator().manual_seed(0)
    )
    assert_close(found["LEACE"](x), erasure.leace(x, label)(x))
    assert_close(found["LEACE, shrunk"](x), erasure.leace(x, label, shrink=True)(x))
    assert_close(found["mean difference"](x), erasure.mean_difference(x, label)(x))
    best = int(erasure.spread(x, label, axes).argmax())
    assert_close(found["PCA axis"](x), erasure.along(axes[best], centre=x.mean(0))(x))
    for eraser in found.values():
        assert_close(eraser(x).mean(0), x.mean(0))


def spiked(rows, seed=0):
    """Few rows of 60 dimensions whose variances are 1 and, in five of them, 20; and the
    true covariance.
    """
    scale = torch.ones(60, dtype=torch.float64)
    scale[:5] = 20.0
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(
        rows, 60, generator=generator, dtype=torch.float64
    ) * scale.sqrt(), torch.diag(scale)


def test_a_shrunk_covariance_is_nearer_to_the_truth_and_keeps_the_trace():
    for seed in range(5):
        x, truth = spiked(40, seed)
        plain = x.T @ x / len(x)
        better = erasure.shrunk(plain, len(x))
        assert (better - truth).norm() < (plain - truth).norm()
        assert_close(better.trace(), plain.trace())
        assert (
            torch.linalg.eigvalsh(better).min()
            > 0
            > torch.linalg.eigvalsh(plain).min() - 1e-9
        )


def test_shrinkage_is_the_linear_one_that_misses_a_white_truth_least():
    """For white rows the best target is the identity itself; for endless rows the
    sample needs no help.
    """
    x = torch.randn(
        50, 60, generator=torch.Generator().manual_seed(0), dtype=torch.float64
    )
    white = erasure.shrunk(x.T @ x / 50, 50)
    assert (white - torch.eye(60)).norm() < 0.2 * (x.T @ x / 50 - torch.eye(60)).norm()
    plain = spiked(40)[1]
    assert_close(erasure.shrunk(plain, 10**9), plain, rtol=1e-6, atol=1e-6)
    assert_close(erasure.shrunk(2 * torch.eye(4), 3), 2 * torch.eye(4))


def test_shrunk_leace_leaves_no_covariance_either_and_moves_new_rows_less():
    x, _ = spiked(70)
    label = torch.arange(70) % 2 == 0
    x = x + label[:, None] * torch.nn.functional.pad(
        torch.ones(1, dtype=torch.float64), (10, 49)
    )
    new, _ = spiked(500, seed=9)
    plain, shrunk = erasure.leace(x, label), erasure.leace(x, label, shrink=True)
    assert_close(
        covariance(shrunk(x), label),
        torch.zeros(60, dtype=torch.float64),
        rtol=0,
        atol=1e-9,
    )
    assert (shrunk(new) - new).norm(dim=1).mean() < 0.7 * (plain(new) - new).norm(
        dim=1
    ).mean()
