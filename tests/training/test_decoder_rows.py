"""Meta-SAEs: which rows they learn from, that they find planted parts, their nulls, and
their place in the zoo.
"""

import dataclasses

import pytest
import torch

from saecore.errors import MissedSparsity
from saecore.measures.dictionary.nulls import Weights
from saecore.recipes.meta import MetaRecipe
from saecore.training.decoder_rows import (
    decoder_rows,
    given_rows,
    live_latents,
    meta_rows,
)
from saecore.training.trainer import train
from saecore.zoo import artefact_kinds, store
from saecore.zoo.artefact import folder_of
from saecore.zoo.sae import SAE
from saecore.zoo.store import Zoo


@pytest.fixture
def asked(recipe) -> MetaRecipe:
    """A meta-SAE of 12 latents on an SAE of 64 that is quick to train."""
    return MetaRecipe(
        dataclasses.replace(recipe, rows=20 * 256), 12, k=2, epochs=60, batch=32
    )


def dictionary(rows: torch.Tensor) -> Weights:
    return Weights(rows.T, rows)


def composed(n: int, d_model: int) -> torch.Tensor:
    """Sums of two of 24 unit directions, of unequal weight and any length."""
    generator = torch.Generator().manual_seed(0)
    parts = torch.randn(24, d_model, generator=generator)
    parts /= parts.norm(dim=1, keepdim=True)
    chosen = torch.rand(n, 24, generator=generator).topk(2).indices
    weight = 0.5 + torch.rand(n, 2, 1, generator=generator)
    return 3 * (weight * parts[chosen]).sum(1)


def test_rows_are_the_unit_decoder_rows_split_once_for_all(recipe) -> None:
    asked = MetaRecipe(recipe, 12)
    w_dec = composed(64, 32)
    rows, trained, held = decoder_rows(asked, dictionary(w_dec))
    torch.testing.assert_close(rows, w_dec / w_dec.norm(dim=1, keepdim=True))
    assert sorted([*trained.tolist(), *held.tolist()]) == list(range(64))
    assert len(trained) == 51
    for other in (
        dataclasses.replace(asked, width=8, seed=3),
        dataclasses.replace(asked, rows="gaussian"),
        dataclasses.replace(asked, rows="same_covariance", k=2),
    ):
        assert torch.equal(decoder_rows(other, dictionary(w_dec)).held, held)


def test_latents_that_never_fire_are_neither_trained_on_nor_held_back(recipe) -> None:
    w_dec = composed(64, 32)
    x = torch.eye(32)[:8]
    sae = Weights(w_dec.T - 50 * (torch.arange(64) % 4 == 0), w_dec)
    live = live_latents(sae, x)
    assert torch.equal(live, (sae.encode(x) > 0).any(0))
    assert 0 < int(live.sum()) < 64
    asked = MetaRecipe(recipe, 12, silent="left out")
    found, every = decoder_rows(asked, sae, live), decoder_rows(asked, sae)
    for part in ("train", "held"):
        all_of = getattr(every, part)
        assert torch.equal(getattr(found, part), all_of[live[all_of]])
    kept = dataclasses.replace(asked, silent="kept")
    assert torch.equal(decoder_rows(kept, sae, live).train, every.train)
    null = decoder_rows(dataclasses.replace(asked, rows="same_covariance"), sae, live)
    assert float(null.rows[~live].norm()) == 0
    torch.testing.assert_close(null.rows[live].norm(dim=1), torch.ones(int(live.sum())))


@pytest.mark.parametrize("what", ["atoms", "bundles"])
def test_known_rows_take_the_place_of_the_decoders(recipe, what) -> None:
    asked = MetaRecipe(recipe, 12, planted=what)
    sae, live = dictionary(composed(64, 32)), torch.zeros(64, dtype=torch.bool)
    rows, trained, _ = decoder_rows(asked, sae, live)
    assert len(trained) == 51
    d_model = recipe.site.source.d_model
    torch.testing.assert_close(rows.norm(dim=1), torch.ones(64))
    assert rows.shape == (64, d_model)
    other = dataclasses.replace(asked, sae=dataclasses.replace(recipe, seed=5))
    known = recipe.site.source.n_features if what == "atoms" else 60
    assert torch.equal(decoder_rows(other, sae).rows, rows) == (known >= 64)


def test_rows_in_clusters_are_a_null_of_their_own_for_every_width(recipe) -> None:
    sae = dictionary(composed(64, 32))
    asked = MetaRecipe(recipe, 12, rows="clusters")
    rows = decoder_rows(asked, sae).rows
    torch.testing.assert_close(rows.norm(dim=1), torch.ones(64))
    assert torch.equal(rows, decoder_rows(asked, sae).rows)
    other = decoder_rows(dataclasses.replace(asked, seed=1), sae).rows
    assert not torch.equal(rows, other)


def test_what_is_trained_on_and_what_is_held_back_are_those_rows(recipe) -> None:
    asked, sae = MetaRecipe(recipe, 12), dictionary(composed(64, 32))
    rows, trained, held = decoder_rows(asked, sae)
    given = meta_rows(asked, sae)
    assert torch.equal(given.train, rows[trained])
    assert torch.equal(given.calibrate, rows[trained])
    assert torch.equal(given.check, rows[held])
    torch.testing.assert_close(given.mean, rows[trained].mean(0))
    assert given.scale == pytest.approx(
        float((rows[trained] - given.mean).norm() / 51**0.5), rel=1e-5
    )


def test_nulls_are_unit_rows_with_the_moments_they_promise(recipe) -> None:
    wide = dataclasses.replace(recipe, width=6000)
    spread = torch.linspace(0.2, 2, 32)
    w_dec = torch.randn(6000, 32, generator=torch.Generator().manual_seed(1)) * spread
    w_dec[:, 0] += 1.5
    real = decoder_rows(MetaRecipe(wide, 12), dictionary(w_dec)).rows
    same = decoder_rows(
        MetaRecipe(wide, 12, rows="same_covariance"), dictionary(w_dec)
    ).rows
    plain = decoder_rows(MetaRecipe(wide, 12, rows="gaussian"), dictionary(w_dec)).rows
    for rows in (same, plain):
        torch.testing.assert_close(rows.norm(dim=1), torch.ones(6000))
        assert float((rows * real).sum(1).mean()) < 0.1 + float(
            real.mean(0).norm() ** 2
        )
    torch.testing.assert_close(same.mean(0), real.mean(0), atol=0.02, rtol=0)
    torch.testing.assert_close(same.T.cov(), real.T.cov(), atol=0.01, rtol=0)
    torch.testing.assert_close(plain.T.cov(), torch.eye(32) / 32, atol=0.005, rtol=0)
    assert float(plain.mean(0).norm()) < 0.03


def test_a_null_is_drawn_anew_for_every_seed_and_alike_for_every_width(recipe) -> None:
    sae = dictionary(composed(64, 32))
    for kind in ("gaussian", "same_covariance"):
        asked = MetaRecipe(recipe, 12, rows=kind)
        rows = decoder_rows(asked, sae).rows
        assert torch.equal(
            rows, decoder_rows(dataclasses.replace(asked, width=9), sae).rows
        )
        assert not torch.equal(
            rows, decoder_rows(dataclasses.replace(asked, seed=1), sae).rows
        )


def explained(asked: MetaRecipe, sae: Weights) -> float:
    """Share of the variance of the held-back rows that a newly trained meta-SAE
    explains.
    """
    rows = meta_rows(asked, sae)
    trained = train(asked.training, [asked.training.seed], rows)[0]
    meta = SAE(artefact_kinds.cfg_of(asked, rows.train.shape[1]), trained.weights)
    error = (meta(rows.check) - rows.check).square().sum()
    return 1 - float(error / (rows.check - rows.train.mean(0)).square().sum())


def test_planted_parts_are_found_and_rows_without_structure_give_none(recipe) -> None:
    sae = dictionary(composed(640, 32))
    asked = MetaRecipe(
        dataclasses.replace(recipe, width=640), 24, k=2, epochs=150, batch=64
    )
    found = explained(asked, sae)
    assert found > 0.85
    for kind in ("gaussian", "same_covariance", "clusters"):
        assert explained(dataclasses.replace(asked, rows=kind), sae) < found - 0.3


def test_the_zoo_leaves_out_latents_that_do_not_fire_on_its_rows(zoo, asked) -> None:
    live = dataclasses.replace(asked, silent="left out")
    sae, x = zoo.get(asked.sae), zoo.get(asked.sae.site)
    fires = live_latents(sae, x)
    assert torch.equal(given_rows(live, zoo).train, meta_rows(live, sae, fires).train)
    assert len(given_rows(asked, zoo).train) == asked.train_rows


def test_the_zoo_trains_the_sae_first_and_stores_what_it_reads_back(
    zoo, asked, tmp_path
) -> None:
    meta = zoo.get(asked)
    assert (meta.architecture, meta.width, meta.d_model) == ("jumprelu", 12, 32)
    assert [held.kind for held in zoo.list()] == ["metas", "rows", "saes"]
    assert zoo.list()[0].recipe == asked
    assert meta.log["l0"] == pytest.approx(2, rel=0.25)
    assert {"fvu", "l0_held", "fvu_held", "seconds", "log"} <= set(meta.log)
    rows = meta_rows(asked, zoo.get(asked.sae))
    assert float((meta.encode(rows.train) > 0).sum()) / len(
        rows.train
    ) == pytest.approx(meta.log["l0"])
    other = Zoo(tmp_path / "other", workers=1).get(asked)
    assert all(
        torch.equal(meta.weights[name], other.weights[name]) for name in meta.weights
    )


def test_a_meta_sae_on_disk_needs_no_rows_and_a_new_one_reads_them(zoo, asked) -> None:
    asked = dataclasses.replace(asked, silent="left out")
    zoo.get_all([asked])
    folder = folder_of(zoo.root, asked.sae.site)
    (folder / "rows.npy").unlink()
    assert set(Zoo(zoo.root, workers=1).get_all([asked])) == {asked}
    assert not (folder / "rows.npy").exists()
    wider = dataclasses.replace(asked, width=16)
    assert set(Zoo(zoo.root, workers=1).get_all([asked, wider])) == {asked, wider}
    assert (folder / "rows.npy").exists()


def test_several_processes_give_the_bits_of_one(
    zoo, asked, tmp_path, monkeypatch
) -> None:
    kinds = [
        dataclasses.replace(asked, rows=kind)
        for kind in ("same_covariance", "gaussian")
    ]
    wanted = [asked, dataclasses.replace(asked, seed=1), *kinds]
    expected = zoo.get_all(wanted)
    other = Zoo(tmp_path / "other", workers=2)
    other.get_all([asked.sae])
    monkeypatch.setattr(store, "ALONE_BELOW", 0.0)
    monkeypatch.setattr(
        Zoo, "do", lambda *_: pytest.fail("this process should not train")
    )
    found = other.get_all(wanted)
    for one in wanted:
        assert all(
            torch.equal(w, expected[one].weights[name])
            for name, w in found[one].weights.items()
        )


def test_one_that_missed_its_sparsity_is_refused_with_what_its_training_rows_say(
    zoo, asked, monkeypatch
):
    monkeypatch.setattr(
        artefact_kinds, "_l0_and_fvu", lambda sae, rows: {"l0": 2.51, "fvu": 0.5}
    )
    monkeypatch.setattr(artefact_kinds, "TOLERANCE", 9.0)
    with pytest.raises(
        MissedSparsity,
        match=r"within 25 % of k, but meta-w12.* has 2\.51 on the rows it was",
    ):
        zoo.get_all([asked])
    assert not [held for held in zoo.list() if held.kind == "metas"]


def test_the_decoder_of_another_sae_is_refused(asked) -> None:
    with pytest.raises(ValueError, match="of width 64, but has 65 rows"):
        decoder_rows(asked, dictionary(composed(65, 32)))
