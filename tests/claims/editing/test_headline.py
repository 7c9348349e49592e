"""The claim's numbers where the dictionaries are known: planted latents are found."""

import math

import pytest

from saecore.claims import editing
from saecore.claims.editing import headline
from saecore.claims.editing.headline import (
    Order,
    judged_numbers,
    needed_by_order,
    needed_by_order_rows,
)
from saecore.measures.algebra.intervals import over_seeds
from saecore.measures.editing.patching import Needed
from saecore.report import Claim
from saecore.source.tasks import ioi
from tests.claims.editing.conftest import WrittenZoo


def test_the_study_is_the_claims_one_entrance():
    assert editing.study is headline.study


def test_latents_that_hold_the_names_need_a_shorter_edit_and_in_acdcs_order_fewer(
    found,
):
    numbers = found.numbers["model"]
    assert numbers["edit"][2] < numbers["edit_pca"]
    assert numbers["patches_acdc"][2] < numbers["patches_acdc_pca"][0]
    assert numbers["patches"][0] <= 8  # eight axes hold the names


def test_a_latent_that_holds_gender_erases_it_with_less_harm_than_leace(found):
    numbers = found.numbers["model"]
    assert numbers["erasure_kl"][2] < numbers["erasure_kl_leace"]


def test_every_number_is_that_of_its_sets(found):
    numbers = found.numbers["model"]
    level = found.claim.constants["confidence"]
    halves = [one.latents for one in found.gradient.saes_needed]
    assert numbers["patches"] == over_seeds(halves, level=level).triple
    assert numbers["edit_pca"] == found.gradient.pca_needed[0].size
    assert numbers["erasure_kl_leace"] == found.harm["LEACE"][0]
    assert len(found.acdc.pca) == headline.PCA_DRAWS
    assert len(found.harm["one latent"]) == len(found.exchanges) == 2


def test_the_claim_can_be_judged_and_nothing_is_left_unread(found, capsys):
    twin = found.claim.judge(
        profile="tiny", world_seed=0, numbers=found.numbers["model"]
    )
    verdicts = {part["name"]: part["verdict"] for part in twin["parts"]}
    assert verdicts["edits"] == verdicts["erasure"] == "holds"
    assert capsys.readouterr().out == ""


def test_a_dictionary_that_never_gets_there_leaves_its_parts_out():
    there, never = Needed(8.0, 0.2), Needed(math.inf, math.inf)
    order = Order([], [], [there, never], [there, there])
    harm = {"one latent": [0.1, 0.2], "LEACE": [0.05]}
    numbers = judged_numbers(order, order, harm, level=0.95)
    assert numbers["patches"] is None
    assert numbers["edit"] is None
    assert numbers["patches_pca"] == 8
    assert numbers["erasure_kl"] is not None
    none = order._replace(pca_needed=[never, there])
    assert judged_numbers(none, order, harm, level=0.95)["patches_pca"] is None


def test_the_figures_rows_are_one_per_seed_and_draw(found):
    orders = needed_by_order(found)
    rows = needed_by_order_rows(orders)
    assert [len(several) for several in orders.values()] == [2, 1, 2, 3]
    assert len(rows) == 8
    assert rows[0]["latents"] == found.gradient.saes_needed[0].latents


def test_a_model_that_cannot_do_the_task_is_unsuited(model, subject, monkeypatch):
    facts = ioi.read_facts()._replace(names={"F": ("Xqzv",), "M": ("Zzkqx",)})
    zoo = WrittenZoo(model)
    monkeypatch.setattr(ioi, "read_facts", lambda: facts)
    with pytest.raises(ValueError, match="single tokens"):
        headline.study(zoo, subject, Claim.read("editing"))
