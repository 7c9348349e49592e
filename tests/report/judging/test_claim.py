"""The rule that judges a claim: intervals decide, and nothing else does."""

import json
import tomllib

import pytest

from saecore.report import tolerance
from saecore.report.judging.claim import Claim, _store
from saecore.report.paths import LOCAL_RESULTS, claims_file
from saecore.report.rendering import VERDICT

BOOK = list(tomllib.loads(claims_file().read_text(encoding="utf-8")))
RULES = """
[differ]
paper = "1"
cite = "x"
source = "A paper, abstract"
sentence = "They differ."
says = "they differ"
notebook = "notebooks/differ"
rule = "by intervals of {confidence:.0%}, at a cosine of {cosine}"
[differ.constants]
cosine = 0.7
confidence = 0.95
[differ.numbers]
share = "share of latents"
null = "share by chance"
slope = "slope of the share"
[[differ.parts]]
name = "low"
says = "the share is low"
shows = "share"
null = "null"
conditions = [
    { number = "share", interval = "below", than = 0.7 },
    { number = "share", interval = "above", than = "null" },
]
[[differ.parts]]
name = "rises"
says = "the share rises"
shows = "slope"
conditions = [{ number = "slope", interval = "above", than = 0 }]
"""


@pytest.fixture
def claim(tmp_path):
    path = tmp_path / "claims.toml"
    path.write_text(RULES)
    found = Claim.read("differ", path)
    dict(found.constants)
    return found


@pytest.fixture
def shown(monkeypatch):
    bundles = []
    monkeypatch.setattr(
        "IPython.display.display", lambda data, **_: bundles.append(data)
    )
    return bundles


def test_conclude_judges_stores_and_shows(claim, shown, tmp_path, monkeypatch):
    monkeypatch.setenv("SAECORE_RESULTS", str(tmp_path / "results"))
    numbers = {"share": (0.5, 0.4, 0.6), "null": 0.1, "slope": (0.1, -0.1, 0.3)}
    done = claim.conclude(profile="/some/where/model", world_seed=7, numbers=numbers)
    assert done.verdict == "holds in part"
    assert done.parts == {"low": "holds", "rises": "cannot be told"}
    assert done.path == tmp_path / "results" / "model" / "differ.json"
    stored = json.loads(done.path.read_text())
    assert stored == shown[0][VERDICT]
    assert stored["numbers"]["null"] == [0.1, 0.1, 0.1]
    for sentence in (
        "share of latents: 0.50 [0.40, 0.60], below 0.7",
        "share of latents: 0.50 [0.40, 0.60], above share by chance, 0.10",
        "slope of the share: 0.10 [−0.10, 0.30], may or may not be above 0",
    ):
        assert sentence in shown[0]["text/html"]


def test_a_missing_number_is_named(claim):
    with pytest.raises(
        ValueError,
        match=r"is judged by \['share', 'null', 'slope'\], but \['slope'\] did not come",
    ):
        claim.conclude(
            profile="tiny", world_seed=0, numbers={"share": 0.5, "null": 0.1}
        )


def test_an_unknown_claim_or_an_incomplete_one_is_named(tmp_path):
    path = tmp_path / "claims.toml"
    path.write_text(RULES.replace('rule = "by', 'other = "by'))
    with pytest.raises(
        ValueError, match=r"must be one of \['differ'\] of claims.toml, got 'difer'"
    ):
        Claim.read("difer", path)
    with pytest.raises(ValueError, match="'rule'"):
        Claim.read("differ", path)


@pytest.mark.parametrize("name", BOOK)
def test_every_claim_of_the_book_can_be_judged(name):
    claim = Claim.read(name)
    assert claim.parts
    for part in claim.parts:
        assert part.conditions, f"{part.name} has no condition"
        assert part.shows in claim.needs()
        assert {condition.interval for condition in part.conditions} <= {
            "below",
            "above",
        }


def test_a_part_whose_number_cannot_be_asked_for_is_left_out_and_leaves_the_claim_open(
    claim, shown, tmp_path, monkeypatch
):
    monkeypatch.setenv("SAECORE_RESULTS", str(tmp_path / "results"))
    given = {"share": (0.5, 0.4, 0.6), "null": 0.1, "slope": None}
    found = claim.conclude(profile="small", world_seed=0, numbers=given)
    assert (found.verdict, found.parts) == ("holds in part", {"low": "holds"})
    stored = json.loads(found.path.read_text())
    assert "slope" not in stored["numbers"]
    assert [part["name"] for part in stored["left_out"]] == ["rises"]
    assert "the share rises: not run on this model" in shown[0]["text/plain"]
    failed = claim.conclude(
        profile="small", world_seed=0, numbers={**given, "share": (0.9, 0.8, 0.95)}
    )
    assert failed.verdict == "does not hold"


def test_parts_that_are_not_core_move_no_verdict(tmp_path):
    path = tmp_path / "claims.toml"
    path.write_text(
        RULES.replace('name = "rises"', 'name = "rises"\ncore = false')
        + '[differ.scope]\nworld = "in a world"\nmodel = "on a model"\n'
    )
    claim = Claim.read("differ", path)
    dict(claim.constants)
    falls = NUMBERS | {"slope": (-1, -2, -0.5)}
    twin = claim.judge(profile="tiny", world_seed=0, numbers=falls)
    assert [part["verdict"] for part in twin["parts"]] == ["holds", "does not hold"]
    assert (twin["verdict"], twin["scope"]) == ("holds", "on a model")
    in_world = claim.judge(profile="world", world_seed=0, numbers=NUMBERS)
    assert in_world["scope"] == "in a world"


NUMBERS = {"share": (0.5, 0.4, 0.6), "null": 0.1, "slope": (0.1, -0.1, 0.3)}
ASKED = {"profile": "tiny", "world_seed": 0, "numbers": NUMBERS}


def test_a_constant_that_nothing_has_read_is_named(claim):
    fresh = claim.moved()
    fresh.constants["confidence"]
    message = r"'differ' states the constants \['cosine'\] in claims.toml, but nothing"
    with pytest.raises(ValueError, match=message):
        fresh.judge(**ASKED)
    fresh.constants["cosine"]
    assert fresh.judge(**ASKED)["verdict"] == "holds in part"


def test_a_moved_claim_has_another_rule_and_leaves_the_first_alone(claim):
    moved = claim.moved(cosine=0.65)
    assert (moved.constants["cosine"], claim.constants["cosine"]) == (0.65, 0.7)
    assert moved.constants.unread() == ["confidence"]
    assert moved.rule == "by intervals of 95 %, at a cosine of 0.65"
    assert claim.rule == "by intervals of 95 %, at a cosine of 0.7"
    with pytest.raises(ValueError, match=r"'differ' must be one of .*got 'cosin'"):
        claim.moved(cosin=0.65)


def test_judging_shows_and_stores_nothing_and_leaves_out_what_no_part_uses(
    claim, shown, tmp_path, monkeypatch
):
    monkeypatch.setenv("SAECORE_RESULTS", str(tmp_path / "results"))
    twin = claim.judge(**{**ASKED, "numbers": NUMBERS | {"more": 1.0}})
    assert shown == []
    assert not (tmp_path / "results").exists()
    assert list(twin["numbers"]) == list(twin["words"]) == ["share", "null", "slope"]
    assert json.loads(json.dumps(twin)) == twin
    tolerance(rtol=0.04)
    assert claim.judge(**ASKED)["rtol"] == 0.04
    assert claim.judge(**ASKED, rtol=0.01)["rtol"] == 0.01
    tolerance()
    assert (twin["rtol"], twin["atol"]) == (0.02, 1e-6)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('slope = "slope of the share"', "", r"\['slope'\] have none"),
        ("[differ.numbers]", '[differ.numbers]\nx = "y"', r"\['x'\] are used by no"),
        ("[differ.numbers]", "[differ.words]", "'numbers'"),
        ("{cosine}", "{cosin}", r"among the constants \['cosine', 'confidence'\]"),
    ],
)
def test_a_claim_whose_words_or_placeholders_do_not_fit_is_refused(
    tmp_path, old, new, said
):
    path = tmp_path / "claims.toml"
    assert old in RULES
    path.write_text(RULES.replace(old, new))
    with pytest.raises(ValueError, match=said):
        Claim.read("differ", path)


@pytest.mark.parametrize("name", BOOK)
def test_every_claim_of_the_book_says_its_scope_and_what_was_known(name):
    claim = Claim.read(name)
    assert claim.scope
    assert set(claim.scope) <= {"model", "world", "smollm2"}
    assert any(part.core for part in claim.parts)
    assert all(part.written for part in claim.parts)
    for part in claim.parts:
        assert bool(part.gate) is bool(part.control), part.name


@pytest.mark.parametrize("name", BOOK)
def test_the_rule_of_a_claim_states_its_constants_by_their_names(name):
    claim = Claim.read(name)
    assert claim.constants.unread() == list(claim.constants)
    for constant in claim.constants:
        assert f"{{{constant}" in claim.template, constant
    assert "{" not in claim.rule


def test_a_verdict_that_is_left_in_the_readers_folder_is_said(
    monkeypatch, tmp_path, capsys
):
    twin = {"profile": "small", "claim": "differ"}
    monkeypatch.chdir(tmp_path)
    assert _store(twin, LOCAL_RESULTS) == LOCAL_RESULTS / "small" / "differ.json"
    said = capsys.readouterr().err
    assert said.startswith("saecore: wrote results/small/differ.json in this folder")
    assert "SAECORE_RESULTS" in said
    _store(twin, tmp_path / "elsewhere")
    assert capsys.readouterr().err == ""


def test_a_stored_verdict_is_one_line_a_number_and_keeps_its_letters(tmp_path):
    twin = {"profile": "small", "claim": "differ", "says": "±", "number": 0.5}
    stored = _store(twin, tmp_path).read_bytes().decode("utf-8")
    assert stored == (
        '{\n "profile": "small",\n "claim": "differ",\n "says": "±",\n "number": 0.5\n}\n'
    )
    with pytest.raises(ValueError, match="not JSON compliant"):
        _store(twin | {"number": float("nan")}, tmp_path)
    assert (tmp_path / "small" / "differ.json").read_bytes().decode("utf-8") == stored
