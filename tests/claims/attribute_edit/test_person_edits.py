"""Persons whose latents are sums of planted attributes."""

import pytest
import torch

from saecore.claims.attribute_edit import person_edits, shares


@pytest.fixture
def found(model, about):
    return person_edits.person_edits(model, about, model.grid.names)


def test_exchanged_attributes_turn_and_others_are_kept(found):
    turned = {
        way: float(found.edits.table(way, "turned").nanmean())
        for way in shares.EXCHANGED
    }
    assert turned["chosen"] == turned["row"] == turned["all"] == 1
    assert turned["random"] == 0
    assert float(found.edits.table("chosen", "kept").nanmean()) == 1
    assert person_edits.people(found) == 256


def test_pairs_are_the_same_for_every_sae_and_no_more_than_asked(about):
    pairs, again = (
        person_edits.exchanged_pairs(about),
        person_edits.exchanged_pairs(about),
    )
    assert torch.equal(pairs.own, again.own)
    assert len(pairs.own.unique()) <= person_edits.ASKED_PERSONS
    assert len(pairs.own) <= 3 * person_edits.ASKED_PERSONS


def test_a_shift_is_the_change_of_the_row_times_the_activation(about):
    answer = person_edits.model_answers(about, [torch.full((256,), 2.0)] * 3)
    who, directions = torch.arange(4), about.asked[0]
    wanted = torch.full((4,), 3)
    assert torch.equal(answer(0, who, directions[wanted]), wanted)
    assert torch.equal(answer(0, who, 0 * directions[wanted]), about.values[who, 0])


def test_the_table_of_latents_has_a_row_per_sae(model, about, found):
    row = person_edits.person_edits(model, about, model.grid.names[:2], ways=("row",))
    rows = person_edits.latent_rows(about, {"names": found, "two": row})
    assert [one["SAE of"] for one in rows] == ["names"] * 3 + ["two"] * 2
    assert (
        rows[0]["turned by the whole row"] == rows[-1]["turned by the whole row"] == 1
    )


def users_alike(about, found, hero, row):
    """Of all others who use a part, and of those who use it half as much as the hero:
    who has the hero's value of the attribute that it stands for. Counted one by one.
    """
    group, uses = about.topics.index(row["stands for"]), found.uses[0]
    like, strong = [], []
    for i in range(len(about.persons)):
        weight = float(uses[i, row["meta-latent"]])
        if i == hero or weight <= 0 or not bool(found.persons[0].has[i]):
            continue
        like.append(bool(about.values[i, group] == about.values[hero, group]))
        strong += [like[-1]] if weight >= row["weight"] / 2 else []
    return like, strong


def test_a_person_is_taken_apart_into_what_others_use_too(about, found):
    wanted = about.persons[7].name
    rows = person_edits.taken_person(about, found, wanted)
    assert {row["person"] for row in rows} == {wanted}
    assert sorted(row["stands for"] for row in rows[:3]) == sorted(about.topics)
    for row in rows[:3]:
        like, strong = users_alike(about, found, 7, row)
        assert row["alike"] == pytest.approx(sum(like) / len(like))
        assert all(strong)  # only who uses the part a little may have another value
    assert rows[0]["people who use it most"].count("(") == 4
    other = person_edits.taken_person(about, found, "Nobody")
    assert other[0]["person"] != "Nobody"
    (one, *_) = found.persons
    nobody = found._replace(persons=[one._replace(has=one.has & False)])
    assert person_edits.taken_person(about, nobody, wanted) == []
