"""The study on the planted case, against what was planted."""

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


def planted_words(setting, recipe):
    """(word, letter) of every word that an SAE absorbs."""
    own = absorbed_of(recipe)
    return {(EACH * i + n, i) for i, places in enumerate(own) for n in places}


def test_the_absorbed_words_are_the_planted_ones(study):
    for recipe, one in study.saes.items():
        hit = one.absorbed
        rows, labels = one.found.row[hit].tolist(), one.found.label[hit].tolist()
        found = set(zip(rows, labels, strict=True))
        judged = set(one.found.judged.nonzero()[:, 0].tolist())
        expected = planted_words(study.setting, recipe)
        assert {pair for pair in expected if pair[1] in judged} <= found


def test_the_rate_is_the_share_of_planted_words(study):
    one = study.saes[study.setting.grid.base[0]]
    counts = torch.tensor([len(x) for x in absorbed_of(study.setting.grid.base[0])])
    assert torch.allclose(one.decided.rate, counts / one.found.counts)
    assert (one.found.counts >= CASES).all()


def test_the_trends_are_those_that_were_planted(study):
    numbers = study.numbers["model"]
    assert numbers["width_difference"][0] == pytest.approx(2 / EACH, rel=0.05)
    assert numbers["k_difference"][0] == pytest.approx(-3 / EACH, rel=0.05)
    assert numbers["f1_difference"][2] < 0  # half of A, all of B and C but the absorbed


def test_chance_lies_below_the_rate(study):
    assert study.chance.larger.estimate < study.absorbed.low
    assert study.chance.larger in study.chance
    assert study.numbers["model"]["absorbed_null"] == study.chance.larger.triple


def test_the_absorbers_effect_goes_with_the_letters_direction(study):
    low, high = study.numbers["model"]["effect_left"][1:]
    assert -0.1 < low <= high < 0.5


def test_the_study_judges_every_part_of_the_claim(study):
    twin = study.claim.judge(
        profile="tiny", world_seed=0, numbers=study.numbers["model"]
    )
    verdicts = {part["name"]: part["verdict"] for part in twin["parts"]}
    for name in ("absorbed", "width", "sparsity", "carrier", "probe"):
        assert verdicts[name] == "holds"
    assert not twin["left_out"]


def test_a_setting_in_which_no_letter_counts_has_no_number(study):
    nobody = study.saes[study.setting.grid.base[0]]
    nobody = nobody._replace(rate=nobody.rate._replace(as_zero=float("nan")))
    wide = study.setting.grid.settings["topk"][640, 8]
    blank = study._replace(saes=study.saes | dict.fromkeys(wide, nobody))
    assert headline._numbers(blank)["width_difference"] is None


def test_a_model_without_clean_latents_is_unsuited():
    with pytest.raises(Unsuited, match="cleaner latents"):
        headline.read_base(planted_setting(latent_f1=1.01))
