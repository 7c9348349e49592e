"""The explorer in the zoo: made once of what is there, and read back as it was."""

import json

import pytest

from saecore.explorer import artefact, files
from saecore.profiles import TINY
from saecore.recipes.explorer import ExplorerRecipe
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.source.model.language_model import identify
from saecore.source.model.texts import SampledText
from saecore.source.site import Site
from saecore.zoo.artefact import folder_of
from saecore.zoo.store import Zoo

ON_TEXT = Site(SampledText(identify(TINY), sequences=12, length=24), layer=1)
WIDE = SAERecipe(ON_TEXT, "topk", 48, 3, rows=40 * 64, batch=64, warmup=2)
NARROW = SAERecipe(ON_TEXT, "topk", 24, 3, rows=40 * 64, batch=64, warmup=2)
META = MetaRecipe(WIDE, 6, k=2, epochs=60, batch=16)
RECIPE = ExplorerRecipe((WIDE, NARROW), META)


@pytest.fixture(scope="module")
def zoo(tmp_path_factory) -> Zoo:
    """With the explorer and all that it needs, made by the asking for it."""
    zoo = Zoo(tmp_path_factory.mktemp("zoo"), workers=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("saecore.zoo.artefact_kinds.META_TOLERANCE", 1.0)
        zoo.make([RECIPE])
    return zoo


def test_the_explorer_is_an_artefact_with_all_that_it_shows(zoo):
    kinds = {held.kind for held in zoo.list()}
    assert kinds == {"tokens", "rows", "saes", "metas", "explorers"}
    held = next(held for held in zoo.list() if held.kind == "explorers")
    assert held.recipe == RECIPE
    assert held.made["seconds"] > 0
    shown = zoo.get(RECIPE)
    assert [len(one.latents) for one in shown.dictionaries] == [48, 6, 24]
    assert any(one.contexts for one in shown.dictionaries[0].latents)


def test_what_is_read_back_makes_the_same_files(zoo, explorer, tmp_path):
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / artefact.FILE).write_text(json.dumps(explorer))
    words, shown = json.loads((folder / artefact.FILE).read_text())
    back = explorer._replace(
        vocabulary=words, dictionaries=[artefact._dictionary(one) for one in shown]
    )
    first = files.write(explorer, tmp_path / "first")
    assert files.write(back, tmp_path / "again") == first


def test_it_is_found_without_making_anything(zoo, monkeypatch):
    monkeypatch.setattr(Zoo, "_make", lambda self, missing: pytest.fail("made"))
    assert Zoo(zoo.root, workers=1).find(RECIPE) is not None
    other = ExplorerRecipe((WIDE,), META)
    assert Zoo(zoo.root, workers=1).find(other) is None


def test_a_damaged_one_is_not_shown(zoo, tmp_path, capsys):
    other = Zoo(tmp_path / "zoo", workers=1)
    folder = folder_of(other.root, RECIPE)
    folder.mkdir(parents=True)
    for file in folder_of(zoo.root, RECIPE).iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / artefact.FILE).write_text("[[], []]")
    assert other.find(RECIPE) is None
    assert "is damaged" in capsys.readouterr().err
