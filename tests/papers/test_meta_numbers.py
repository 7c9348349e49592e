"""A meta-SAE on the released decoder, beside rows without parts."""

from saecore.papers import cost, meta_numbers
from saecore.papers.opened import FetchedSAEs


def test_a_meta_sae_explains_rows_that_it_saw_better_than_those_held_back(
    small, monkeypatch
):
    monkeypatch.setattr(cost, "META_STEPS", 60)
    monkeypatch.setattr(meta_numbers, "META_RATE", 1e-2)
    found = meta_numbers.meta_sae(FetchedSAEs(small["gpt2"], ["49152"]))
    assert set(found) == {
        f"explained by a meta-SAE{kind}{held}/49152"
        for kind in ("", " of Gaussian rows")
        for held in ("", ", held back")
    }
    for kind in ("", " of Gaussian rows"):
        seen = found[f"explained by a meta-SAE{kind}/49152"]
        held = found[f"explained by a meta-SAE{kind}, held back/49152"]
        assert 0.1 < seen < 1
        assert held < seen


def test_the_recipe_is_the_papers_at_its_size():
    recipe = meta_numbers.meta_recipe(49_152, 768)
    assert (recipe.width, recipe.k, recipe.steps) == (2304, 4, 2000)
    assert (recipe.batch, recipe.learning_rate) == (16_384, 1e-3)
