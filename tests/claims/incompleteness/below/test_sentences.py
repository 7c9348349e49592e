"""Sentences name the number that chooses them."""

import pytest

from saecore.claims.incompleteness.below import sentences
from saecore.report.told import chosen_sentence

ALL = {name: one for name, one in vars(sentences).items() if name.isupper()}


@pytest.mark.parametrize("said", ALL.values(), ids=ALL)
def test_each_has_three_and_they_name_the_number(said):
    assert set(said) == {"holds", "fails", "undecided"}
    assert len(set(said.values())) == 3
    for triple in ((0.3, 0.2, 0.4), (-0.3, -0.4, -0.2), (0.0, -0.1, 0.1)):
        text = chosen_sentence(triple, above=0, **said)
        assert "{number}" in text
