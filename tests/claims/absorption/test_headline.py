"""The study on the planted case, against what was planted."""

import math

import pytest
import torch

from saecore.claims.absorption import headline
from saecore.errors import Unsuited
from tests.claims.absorption.planted import (
    EACH,
    UNKNOWN,
    absorbed_of,
    planted_setting,
)

CASES = torch.tensor([EACH, EACH, EACH - UNKNOWN])
"""Words of each letter that carry it; the probe may guess some more of C."""


def planted_words(recipe):
    """(word, letter) of every word that an SAE absorbs."""
    own = absorbed_of(recipe)
    return {(EACH * i + n, i) for i, places in enumerate(own) for n in places}


def test_the_absorbed_words_are_the_planted_ones(study):
    for recipe, one in study.saes.items():
        hit = one.absorbed
        rows, labels = one.found.row[hit].tolist(), one.found.label[hit].tolist()
        found = set(zip(rows, labels, strict=True))
        counted = set(one.counts.nonzero()[:, 0].tolist())
        assert {pair for pair in planted_words(recipe) if pair[1] in counted} <= found


def test_the_rate_is_the_share_of_planted_words(study):
    recipe = study.setting.grid.base[0]
    one = study.saes[recipe]
    counts = torch.tensor([len(x) for x in absorbed_of(recipe)])
    assert torch.allclose(one.every.absorbed, counts / one.found.counts)
    assert (one.found.counts >= CASES).all()


def test_the_trends_are_those_that_were_planted(study):
    numbers = study.numbers["model"]
    assert numbers["width_difference"][0] == pytest.approx(2 / EACH, rel=0.05)
    assert numbers["k_difference"][0] == pytest.approx(-3 / EACH, rel=0.05)


def test_the_rate_exceeds_its_strongest_null(study):
    base = study.absorbed[study.setting.grid.place]
    numbers = study.numbers["model"]
    assert base.name.startswith("frozen")  # in which one word is absorbed
    assert numbers["absorbed"] == base.share.triple
    assert numbers["absorbed_null"] == base.null.triple
    assert numbers["absorbed_excess"][0] == pytest.approx(
        base.share.estimate - base.null.estimate, abs=0.01
    )
    assert numbers["absorbed_excess"][1] > 0
    assert numbers["specific"] == numbers["absorbed"]


def test_the_base_has_every_null_and_the_others_have_their_own(study):
    grid = study.setting.grid
    assert list(study.nulls[grid.place]) == [
        "words whose main latents fire",
        "direction of another label",
        "frozen decoder",
        "frozen encoder",
        "shuffled letters",
    ]
    assert len(study.nulls["relu", 640, 4]) == 2
    assert len(study.nulls["topk", 160, 4]) == 2
    assert len(study.nulls["jumprelu", 640, 4]) == 4


def test_the_absorbers_effect_goes_with_the_letters_direction(study):
    numbers = study.numbers["model"]
    assert numbers["effect_left_excess"][2] < 0
    assert numbers["absorber_effect"][1] > 0


def test_the_probe_is_judged_at_the_setting_that_comes_nearest(study):
    setting = study.setting
    probe = setting.letters.probes.f1
    means = [
        float(torch.stack([s.best.f1 - probe for s in study.at(place)]).mean())
        for place in setting.grid.places
    ]
    number = study.numbers["model"]["best_f1_difference"]
    assert number[0] == pytest.approx(max(means), abs=1e-6)


def test_the_study_judges_every_part_of_the_claim(study):
    twin = study.claim.judge(
        profile="tiny", world_seed=0, numbers=study.numbers["model"]
    )
    verdicts = {part["name"]: part["verdict"] for part in twin["parts"]}
    for name in ("absorbed", "specific", "width", "sparsity", "carrier"):
        assert verdicts[name] == "holds"
    assert not twin["left_out"]


def test_trends_are_over_the_labels_of_every_setting():
    nan = math.nan
    narrow = [torch.tensor([0.1, nan, 0.3]), torch.tensor([0.1, 0.2, 0.3])]
    wide = [torch.tensor([0.2, 0.5, nan]), torch.tensor([0.2, nan, 0.5])]
    first, last = headline.common_labels([narrow, [*wide, wide[0]]])
    assert (last - first).nan_to_num(-1).flatten().tolist() == pytest.approx(
        [0.1, -1, -1, 0.1, -1, 0.2]
    )


def test_where_no_letter_counts_width_has_no_number_and_sparsity_has_one(study):
    nobody = study.base[0]
    nobody = nobody._replace(counts=torch.zeros_like(nobody.counts))
    places = study.setting.grid.places
    for place in (("topk", 160, 4), ("topk", 640, 16)):
        blank = study._replace(saes=study.saes | dict.fromkeys(places[place], nobody))
        trends = headline._trends(blank)
        assert (trends["width_difference"] is None) == (place[1] == 160)
        assert trends["k_difference"] is not None


def test_a_model_without_clean_latents_is_unsuited():
    with pytest.raises(Unsuited, match="cleaner latents"):
        headline.read_base(planted_setting(precision=1.01))


def test_the_first_sae_is_one_in_which_a_letter_counts(study):
    empty = study.base[0]._replace(counts=torch.zeros(3, dtype=torch.bool))
    recipes = study.setting.grid.base
    saes = study.saes | {recipes[0]: empty}
    assert study._replace(saes=saes).first is saes[recipes[1]]
    base = {one: saes[one] for one in recipes}
    assert headline.first_that_counts(base) == recipes[1]
