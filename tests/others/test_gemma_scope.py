"""Gemma Scope's params.npz, where it lies, and what is none."""

import numpy as np
import pytest
import torch

from saecore import open_sae


def test_it_is_a_jumprelu_that_reads_rows_as_they_are(
    gemma_params, weights, plainly, equal
):
    path = gemma_params()
    for what in (path, path.parent, str(path)):
        sae = open_sae(what)
        equal(sae, plainly("jumprelu", weights("jumprelu"), subtract=False))
    assert sae.metadata["hook_name"] == "blocks.1.hook_resid_post"
    assert sae.metadata["model_name"] == "google/gemma-2-2b"


@pytest.mark.parametrize(
    ("repo", "hook", "model"),
    [
        ("gemma-scope-9b-it-res", "blocks.1.hook_resid_post", "google/gemma-2-9b-it"),
        ("gemma-scope-2b-pt-att", "blocks.1.attn.hook_z", "google/gemma-2-2b"),
        ("gemma-scope-2b-pt-mlp", "blocks.1.hook_mlp_out", "google/gemma-2-2b"),
    ],
)
def test_the_path_says_site_and_model(gemma_params, repo, hook, model):
    metadata = open_sae(gemma_params(repo)).metadata
    assert (metadata["hook_name"], metadata["model_name"]) == (hook, model)


def test_transcoders_and_other_arrays_are_refused(gemma_params):
    with pytest.raises(ValueError, match="is a transcoder"):
        open_sae(gemma_params("gemma-scope-2b-pt-transcoders"))
    with pytest.raises(ValueError, match="W_skip has no use"):
        open_sae(gemma_params(W_skip=np.eye(16)))


def test_damaged_and_pickled_files_are_refused(gemma_params, tmp_path):
    path = gemma_params(b_dec2=np.array([object()]))
    with pytest.raises(ValueError, match="must be a whole file of plain arrays"):
        open_sae(path)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(ValueError, match="must be a whole file of plain arrays"):
        open_sae(path)


def test_nan_weights_are_refused(tmp_path, weights):
    w = weights("jumprelu") | {"W_dec": torch.full((40, 16), float("nan"))}
    np.savez(tmp_path / "params.npz", **{n: one.numpy() for n, one in w.items()})
    with pytest.raises(ValueError, match="W_dec holds 640 that are not"):
        open_sae(tmp_path / "params.npz")
