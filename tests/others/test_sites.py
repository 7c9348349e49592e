"""Names of sites in everybody's terms, and sites that are no residual stream."""

import pytest

from saecore import open_sae
from saecore.others.sites import StreamSite, stream_site, stream_site_of


@pytest.mark.parametrize(
    ("name", "layer", "kind"),
    [
        ("blocks.8.hook_resid_pre", 8, "resid_pre"),
        ("blocks.8.hook_resid_post", 8, "resid_post"),
        ("blocks.8.hook_in", 8, "resid_pre"),
        ("blocks.8.hook_out", 8, "resid_post"),
        ("blocks.8", 8, "resid_post"),
        ("model.layers.8", 8, "resid_post"),
        ("transformer.h.11", 11, "resid_post"),
        ("gpt_neox.layers.0", 0, "resid_post"),
        ("layers.8", 8, "resid_post"),
        ("resid_post_layer_3", 3, "resid_post"),
        ("resid_pre_layer_3", 3, "resid_pre"),
    ],
)
def test_one_parser_knows_them_all(name, layer, kind):
    site = stream_site(name)
    assert site == StreamSite(layer, kind)
    assert site.hook_name == f"blocks.{layer}.hook_{kind}"


@pytest.mark.parametrize(
    "name",
    [
        "blocks.8.hook_mlp_out",
        "blocks.8.attn.hook_z",
        "blocks.8.hook_resid_mid",
        "model.layers.8.mlp",
        "transformer.h.8.attn",
        "mlp_out_layer_3",
        "hook_embed",
        "",
        "layer8",
    ],
)
def test_other_places_are_refused_by_name(name):
    with pytest.raises(ValueError, match=r"residual stream between blocks .* site is"):
        stream_site(name)


def test_before_a_block_is_after_the_one_below():
    assert stream_site("blocks.8.hook_resid_pre").post_layer == 7
    assert stream_site("blocks.8.hook_resid_post").post_layer == 8
    assert stream_site("blocks.0.hook_resid_pre").post_layer is None


def test_a_layer_that_the_model_lacks_is_refused():
    assert stream_site("layers.3", layers=4).layer == 3
    with pytest.raises(ValueError, match=r"layer 4, but the model has layers 0 to 3"):
        stream_site("layers.4", layers=4)


def test_an_opened_sae_knows_its_site(saelens_folder, sparsify_folder, gemma_params):
    assert stream_site_of(open_sae(saelens_folder())) == StreamSite(1, "resid_pre")
    for what in (sparsify_folder(), gemma_params()):
        assert stream_site_of(open_sae(what), layers=2) == StreamSite(1, "resid_post")
    with pytest.raises(ValueError, match="this one states no hook_name"):
        stream_site_of(open_sae(saelens_folder(metadata={})))
