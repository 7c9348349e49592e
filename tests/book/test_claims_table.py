"""The generated table of claims: verdicts and numbers come from stored results
alone.
"""

import json

import pytest

from saecore.book.claims_table import claims_markdown, collect, verdict_badge
from saecore.report import Claim


@pytest.fixture
def results(tmp_path, monkeypatch):
    """The folder of one stored verdict on the first claim of the book."""
    monkeypatch.setenv("SAECORE_RESULTS", str(tmp_path))
    monkeypatch.setattr("IPython.display.display", lambda *_, **__: None)
    claim = Claim.read("seed_dependence")
    dict(claim.constants)
    numbers = dict.fromkeys(claim.needs(), (0.1234, 0.1, 0.2))
    claim.conclude(profile="tiny", world_seed=3, numbers=numbers)
    return tmp_path


def test_without_a_run_the_table_says_so():
    assert "This claim has not been run yet." in claims_markdown([], set())


def test_each_part_has_a_row_with_its_verdict_its_number_and_the_papers(results):
    text = claims_markdown([results], {"notebooks/seed_dependence"})
    claim = Claim.read("seed_dependence")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == 1 + len(claim.parts)
    for row, part in zip(rows[1:], claim.parts, strict=True):
        assert part.says in row
        assert part.paper in row
        assert "0.12 [0.10, 0.20]" in row
    assert "](notebooks/seed_dependence.ipynb)" in text
    assert "world seed 3" in text
    assert "](notebooks" not in claims_markdown([results], set())


def test_a_section_says_how_it_is_judged_and_when_each_rule_was_written(results):
    claim = Claim.read("seed_dependence")
    text = claims_markdown([results], set(), claims=[claim])
    assert text.startswith(f"## {claim.says}\n")
    assert text.count("\n## ") == 0
    assert ":::{dropdown} How it is judged\nA latent is shared by two SAEs" in text
    for part in claim.parts:
        assert f"Rule written: {part.written.split()[0]}" in text


def test_a_later_folder_wins_for_the_same_run_and_others_stay(
    results, tmp_path_factory
):
    later = tmp_path_factory.mktemp("later")
    runs = [("tiny", 3, "does not hold"), ("gpt2", 3, "holds"), ("llama", 7, "holds")]
    for profile, world_seed, verdict in runs:
        (later / profile).mkdir()
        stored = json.loads((results / "tiny" / "seed_dependence.json").read_text())
        stored |= {"profile": profile, "verdict": verdict, "world_seed": world_seed}
        (later / profile / "seed_dependence.json").write_text(json.dumps(stored))
    found = collect([results, later])["seed_dependence"]
    assert {run: result["verdict"] for run, result in found.items()} == {
        ("tiny", 3): "does not hold",
        ("gpt2", 3): "holds",
        ("llama", 7): "holds",
    }


def test_a_verdict_is_a_word_not_only_a_colour():
    assert verdict_badge("cannot be told").startswith("[cannot be told]")


def test_a_page_that_does_not_suit_the_model_stands_in_the_table_with_its_reason(
    results,
):
    stopped = {
        "notebooks/seed_dependence": "it has [no] words",
        "notebooks/absorption": "it has no letters",
    }
    text = claims_markdown([results], set(), stopped=stopped, run=("small", 7))
    note = "On `small`, world seed 7: [not run on this model]{.sae-badge .sae-open}: "
    assert text.count(note) == 2
    assert note + r"it has \[no\] words." in text
    assert "world seed 3" in text
    section = next(part for part in text.split("\n## ") if "it has no letters" in part)
    assert "has not been run yet" not in section


def test_a_verdict_that_was_reached_before_the_page_stopped_stays(results):
    stopped = {"notebooks/seed_dependence": "it has no words"}
    assert "it has no words" not in claims_markdown(
        [results], set(), stopped=stopped, run=("tiny", 3)
    )


def test_a_part_that_was_left_out_is_said_to_be_so(results):
    path = results / "tiny" / "seed_dependence.json"
    stored = json.loads(path.read_text())
    left, stored["registered"] = stored["parts"].pop(), None
    path.write_text(json.dumps(stored))
    says = f"**{left['says']}**" if left["core"] else left["says"]
    says += f" [Rule written: {left['written']}]{{.sae-small}}"
    assert f"| {says} | not run on this model |" in claims_markdown([results], set())


def test_the_registered_run_stands_beside_and_core_parts_are_bold(results):
    path = results / "tiny" / "seed_dependence.json"
    twin = json.loads(path.read_text())
    name = twin["parts"][0]["name"]
    registered = {"world_seed": 41, "verdict": "holds in part", "parts": {name: "?"}}
    registered["parts"][name] = "holds"
    twin |= {"scope": "TopK on a *model*", "registered": registered}
    twin["parts"][0]["verdict"] = "cannot be told"
    path.write_text(json.dumps(twin))
    text = claims_markdown([results], set())
    badge = "[holds in part]{.sae-badge .sae-part}"
    assert f"registered run, world seed 41: {badge}" in text
    assert r"TopK on a \*model\*" in text
    row = next(line for line in text.splitlines() if twin["parts"][0]["says"] in line)
    assert "(registered run: [holds]{.sae-badge .sae-holds})" in row
    core = {part.says: part.core for part in Claim.read("seed_dependence").parts}
    for says, bold in core.items():
        assert (f"| **{says}** [" in text) is bold
