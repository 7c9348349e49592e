"""The address of a release's pack follows from the repository."""

import subprocess

import pytest

from saecore.packs import release
from saecore.packs.release import NoRelease, known_repository, pack_address, web_address


@pytest.fixture(autouse=True)
def unsaid(monkeypatch, tmp_path):
    """Nothing says which repository this is."""
    for name in (
        *("SAECORE_REPOSITORY", "SAECORE_RELEASE", "GITHUB_REPOSITORY"),
        *("GITHUB_SERVER_URL", "BINDER_REPO_URL"),
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(release, "checkout", lambda: tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("remote", "web"),
    [
        ("https://example.org/a/b", "https://example.org/a/b"),
        ("https://example.org/a/b.git", "https://example.org/a/b"),
        ("https://name:secret@example.org/a/b.git", "https://example.org/a/b"),
        ("git@example.org:a/b.git", "https://example.org/a/b"),
        ("ssh://git@example.org/a/b.git", "https://example.org/a/b"),
        ("/srv/b.git", ""),
        ("../b", ""),
        ("", ""),
    ],
)
def test_whatever_git_clones_from_a_server_has_a_page(remote, web):
    assert web_address(remote) == web


def test_nobody_knows_a_repository_that_nothing_names(unsaid):
    with pytest.raises(NoRelease, match="set SAECORE_REPOSITORY to its address"):
        pack_address()
    assert known_repository() == ""


def test_a_clone_knows_where_it_came_from_and_what_is_said_goes_first(
    unsaid, monkeypatch
):
    git = ["git", "-C", str(unsaid)]
    subprocess.run([*git, "init", "-q"], check=True)
    origin = "git@example.org:fork/book.git"
    subprocess.run([*git, "remote", "add", "origin", origin], check=True)
    assert known_repository() == "https://example.org/fork/book"
    monkeypatch.setenv("BINDER_REPO_URL", "https://example.org/binder/book")
    assert known_repository() == "https://example.org/binder/book"
    monkeypatch.setenv("GITHUB_REPOSITORY", "works/book")
    assert known_repository() == "https://github.com/works/book"
    monkeypatch.setenv("SAECORE_REPOSITORY", "https://example.org/said/book")
    assert known_repository() == "https://example.org/said/book"


def test_the_latest_release_is_asked_unless_one_is_named(monkeypatch):
    at = "https://example.org/a/b"
    assert pack_address(at) == f"{at}/releases/latest/download/saes.safetensors"
    named = f"{at}/releases/download/v1/saes.safetensors"
    assert pack_address(at, "v1") == named
    monkeypatch.setenv("SAECORE_RELEASE", "v1")
    assert pack_address(at) == named
