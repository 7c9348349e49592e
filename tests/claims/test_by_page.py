"""What each page asks for: all of it, and nothing else."""

from dataclasses import replace
from pathlib import Path

import jupytext
import pytest

from saecore import profiles
from saecore.claims import all_recipes, sites
from saecore.claims.by_page import PAGES, asked_by, explored
from saecore.claims.erasure.grid import erasure_grid
from saecore.claims.incompleteness.grid import stitching_grid
from saecore.claims.interpretability.grid import frontier
from saecore.claims.non_atomicity.grid import meta_grid
from saecore.claims.seed_dependence.grid import model_seeds
from saecore.recipes.explorer import SHOWN_SEEDS
from saecore.report import Claim, tolerance
from saecore.zoo.plan import everything_under
from saecore.zoo.store import Zoo

ROOT = Path(__file__).parents[2]


@pytest.fixture
def zoo(tmp_path, monkeypatch) -> Zoo:
    """An empty one, which is also the default."""
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path))
    return sites.open_zoo(profiles.read("tiny"))


def test_every_notebook_has_a_line_and_so_has_the_explorer():
    notebooks = {path.stem for path in (ROOT / "notebooks").glob("*.py")}
    assert set(PAGES) == notebooks | {"explorer"}


def test_all_pages_together_ask_for_what_the_book_is_made_of(zoo):
    tiny = profiles.read("tiny")
    each = [one for page in PAGES for one in asked_by(page, zoo, tiny)]
    whole, _ = all_recipes.possible(zoo, tiny)
    assert set(everything_under(each)) == set(everything_under(whole))


def test_the_explorer_holds_the_saes_whose_latents_pages_name():
    """Drawn and erased latents, the causal tree, and what meta-latents are made of."""
    tiny = profiles.read("tiny")
    shown, on_text = explored(tiny), frontier(tiny)
    base = model_seeds(tiny).base
    assert base[0] == on_text.base[0] == on_text.layers[tiny.layer][0]
    assert erasure_grid(tiny).saes[tiny.layer] == base
    assert set(base[:SHOWN_SEEDS]) <= set(shown.saes)
    assert meta_grid(tiny, Claim.read("non_atomicity")).base[0] == shown.meta
    assert shown.meta.sae in shown.saes


def test_a_page_that_asks_for_nothing_gets_nothing(zoo):
    assert all_recipes.possible(zoo, profiles.read("tiny"), ["bench"]) == ([], "")


def test_some_pages_are_what_each_of_them_asks_for_once(zoo):
    tiny = profiles.read("tiny")
    both, left_out = all_recipes.possible(zoo, tiny, ["one_width", "explorer"])
    wanted = asked_by("one_width", zoo, tiny) + asked_by("explorer", zoo, tiny)
    assert (set(both), left_out) == (set(wanted), "")
    assert len(both) == len(set(both))


def test_the_dtype_of_a_profile_is_that_of_all_rows_of_its_language_model(zoo):
    half = replace(profiles.read("tiny"), dtype="bfloat16")
    under = everything_under(one for page in PAGES for one in asked_by(page, zoo, half))
    rows = [one for one in under if one.folder == "rows" and one.source.layered]
    assert len(rows) > 5
    assert {one.dtype for one in rows} == {"bfloat16"}


def test_the_explorer_asks_for_nothing_that_the_claims_do_not_ask_for():
    tiny = profiles.read("tiny")
    asked = sites.members(stitching_grid(tiny)) + sites.members(model_seeds(tiny))
    shown = explored(tiny)
    assert set(shown.saes) <= set(asked)
    assert (shown.meta.sae, shown.meta.width) == (shown.saes[0], 128)


SMALL = replace(
    profiles.read("tiny"),
    width=32,
    widths=(16, 32, 64),
    k=4,
    ks=(3, 4),
    rows=16_384,
    lengths=(16_384,),
    seeds=3,
    sequences=32,
    length=64,
)


@pytest.mark.parametrize("page", ["seed_definitions"])
def test_after_its_recipes_are_made_a_page_makes_nothing(page, tmp_path, monkeypatch):
    monkeypatch.setattr("saecore.zoo.artefact_kinds.TOLERANCE", 1.0)
    monkeypatch.setenv("SAECORE_RESULTS", str(tmp_path / "results"))
    zoo = Zoo(tmp_path / "zoo", workers=1)
    asked = asked_by(page, zoo, SMALL)
    zoo.make(asked)
    assert {held.recipe for held in zoo.list()} == set(everything_under(asked))
    found = used(zoo, monkeypatch)
    cells = jupytext.read(ROOT / "notebooks" / f"{page}.py").cells
    program = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    try:
        exec(program, {"__name__": page})
    finally:
        tolerance()  # a page's own is not that of the tests that follow
    assert found == set(asked)


def used(zoo: Zoo, monkeypatch) -> set:
    """Every page opens this zoo, which makes nothing; what is asked of it."""
    asked = set()
    find = zoo.find

    def noted(recipe):
        asked.add(recipe)
        return find(recipe)

    monkeypatch.setattr(sites, "opened", lambda profile, seed: (zoo, SMALL))
    monkeypatch.setattr(zoo, "_make", lambda missing: pytest.fail(f"made {missing}"))
    monkeypatch.setattr(zoo, "find", noted)
    return asked
