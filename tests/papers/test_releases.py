"""The table of the papers' own models: whole, and of the sizes that the formats have."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from saecore.papers import releases
from saecore.papers.cost import cost_of
from saecore.papers.page import described_key


def test_every_number_of_a_paper_has_its_place_and_words():
    for one in releases.releases().values():
        assert {number.part for number in one.numbers} == set(one.parts)
        keys = [number.key for number in one.numbers]
        assert len(set(keys)) == len(keys)
        for number in one.numbers:
            assert number.place
            assert described_key(number.key) != number.key.replace("/", ": ")
            assert cost_of(one, number.part).seconds > 0


def test_names_and_folders_are_of_one_sae_each():
    for one in releases.releases().values():
        assert len({sae.name for sae in one.saes}) == len(one.saes)
        assert len({(sae.repo, sae.folder) for sae in one.saes}) == len(one.saes)


def test_folders_are_those_that_sae_lens_knows():
    """Its own table of releases names repositories and paths of two of them."""
    spec = find_spec("sae_lens")  # without importing it
    assert spec is not None
    assert spec.origin is not None
    table = Path(spec.origin).with_name("pretrained_saes.yaml")
    known = table.read_text(encoding="utf-8")
    for name in ("gpt2", "gemma"):
        for sae in releases.release_of(name).saes:
            assert f"repo_id: {sae.repo}\n" in known
            assert f"path: {sae.folder}\n" in known


@pytest.mark.parametrize("name", ["gpt2", "pythia", "gemma"])
def test_bytes_of_weights_are_those_of_the_files(small, hub, name):
    release = small[name]
    for sae in release.saes:
        weights = hub.root / sae.repo / sae.folder / release.files[-1]
        above = weights.stat().st_size - release.weight_bytes(sae)
        assert 0 < above < 2000  # headers


def test_another_name_is_refused():
    with pytest.raises(ValueError, match=r"gpt2, pythia, gemma, but 'llama' was asked"):
        releases.release_of("llama")
