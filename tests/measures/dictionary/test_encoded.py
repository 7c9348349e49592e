"""A dictionary is encoded once, by whichever way it has, and measured in slices."""

import pytest
import torch

from saecore.measures.dictionary import encoded as module
from saecore.measures.dictionary.encoded import (
    encoded,
    mean_square,
    pair,
    part,
    residual,
    row_chunks,
    variance,
)
from saecore.measures.dictionary.fidelity import fvu
from saecore.measures.dictionary.nulls import Weights
from saecore.sparse import dense, sparse


class Sparsely(Weights):
    """The same dictionary, with a way of its own to encode."""

    def encode_sparse(self, x):
        return sparse(self.encode(x))


@pytest.fixture
def rows():
    return torch.randn(50, 8, generator=torch.Generator().manual_seed(1)) + 1


@pytest.fixture
def dictionary():
    generator = torch.Generator().manual_seed(2)
    weights = (torch.randn(8, 20, generator=generator) for _ in range(2))
    encoder, decoder = weights
    return Weights(encoder, decoder.T.contiguous())


def test_activations_are_those_of_the_dense_encoder(rows, dictionary, monkeypatch):
    latents = dictionary.encode(rows)
    whole = encoded(dictionary, rows)
    monkeypatch.setattr(module, "CHUNK_ENTRIES", 60)
    for found in (whole, encoded(dictionary, rows)):
        torch.testing.assert_close(dense(found.active, 20), latents)
    assert (whole.width, whole.rows) == (20, 50)
    assert whole.l0 == pytest.approx(float((latents != 0).sum()) / 50)
    assert whole.fired.tolist() == (latents != 0).sum(0).tolist()


def test_a_dictionary_that_encodes_sparsely_is_asked_to(rows, dictionary):
    found = encoded(Sparsely(dictionary.W_enc, dictionary.W_dec), rows)
    torch.testing.assert_close(found.active, encoded(dictionary, rows).active)


def test_the_residual_is_what_the_reconstruction_leaves(rows, dictionary):
    one = encoded(dictionary, rows)
    said = dictionary.decode(dictionary.encode(rows))
    torch.testing.assert_close(residual(one, rows), rows - said)
    share = mean_square(residual(one, rows)) / variance(rows)
    assert share == pytest.approx(fvu(rows, said), rel=1e-5)


def test_a_slice_of_rows_is_a_slice_of_the_dense_array(rows, dictionary):
    active = encoded(dictionary, rows).active
    expected = dense(active, 20)[7:19]
    torch.testing.assert_close(dense(part(active, slice(7, 19)), 20), expected)


@pytest.mark.parametrize("together", [1, 5])
def test_slices_in_turn_are_all_rows_in_whole_blocks(
    rows, dictionary, together, monkeypatch
):
    monkeypatch.setattr(module, "CHUNK_ENTRIES", 100)
    active = encoded(dictionary, rows).active
    found = list(row_chunks(active, 20, together))
    assert len(found) > 1
    assert all((where.stop - where.start) % together == 0 for where, _ in found)
    whole = torch.cat([dense(piece, 20) for _, piece in found])
    torch.testing.assert_close(whole, dense(active, 20))


def test_rows_of_another_site_and_other_rows_are_refused(rows, dictionary):
    with pytest.raises(ValueError, match=r"its d_model is 8, but the rows have"):
        encoded(dictionary, rows[:, :5])
    fewer = encoded(dictionary, rows[:9])
    with pytest.raises(ValueError, match=r"was encoded on \(9, 8\): call `encoded`"):
        pair(fewer, dictionary, rows)


def test_of_a_pair_what_the_first_leaves_comes_along(rows, dictionary):
    first, second, left = pair(dictionary, encoded(dictionary, rows), rows)
    torch.testing.assert_close(first.active, second.active)
    torch.testing.assert_close(left, residual(first, rows))
