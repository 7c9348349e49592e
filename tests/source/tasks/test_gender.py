"""Gender removed at a name: the task before and after, names kept apart."""

import pytest
import torch
from torch.testing import assert_close

from saecore.errors import Unsuited
from saecore.measures.editing import erasure, erasure_strength
from saecore.profiles import TINY
from saecore.source.model.language_model import open_model
from saecore.source.tasks import gender as gender_task
from saecore.source.tasks.gender import TASK, GenderTask, gender_tasks


@pytest.fixture(scope="module")
def model():
    return open_model(TINY)


@pytest.fixture(scope="module")
def task(model):
    return GenderTask(model, 1)


def nothing(x):
    return x


def test_the_model_solves_the_task_on_all_names_and_both_sentences(task):
    assert (
        min(task.right(nothing, names) for names in ("chosen", "held out", "transfer"))
        > 0.9
    )


def test_no_edit_changes_nothing(task):
    found = task.outcome(nothing)
    assert found.size == 0
    assert found.chosen == task.right(nothing)


def test_names_that_choose_and_names_that_judge_are_different_and_of_both_genders(
    model, task
):
    words = {
        name: {p.word for p in asked.prompts} for name, asked in task._asked.items()
    }
    assert not words["chosen"] & words["held out"]
    assert words["held out"] == words["transfer"]
    assert 0.4 < task.female.float().mean() < 0.6
    other = GenderTask(model, 1, seed=1)
    assert other._asked["chosen"].prompts != task._asked["chosen"].prompts


def test_the_rows_are_the_streams_at_the_names_and_female_says_whose(model, task):
    first = task._asked["chosen"]
    template = gender_task.FITTED.index(TASK)
    size = len(first.prompts)
    assert len(task.rows) == len(task.female) == len(gender_task.FITTED) * size
    for index, prompt in enumerate(first.prompts):
        ids = torch.tensor([model.encode(prompt.before)])
        row = template * size + index
        assert_close(
            task.rows[row], model.read(ids, [1])[1][0, -1], rtol=1e-4, atol=1e-4
        )
        assert bool(task.female[row]) == (prompt.answer == "She")


def test_the_probability_is_that_of_a_whole_pass_under_the_edit(model, task):
    push = torch.randn(model.d_model, generator=torch.Generator().manual_seed(1))
    asked, expected = task._asked["chosen"], []
    for prompt in asked.prompts:
        at = len(model.encode(prompt.before)) - 1

        def put(stream, at=at):
            stream[:, at] += push
            return stream

        ids = torch.tensor([model.encode(prompt.text)])
        logits = model.logits(ids, edit=(1, put), last=True)[0, -1]
        both = (
            logits[[model.token(word) for word in prompt.choices]].double().softmax(0)
        )
        expected.append(float(both[prompt.choices.index(prompt.answer)]))
        assert prompt.template == TASK
    mean = sum(expected) / len(expected)
    assert task.right(lambda rows: rows + push) == pytest.approx(mean, rel=1e-5)
    assert abs(mean - task.right(nothing)) > 1e-3


def test_leads_are_the_log_odds_of_the_probabilities(task):
    leads, female = task.leads(nothing)
    right = task.each(nothing, "held out")
    expected = torch.where(female, leads, -leads).sigmoid()
    assert_close(right, expected, atol=1e-6, rtol=1e-6)
    assert float(right.mean()) == task.right(nothing, "held out")
    assert 0.4 < female.double().mean() < 0.6


def test_the_difference_of_means_costs_the_model_the_pronoun_and_a_random_direction_does_not(
    task,
):
    means = erasure.mean_difference(task.rows, task.female)
    generator = torch.Generator().manual_seed(0)
    random = erasure.along(
        torch.randn(160, generator=generator), centre=task.rows.mean(0)
    )
    assert task.right(means) < 0.8
    assert task.right(random) > 0.95
    matched = erasure_strength.at_chance(means, task.right, chance=0.5, most=8.0)
    assert matched.reached
    assert 0.49 < task.right(matched.eraser) <= 0.5


def test_a_model_that_has_no_names_as_tokens_is_refused(model, monkeypatch):
    strange = gender_task.read_facts()._replace(names={"F": ("Xqzv",), "M": ("Zzkqx",)})
    monkeypatch.setattr(gender_task, "read_facts", lambda: strange)
    with pytest.raises(ValueError, match="single tokens"):
        GenderTask(model, 1)


def test_a_model_that_cannot_tell_gender_has_nothing_to_erase(model, monkeypatch):
    assert list(gender_tasks(model, [1, 2])) == [1, 2]
    monkeypatch.setattr(GenderTask, "right", lambda self, eraser, names="chosen": 0.499)
    with pytest.raises(Unsuited, match=r"mean probability of 0\.50"):
        gender_tasks(model, [1])
