"""A whole audit: what is measured, what is not and why, and what is refused."""

import jsonschema
import pytest
import torch

from saecore.audit import work
from saecore.audit.numbers import SECTIONS
from saecore.audit.schema import SCHEMA
from saecore.audit.work import audited


@pytest.fixture
def quick(monkeypatch):
    """Without the meta-SAE, which is trained."""
    monkeypatch.setattr(work._Audit, "_meta", lambda self: None)


@pytest.mark.usefixtures("quick")
def test_weights_alone_are_measured_without_a_model(saved, directions):
    same = directions(30, 0)
    one = saved("one", torch.cat([same, directions(30, 1)]))
    other = saved("other", torch.cat([same, directions(30, 2)]))
    narrow = saved("narrow", same[:10])
    report = audited(one, against=[other, narrow], threshold=0.9)
    jsonschema.validate(report.as_json(), SCHEMA)
    share = {x.of: x.value for x in report.numbers if x.name == "shared (same partner)"}
    assert share == {"one and other": 0.5, "one and narrow": pytest.approx(10 / 60)}
    novel = [x.value for x in report.of("novel") if x.name == "novel by cosine"]
    assert novel == [pytest.approx(50 / 60)]
    assert [x.section for x in report.not_measured] == ["fidelity", "rules", "letters"]
    assert report.rows == report.model == ""
    assert report.sae["hook_name"] == "blocks.1.hook_resid_post"


@pytest.mark.usefixtures("quick")
def test_an_sae_alone_says_what_is_missing(saved, directions):
    report = audited(saved("one", directions(60, 0)))
    why = {one.section: one.why for one in report.not_measured}
    assert "give --against" in why["shared"]
    assert "another width" in why["novel"]
    jsonschema.validate(report.as_json(), SCHEMA)


def test_a_narrow_sae_has_no_meta_sae_and_says_so(saved, directions):
    report = audited(saved("one", directions(60, 0)))
    why = {one.section: one.why for one in report.not_measured}
    assert "160 decoder rows or more" in why["meta"]


@pytest.mark.usefixtures("quick")
def test_with_a_model_rows_are_read_and_named(saved, directions, small_model, text):
    one, other = saved("one", directions(60, 0)), saved("other", directions(20, 1))
    said = []
    report = audited(
        one, against=[other], model=small_model, text=text, rows=1500, say=said.append
    )
    jsonschema.validate(report.as_json(), SCHEMA)
    assert "1,524 rows: the residual stream blocks.1.hook_resid_post" in report.rows
    names = {x.name for x in report.numbers}
    assert {"FVU", "L0", "novel by insertion", "shared (same partner)"} <= names
    assert len(report.found.fired) == 60
    assert "rules" in said
    known = {x.section for x in (*report.numbers, *report.not_measured)}
    assert known >= set(SECTIONS) - {"meta"}


def test_another_d_model_is_refused(saved, directions):
    one, other = saved("one", directions(40, 0)), saved("two", directions(40, 0, 16))
    wanted = r"one has d_model 32 and two has 16: give --against"
    with pytest.raises(ValueError, match=wanted):
        audited(one, against=[other])


def test_too_little_memory_is_refused(saved, directions, monkeypatch):
    monkeypatch.setattr("saecore.audit.memory.memory", lambda: 1000)
    with pytest.raises(ValueError, match="this machine allows"):
        audited(saved("one", directions(40, 0)))


def test_weights_that_are_not_finite_are_refused(saved, directions):
    rows = directions(40, 0)
    rows[0, 0] = torch.inf
    with pytest.raises(ValueError, match="weights are finite numbers"):
        audited(saved("one", rows))


def test_names_are_as_long_as_it_takes_to_tell_them_apart():
    assert work._apart(["a/x", "b/y"]) == ["x", "y"]
    assert work._apart(["a/x", "b/x"]) == ["a/x", "b/x"]
    assert work._apart(["a/x", "a/x"]) == ["x", "x (1)"]
