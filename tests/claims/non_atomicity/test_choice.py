"""The five-way choice about latents that are sums of planted parts."""

import pytest
import torch

from saecore.claims.non_atomicity import choice
from saecore.recipes.explorer import latent_cell


@pytest.fixture
def found(model):
    return choice.choice(model)


def test_planted_parts_tell_latents_and_shuffled_ones_do_not(found):
    rows = {row["explained by"]: row for row in found.rows()}
    random, near = "right, random distractors", "right, nearest distractors"
    assert found.random.found.low > 0.5
    assert rows["shuffled meta-latents"][random] == pytest.approx(0.2, abs=0.1)
    assert rows["meta-latents"][near] < rows["meta-latents"][random]
    assert len(rows) == 5


def test_the_headline_is_beside_the_best_description_without_parts(found):
    rows = {row["explained by"]: row for row in found.rows()}
    for way, one in (("random", found.random), ("nearest", found.near)):
        column = f"right, {way} distractors"
        others = {
            name: row[column] for name, row in rows.items() if name != choice.META
        }
        assert one.name == max(others, key=lambda name: others[name])
        assert one.found.estimate == pytest.approx(rows[choice.META][column])
        assert one.null.estimate == pytest.approx(others[one.name])
        gap = one.found.estimate - one.null.estimate
        assert one.excess.estimate == pytest.approx(gap, abs=0.02)


def test_the_interval_is_no_shorter_than_the_questions_allow(model):
    """Seeds that agree by luck do not hide that each asked a few questions."""
    answered = torch.tensor([1.0, 0, 1, 0, 1, 0, 1, 0] * 10).double()
    credits = {choice.META: answered, "none": torch.zeros(80).double()}
    one = choice.over_choices(model, [choice.Credits(credits, credits)] * 3).random
    binomial = (0.25 / 240) ** 0.5
    assert one.excess.standard_error >= 0.99 * binomial
    assert one.found.low < 0.5 - binomial


def test_tokens_belong_to_their_rows(model):
    text = choice.token_rows(model)
    assert len(text.rows) == len(text.kind) == 2000
    assert text.kinds.tolist() == list(range(100, 112))


def test_a_latent_is_taken_apart_into_the_meta_latents_that_it_uses(model):
    text = choice.token_rows(model)
    word = choice.open_model(model.profile.folder).decode([int(text.kinds[0])])
    rows = choice.taken_apart(model, (word.strip(), "no such word"))
    uses = model.uses(model.grid.base[0])
    latent = int(rows[0]["latent"].split()[0])
    assert len(rows) == int((uses[latent] > 0).sum())
    for row in rows:
        meta = int(row["meta-latent"].rsplit("/", 1)[1])
        assert row["meta-latent"] == latent_cell(model.grid.base[0], meta)
        assert row["weight"] == float(uses[latent, meta])
