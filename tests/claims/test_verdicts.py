"""Verdicts without a notebook: every claim has a study, and refusals are sentences."""

from importlib import import_module
from types import SimpleNamespace

import pytest

from saecore import profiles
from saecore.claims import verdicts
from saecore.errors import Unsuited
from saecore.report import Claim

TINY = profiles.read("tiny")


@pytest.mark.parametrize("name", verdicts.names())
def test_every_claim_has_a_study(name):
    assert callable(import_module(f"saecore.claims.{name}").study)


def planted(monkeypatch, study):
    module = SimpleNamespace(study=study)
    monkeypatch.setattr(verdicts, "import_module", lambda name: module)


def test_the_numbers_of_a_study_are_judged_by_the_rule(zoo, monkeypatch):
    claim = Claim.read("absorption_toys")
    dict(claim.constants)

    numbers = {"world": dict.fromkeys(claim.needs(), 0.0)}
    study = SimpleNamespace(claim=claim, numbers=numbers)
    planted(monkeypatch, lambda zoo, profile: study)
    (twin,) = verdicts.verdicts(["absorption_toys"], zoo, TINY)
    assert (twin["claim"], twin["profile"]) == ("absorption_toys", "world")
    assert twin["verdict"] == "holds in part"
    parts = {part["name"]: part["verdict"] for part in twin["parts"]}
    assert parts["independent"] == "holds"


def test_a_model_that_does_not_suit_a_claim_gets_a_sentence(zoo, monkeypatch):
    def study(*_):
        raise Unsuited("it has no words")

    planted(monkeypatch, study)
    (said,) = verdicts.verdicts(["absorption"], zoo, TINY)
    assert said == "absorption: not run on tiny: it has no words"


def test_a_name_that_is_no_claim_is_refused(zoo):
    with pytest.raises(ValueError, match="absorbtion was asked for"):
        list(verdicts.verdicts(["absorbtion"], zoo, TINY))
