"""Pages run one by one are gathered as one run would have left them."""

import json
from pathlib import Path

import pytest

from saecore.book import build, execute, provenance
from saecore.book.execute import PageCost
from saecore.profiles import read
from saecore.report.paths import ReportError
from saecore.scale import batch_pages
from saecore.scale.batch_pages import gathered_pages, run_into


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A book of two pages that cost nothing to run."""
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path / "zoo"))
    monkeypatch.setattr(batch_pages.all_recipes, "artefacts", lambda profile: {})
    (tmp_path / "notebooks").mkdir()
    for name in ("one", "two"):
        (tmp_path / "notebooks" / f"{name}.py").write_text("# %%\n1 + 1\n")

    def run_all(sources, folder, *, parameters, results):
        assert parameters == {"world_seed": 7}
        folder.mkdir(parents=True, exist_ok=True)
        for source in sources:
            (folder / f"{source.stem}.ipynb").write_text("{}")
        return {source.stem: PageCost(1.0, 2.0, 3.0) for source in sources}

    monkeypatch.setattr(execute, "run_all", run_all)
    return tmp_path


def test_pages_are_gathered_with_their_costs(book):
    profile, folder = read("tiny", world_seed=7), book / "pages"
    for name in ("two", "one"):
        assert run_into(book, name, folder, profile).is_file()
    made = gathered_pages(book, folder, profile)
    assert made == build.Pages(folder / "notebooks", folder / "results")
    facts = provenance.read(made.notebooks / "provenance.json")
    assert facts["world_seed"] == 7
    assert set(json.loads(json.dumps(facts))["notebooks"]) == {"one", "two"}


def test_a_page_that_was_not_run_is_named(book):
    profile = read("tiny", world_seed=7)
    run_into(book, "one", book / "pages", profile)
    with pytest.raises(ReportError, match="two is not in"):
        gathered_pages(book, book / "pages", profile)
