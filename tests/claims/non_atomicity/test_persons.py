"""Persons whose latents are sums of planted attributes."""

import pytest
import torch

from saecore.claims.non_atomicity import persons
from saecore.measures.algebra.nearest import unit_rows
from saecore.source.tasks.facts import read_facts
from tests.claims.non_atomicity.planted import PROFILE, PlantedZoo, dictionary, drawn

SIZES = (5, 4, 2)
PEOPLE, TEMPLATES = 256, 4
AXES = torch.linalg.qr(drawn(160, 160, of="axes")).Q
ATTRIBUTES = AXES[: sum(SIZES)].split(SIZES)


@pytest.fixture
def about(monkeypatch):
    """Streams that hold a country, a profession, a gender and the person."""
    codes = (drawn(PEOPLE, n, of="codes", seed=n).argmax(1) for n in SIZES)
    values = torch.stack(list(codes), 1)
    own = 0.5 * unit_rows(drawn(PEOPLE, 160 - sum(SIZES), of="own"))
    stream = own @ AXES[sum(SIZES) :]
    for directions, value in zip(ATTRIBUTES, values.unbind(1), strict=True):
        stream = stream + directions[value]

    def answered(text, asked, which, shift):
        return ((text[which] + shift) @ asked.T).argmax(1)

    monkeypatch.setattr(persons, "answered", answered)
    row = torch.arange(PEOPLE * TEMPLATES)
    return persons.Quiz(
        persons=read_facts().persons[:PEOPLE],
        topics=("country", "profession", "pronoun"),
        of=row % PEOPLE,
        choose=row // PEOPLE % 2 == 0,
        rows=stream.repeat(TEMPLATES, 1),
        asked=list(ATTRIBUTES),
        texts=[stream] * 3,
        streams=[stream] * 3,
        values=values,
    )


@pytest.fixture
def found(model, about):
    """SAEs with a latent per person, and the attributes as meta-latents."""
    base = model.grid.base
    sae = dictionary(unit_rows(about.streams[0]), 1)
    meta = dictionary(AXES[: sum(SIZES)].contiguous(), model.k)
    return model._replace(
        saes=model.saes | {recipe.sae: sae for recipe in base},
        metas=model.metas | dict.fromkeys(base, meta),
    )


@pytest.fixture
def seeds(found, about):
    generator = torch.Generator().manual_seed(0)
    return persons.person_latents(found, about, found.grid.base, generator)


def test_everybody_has_a_latent_and_its_parts_are_the_attributes(seeds):
    for one in seeds:
        assert one.own.latent.tolist() == one.have.tolist() == list(range(PEOPLE))
        assert one.active == 1
        assert float(one.best.auc.min()) == pytest.approx(1)
        assert one.edits.standing.group.tolist() == [0] * 5 + [1] * 4 + [2] * 2


def test_exchanged_attributes_turn_and_others_are_kept(found, seeds):
    over = persons.over_persons(found, seeds)
    assert over["turned"].estimate == over["row"].estimate == 1
    assert over["turned_null"].estimate == 0
    assert over["people"].estimate == PEOPLE
    assert over["auc"].low > over["auc_null"].high
    assert seeds[0].edits.kept("chosen") == 1


def test_tables_have_a_row_per_sae_and_per_kind_of_exchange(about, seeds):
    by_sae = {"text": seeds, "names": seeds[:1]}
    rows = persons.latent_rows(about, by_sae, p=0.05)
    assert [row["SAE of"] for row in rows] == ["text"] * 3 + ["names"]
    assert rows[0]["labels beyond chance (p < 0.05)"] == 1
    rows = persons.edit_rows(about, by_sae)
    assert len(rows) == 2 * len(persons.EXCHANGED)
    assert rows[0]["country turned"] == rows[0]["others kept"] == 1


def test_a_person_is_taken_apart_into_what_others_use_too(about, seeds):
    one = seeds[0]
    wanted = about.persons[7].name
    rows = persons.taken_person(about, one, wanted)
    assert {row["person"] for row in rows} == {wanted}
    assert sorted(row["stands for"] for row in rows[:3]) == sorted(about.topics)
    assert rows[0]["people who use it most"].count("(") == 4
    assert persons.taken_person(about, one, "Nobody")[0]["person"] != "Nobody"
    nobody = one._replace(have=one.have[:0])
    assert persons.taken_person(about, nobody, wanted) == []


def test_the_shipped_model_is_asked_about_all_persons():
    found = persons.quiz(PlantedZoo(), PROFILE)
    assert found.values.shape == (len(found.persons), 3)
    assert [len(one.tokens) for one in found.asked] == [len(found.persons)] * 3
    assert int(found.of.max()) == len(found.persons) - 1
    assert 0.3 < found.choose.double().mean() < 0.7
