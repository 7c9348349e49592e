"""Where things are kept, by the environment."""

import os
from stat import S_IMODE
from tempfile import mkdtemp

import pytest

from saecore.places import as_others, default_root, fetched_root
from saecore.zoo.store import Zoo


def test_the_default_place_follows_the_environment(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path))
    assert default_root() == tmp_path == Zoo().root
    monkeypatch.delenv("SAECORE_ZOO")
    assert default_root().name == "zoo"


def test_what_is_fetched_lies_in_the_zoo_or_where_the_environment_says(
    monkeypatch, tmp_path
) -> None:
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path))
    monkeypatch.delenv("SAECORE_FETCHED", raising=False)
    assert fetched_root() == tmp_path / "fetched"
    monkeypatch.setenv("SAECORE_FETCHED", str(tmp_path / "other"))
    assert fetched_root() == tmp_path / "other"


@pytest.mark.parametrize(
    ("umask", "of_files", "of_folders"),
    [(0o002, 0o664, 0o775), (0o022, 0o644, 0o755), (0o077, 0o600, 0o700)],
)
def test_what_was_made_for_its_maker_alone_gets_the_mode_of_anything_else(
    tmp_path, umask, of_files, of_folders
) -> None:
    before = os.umask(umask)
    try:
        made = tmp_path / os.path.basename(mkdtemp(dir=tmp_path))
        (made / "inner").mkdir(mode=0o700)
        file = made / "inner" / "weights"
        file.touch(mode=0o600)
        as_others(made)
    finally:
        os.umask(before)
    folders = [S_IMODE(one.stat().st_mode) for one in (made, made / "inner")]
    assert folders == [of_folders] * 2
    assert S_IMODE(file.stat().st_mode) == of_files
    assert [one.name for one in tmp_path.iterdir()] == [made.name]
