"""Zero ablation and projection of the latent that carries a planted label."""

import pytest
import torch
from torch.testing import assert_close

from saecore.measures.dictionary.nulls import Weights
from saecore.measures.editing import erasure, latent_erasure


@pytest.fixture
def rows():
    """Rows of 12 dimensions, and a label to be planted in one of them."""
    generator = torch.Generator().manual_seed(3)
    label = torch.rand(4000, generator=generator) < 0.4
    return torch.randn(4000, 12, generator=generator, dtype=torch.float64), label


def planted(rows):
    x, label = rows
    w = torch.eye(12, dtype=torch.float64)
    x = torch.rand(
        len(x), 12, generator=torch.Generator().manual_seed(5), dtype=torch.float64
    )
    x[:, 7] = label * (1 + x[:, 7])
    return Weights(w, w), x, label


def test_the_latent_that_carries_the_label_comes_first(rows):
    dictionary, x, label = planted(rows)
    chosen = latent_erasure.telling_latents(dictionary, x, label, count=4)
    assert len(chosen) == 4
    assert chosen[0] == 7


def test_a_subtracted_latent_changes_only_the_rows_in_which_it_fires(rows):
    dictionary, x, label = planted(rows)
    erased = latent_erasure.subtracted(dictionary, torch.tensor([7]))(
        x.view(40, 100, 12)
    ).view(-1, 12)
    assert_close(erased[~label], x[~label])
    assert_close(erased[:, 7], torch.zeros(len(x), dtype=torch.float64))
    assert_close(erased[:, :7], x[:, :7])


def test_the_best_latent_is_the_one_whose_removal_hurts_the_task_most(rows):
    dictionary, x, label = planted(rows)

    def right(eraser):
        return 1 - float((eraser(x) - x)[label].norm(dim=1).mean() > 0.5)

    found = latent_erasure.erasing_latent(dictionary, x, label, right, count=3)
    assert set(found) == {"subtracted", "projected"}
    assert found["subtracted"].latent == 7
    assert found["subtracted"].right == right(found["subtracted"].eraser) == 0
    assert latent_erasure.stronger(found) is min(
        found["subtracted"], found["projected"], key=lambda one: one.right
    )
    assert_close(
        found["projected"].eraser(x),
        erasure.along(dictionary.W_dec[found["projected"].latent])(x),
    )
