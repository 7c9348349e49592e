"""sparsify's folders and objects, and its transcoders refused."""

import pytest
import torch

from saecore import open_sae


def test_a_folder_is_topk_and_says_where_it_was_trained(
    sparsify_folder, weights, plainly, equal
):
    sae = open_sae(sparsify_folder())
    equal(sae, plainly("topk", weights("topk")))
    assert sae.metadata["hook_name"] == "blocks.1.hook_resid_post"
    assert sae.metadata["model_name"] == "EleutherAI/pythia-160m"


def test_groupmax_keeps_the_largest_of_each_group(sparsify_folder, weights, rows):
    w = weights("topk")
    sae = open_sae(sparsify_folder(activation="groupmax"))
    pre = ((rows - w["b_dec"]) @ w["W_enc"] + w["b_enc"]).relu()
    expected = torch.zeros_like(pre)
    for group in range(4):
        inside = slice(10 * group, 10 * group + 10)
        best = pre[:, inside].max(1)
        expected[torch.arange(100), 10 * group + best.indices] = best.values
    torch.testing.assert_close(sae.encode(rows), expected, rtol=1e-4, atol=1e-3)
    said = expected @ w["W_dec"] + w["b_dec"]
    torch.testing.assert_close(sae(rows), said, rtol=1e-4, atol=1e-2)
    assert int((sae.encode_sparse(rows).value <= 0).sum()) == 0


def test_an_object_gives_all_its_latents(sparse_coder, weights, plainly, equal, rows):
    coder = sparse_coder(weights("topk"))
    sae = open_sae(coder)
    equal(sae, plainly("topk", weights("topk")))
    with torch.no_grad():
        acts, latents, _ = coder.encode(rows)
        torch.testing.assert_close(
            sae(rows), coder.decode(acts, latents), rtol=1e-4, atol=1e-2
        )


def test_an_object_that_computes_something_else_is_not_read_by_its_weights(
    sparse_coder, weights, rows
):
    coder = sparse_coder(weights("topk"))
    coder.decode = lambda acts, latents: torch.zeros(8, 16)
    with pytest.raises(ValueError, match="this SparseCoder does not"):
        open_sae(coder)
    coder.encode = lambda x: coder.encoder(x).relu()
    coder.decode = lambda z: z @ coder.W_dec
    with torch.no_grad():
        expected = coder.decode(coder.encode(rows))
    torch.testing.assert_close(open_sae(coder)(rows), expected, rtol=1e-4, atol=1e-2)


@pytest.mark.parametrize("cfg", [{"transcode": True}, {"skip_connection": True}])
def test_transcoders_are_refused(sparsify_folder, cfg):
    with pytest.raises(ValueError, match="is a transcoder"):
        open_sae(sparsify_folder(**cfg))


@pytest.mark.parametrize(
    ("cfg", "sentence"),
    [
        ({"activation": "relu"}, "this one has relu"),
        ({"signed": True}, "this one has signed topk"),
        ({"k": 0}, "k = 0: correct it"),
        ({"activation": "groupmax", "k": 3}, "40 latents and k = 3"),
    ],
)
def test_what_it_would_misread_is_refused(sparsify_folder, cfg, sentence):
    with pytest.raises(ValueError, match=sentence):
        open_sae(sparsify_folder(**cfg))


def test_a_skip_of_weights_is_refused(sparsify_folder, weights):
    with pytest.raises(ValueError, match="is a transcoder"):
        open_sae(sparsify_folder(weights("topk") | {"W_skip": torch.eye(16)}))


def test_a_run_of_several_sites_is_told_to_name_one(sparsify_folder):
    with pytest.raises(ValueError, match=r"holds 1 \(layers\.1\): give the folder of"):
        open_sae(sparsify_folder().parent)
