"""Where things are kept, by the environment."""

from saecore.places import default_root, fetched_root
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
