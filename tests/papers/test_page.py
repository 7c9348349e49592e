"""The page says what was measured, and how to get what was not."""

from saecore.papers import results
from saecore.papers.page import (
    NOT_RUN,
    beside_the_paper,
    described_key,
    papers_markdown,
)
from saecore.papers.releases import release_of, releases


def test_without_results_every_row_says_so_and_how_to_get_it(tmp_path):
    text = papers_markdown(tmp_path)
    rows = [line for line in text.splitlines() if line.endswith(f"| {NOT_RUN} |")]
    assert len(rows) == sum(len(one.numbers) for one in releases().values())
    for one in releases().values():
        for part in one.parts:
            assert f"saecore papers {one.name} --part '{part}'` (" in text
    assert "| 0.572 (figure 16b) | not run |" in text


def test_what_was_run_stands_beside_the_paper(tmp_path):
    one = release_of("gpt2")
    numbers = {"MSE/768": [2.7, 2.65, 2.75], "live/1536 in 768": 1400.0}
    results.store(tmp_path / "gpt2.json", one, "activations", numbers, {"seconds": 600})
    text = papers_markdown(tmp_path)
    assert "per coordinate: 768 | 2.72 (table 2) | 2.7 [2.65, 2.75] |" in text
    assert "run on 20" in text
    assert "in 10 min" in text
    further = text.split("```{dropdown} Further numbers")[1].split("```")[0]
    assert "latents that fire on these texts: 1536 in 768 | 1,400 |" in further
    parts = results.stored_results(tmp_path / "gpt2.json")["parts"]
    ours = [ours for _, _, ours in beside_the_paper(one, parts) if ours != NOT_RUN]
    assert ours == ["2.7 [2.65, 2.75]"]


def test_the_longest_beginning_of_a_key_gives_its_words():
    assert described_key("novel/1536 in 768").endswith("without a partner: 1536 in 768")
    assert "Gaussian rows of its mean" in described_key("reconstruction by chance/a")
    assert described_key("unheard of/a") == "unheard of: a"
