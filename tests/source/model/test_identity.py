"""Which language model lies in a folder: its settings count, its place does not."""

import json
import os
import shutil

import pytest

from saecore.profiles import TINY, read
from saecore.source.model.identity import BadModelFolder, identify


@pytest.fixture
def copy(folder, tmp_path):
    """A folder of one's own."""
    return shutil.copytree(folder, tmp_path / "own")


def test_the_shipped_model_is_who_it_was():
    found = identify(TINY)
    assert (found.name, found.fingerprint[:12]) == ("tiny", "4791a49dcb1d")


def test_settings_of_the_tokeniser_are_part_of_the_identity(copy):
    before, path = identify(copy), copy / "tokenizer_config.json"
    settings = json.loads(path.read_text())
    path.write_text(json.dumps(settings | {"model_max_length": 99, "is_local": True}))
    assert identify(copy) == before
    for change in ({"bos_token": "."}, {"tokenizer_class": "LlamaTokenizer"}):
        path.write_text(json.dumps(settings | change))
        assert identify(copy).fingerprint != before.fingerprint
    path.write_text(json.dumps(settings))
    assert identify(copy) == before
    (copy / "special_tokens_map.json").write_text('{"bos_token": "."}')
    assert identify(copy) != before


@pytest.mark.parametrize("text", ["{", "[1]", "7"])
def test_settings_that_are_none_are_one_sentence(copy, text):
    (copy / "tokenizer_config.json").write_text(text)
    with pytest.raises(BadModelFolder, match=r"must be the JSON of a tokeniser"):
        identify(copy)


def test_a_pipe_is_no_file_of_weights(copy):
    (copy / "model.safetensors").unlink()
    os.mkfifo(copy / "model.safetensors")
    with pytest.raises(BadModelFolder, match=r"has no .*safetensors"):
        identify(copy)


def test_a_snapshot_in_the_hubs_cache_has_the_name_that_it_has_there(copy):
    place = copy.parent / "models--someone--some-model" / "snapshots"
    place.mkdir(parents=True)
    snapshot = shutil.move(copy, place / ("0" * 40))
    assert identify(snapshot).name == "some-model"
    assert read(str(snapshot)).name == "some-model"
