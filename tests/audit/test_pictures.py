"""Figures follow from what was found, and each is a picture with a sentence."""

import base64
import math
from typing import Any

import pytest

from saecore.audit.measured.letters import LettersFound
from saecore.audit.measured.meta_explained import MetaFound
from saecore.audit.measured.narrower import novel_latents_by_cosine
from saecore.audit.measured.sharing import shared_latents
from saecore.audit.pictures import drawn_figures
from saecore.audit.report import AuditFound, AuditReport
from saecore.measures.algebra.intervals import Interval

LEVEL: dict[str, Any] = {"threshold": 0.7, "level": 0.95}


def report_of(found):
    return AuditReport({"name": "S"}, [], "", "", 0.7, {}, [], [], found)


@pytest.fixture
def found(directions, held):
    one = held(directions(40, 0), name="one")
    seeds = [held(directions(40, n), name=f"seed {n}") for n in (1, 2)]
    narrow = held(directions(20, 3), name="narrow")
    return AuditFound(
        shared=shared_latents(one, seeds, **LEVEL),
        wider=(novel_latents_by_cosine(one, narrow, **LEVEL),),
        meta=MetaFound([], Interval(0.2, 0.1, 0.3, 0.1, 0.95),
                       {"clusters": Interval(0.1, 0.0, 0.2, math.nan, 0.95)}),
        letters=LettersFound([], ("a", "b"), [0.5, 0.6], 0.1, [0.8, 0.9], ""),
        fired=(0, 3, 100),
    )  # fmt: skip


def test_every_part_has_its_pictures(found):
    figures = drawn_figures(report_of(found))
    sections = [one.section for one in figures]
    assert sections == [*["shared"] * 5, "novel", "meta", "fidelity", "letters"]
    for one in figures:
        assert base64.b64decode(one.png).startswith(b"\x89PNG")
        assert len(one.alt.split()) >= 10
        assert one.title


def test_nothing_is_drawn_of_nothing():
    assert drawn_figures(report_of(AuditFound())) == []
