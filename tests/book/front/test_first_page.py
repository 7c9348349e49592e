"""Two sentences and one table."""

from pathlib import Path

from saecore.book.claims_table import collect
from saecore.book.front.first_page import answer_text, glance
from saecore.book.front.headline import front_words

ROOT = Path(__file__).parents[3]


def test_a_sentence_stands_only_while_its_verdicts_do(runs, front):
    assert answer_text(runs, front) == "They differ."
    runs["seed_dependence"]["tiny", 0]["verdict"] = "cannot be told"
    counted = answer_text(runs, front)
    assert counted == (
        "Small model: of 1 claims 1 “cannot be told”. "
        "Made world: of 1 claims 1 “does not hold”."
    )


def test_a_sentence_may_rest_on_one_of_several_verdicts(runs, front):
    front["answer"][0]["rests_on"] = ["tiny.seed_dependence: holds or cannot be told"]
    runs["seed_dependence"]["tiny", 0]["verdict"] = "cannot be told"
    assert answer_text(runs, front) == "They differ."
    runs["seed_dependence"]["tiny", 0]["verdict"] = "does not hold"
    assert answer_text(runs, front) != "They differ."


def test_a_row_has_a_cell_for_each_subject_that_has_results(claim, runs, front):
    text = glance([claim], runs, {claim.notebook}, front)
    head, _, row = text.splitlines()[1:4]
    assert head == "| claim | small model | made world |"
    assert "[Seeds differ](notebooks/seed_dependence.ipynb)" in row
    assert "[holds]{.sae-badge .sae-holds} [0.35 [0.30, 0.40]]{.sae-number}" in row
    assert "[against 0.02 [0.01, 0.05]]{.sae-small}" in row
    assert "registered run: holds" in row
    assert "](notebooks" not in glance([claim], runs, set(), front)


def test_a_model_of_the_readers_own_gets_a_column_of_its_name(claim, runs, front):
    of_claim = runs["seed_dependence"]
    of_claim["mine_1", 3] = of_claim["tiny", 0] | {"profile": "mine_1"}
    head = glance([claim], runs, set(), front).splitlines()[1]
    assert head.endswith("| made world | `mine_1` |")


def test_a_claim_without_results_on_a_subject_was_not_asked(claim, runs, front):
    del runs["seed_dependence"]["tiny", 0]
    runs["other"] = {("tiny", 0): {}}
    row = glance([claim], runs, set(), front).splitlines()[3]
    assert "| [not asked]{.sae-aside} | [does not hold]" in row


def test_the_committed_verdicts_are_those_that_the_answer_rests_on():
    runs, front = collect([ROOT / "book" / "results"]), front_words(ROOT)
    said = answer_text(runs, front)
    assert said.startswith(front["answer"][0]["says"].strip()[:40])
    assert said.count(". ") + said.count(".\n") <= 2
