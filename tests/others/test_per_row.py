"""SAEs that normalise rows: their units, and every measure that decodes."""

import pytest
import torch

from saecore import open_sae
from saecore.measures.dictionary.encoded import encoded, residual
from saecore.measures.dictionary.fidelity import fidelity, fvu, splice
from saecore.measures.dictionary.row_units import rebuilt
from saecore.measures.editing.latent_erasure import subtracted
from saecore.measures.stitching.insertion import insertions
from saecore.shapes import Dictionary, RowScaled
from saecore.sparse import dense


@pytest.fixture(params=["layer_norm", "constant_norm_rescale"])
def sae(request, saelens_folder):
    return open_sae(saelens_folder("topk", normalize_activations=request.param))


def test_it_is_a_row_scaled_dictionary(sae):
    assert isinstance(sae, RowScaled)
    assert isinstance(sae, Dictionary)
    with pytest.raises(ValueError, match=r"call decode\(latents, x\)"):
        sae.decode(torch.zeros(1, 40))


def test_batches_of_sequences_are_rows_in_a_row(sae, rows):
    stream = rows.view(4, 25, 16)
    assert torch.equal(sae.encode(stream).flatten(0, 1), sae.encode(rows))
    torch.testing.assert_close(sae(stream).flatten(0, 1), sae(rows))
    torch.testing.assert_close(dense(sae.encode_sparse(rows), 40), sae.encode(rows))


def test_reconstruction_residual_and_error_are_its_own(sae, rows):
    said = sae(rows)
    torch.testing.assert_close(rebuilt(sae, rows), said)
    left = residual(encoded(sae, rows), rows)
    torch.testing.assert_close(left, rows - said, rtol=1e-4, atol=1e-3)
    assert fidelity(sae, rows).fvu == pytest.approx(fvu(rows, said), rel=1e-5)
    spliced = splice(sae)(rows.view(4, 25, 16))
    torch.testing.assert_close(spliced[:, 1:].flatten(0, 1), sae(spliced_rows(rows)))


def spliced_rows(rows: torch.Tensor) -> torch.Tensor:
    return rows.view(4, 25, 16)[:, 1:].flatten(0, 1)


def test_the_erased_latent_is_gone_from_the_reconstruction(sae, rows):
    z = sae.encode(rows)
    latent = int((z > 0).sum(0).argmax())
    without = z.clone()
    without[:, latent] = 0
    change = sae.decode(z, rows) - sae.decode(without, rows)
    erased = subtracted(sae, torch.tensor([latent]))(rows)
    torch.testing.assert_close(rows - erased, change, rtol=1e-3, atol=1e-3)


def test_an_inserted_latent_changes_the_error_as_it_says(sae, rows, saelens_folder):
    other = open_sae(saelens_folder("gated", normalize_activations=sae.normalization))
    found = insertions(other, sae, rows)
    latent = int(found.fired.argmax())
    before = rows - other(rows)
    z = torch.zeros(100, 40)
    z[:, latent] = sae.encode(rows)[:, latent]
    added = sae.decode(z, rows) - sae.decode(torch.zeros(100, 40), rows)
    error = [part.square().sum(1).mean() for part in (before, before - added)]
    assert float(found.effect[latent]) == pytest.approx(
        float(error[1] - error[0]), rel=1e-3
    )


def test_rows_without_spread_are_refused(sae):
    with pytest.raises(ValueError, match="2 of these rows have none"):
        sae.encode(torch.zeros(2, 16))


def test_another_device_is_the_same_sae(sae, rows):
    torch.testing.assert_close(sae.to("cpu")(rows), sae(rows))
