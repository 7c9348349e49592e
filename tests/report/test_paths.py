"""Files of the book are found in a checkout, and beside the package without one."""

from pathlib import Path

import pytest

from saecore.report import paths
from saecore.report.paths import (
    ReportError,
    bench_folder,
    checkout,
    claims_file,
    required_checkout,
    results_folder,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """As if the package lay somewhere else, without its repository."""
    monkeypatch.setattr(paths, "PACKAGE", tmp_path / "site-packages" / "saecore")
    monkeypatch.delenv("SAECORE_RESULTS", raising=False)


def test_the_checkout_is_the_folder_with_the_book(monkeypatch):
    monkeypatch.delenv("SAECORE_RESULTS", raising=False)
    assert checkout() == required_checkout() == ROOT
    assert claims_file() == ROOT / "book" / "claims.toml"
    assert results_folder() == ROOT / "_build" / "results"
    assert bench_folder() == ROOT / "book" / "results" / "bench"


def test_an_installed_package_has_its_own_claims_and_no_book(installed):
    assert checkout() is None
    assert claims_file() == Path(paths.__file__).with_name("claims.toml")
    assert results_folder() == Path("results")
    assert bench_folder() == Path(paths.__file__).with_name("bench")
    with pytest.raises(ReportError, match="clone the repository and run the command"):
        required_checkout()


def test_results_go_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("SAECORE_RESULTS", str(tmp_path))
    assert results_folder() == tmp_path
