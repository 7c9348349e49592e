import pytest
import torch

from saecore.measures.explaining.fragments import fragments_of
from saecore.measures.explaining.predicates import Predicates

KINDS = {"letter": {"a": [1, 2], "b": [3], "none": []}, "size": {"small": [1, 3, 4]}}


@pytest.fixture
def texts():
    tokens = torch.randint(0, 6, (30, 40), generator=torch.Generator().manual_seed(1))
    return fragments_of(tokens, generator=torch.Generator().manual_seed(2), length=10)


def by_hand(texts):
    """Every predicate's name with where it is true, by comparing tokens."""
    found = {}
    for before, token in ((False, texts.token), (True, texts.previous)):
        who = "the token before" if before else "the token"
        for kind, labels in KINDS.items():
            for label, members in labels.items():
                if members:
                    found[f"{who} has {kind} {label!r}"] = torch.isin(
                        token, torch.tensor(members)
                    )
        for one in range(6):
            found[f"{who} is {one}"] = token == one
    for name, low, high in (
        ("the first token of a text", 1, 1),
        ("tokens 2 to 4", 2, 4),
        ("tokens 5 to 16", 5, 16),
        ("from token 17 on", 17, 99),
    ):
        found[f"it is {name}"] = (texts.place >= low) & (texts.place <= high)
    return found


def test_every_predicate_holds_where_it_says(texts):
    predicates, expected = Predicates(6, KINDS), by_hand(texts)
    value = predicates.at(texts).flatten(1)
    assert len(predicates) == len(expected) == 3 + 3 + 4 + 6 + 6
    for number in range(len(predicates)):
        holds = predicates.holds(number, value)
        assert (
            holds.tolist() == expected.pop(predicates.name(number)).flatten().tolist()
        )
    assert not expected


def test_the_table_of_members_agrees_with_where_predicates_hold(texts):
    predicates = Predicates(6, KINDS)
    value = predicates.at(texts).flatten(1)
    members = torch.from_numpy(predicates.members.toarray())
    by_table = members[value.long()].sum(
        0
    )  # [position, predicate]: one of the three values makes it true
    holds = torch.stack(
        [predicates.holds(number, value) for number in range(len(predicates))], 1
    )
    assert torch.equal(by_table > 0, holds)


def test_tokens_are_named_by_their_texts():
    predicates = Predicates(2, {})
    assert predicates.name(4, [" dog", "\n"]) == "the token is ' dog'"
    assert predicates.name(7, [" dog", "\n"]) == r"the token before is '\n'"


def test_a_label_of_tokens_beyond_the_vocabulary_is_refused():
    with pytest.raises(
        ValueError, match="letter 'a' has tokens from 1 to 2, but the vocabulary has 2"
    ):
        Predicates(2, KINDS)
