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


def test_rows_of_a_users_model_are_read_in_bfloat16_if_the_user_says_so(tmp_path):
    sizes = json.dumps({"n_layer": 4, "n_embd": 64})
    (tmp_path / "config.json").write_text(sizes)
    plain, half = read(str(tmp_path)), read(f"{tmp_path}@bfloat16", world_seed=1)
    assert (plain.dtype, plain.said) == ("float32", str(tmp_path))
    assert (half.dtype, half.said) == ("bfloat16", f"{tmp_path}@bfloat16")
    assert half.folder == plain.folder
    assert read("tiny").said == "tiny"
    with pytest.raises(ValueError, match="float32 or bfloat16"):
        read(f"{tmp_path}@float16")


def test_a_folder_may_have_an_at_sign_in_its_name(tmp_path):
    folder = tmp_path / "model@bfloat16"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"n_layer": 4, "n_embd": 64}))
    assert read(str(folder)).dtype == "float32"


def test_the_shipped_model_is_read_in_float32():
    assert read("tiny").dtype == "float32"
    with pytest.raises(ValueError, match="'tiny' or the folder"):
        read("tiny@bfloat16")


def test_smollm2_has_sizes_of_its_own_and_is_not_fetched_by_naming_it(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("SAECORE_FETCHED", str(tmp_path))
    named, hub = read("smollm2", world_seed=2), read("HuggingFaceTB/SmolLM2-135M")
    assert list(tmp_path.iterdir()) == []
    assert (named.folder, named.said) == (tmp_path / "smollm2", "smollm2")
    assert hub.folder.name == "HuggingFaceTB--SmolLM2-135M"
    assert read(hub.said) == hub
    assert (named.dtype, named.text, named.world_seed) == ("bfloat16", "english", 2)
    assert max(named.lengths) >= 10 * min(named.lengths)
    assert named.word_place == (576, 8)
    assert named.less_text == (2,)


def test_words_follow_the_profile_unless_it_says_otherwise():
    tiny = read("tiny")
    assert tiny.of_words == tiny.widths
    assert tiny.word_place == (2560, 4)
    assert tiny.word_rows is None
    assert tiny.special
