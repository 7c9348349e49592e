"""The five-way choice about latents that are sums of planted parts."""

import pytest

from saecore.claims.non_atomicity import choice


def test_planted_parts_tell_latents_and_shuffled_ones_do_not(model):
    found = choice.choice(model)
    assert found.found.low > 0.5
    assert found.null.estimate == pytest.approx(0.2, abs=0.1)


def test_tokens_belong_to_their_rows(model):
    text = choice.token_rows(model)
    assert len(text.rows) == len(text.kind) == 2000
    assert text.kinds.tolist() == list(range(100, 112))


def test_the_headline_is_a_line_of_the_whole_table(model):
    told = choice.choices_by_description(model)
    rows = {row["explained by"]: row for row in choice.choice_rows(told)}
    headline = choice.choice(model)
    random = "right, random distractors"
    assert rows["meta-latents"][random] == pytest.approx(headline.found.estimate)
    shuffled = rows["shuffled meta-latents"][random]
    assert shuffled == pytest.approx(headline.null.estimate)
    assert len(rows) == 5
    near = rows["meta-latents"]["right, nearest distractors"]
    assert near < rows["meta-latents"][random]


def test_a_latent_is_taken_apart_into_the_meta_latents_that_it_uses(model):
    text = choice.token_rows(model)
    word = choice.open_model(model.profile.folder).decode([int(text.kinds[0])])
    rows = choice.taken_apart(model, (word.strip(), "no such word"))
    uses = model.uses(model.grid.base[0])
    latent = int(rows[0]["latent"].split()[0])
    assert len(rows) == int((uses[latent] > 0).sum())
    for row in rows:
        assert row["weight"] == float(uses[latent, row["meta-latent"]])
