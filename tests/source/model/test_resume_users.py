"""All that resumes a model gives what whole passes give, whatever is handed on."""

import pytest
import torch
from torch.testing import assert_close

from saecore.profiles import TINY
from saecore.source.model.hooks import edited
from saecore.source.model.language_model import open_model
from saecore.source.model.layer_to_layer import onward
from saecore.source.model.next_token import Divergences, divergence, kl_divergence
from saecore.source.model.resume import Resumed
from saecore.source.tasks.answers import position
from saecore.source.tasks.edited_answers import answered, from_layer, questions
from saecore.source.tasks.facts import prompts
from saecore.source.tasks.gender import GenderTask
from saecore.source.tasks.ioi import Exchanged, exchanged
from saecore.source.tasks.logit_difference import AnswerMetric, margin

LAYER = 1


def whole(model, tokens, layer, change):
    """All logits of whole passes under an edit."""
    with edited(model.blocks[layer], change):
        return model.model(tokens, use_cache=False).logits


def at(place, vectors):
    """The edit that puts vectors at one position."""

    def put(stream):
        parts = [stream[:, :place], vectors[:, None], stream[:, place + 1 :]]
        return torch.cat(parts, 1)

    return put


def hands_on(model, way):
    """Let the last block also read what block 0 gave, through a channel of its own.

    "hook": by a hook. "kept": block 0 keeps it, also from one pass to the next.
    "missing": the same, but every pass begins with nothing kept, so that reading it
    raises KeyError.
    """
    first, last, state = model.blocks[0], model.blocks[-1], {}
    give, take = first.forward, last.forward

    def keep(*inputs, **named):
        state["early"] = give(*inputs, **named)
        return state["early"]

    def read(stream, *inputs, **named):
        return take(stream + state["early"].roll(1, -1), *inputs, **named)

    if way == "hook":
        first.register_forward_hook(lambda _, __, output: state.update(early=output))
    else:
        first.forward = keep
    if way == "missing":
        model.model.register_forward_pre_hook(lambda *_: state.clear())
    last.forward = read
    return model


@pytest.fixture(scope="module", params=["ordinary", "hook", "kept", "missing"])
def any_model(request):
    model = open_model(TINY)
    return model if request.param == "ordinary" else hands_on(model, request.param)


def texts(model):
    return torch.randint(model.vocab_size, (5, 12), generator=seeded(1))


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def pushed(rows, seed=2):
    return rows + 0.5 * rows.std() * torch.randn(rows.shape, generator=seeded(seed))


def by_resumed(model):
    tokens = texts(model)
    text = Resumed(model, tokens, LAYER)
    stream = pushed(text.stream)
    return text.logits(stream), whole(model, tokens, LAYER, lambda _: stream)


def by_exchanged(model):
    between = Exchanged(model, exchanged(model, 6), LAYER)
    stream = pushed(between.base)

    def expected(stream, which):
        said = whole(model, between.base_tokens[which], LAYER, lambda _: stream)[:, -1]
        aim = model.logits(between.target_tokens)[which, -1]
        return kl_divergence(said.log_softmax(-1), aim.log_softmax(-1))

    some, own = torch.tensor([4, 0, 4]), between.base.clone().requires_grad_()
    (slope,) = torch.autograd.grad(expected(own, slice(None)).mean(), own)
    found = between.divergences(stream), between.divergences(stream[some], some)
    found = torch.cat([*found, between.gradient().flatten()])
    parts = expected(stream, slice(None)), expected(stream[some], some)
    return found, torch.cat([*parts, slope.flatten()])


def by_answer_metric(model):
    asked = [*prompts("category", count=5), *prompts("pronoun", count=3)]
    metric = AnswerMetric(model, asked, LAYER)
    prompt = torch.randint(len(asked), (12,), generator=seeded(4))
    vectors = pushed(metric.rows[prompt]).requires_grad_()

    def expected(vector, index):
        one = asked[index]
        tokens = torch.tensor([model.encode(one.text)])
        put = at(position(model, one), vector[None])
        said = whole(model, tokens, LAYER, put)[:, -1]
        choice = [model.token(word) for word in one.choices]
        known = torch.ones(1, len(choice), dtype=torch.bool)
        answer = torch.tensor([one.choices.index(one.answer)])
        return margin(said[:, choice], answer, known)

    m = metric(vectors, prompt)
    want = [expected(*one) for one in zip(vectors, prompt.tolist(), strict=True)]
    pair = m, torch.cat(want)
    slopes = [torch.autograd.grad(x.sum(), vectors)[0].flatten() for x in pair]
    return tuple(torch.cat(both) for both in zip(pair, slopes, strict=True))


def by_onward(model, lower=LAYER):
    upper, tokens = model.n_layers - 1, texts(model)
    run = onward(model, tokens, lower, upper)
    text = torch.tensor([3, 0, 4])
    stream = model.read(tokens, [lower])[lower][text]
    context, at_ = torch.arange(20) % 3, torch.tensor([11, 4, 7])
    edit, place = (torch.rand(20, 12, generator=seeded(5)) < 0.3).nonzero(as_tuple=True)
    size = stream.std()
    change = size * torch.randn(len(edit), model.d_model, generator=seeded(6))
    found = run(stream, at_, context, edit, place, change, text)
    edits = stream[context].index_put((edit, place), change, accumulate=True)
    with edited(model.blocks[lower], lambda _: edits):
        expected = model.read(tokens[text[context]], [upper])[upper]
    return found, expected[torch.arange(20), at_[context]]


def by_onward_over_one_block(model):
    return by_onward(model, model.n_layers - 2)


def by_gender_task(model):
    task = GenderTask(model, LAYER)
    asked = task._asked["held out"]
    push = pushed(torch.zeros(model.d_model).index_fill(0, torch.arange(9), 1))

    def put(stream):
        stream[:, asked.form.place] += push
        return stream

    said = whole(model, asked.form.tokens, LAYER, put)[:, -1, asked.form.choice]
    right = said.softmax(1)[torch.arange(len(said)), asked.form.answer].mean()
    found = task.right(lambda rows: rows + push, "held out")
    return torch.tensor(found), right


def by_divergences(model):
    push = pushed(torch.zeros(model.d_model).index_fill(0, torch.arange(9), 1))
    edit = (LAYER, lambda stream: stream + push)
    return Divergences(model, texts(model))(edit), divergence(model, texts(model), edit)


def by_answered(model):
    task = GenderTask(model, LAYER)
    asked = questions(model, task._asked["chosen"].prompts)
    which = torch.arange(len(asked.tokens)).repeat(3)
    shift = 2 * torch.randn(len(which), model.d_model, generator=seeded(7))

    def put(stream):
        stream[:, asked.place] += shift
        return stream

    said = whole(model, asked.tokens[which], LAYER, put)[:, -1, asked.choice]
    text = from_layer(model, asked, LAYER)
    found = answered(text, asked, which, shift, batch=7)
    assert len(found.unique()) > 1
    return found.double(), said.argmax(1).double()


USERS = [
    by_resumed,
    by_exchanged,
    by_answer_metric,
    by_onward,
    by_onward_over_one_block,
    by_gender_task,
    by_divergences,
    by_answered,
]


@pytest.mark.parametrize("user", USERS)
def test_every_user_gives_what_whole_passes_give_on_any_model(any_model, user):
    found, expected = user(any_model)
    scale = float(expected.detach().abs().max())
    assert_close(found, expected, rtol=1e-3, atol=1e-4 * scale)


def test_a_model_that_reads_more_than_the_stream_is_found_out(any_model, request):
    ordinary = request.node.callspec.params["any_model"] == "ordinary"
    tokens = texts(any_model)
    for text in (
        Resumed(any_model, tokens, LAYER),
        Resumed(any_model, tokens, LAYER, start=4, last=True),
        Resumed(any_model, tokens, LAYER, upper=3),
    ):
        assert text.replays == ordinary
    below = Resumed(any_model, tokens, LAYER, upper=2)
    assert below.replays  # the last block is not run
