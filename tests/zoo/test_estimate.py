"""What is said before something is made: numbers, minutes, megabytes."""

import json
from dataclasses import replace

import pytest

from saecore.profiles import TINY
from saecore.recipes.baselines import BaselineRecipe
from saecore.recipes.explorer import ExplorerRecipe
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.recipes.toys import ToyRecipe
from saecore.source.model.language_model import LanguageModel, identify
from saecore.source.model.texts import SampledText
from saecore.source.planted import Planted
from saecore.source.rows_file import RowsFile
from saecore.source.site import Site
from saecore.source.tasks.words import AskedWords
from saecore.source.worlds.toys import Toy
from saecore.zoo import estimate as module
from saecore.zoo.artefact import folder_of
from saecore.zoo.estimate import Estimate, calibrated_rate, d_model_of, estimate
from saecore.zoo.store import Zoo

TEXT = SampledText(identify(TINY), sequences=10, length=11)
ON_TEXT = Site(TEXT, layer=1)
SAE = SAERecipe(ON_TEXT, "topk", 64, 4)


@pytest.fixture
def fixed_rate(monkeypatch) -> None:
    """A machine that trains a million products in a second."""
    monkeypatch.setattr(module, "calibrated_rate", lambda: 1e-6)


def test_numbers_and_sizes_of_all_that_is_missing_are_told_by_kind(zoo, fixed_rate):
    wide = replace(SAE, width=128)
    explorer = ExplorerRecipe((wide,), MetaRecipe(wide, 8))
    found = estimate(zoo, [SAE, SAE, explorer, BaselineRecipe(ON_TEXT, "pca")])
    assert found.numbers == {
        "tokens": 1,
        "rows": 1,
        "saes": 2,
        "metas": 1,
        "baselines": 1,
        "explorers": 1,
    }
    matrices = 8 * 160 * (64 + 128 + 8 + 2 * 160)
    small = 3 * 8_000 + 6_000 * 128
    assert found.size == 4 * 110 + 4 * 160 * 100 + matrices + small
    assert "1 sampled text, 1 set of rows, 2 SAEs, 1 meta-SAE, 1 basis" in str(found)


def test_minutes_follow_rows_width_and_d_model(zoo, site, recipe, fixed_rate):
    one = estimate(zoo, [recipe]).seconds
    rows = module.CORE * site.cost
    assert one == pytest.approx(1e-6 * recipe.rows * (64 * 32 + module.FIXED) + rows)
    twice = estimate(zoo, [replace(recipe, rows=2 * recipe.rows)]).seconds
    assert twice - rows == pytest.approx(2 * (one - rows))


def test_several_processes_share_the_work_but_not_what_waits(zoo, recipe, fixed_rate):
    zoo.workers = 2
    several = [replace(recipe, width=width) for width in (32, 48, 64, 96)]
    each = [estimate(zoo, [one]).seconds for one in several]
    rows = module.CORE * recipe.site.cost
    total = sum(each) - 3 * rows
    assert estimate(zoo, several).seconds == pytest.approx(total / 2)
    assert estimate(zoo, several[:1]).seconds == pytest.approx(each[0])


def test_what_is_there_is_not_counted_and_gives_the_rate(zoo, recipe):
    zoo.make([recipe])
    assert str(estimate(zoo, [recipe])) == "nothing has to be made"
    for one in (recipe, recipe.site):
        note = folder_of(zoo.root, one) / "recipe.json"
        held = json.loads(note.read_text())
        held["made"]["seconds"] = 5.0
        del held["digest"]  # as in older notes
        note.write_text(json.dumps(held))
    found = estimate(zoo, [replace(recipe, rows=3 * recipe.rows)])
    assert found.numbers == {"saes": 1}
    assert found.seconds == pytest.approx(15.0)
    assert "as fast as the 2 artefacts there" in str(found)


def test_the_length_of_rows_is_known_without_reading_any(zoo, site):
    assert d_model_of(site, zoo) == 32
    assert d_model_of(Site(RowsFile("ef" * 32, 40, 64)), zoo) == 64
    assert d_model_of(Site(Planted(ON_TEXT)), zoo) == 160
    own = Zoo(zoo.root, workers=1, places={identify(TINY): TINY})
    twin = LanguageModel("untrained-tiny", "")
    assert d_model_of(Site(AskedWords(twin), layer=0), own) == 160


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.1, "1 s"), (60, "60 s"), (91, "2 min"), (9000, "2.5 hours")],
)
def test_times_are_told_in_seconds_minutes_or_hours(seconds, said):
    found = Estimate({"saes": 1}, seconds, 2e6, 2, 3e9, 0)
    assert str(found) == (
        f"1 SAE to make: about {said} on 2 cores (as fast as a small SAE trained now) "
        "and 2 MB of disk; 3.0 GB of memory"
    )


def test_toys_count_though_they_have_no_rows(zoo):
    found = estimate(zoo, [ToyRecipe(Toy()), ToyRecipe(Toy(), seed=1)])
    assert found.numbers == {"toys": 2}
    assert "2 toy SAEs to make: about" in str(found)


def test_the_rate_is_that_of_a_training_on_this_machine():
    ticks = iter([10.0, 12.0])
    products = 65_536 * (512 * 128 + module.FIXED)
    assert calibrated_rate(lambda: next(ticks)) == pytest.approx(2 / products)


def test_rows_cost_by_the_models_size_layer_and_precision():
    text = SampledText(LanguageModel("one", "0" * 64), sequences=100)
    first, second = (Site(text, layer=layer) for layer in (0, 10))
    half = Site(text, layer=10, dtype="bfloat16")
    small, large, halved = (module._read(site, 576) for site in (first, second, half))
    assert 8 < large / small < 11
    assert 1.9 < large / halved < 2
    assert module._read(first, 160) < small / 5
