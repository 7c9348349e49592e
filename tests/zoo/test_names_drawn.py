"""Folders of artefacts: whatever a language model is called, they lie in the zoo."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.source.model.identity import LanguageModel
from saecore.source.model.texts import ReadText, SampledText
from saecore.source.rows_file import RowsFile
from saecore.source.site import Site
from saecore.zoo.artefact import folder_of

REPEATABLE = settings(derandomize=True, database=None, deadline=None, max_examples=100)
TRICKS = ["..", "../../etc", "a/b", "C:\\x", "\0", "nul\n", "", ".", "-rf", "\u202egnp"]
NAMES = st.text() | st.sampled_from(TRICKS) | st.text(min_size=30, max_size=60)
ROOT = Path("/zoo")


def recipes(name):
    """All that is called after a language model."""
    model = LanguageModel(name, "0" * 64)
    text = SampledText(model, sequences=3, length=5)
    twin = ReadText(text, LanguageModel(f"untrained-{name}", "1" * 64))
    sae = SAERecipe(Site(twin, layer=11), "matryoshka", 131_072, 64)
    return [text, Site(text, layer=0), sae, MetaRecipe(sae, 1024)]


@REPEATABLE
@given(NAMES)
@example("𝔞" * 60)
@example("İ" * 60)
def test_a_folder_lies_in_the_zoo_and_has_a_plain_name(name):
    for recipe in recipes(name):
        folder = folder_of(ROOT, recipe)
        assert folder.parent == ROOT / recipe.folder
        assert folder.resolve() == folder
        assert not folder.name.startswith(".")
        assert len(folder.name.encode()) <= 240  # 255, less what a lock adds
        kinds = {unicodedata.category(one)[0] for one in folder.name}
        assert kinds <= {"L", "M", "N", "P"}
        assert set(folder.name).isdisjoint("/\\:*?\"'<>|&%")


@REPEATABLE
@given(NAMES)
@example("../../../x")
@example("a\0b")
def test_a_file_that_lies_about_its_content_leads_nowhere_else(sha256):
    site = Site(RowsFile(sha256, rows=10, d_model=4))
    if set("/\\\0").isdisjoint(sha256[:8]):
        assert folder_of(ROOT, site).parent == ROOT / "rows"
        return
    with pytest.raises(ValueError, match="must be the name of a folder"):
        folder_of(ROOT, site)
