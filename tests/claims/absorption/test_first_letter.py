"""The first-letter task in the paper's terms, on the planted case."""

import pytest

from saecore.claims.absorption.first_letter import first_letter


def test_the_planted_case_in_the_papers_terms(study):
    found = first_letter(study)
    assert found["letters"] == found["letters told"] == 3
    assert found["words"] == 120
    assert 0.9 < found["probe F1"] <= 1
    assert found["best latent F1"] <= found["best latent F1, largest"] <= 1
    assert 0 < found["full absorption"] < 1
    assert 0 < found["absorption fraction"] < 1


def test_every_setting_has_its_sparsity_beside_its_rate(study):
    rows = first_letter(study)["settings"]
    assert len(rows) == len(study.setting.grid.places)
    base = next(
        row
        for row, place in zip(rows, study.setting.grid.places, strict=True)
        if place == study.setting.grid.place
    )
    share = study.absorbed[study.setting.grid.place].share
    assert base["absorbed"] == pytest.approx(share.estimate)
    assert {"L0", "precision", "recall", "strongest null"} <= base.keys()
