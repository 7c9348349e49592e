import pytest
import torch
from torch.testing import assert_close

from saecore.measures.dictionary.fidelity import fvu
from saecore.recipes.baselines import BaselineRecipe
from saecore.recipes.keys import canonical, restored
from saecore.source.site import Site
from saecore.source.worlds.rows import World
from saecore.zoo import baselines
from saecore.zoo.artefact import folder_of
from saecore.zoo.store import Zoo


@pytest.fixture(scope="module")
def sources():
    generator = torch.Generator().manual_seed(2)
    heavy = torch.rand(8000, 6, generator=generator) ** 4 * (
        torch.rand(8000, 6, generator=generator) < 0.3
    )
    mixing = torch.randn(6, 6, generator=generator)
    return heavy, mixing


@pytest.fixture(scope="module")
def rows(sources):
    heavy, mixing = sources
    return heavy @ mixing + 2.0


@pytest.mark.parametrize("kind", ["pca", "ica"])
def test_all_components_of_a_fitted_basis_restore_every_row(kind, rows):
    basis = baselines.fitted_basis(BaselineRecipe(Site(World()), kind), rows)
    assert basis.width == 12
    assert_close(basis(rows), rows, rtol=1e-3, atol=1e-3)
    assert_close(basis.W_dec.norm(dim=1), torch.ones(12))


def test_pca_is_that_of_scikit_learn(rows):
    from sklearn.decomposition import PCA

    expected = torch.from_numpy(PCA().fit(rows.numpy()).components_)
    found = baselines.pca(rows).W_dec[:6]
    assert_close((found * expected).sum(1).abs(), torch.ones(6), rtol=1e-4, atol=1e-4)
    assert_close(baselines.pca(rows).W_dec[6:], -found)


def test_ica_finds_the_sources_and_pca_does_not(rows, sources):
    truth = sources[1] / sources[1].norm(dim=1, keepdim=True)

    def best(basis):
        return (truth @ basis.W_dec.T).amax(1).mean().item()

    assert best(baselines.ica(rows)) > 0.98
    assert best(baselines.pca(rows)) < 0.93


def test_top_k_keeps_the_largest_of_each_row(rows):
    whole = baselines.pca(rows)
    kept = baselines.top_k_dictionary(whole, 2)
    values = whole.encode(rows)
    assert ((kept.encode(rows) > 0).sum(1) <= 2).all()
    assert_close(kept.encode(rows).sum(1), values.topk(2, dim=1).values.sum(1))
    assert fvu(rows, kept(rows)) > fvu(rows, whole(rows))


def test_random_directions_are_unit_and_their_own_encoder(rows):
    basis = baselines.fitted_basis(
        BaselineRecipe(Site(World()), "random", width=20, seed=4), rows
    )
    assert_close(basis.W_dec.norm(dim=1), torch.ones(20))
    assert_close(basis.encode(rows), (rows @ basis.W_dec.T).relu())


def test_coordinates_keep_what_is_positive(rows):
    basis = baselines.fitted_basis(BaselineRecipe(Site(World()), "coordinates"), rows)
    assert_close(basis.encode(rows), rows.relu())


@pytest.mark.parametrize("kind", ["pca", "ica", "random", "coordinates"])
def test_the_zoo_keeps_a_basis_and_gives_it_back_without_fitting_it_again(
    kind, zoo, site, monkeypatch
):
    asked = BaselineRecipe(site, kind, fit_rows=2000)
    first = zoo.get(asked)
    expected = baselines.fitted_basis(asked, zoo.split(site).train)
    monkeypatch.setattr(
        baselines, "fitted_basis", lambda *_: pytest.fail("it was fitted again")
    )
    again = Zoo(zoo.root, workers=1).get_all([asked, asked])[asked]
    assert again.cfg["architecture"] == first.architecture == "standard"
    for name, weight in expected.weights.items():
        assert_close(again.weights[name], weight)
    held = [one for one in zoo.list() if one.kind == "baselines"]
    assert [one.recipe for one in held] == [asked]


def test_bases_are_made_with_what_they_rest_on_and_stand_beside_saes(zoo, site, recipe):
    ica, wide = (
        BaselineRecipe(site, "ica", fit_rows=1000),
        BaselineRecipe(site, "random", width=50, seed=2),
    )
    zoo.make([ica, wide, recipe])
    assert {one.recipe for one in zoo.list()} == {ica, wide, recipe, site}
    assert zoo.get(wide).width == 50
    assert wide.slug == f"random-w50-seed2-{site.slug}"
    assert ica.key != BaselineRecipe(site, "ica", fit_rows=1000, seed=1).key
    assert restored(canonical(wide)) == wide


def test_a_damaged_basis_is_fitted_again(zoo, site, capsys):
    asked = BaselineRecipe(site, "pca")
    weights = zoo.get(asked).weights
    (folder_of(zoo.root, asked) / "sae_weights.safetensors").write_bytes(b"nothing")
    again = Zoo(zoo.root, workers=1).get(asked)
    assert "damaged" in capsys.readouterr().err
    assert_close(again.weights["W_dec"], weights["W_dec"])
