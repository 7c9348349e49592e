"""Costs are worked out from sizes, and fit the machine that they are meant for."""

import pytest

from saecore.papers.cost import cost_of, used
from saecore.papers.releases import releases

COLAB = 12e9


@pytest.mark.parametrize("name", ["gpt2", "pythia", "gemma"])
def test_every_part_fits_a_free_gpu_machine(name):
    release = releases()[name]
    for part in release.parts:
        assert cost_of(release, part).memory < COLAB


def test_downloads_are_those_of_the_saes_that_a_part_opens():
    release = releases()["pythia"]
    two, nine = (cost_of(release, part) for part in release.parts)
    assert two.download == pytest.approx(2 * 201.4e6, rel=0.01)
    assert nine.download == pytest.approx(4.5 * two.download)
    assert nine.seconds == pytest.approx(36 * two.seconds)
    assert nine.memory == two.memory  # two at a time
    assert len(used(release, "first pair")) == 2
    assert used(releases()["gpt2"], "meta-SAE") == ["49152"]


def test_more_rows_cost_more_and_an_unknown_part_is_refused():
    release = releases()["gemma"]
    few, many = (cost_of(release, "activations", rows=n) for n in (10_000, 100_000))
    assert many.seconds > few.seconds
    assert "GB to fetch" in str(few)
    with pytest.raises(ValueError, match="'seeds' was asked for: correct --part"):
        cost_of(release, "seeds")
