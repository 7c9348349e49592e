"""Sweeps: every combination, once, and one sentence for what is none."""

from pathlib import Path

import pytest

from saecore.claims.sites import model_site
from saecore.profiles import TINY, WorldProfile, read
from saecore.scale.sweep import read_sweep
from saecore.source.model.language_model import identify
from saecore.source.worlds.world import World


def swept(folder: Path, text: str):
    file = folder / "sweep.toml"
    file.write_text(text)
    return read_sweep(file)


def test_models_layers_seeds_and_fields_are_combined(tmp_path):
    text = """
    [[sae]]
    model = "tiny"
    layer = [0, 2]
    world_seed = [0, 7]
    architecture = ["topk", "batchtopk"]
    width = 96
    seed = [0, 1, 2]
    """
    (table,) = swept(tmp_path, text)
    texts = {model_site(read("tiny", world_seed=seed)).source for seed in (0, 7)}
    assert len(table.recipes) == len(set(table.recipes)) == 2 * 2 * 2 * 3
    assert {one.site.layer for one in table.recipes} == {0, 2}
    assert {one.site.source for one in table.recipes} == texts
    assert {one.width for one in table.recipes} == {96}
    assert table.machine == ("cpu", 1)
    assert table.places == {identify(TINY): TINY}


def test_what_is_left_out_is_the_profiles(tmp_path):
    tiny, world = swept(tmp_path, '[[sae]]\n[[sae]]\nmodel = "world"\n')
    (one,), (other,) = tiny.recipes, world.recipes
    profile, sizes = read("tiny"), WorldProfile()
    for recipe, usual in ((one, profile), (other, sizes)):
        assert (recipe.architecture, recipe.seed) == ("topk", 0)
        usually = (usual.width, usual.k, usual.rows)
        assert (recipe.width, recipe.k, recipe.rows) == usually
    assert one.site.layer == profile.layer
    assert other.site.source == World()


def test_a_world_and_a_machine_may_be_said(tmp_path):
    text = """
    [[sae]]
    model = "world"
    world = { d_model = 32 }
    sample_rows = 5000
    k = 4
    device = "cuda"
    shards = 2
    """
    (table,) = swept(tmp_path, text)
    (one,) = table.recipes
    assert one.site.source == World(d_model=32)
    assert (one.site.rows, one.k) == (5000, 4)
    assert table.machine == ("cuda", 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[sae]", "a sweep is a TOML file"),
        ("", "holds nothing"),
        ("width = 3", "holds 'width'"),
        ("[[sae]]\nwidht = 3", "but widht was asked for"),
        ('[[sae]]\nmodel = "gpt5"', "'tiny' or the folder"),
        ('[[sae]]\nmodel = "world"\nlayer = 1', "a world has no layers"),
        ('[[sae]]\ndevice = "tpu"', "cpu or cuda"),
        ("[[sae]]\nshards = 0", "shards must be"),
        ("[[sae]]\nwidth = 3\nk = 4", "k must be above 0 and at most the width"),
        ('[[sae]]\nwidth = "3"', "width is int, but '3' was asked for"),
        ("[[sae]]\nseed = [0, 1.5]", "seed is int, but 1.5 was asked for"),
        ("[[sae]]\nseed = true", "seed is int, but True was asked for"),
        ("[[sae]]\nsample_rows = 0.5", "sample_rows is int, but 0.5 was asked for"),
        ("[[sae]]\nmodel = 3", "model is str, but 3 was asked for"),
        ('[[sae]]\nmodel = "world"\nworld = {d = 1}', "d was asked for of a world"),
    ],
)
def test_what_is_no_sweep_is_refused_in_a_sentence(tmp_path, text, said):
    with pytest.raises(ValueError, match=said) as refusal:
        swept(tmp_path, text)
    assert "\n" not in str(refusal.value).strip()
