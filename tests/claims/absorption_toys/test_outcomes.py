"""Tables and maps of the runs, on planted toys."""

import pytest
import torch

from saecore.claims.absorption_toys import outcomes, study
from saecore.claims.absorption_toys.grid import toy_grid
from saecore.claims.absorption_toys.runs import runs
from saecore.report import published


def test_a_row_says_how_the_seeds_ended_and_what_they_have_in_the_middle(
    ideal, subject
):
    found = study(ideal, subject)
    rows = outcomes.setting_rows(found.experiments, found.gap)
    by_name = {row["setting"]: row for row in rows}
    assert by_name["independent"]["solved"] == by_name["hierarchy"]["absorbed"] == 40
    hierarchy = by_name["hierarchy"]
    assert (hierarchy["gap"], hierarchy["delta"]) == pytest.approx((1, 1), abs=1e-5)
    signs = ("encoder of parent on child", "decoder of child on parent")
    half = 2**-0.5
    assert [hierarchy[sign] for sign in signs] == pytest.approx([-half, half])


def test_maps_show_the_features_and_where_the_parent_went(ideal, subject):
    maps = outcomes.cosine_maps(study(ideal, subject))
    identity = torch.eye(4)
    torch.testing.assert_close(maps["independent"].decoder, identity, atol=1e-5, rtol=0)
    rows = outcomes.map_rows(maps)
    assert len(rows) == 16
    child = next(
        row
        for row in rows
        if (row["map"], row["latent of"]) == ("hierarchy, decoder", "child")
    )
    assert (child["parent"], child["child"]) == pytest.approx((2**-0.5, 2**-0.5))


def test_answers_are_activations_times_norms_of_the_first_sound_run(by_delta):
    zoo = by_delta(lambda recipe: 0.5)
    group = runs(zoo, {"one": toy_grid().experiments["hierarchy"][:2]})["one"]
    table = {
        "parent_magnitude": [1, 1],
        "child_magnitude": [0, 1],
        "parent": [7, 7],
        "child": [8, 8],
    }
    alone, both = outcomes.latent_answers(group, table)
    assert alone["parent's latent"] == pytest.approx(1)
    assert both["parent's latent"] == pytest.approx(0.5)
    assert both["child's latent"] == pytest.approx(1.25**0.5)
    assert (both["parent's latent, paper"], both["child's latent, paper"]) == (7, 8)
    with pytest.raises(ValueError, match="not stuck"):
        outcomes.latent_answers([], table)


def test_both_variants_stand_beside_the_papers_tables(by_delta, subject):
    zoo = by_delta(lambda recipe: 0.3)
    paper = published("absorption_toys")
    rows = outcomes.variants(zoo, subject, paper)
    asked = len(paper["noisy"]["parent"]) + len(paper["imperfect"]["parent"])
    assert len(rows) == asked
    assert len({row["setting"] for row in rows}) == 2
