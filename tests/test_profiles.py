"""Profiles: the shipped one, any model's folder, and sentences about what is
neither.
"""

import json

import pytest

from saecore.profiles import TINY, read


def test_the_shipped_profile_is_the_shipped_model():
    profile = read("tiny", world_seed=3)
    assert profile.folder == TINY
    assert profile.world_seed == 3
    assert profile.layer in profile.layers
    assert profile.width in profile.widths
    assert profile.k in profile.ks


def test_a_folder_of_another_model_gets_its_middle_layer_and_widths_by_its_size(
    tmp_path,
):
    (tmp_path / "config.json").write_text(json.dumps({"n_layer": 12, "n_embd": 768}))
    profile = read(str(tmp_path))
    assert (profile.layer, profile.widths) == (5, (768, 3072, 12288))
    assert profile.layers == (0, 5, 8, 11)


def test_a_name_that_is_neither_is_refused():
    with pytest.raises(ValueError, match="'tiny' or the folder"):
        read("gpt-none")
