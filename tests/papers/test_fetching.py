"""Files from a hub that answers, breaks off, lies, or keeps its gate shut."""

import pytest

from saecore.errors import ZooError
from saecore.papers import fetching
from saecore.papers.fetching import fetched_files, hub_files, missing_bytes, sae_files


def pythia(small, number=0):
    release = small["pythia"]
    return release, release.saes[number]


def test_files_are_described_before_and_fetched_once(small, hub):
    files = sae_files(*pythia(small))
    assert [one.path for one in files] == [
        "layers.6.mlp/cfg.json", "layers.6.mlp/sae.safetensors",
    ]  # fmt: skip
    assert hub.files() == []
    assert missing_bytes(files) == sum(one.size for one in files)
    paths = fetched_files(files)
    assert [path.stat().st_size for path in paths] == [one.size for one in files]
    assert missing_bytes(files) == 0
    fetched_files(files)
    assert len(hub.files()) == len(files)


def test_a_broken_download_goes_on_where_it_was(small, hub, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1000)
    files = sae_files(*pythia(small))
    hub.breaks[files[1].path] = 5000
    source = hub.root / files[1].repo / files[1].path
    assert fetched_files(files)[1].read_bytes() == source.read_bytes()
    ranges = [
        asked for _, path, asked in hub.requests if path.endswith("sae.safetensors")
    ]
    assert "bytes=5000-" in str(ranges)


def test_a_file_that_is_another_is_removed_and_told(small, hub):
    files = sae_files(*pythia(small))
    source = hub.root / files[1].repo / files[1].path
    hub.lies[files[1].path] = bytes(len(source.read_bytes()))
    with pytest.raises(ZooError, match=r"must be \d+ bytes with the sha256 .* deleted"):
        fetched_files(files)
    hub.lies.clear()
    assert fetched_files(files)[1].read_bytes() == source.read_bytes()


def test_a_gate_is_told_with_what_to_do(small, hub):
    release, sae = pythia(small)
    hub.gated.add(sae.repo)
    with pytest.raises(ZooError, match=r"accepted its terms.*HF_TOKEN"):
        sae_files(release, sae)


def test_a_repository_that_is_private_or_gone_is_told(small, hub):
    release, sae = pythia(small)
    hub.private.add(sae.repo)
    with pytest.raises(ZooError, match=f"has no public repository {sae.repo}"):
        sae_files(release, sae)


def test_a_folder_that_moved_is_found_and_one_that_is_gone_is_told(small, hub):
    release, sae = pythia(small, 1)
    home = hub.root / sae.repo
    (home / sae.folder).parent.rename(home / "elsewhere")
    deeper = home / "all" / sae.folder.split("/")[0]
    deeper.parent.mkdir()
    (home / "elsewhere").rename(deeper)
    assert sae_files(release, sae)[0].path == f"all/{sae.folder}/cfg.json"
    (deeper / "layers.6.mlp").rename(deeper / "layers.7.mlp")
    with pytest.raises(ZooError, match=r"must hold .* the release has moved"):
        sae_files(release, sae)


def test_a_hub_that_is_silent_is_told(small, hub, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ZooError, match=r"must answer, but: .*look at the network"):
        sae_files(*pythia(small))


def test_a_disk_that_is_too_small_is_told_before(small, hub, monkeypatch):
    files = sae_files(*pythia(small))
    monkeypatch.setattr(fetching, "_SPARE", 1 << 60)
    with pytest.raises(ZooError, match="make room, or set HF_HOME"):
        fetched_files(files)
    assert hub.files() == []


def test_data_sets_have_an_address_of_their_own(hub):
    folder = hub.root / "datasets" / "some" / "texts" / "data"
    folder.mkdir(parents=True)
    (folder / "one.parquet").write_bytes(b"x" * 3000)
    files = hub_files("some/texts", "data", ["*.parquet"], kind="dataset")
    assert fetched_files(files)[0].read_bytes() == b"x" * 3000
