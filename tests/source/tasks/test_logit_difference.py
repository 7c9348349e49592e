"""The answer metric is a whole forward pass under an edit, only quicker; for several
kinds of model.
"""

import pytest
import torch
from torch.testing import assert_close

from saecore.source.model import resume
from saecore.source.tasks.answers import position
from saecore.source.tasks.facts import prompts
from saecore.source.tasks.logit_difference import AnswerMetric, margin

KINDS = ["qwen3", "gpt2", "gemma2", "gpt_neox"]


def asked():
    return [
        *prompts("category", count=7),
        *prompts("pronoun", count=4),
        *prompts("ioi", count=3),
    ]


@pytest.fixture(scope="module", params=KINDS)
def model(request, shipped, untrained):
    return shipped if request.param == "qwen3" else untrained(request.param)


def one_by_one(model, some, layer, vectors, prompt):
    """All logits of each copy, from a forward pass of its own."""
    out = []
    for vector, index in zip(vectors, prompt.tolist(), strict=True):
        at = position(model, some[index])

        def put(stream, vector=vector, at=at):
            stream[:, at] = vector
            return stream

        tokens = torch.tensor([model.encode(some[index].text)])
        out.append(model.logits(tokens, edit=(layer, put), last=True)[0, -1])
    return torch.stack(out)


def of_choices(model, some, logits, prompt, others):
    out = []
    for row, index in zip(logits, prompt.tolist(), strict=True):
        asked = some[index]
        wrong = torch.stack(
            [row[model.token(word)] for word in asked.choices if word != asked.answer]
        )
        out.append(
            row[model.token(asked.answer)]
            - (wrong.mean() if others == "mean" else wrong.max())
        )
    return torch.stack(out)


def copies(metric, count=12):
    generator = torch.Generator().manual_seed(1)
    prompt = torch.randint(len(metric.prompts), (count,), generator=generator)
    noise = torch.randn(count, metric.rows.shape[1], generator=generator)
    return metric.rows[prompt] + 0.5 * metric.rows.std() * noise, prompt


@pytest.mark.parametrize("layer", [0, 1, 2])
@pytest.mark.parametrize("others", ["mean", "max"])
def test_it_is_the_whole_model_under_an_edit(model, layer, others):
    some = asked()
    metric = AnswerMetric(model, some, layer, others=others, batch=3)
    assert metric.replays
    vectors, prompt = copies(metric)
    whole = one_by_one(model, some, layer, vectors, prompt)
    expected = of_choices(model, some, whole, prompt, others)
    scale = float(whole.abs().max())
    assert_close(metric(vectors, prompt), expected, atol=1e-4 * scale, rtol=0)
    found = metric.logits(vectors, prompt)
    for logits, row, index in zip(found, whole, prompt.tolist(), strict=True):
        tokens = [model.token(word) for word in some[index].choices]
        assert_close(logits[: len(tokens)], row[tokens], atol=1e-4 * scale, rtol=0)
        assert logits[len(tokens) :].isnan().all()


def test_unedited_it_is_the_models_own_answer(model):
    some = asked()
    metric = AnswerMetric(model, some, 1)
    every = torch.arange(len(some))
    logits = model.next_logits([prompt.text for prompt in some])
    assert_close(
        metric.clean,
        of_choices(model, some, logits, every, "mean"),
        atol=1e-3,
        rtol=1e-4,
    )
    for index, prompt in enumerate(some):
        tokens = torch.tensor([model.encode(prompt.text)])
        own = model.read(tokens, [1])[1][0, position(model, prompt)]
        assert_close(metric.rows[index], own, atol=1e-4, rtol=1e-4)


def test_its_gradient_is_that_of_finite_differences(model):
    metric = AnswerMetric(model, asked(), 1)
    vectors, prompt = copies(metric, 8)
    vectors.requires_grad_()
    (gradient,) = torch.autograd.grad(metric(vectors, prompt).sum(), vectors)
    vectors = vectors.detach()
    other = torch.randn(gradient.shape, generator=torch.Generator().manual_seed(2))
    for direction in (gradient, gradient + 3 * gradient.std() * other):
        unit = torch.nn.functional.normalize(direction, dim=1)
        step = 0.01 * metric.rows.std() * unit
        rise = metric(vectors + step, prompt) - metric(vectors - step, prompt)
        slope = rise / (0.02 * metric.rows.std())
        assert_close(
            (gradient * unit).sum(1),
            slope,
            rtol=0.02,
            atol=0.01 * float(gradient.norm(dim=1).max()),
        )


def test_whole_passes_give_the_same(shipped):
    metric, whole = (
        AnswerMetric(shipped, asked(), 1),
        AnswerMetric(shipped, asked(), 1, whole=True),
    )
    assert (metric.replays, whole.replays) == (True, False)
    vectors, prompt = copies(metric)
    gradients = []
    for one in (metric, whole):
        at = vectors.clone().requires_grad_()
        gradients.append(torch.autograd.grad(one(at, prompt).sum(), at)[0])
    assert_close(metric(vectors, prompt), whole(vectors, prompt), atol=1e-4, rtol=1e-4)
    assert_close(gradients[0], gradients[1], atol=1e-4, rtol=1e-3)


def test_a_model_that_cannot_be_replayed_is_run_whole(shipped, monkeypatch):
    expected = AnswerMetric(shipped, asked(), 1)

    def broken(*_, **__):
        raise NotImplementedError

    monkeypatch.setattr(resume.Past, "cache", broken)
    metric = AnswerMetric(shipped, asked(), 1)
    assert not metric.replays
    assert_close(metric.clean, expected.clean, atol=1e-4, rtol=1e-4)


def test_a_replay_that_differs_is_noticed(shipped, monkeypatch):
    class Forgetful(resume.Past):
        def __init__(self, model, begun, *, above):
            super().__init__(model, begun.flip(1), above=above)

    monkeypatch.setattr(resume, "Past", Forgetful)
    assert not AnswerMetric(shipped, asked(), 1).replays


def test_the_model_is_left_as_it_was(shipped):
    tokens = torch.tensor([shipped.encode("Lily went to the park.")])
    before = shipped.logits(tokens)
    AnswerMetric(shipped, asked(), 2)
    assert torch.equal(shipped.logits(tokens), before)


def test_no_copies_are_no_answers(shipped):
    metric = AnswerMetric(shipped, asked(), 1)
    assert metric(metric.rows[:0], torch.empty(0, dtype=torch.int64)).shape == (0,)


def test_the_margin_by_hand():
    logits = torch.tensor([[5.0, 1.0, 3.0], [0.0, 2.0, 9.0]])
    known = torch.tensor([[True, True, True], [True, True, False]])
    answer = torch.tensor([0, 1])
    assert margin(logits, answer, known).tolist() == [3, 2]
    assert margin(logits, answer, known, others="max").tolist() == [2, 2]


def test_bad_prompts_and_layers_are_refused(shipped):
    good = prompts("category", count=1)[0]
    with pytest.raises(ValueError, match="needs prompts"):
        AnswerMetric(shipped, [], 1)
    with pytest.raises(ValueError, match="0 to 3"):
        AnswerMetric(shipped, [good], 4)
    with pytest.raises(ValueError, match="one of two or more choices"):
        AnswerMetric(shipped, [good._replace(answer="nothing")], 1)
    with pytest.raises(ValueError, match="end the word at a space"):
        AnswerMetric(shipped, [good._replace(before="The")], 1)
    with pytest.raises(ValueError, match="must be one"):
        AnswerMetric(
            shipped, [good._replace(answer="Xyzzyx", choices=("Xyzzyx", "bird"))], 1
        )
