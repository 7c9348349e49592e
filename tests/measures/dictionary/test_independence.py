"""Components that have settled, and some that have not."""

from typing import Any

import pytest
import torch

from saecore.measures.dictionary.independence import unsettled
from saecore.zoo.baselines import ica, pca


@pytest.fixture(scope="module")
def rows():
    draw = torch.Generator().manual_seed(2)
    heavy = torch.rand(8000, 6, generator=draw) ** 4 * (
        torch.rand(8000, 6, generator=draw) < 0.3
    )
    return heavy @ torch.randn(6, 6, generator=draw) + 2.0


def test_sources_that_were_found_have_settled(rows):
    assert float(unsettled(ica(rows), rows, 6).max()) < 1e-3


def test_principal_components_of_the_same_rows_have_not(rows):
    assert float(unsettled(pca(rows), rows, 6).max()) > 0.02


def test_a_step_is_that_of_scikit_learn(rows):
    from sklearn.decomposition import FastICA

    axes = pca(rows)
    read = (rows - rows.mean(0)) @ axes.W_enc[:, :6]
    white = ((read - read.mean(0)) / read.std(0, correction=0)).numpy()
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        unwhitened: Any = False  # which its annotation leaves out
        one = FastICA(
            whiten=unwhitened,
            max_iter=1,
            w_init=torch.eye(6).double().numpy(),
            tol=1e-9,
        ).fit(white.astype("float64"))
    expected = 1 - torch.from_numpy(one.components_).diagonal().abs()
    torch.testing.assert_close(unsettled(axes, rows, 6), expected, rtol=1e-3, atol=1e-5)
