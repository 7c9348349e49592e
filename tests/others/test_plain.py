"""Settings folded into weights, and weights that cannot be an SAE."""

import pytest
import torch

from saecore.others.plain import checked_finite, needs, plain_sae


@pytest.mark.parametrize("architecture", ["standard", "topk", "jumprelu", "gated"])
def test_folding_leaves_the_rows_as_they_are(weights, plainly, equal, architecture):
    w = weights(architecture)
    sae = plain_sae(architecture, w, k=4, metadata={}, subtracts_b_dec=False)
    equal(sae, plainly(architecture, w, subtract=False))


@pytest.mark.parametrize("architecture", ["standard", "gated"])
def test_norms_move_from_the_decoder_to_the_encoder(
    weights, plainly, rows, architecture
):
    w = weights(architecture)
    sae = plain_sae(architecture, w, metadata={}, by_decoder_norm=True)
    torch.testing.assert_close(sae.W_dec.norm(dim=1), torch.ones(40))
    plain = plainly(architecture, w)
    z = plain.encode(rows)
    norm = w["W_dec"].norm(dim=1)
    torch.testing.assert_close(
        sae.encode(rows), (z * norm).float(), rtol=1e-3, atol=1e-2
    )
    torch.testing.assert_close(sae(rows), plain.decode(z).float(), rtol=1e-3, atol=1e-2)


def test_nothing_to_fold_changes_no_bit(weights):
    w = weights()
    sae = plain_sae("standard", w, metadata={"hook_name": "h"})
    assert all(torch.equal(sae.weights[name], one) for name, one in w.items())
    assert sae.metadata == {"hook_name": "h", "stored_dtype": "float32"}


def test_what_is_no_sae_is_refused(weights):
    with pytest.raises(ValueError, match="W_enc holds 1 that are not"):
        checked_finite({"W_enc": torch.tensor([1.0, torch.inf])})
    with pytest.raises(ValueError, match="b is missing and c has no use"):
        needs({"a": torch.ones(1), "c": torch.ones(1)}, ("a", "b"), "a thing")
    with pytest.raises(ValueError, match="k = True"):
        plain_sae("topk", weights("topk"), k=True, metadata={})
    with pytest.raises(ValueError, match="must have shape"):
        plain_sae("standard", weights() | {"b_enc": torch.ones(3)}, metadata={})
