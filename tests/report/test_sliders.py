"""Every point of a slider is judged by the claim, and the rule's own is the card."""

import copy

import pytest

from saecore.book.compare import differences
from saecore.report import Claim, RuleMoved, SliderAxis, slider
from saecore.report.rendering import FACES, SLIDER

COSINES = (0.5, 0.6, 0.7, 0.8, 0.9)
SHARES = (0.7, 0.5, 0.3, 0.1, 0.005)


def numbers_at(share):
    excess = (share - 0.01, share - 0.04, share + 0.02)
    low, high = max(share - 0.03, 0.0), share + 0.03
    return {"shared": (share, low, high), "shared_excess": excess}


@pytest.fixture
def claim():
    found = Claim.read("seed_dependence")
    dict(found.constants)  # all of them are read
    return found


@pytest.fixture
def card(claim):
    return dict.fromkeys(claim.needs(), (0.1, 0.05, 0.15)) | numbers_at(0.3)


@pytest.fixture
def moved():
    axes = [SliderAxis("least cosine", COSINES, 0.7)]
    return RuleMoved(axes, [numbers_at(share) for share in SHARES], ["differ"])


@pytest.fixture
def output(claim, card, moved, shown):
    slider("t", claim, moved, numbers=card, caption="How < alike?")
    return {"output_type": "display_data", "data": shown[0][0]}


def test_the_verdict_of_each_point_is_that_of_the_claims_own_rule(claim, card, output):
    twin = output["data"][SLIDER]
    verdicts, asked = dict(twin["verdicts"]), {"profile": "tiny", "world_seed": 0}
    for at, share in enumerate(SHARES):
        judged = claim.judge(numbers=card | numbers_at(share), **asked)
        assert verdicts["claim"][at] == judged["verdict"]
        assert verdicts["differ"][at] == judged["parts"][0]["verdict"]
    fails, open_, holds = "does not hold", "cannot be told", "holds"
    assert verdicts["differ"] == [fails, open_, holds, holds, open_]


def test_the_rules_own_point_is_the_card(claim, card, output):
    twin = output["data"][SLIDER]
    columns, at = dict(twin["columns"]), COSINES.index(0.7)
    ends = ("", " low", " high")
    for name in ("shared", "shared_null"):
        assert tuple(columns[f"{name}{end}"][at] for end in ends) == card[name]
    judged = claim.judge(profile="tiny", world_seed=0, numbers=card)
    assert dict(twin["verdicts"])["claim"][at] == judged["verdict"]


def test_a_rerun_meets_the_numbers_within_the_tolerance(output):
    def changed(share, **more):
        twin = copy.deepcopy(output["data"][SLIDER]) | more
        dict(twin["columns"])["shared"][0] = share
        return output | {"data": {SLIDER: twin, **FACES[SLIDER](twin)}}

    def off(other):
        return differences([output], [other], rtol=0, atol=0)

    assert off(changed(0.705)) == []
    assert any("t.columns.shared[0]" in line for line in off(changed(0.75)))
    turned = [["differ", ["holds"] * 5], ["claim", ["holds"] * 5]]
    assert any("verdicts" in line for line in off(changed(0.7, verdicts=turned)))


def test_a_grid_that_does_not_have_the_card_or_a_point_is_refused(claim, card, moved):
    asked = {"numbers": card, "caption": "x"}
    other = moved._replace(points=[numbers_at(0.4)] * 5)
    with pytest.raises(ValueError, match="must have the numbers of the card, but shar"):
        slider("t", claim, other, **asked)
    with pytest.raises(ValueError, match="a point for each of its 5 settings, got 4"):
        slider("t", claim, moved._replace(points=moved.points[:4]), **asked)


def test_a_number_that_a_setting_does_not_have_leaves_its_part_out(
    claim, card, moved, shown
):
    points = [{**moved.points[0], "shared": None}, *moved.points[1:]]
    slider("t", claim, moved._replace(points=points), numbers=card, caption="x")
    twin = shown[0][0][SLIDER]
    assert dict(twin["verdicts"])["differ"][0] is None
    assert "not run on this model" in shown[0][0]["text/plain"]
