"""The claim's numbers where the dictionaries are known: planted latents are found."""

import pytest
import torch

from saecore.claims import editing
from saecore.claims.editing import headline
from saecore.claims.editing.compared import savings
from saecore.source.tasks import ioi
from tests.claims.editing.conftest import PAIRS, WrittenZoo, small_claim


def test_the_study_is_the_claims_one_entrance():
    assert editing.study is headline.study


def test_latents_that_hold_the_names_need_fewer_patches_and_a_shorter_edit(found):
    numbers = found.numbers["model"]
    assert numbers["patches"][0] < numbers["patches_best"][0]
    assert numbers["edit"][0] < numbers["edit_best"][0]


def test_every_number_is_that_of_its_sets(found):
    numbers = found.numbers["model"]
    level = found.claim.constants["confidence"]
    latents = savings(found.acdc, "latents", level=level)
    assert numbers["patches"] == latents.saes.triple
    assert numbers["patches_best"] == latents.basis.triple
    assert numbers["patches_saved"] == latents.saved.triple
    assert numbers["one_set_saved"] == found.one_set.saved.triple
    assert len(found.acdc.saes) == len(found.gradient.saes) == len(found.exchanges) == 2
    assert [len(o.saes[0].latents) for o in (found.acdc, found.gradient)] == [
        PAIRS - 1,
        PAIRS,
    ]


def test_all_previous_decompositions_are_compared(found):
    names = ["PCA", "ICA", "coordinates", "MLP neurons"]
    assert list(found.bases) == list(found.acdc.bases) == names


def test_the_whole_row_is_an_exact_control_and_the_model_can_do_the_task(found):
    numbers = found.numbers["model"]
    assert numbers["whole_row"] == pytest.approx(1, abs=1e-5)
    assert numbers["task_right"][1] > 0.5
    assert found.unseen.asked > PAIRS


def test_the_claim_can_be_judged_and_nothing_is_left_unread(found, capsys):
    twin = found.claim.judge(
        profile="tiny", world_seed=0, numbers=found.numbers["model"]
    )
    assert {part["name"] for part in twin["parts"] if part["core"]} == {
        "patches",
        "edits",
    }
    assert twin["left_out"] == []
    assert capsys.readouterr().out == ""


def test_a_model_that_cannot_do_the_task_is_unsuited(model, subject, monkeypatch):
    facts = ioi.read_facts()._replace(names={"F": ("Xqzv",), "M": ("Zzkqx",)})
    zoo = WrittenZoo(model)
    monkeypatch.setattr(ioi, "read_facts", lambda: facts)
    with pytest.raises(ValueError, match="single tokens"):
        headline.study(zoo, subject, small_claim())
    assert torch.is_tensor(zoo.text)
