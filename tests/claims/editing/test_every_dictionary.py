"""Every dictionary patched: the base's curves are the claim's, gaps are gaps."""

import math

import pytest
import torch

from saecore.claims.editing import every_dictionary
from saecore.claims.editing.every_dictionary import AtLayer, layer_rows
from saecore.measures.editing.patching import Needed
from tests.claims.editing.conftest import small_claim


@pytest.fixture(scope="module")
def patched(zoo, subject, found):
    return every_dictionary.patched(zoo, subject, small_claim())


def test_the_curves_are_those_of_the_claims_pairs(patched, found):
    few = int(found.claim.constants["acdc_pairs"])
    assert patched.pairs == found.pairs[:few]
    on = patched.patching
    for name in (every_dictionary.FIRST_SEED, "PCA"):
        again = on.in_gradient_order(patched.exchanges[name])
        assert torch.equal(again.divergence, patched.curves[name].divergence)


def test_the_figure_shows_some_of_these_curves(patched):
    shown = every_dictionary.shown_curves(patched)
    assert list(shown)[:4] == [
        every_dictionary.FIRST_SEED,
        *every_dictionary.OTHERS,
        "PCA",
    ]
    assert {"ICA", "coordinates", "random rotation", "MLP neurons"} <= set(shown)
    for name, curve in shown.items():
        assert torch.equal(curve.divergence, patched.curves[name].divergence), name


def test_complete_bases_end_at_the_target(patched):
    assert float(patched.curves["coordinates"].divergence[-1]) < 1e-4
    assert float(patched.curves["random rotation"].divergence[-1]) < 1e-4


def test_rows_say_what_two_shares_of_the_divergence_take(patched):
    rows = {
        row["dictionary"]: row for row in every_dictionary.needed_rows(patched, 0.8)
    }
    assert list(rows) == list(patched.curves)
    base = rows[every_dictionary.FIRST_SEED]
    assert base["latents to 80%"] >= base["latents to 50%"]
    assert rows["PCA"]["latents that differ"] == 20
    assert rows["MLP neurons"]["latents to 50%"] == math.inf


def test_both_orders_stand_beside_each_other(patched, monkeypatch):
    few = ("PCA", every_dictionary.FIRST_SEED)
    monkeypatch.setattr(every_dictionary, "BOTH_ORDERS", few)
    acdc = every_dictionary.acdc_curves(patched)
    rows = every_dictionary.order_rows(patched, acdc)
    assert [row["dictionary"] for row in rows] == list(few)
    on = patched.patching
    out, by = on.needed(acdc["PCA"]), on.needed(patched.curves[few[1]])
    assert rows[0]["ACDC: latents to half"] == out.latents
    assert rows[1]["gradient: latents to half"] == by.latents


def test_at_the_base_layer_the_layers_have_the_numbers_of_the_base(
    patched, zoo, subject
):
    layers = every_dictionary.editing_by_layer(zoo, subject, patched)
    assert tuple(layers) == subject.layers
    base, on = layers[subject.layer], patched.patching
    assert base.saes[0] == on.needed(patched.curves[every_dictionary.FIRST_SEED])
    assert base.pca == on.needed(patched.curves["PCA"])


def test_means_are_over_the_saes_that_get_there():
    there, never = Needed(8.0, 0.2), Needed(math.inf, math.inf)
    row, gap = layer_rows(
        {0: AtLayer([there, never], there), 1: AtLayer([never], never)}
    )
    assert (row["SAEs that reach half"], row["TopK: latents to half"]) == (1, 8)
    assert row["edit"] == 0.2
    assert (gap["SAEs that reach half"], gap["edit"]) == (0, None)
