"""A judge that is right, one that is silent, and the rules, on the same fragments."""

import json

import pytest
import torch

from saecore.claims.interpretability.by_judge import scored
from saecore.claims.interpretability.by_judge.asked import asked_latents
from saecore.judge.judge import JudgedLatent
from saecore.measures.explaining.scores import simulation


@pytest.fixture(scope="module")
def asked(found):
    return asked_latents(found.explainer, "SAE", found.compared.base[0], number=5)


def said(asked, *, right, swapped=True):
    truth = [one.truth for one in asked.inquiries]
    return [
        JudgedLatent(
            one.latent,
            "a word",
            3 * y if right else 0 * y,
            2,
            0 * y if swapped else None,
        )
        for one, y in zip(asked.questions, truth, strict=True)
    ]


def test_a_judge_that_is_right_has_one_and_its_null_has_nothing(found, asked):
    judged = scored.judged_dictionary(found.explainer, asked, said(asked, right=True))
    assert judged.scores[scored.OF_JUDGE].tolist() == pytest.approx([1] * 5)
    assert judged.scores[scored.OF_OTHER].tolist() == [0] * 5
    assert judged.unread == 10
    lead, rules = (judged.means[name] for name in (scored.OVER_RULES, scored.OF_RULES))
    assert lead.low <= lead.estimate <= lead.high
    assert lead.estimate == pytest.approx(1 - rules.estimate, abs=1e-4)


def test_a_silent_judge_has_nothing(found, asked):
    silent = said(asked, right=False, swapped=False)
    judged = scored.judged_dictionary(found.explainer, asked, silent)
    assert judged.means[scored.OF_JUDGE].estimate == 0
    assert scored.OF_OTHER not in judged.scores


def test_rules_are_scored_on_the_fragments_of_the_judge(found, asked):
    """Planted latents fire at one token each: the slow way reads it off the tokens."""
    judged = scored.judged_dictionary(found.explainer, asked, said(asked, right=True))
    for i, one in enumerate(asked.inquiries):
        token = int(one.asked[one.truth > 0][0])
        for score, its in ((scored.OF_RULES, i), (scored.OF_OTHER_RULE, i - 1)):
            other = asked.inquiries[its]
            word = int(other.asked[other.truth > 0][0])
            slow = simulation((one.asked == word).float()[None], one.truth[None])[0]
            assert float(judged.scores[score][i]) == pytest.approx(
                float(slow), abs=0.01
            )
        assert token == int(one.asked[one.truth == one.truth.max()][0])


def test_what_is_stored_is_whole_and_json(found, asked):
    judged = scored.judged_dictionary(found.explainer, asked, said(asked, right=True))
    stored = json.loads(json.dumps(judged.as_json(), allow_nan=False))
    assert [row["latent"] for row in stored["latents"]] == [
        one.latent for one in asked.questions
    ]
    assert stored["means"][scored.OF_JUDGE]["value"] == pytest.approx(1)
    assert torch.tensor([row[scored.OF_RULES] for row in stored["latents"]]).mean() == (
        pytest.approx(stored["means"][scored.OF_RULES]["value"])
    )
    assert judged.as_text().count("\n") == len(stored["means"])
