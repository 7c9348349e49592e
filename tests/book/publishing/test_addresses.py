"""Addresses follow from the workflow's own variables."""

import pytest

from saecore import __version__
from saecore.book.publishing.addresses import Published, pages_address, published_here


@pytest.fixture(autouse=True)
def unsaid(monkeypatch):
    for name in ("GITHUB_REPOSITORY", "GITHUB_SERVER_URL", "SAECORE_SITE"):
        monkeypatch.delenv(name, raising=False)


def test_outside_a_workflow_nothing_is_known():
    assert published_here() is None


@pytest.mark.parametrize(
    ("repository", "site"),
    [
        ("alice/sae-fork", "https://alice.github.io/sae-fork"),
        ("Alice/sae-fork", "https://alice.github.io/sae-fork"),
        ("alice/alice.github.io", "https://alice.github.io"),
    ],
)
def test_a_fork_is_published_by_its_owner(monkeypatch, repository, site):
    monkeypatch.setenv("GITHUB_REPOSITORY", repository)
    assert pages_address(repository) == site
    assert published_here() == Published(f"https://github.com/{repository}", site)


def test_a_site_of_its_own_name_is_said_by_the_workflow(monkeypatch):
    monkeypatch.setenv("GITHUB_REPOSITORY", "alice/book")
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://git.example.org")
    monkeypatch.setenv("SAECORE_SITE", "https://saes.example.org/")
    known = published_here()
    assert known == Published(
        "https://git.example.org/alice/book", "https://saes.example.org"
    )
    assert known is not None
    wheel = f"files/saecore-{__version__}-py3-none-any.whl"
    assert known.wheel == f"https://saes.example.org/{wheel}"
