"""Trends, architectures, and the paper's numbers beside ours."""

import pytest

from saecore.claims.seed_dependence.equal_error import EqualError
from saecore.claims.seed_dependence.sweeps import (
    beside_paper,
    by_architecture,
    equal_rows,
    trends,
)
from saecore.report import published


def test_trends_have_every_setting_with_its_null(found):
    for subject in (found.model, found.world):
        moved = trends(subject)
        assert list(moved.shares) == ["width", "k", "rows in training", "width, ReLU"]
        assert list(moved.nulls) == ["width", "k", "rows in training"]
        assert list(moved.shares["width, ReLU"]) == [10, 20, 40]
        assert moved.shares["width"][10] == subject.share("ends", 10)
        assert list(moved.fvu) == list(moved.shares)
        assert moved.fvu["width, ReLU"][40] == pytest.approx(0.11)
        estimates = [x.estimate for x in moved.shares["width"].values()]
        assert estimates == sorted(estimates, reverse=True)
        for width, share in moved.shares["width, ReLU"].items():
            assert share.estimate > moved.shares["width"][width].estimate


def test_architectures_differ_as_planted_and_bring_sparsity_and_error(found):
    by = by_architecture(found.model)
    assert list(by.share) == ["topk", "batchtopk", "relu", "gated", "jumprelu"]
    gain = by.share["relu"].estimate - by.share["topk"].estimate
    assert gain == pytest.approx(0.2)
    for kind, decoder in by.decoder.items():
        assert decoder.estimate >= by.share[kind].estimate
        assert by.l0[kind] == pytest.approx(3.1)
        assert by.fvu[kind] == pytest.approx(0.11)
        assert by.null[kind] < 0.2


def test_ours_stand_beside_the_papers_numbers(found):
    paper = published("seed_dependence")
    rows = {r["setting"]: r for r in beside_paper(found.model, found.world, paper)}
    assert len(rows) == 15
    agreement = rows["same partner by both"]
    assert agreement["paper"] == paper["base"]["agreement"]
    assert 0 < agreement["world"] < 1
    around = rows["partners that agree around three seeds"]
    assert 0 < around["language model"] < 1
    relu = found.model.share("architecture", "relu", "decoder").estimate
    assert rows["ReLU, decoders alone"]["language model"] == relu
    assert rows["base"]["paper"] == paper["base"]["shared"]
    assert rows["base"]["language model"] == found.model.shared.estimate
    wide = rows["largest width"]
    assert wide["world"] == found.world.share("width", 40).estimate
    assert wide["paper"] == paper["widths"]["shared"][-1]
    narrow = rows["smallest width"]["paper"]  # as many latents as dimensions
    assert narrow == paper["widths"]["shared"][paper["widths"]["x"].index(768)]
    assert rows["smallest k"]["world"] == found.world.share("k", 2).estimate
    once = rows["found in one of nine seeds only"]
    assert once["language model"] == found.model.alone.estimate


def test_relu_is_compared_at_equal_sparsity_and_where_errors_meet(found):
    model = found.model
    (row,) = equal_rows({"model": model})  # errors do not meet in the planted zoo
    assert row["at equal"] == "sparsity"
    assert row["difference"] == model.differences["relu"].estimate
    assert row["difference"] == pytest.approx(row["ReLU"] - row["TopK"])
    given = EqualError(model.differences["relu"], 0.4, 0.11, (2, 6))
    rows = equal_rows({"model": model._replace(equal_error={"k": given})})
    assert rows[1]["at equal"] == "error, by k 2-6"
    assert rows[1]["TopK"] == 0.4
