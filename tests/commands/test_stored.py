"""The committed verdicts as a table."""

import json

import pytest

from saecore.commands.stored import as_table, committed_verdicts
from saecore.report import Claim
from saecore.report.paths import ReportError, claims_file


def test_every_claim_has_a_line_with_its_verdict():
    twins = committed_verdicts()
    head, *lines = as_table(twins).splitlines()
    assert head.split() == ["claim", "on", "verdict", "measured", "compared", "with"]
    assert {twin["claim"] for twin in twins} == set(Claim.names())
    for twin, line in zip(twins, lines, strict=True):
        assert line.startswith(twin["claim"])
        assert f"  {twin['verdict']}  " in line


def test_the_numbers_are_those_that_are_stored():
    (twin,) = committed_verdicts(["seed_dependence"])[:1]
    part = twin["parts"][0]
    value = twin["numbers"][part["shows"]][0]
    assert f"{value:.2f} [" in as_table([twin])
    path = claims_file().with_name("results") / "tiny" / "seed_dependence.json"
    assert twin == json.loads(path.read_text())


def test_a_claim_without_a_verdict_is_refused_and_those_with_one_are_named(tmp_path):
    with pytest.raises(ReportError, match=r"but absorbtion was asked for"):
        committed_verdicts(["absorbtion"])
    with pytest.raises(ReportError, match="choose from these"):
        committed_verdicts(["absorption"], tmp_path)
