"""Findings are differences of two numbers that the page shows elsewhere too."""

import torch

from saecore.claims.editing.against_the_paper import finding_rows, findings
from saecore.measures.editing.patching import PatchingCurve


def test_a_finding_is_ours_if_the_first_number_is_smaller(found):
    steps = torch.tensor([0, 8])
    curves = {
        "TopK, k 4": PatchingCurve(steps, torch.tensor([9.0, 4.0]), torch.rand(2)),
        "TopK, k 32": PatchingCurve(steps, torch.tensor([9.0, 0.5]), torch.rand(2)),
    }
    ours = findings(found, curves)
    assert len(ours) == 7
    assert all(one.same == (one.first < one.second) for one in ours)
    floors = next(one for one in ours if "floor" in one.says)
    assert (floors.first, floors.second, floors.same) == (0.5, 4.0, True)
    leace = next(one for one in ours if one.says.endswith("LEACE"))
    assert leace.same
    assert leace.second == found.harm["LEACE"][0]
    rows = finding_rows(ours)
    assert [row["same"] for row in rows if "floor" in row["the paper finds"]] == ["yes"]
