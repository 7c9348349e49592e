import numpy as np
import pytest
import torch
from torch.testing import assert_close

from saecore.measures.explaining import rules as explained_by
from saecore.measures.explaining.fragments import fragments_of
from saecore.measures.explaining.predicates import Predicates

KINDS = {"letter": {"a": [1, 2, 7], "b": [3, 8]}, "size": {"small": [1, 3, 4]}}
VOCABULARY = 12


@pytest.fixture
def predicates():
    return Predicates(VOCABULARY, KINDS)


@pytest.fixture
def texts():
    tokens = torch.randint(
        0, VOCABULARY, (60, 40), generator=torch.Generator().manual_seed(1)
    )
    return fragments_of(tokens, generator=torch.Generator().manual_seed(2), length=16)


def number(predicates, name):
    return next(i for i in range(len(predicates)) if predicates.name(i) == name)


def slow(y, value, predicates, *, most, gain, least):
    """The greedy rule of one latent by trying every predicate, with numpy's
    correlation, in float64.
    """
    y = y.double().numpy()
    holds = [predicates.holds(p, value).numpy() for p in range(len(predicates))]
    chosen, reached = [], 0.0

    def said(rule):
        open_, out = np.ones(len(y), dtype=bool), np.zeros(len(y))
        for p in rule:
            new = holds[p] & open_
            out[new] = y[new].mean()
            open_ = open_ & ~new
        if open_.any():
            out[open_] = y[open_].mean()
        return out, open_

    while len(chosen) < most:
        _, open_ = said(chosen)
        found = []
        for p in range(len(predicates)):
            new = holds[p] & open_
            if new.sum() >= least and y[new].mean() > y[open_].mean():
                found.append((np.corrcoef(said([*chosen, p])[0], y)[0, 1], -p))
        if not found or max(found)[0] - reached < gain:
            break
        reached, minus = max(found)
        chosen.append(-minus)
    out, values, open_ = said(chosen)[0], [], np.ones(len(y), dtype=bool)
    for p in chosen:
        values.append(float(out[holds[p] & open_][0]))
        open_ = open_ & ~holds[p]
    return chosen, values, reached


@pytest.mark.parametrize("own", [False, True])
def test_rules_are_those_of_trying_every_predicate_one_by_one(predicates, texts, own):
    generator = torch.Generator().manual_seed(5)
    value = predicates.at(texts).flatten(1)
    weight = torch.randn(8, predicates.values, generator=generator).relu() ** 2
    y = torch.stack([w[value.long()].sum(0) for w in weight])
    y = (y + 0.5 * torch.randn(y.shape, generator=generator) - 2).relu()
    if own:  # each latent on positions of its own
        picks = torch.stack(
            [torch.randperm(y.shape[1], generator=generator)[:500] for _ in y]
        )
        given, y = value[:, picks], y.gather(1, picks)
    else:
        given = value
    fast = explained_by.fitted_rules(y, given, predicates, most=4, gain=0.01, least=3)
    assert (fast.length > 1).any()
    for i in range(len(y)):
        rule = slow(
            y[i], given[:, i] if own else given, predicates, most=4, gain=0.01, least=3
        )
        chosen = [p for p in fast.predicate[i].tolist() if p >= 0]
        assert chosen == rule[0]
        assert_close(
            fast.value[i][: len(chosen)].tolist(), rule[1], rtol=1e-5, atol=1e-6
        )
        assert float(fast.correlation[i]) == pytest.approx(rule[2], abs=1e-5)


def test_the_stated_correlation_is_that_of_the_prediction(predicates, texts):
    generator = torch.Generator().manual_seed(6)
    value = predicates.at(texts).flatten(1)
    y = (
        torch.randn(5, value.shape[1], generator=generator).relu()
        + (value[0] == 4) * 1.0
    )
    rules = explained_by.fitted_rules(y, value, predicates, most=5)
    said = explained_by.predicted(rules, value, predicates).activation
    for i in range(len(y)):
        assert np.corrcoef(said[i], y[i])[0, 1] == pytest.approx(
            float(rules.correlation[i]), abs=1e-5
        )


def test_a_latent_that_is_a_rule_is_explained_completely(predicates, texts):
    value = predicates.at(texts).flatten(1)
    token, before = value[0], value[1] - VOCABULARY
    y = torch.stack(
        [
            3.0 * (token == 5),
            2.0 * torch.isin(token, torch.tensor(KINDS["letter"]["a"])),
            5.0 * (token == 5) + 1.5 * ((before == 9) & (token != 5)),
        ]
    )
    rules = explained_by.fitted_rules(y, value, predicates, most=5)
    assert_close(rules.correlation, torch.ones(3))
    assert rules.predicate[0].tolist() == [
        number(predicates, "the token is 5"),
        -1,
        -1,
        -1,
        -1,
    ]
    assert rules.predicate[1, 0] == number(predicates, "the token has letter 'a'")
    expected = [
        number(predicates, f"the token {rest}") for rest in ("is 5", "before is 9")
    ]
    assert rules.predicate[2, :2].tolist() == expected
    assert_close(rules.value[2, :2], torch.tensor([5.0, 1.5]))
    assert_close(explained_by.predicted(rules, value, predicates).activation, y)
    assert torch.equal(explained_by.predicted(rules, value, predicates).fires, y > 0)


def test_a_latent_that_knows_nothing_of_the_text_gets_no_rule(predicates):
    tokens = torch.randint(
        0, VOCABULARY, (400, 40), generator=torch.Generator().manual_seed(1)
    )
    value = predicates.at(
        fragments_of(tokens, generator=torch.Generator().manual_seed(2), length=32)
    ).flatten(1)
    y = torch.randn(
        20, value.shape[1], generator=torch.Generator().manual_seed(3)
    ).relu()
    rules = explained_by.fitted_rules(y, value, predicates, most=5, gain=0.04)
    assert (rules.length == 0).all()
    assert_close(rules.otherwise, y.mean(1))
    assert_close(
        explained_by.predicted(rules, value, predicates).activation,
        y.mean(1, keepdim=True).expand_as(y),
    )


def test_a_latent_that_never_fires_and_one_that_always_does_get_no_rule(
    predicates, texts
):
    value = predicates.at(texts).flatten(1)
    rules = explained_by.fitted_rules(
        torch.tensor([[0.0], [2.0]]).repeat(1, value.shape[1]),
        value,
        predicates,
        most=5,
    )
    assert (rules.length == 0).all()
    assert rules.otherwise.tolist() == [0.0, 2.0]


def test_rules_list_reasons_to_fire_only(predicates, texts):
    value = predicates.at(texts).flatten(1)
    y = (1.0 - 1.0 * (value[0] == 5))[None]  # silent on one token, else 1
    rules = explained_by.fitted_rules(y, value, predicates, most=5)
    assert number(predicates, "the token is 5") not in rules.predicate[0].tolist()


def test_a_predicate_that_says_fires_too_often_to_help_is_not_called_firing(
    predicates, texts
):
    value = predicates.at(texts).flatten(1)
    before = value[1] - VOCABULARY == 2
    rarely = before & (torch.arange(len(before)) % 4 == 0)
    y = (1.5 * (value[0] == 5) + 2.0 * rarely)[None]
    rules = explained_by.fitted_rules(y, value, predicates, most=5, gain=0.003)
    said = dict(zip(rules.predicate[0].tolist(), rules.fires[0].tolist(), strict=True))
    assert said[number(predicates, "the token is 5")]
    assert not said[number(predicates, "the token before is 2")]


def test_blocks_of_latents_change_nothing(predicates, texts, monkeypatch):
    value = predicates.at(texts).flatten(1)
    y = torch.randn(
        7, value.shape[1], generator=torch.Generator().manual_seed(9)
    ).relu() * (value[0] < 5)
    whole = explained_by.fitted_rules(y, value, predicates, most=5)
    monkeypatch.setattr(explained_by, "TABLE_NUMBERS", 2 * value.shape[1])
    for a, b in zip(
        explained_by.fitted_rules(y, value, predicates, most=5), whole, strict=True
    ):
        assert_close(a, b)


def test_rules_read_as_sentences(predicates, texts):
    value = predicates.at(texts).flatten(1)
    y = (
        5.0 * (value[0] == 5) + 1.5 * ((value[1] - VOCABULARY == 9) & (value[0] != 5))
    )[None]
    rules = explained_by.fitted_rules(y, value, predicates, most=5)
    words = [f" w{i}" for i in range(VOCABULARY)]
    assert explained_by.rules_in_words(rules, predicates, words=words) == [
        "5 where the token is ' w5'; 1.5 where the token before is ' w9'; else 0"
    ]


def test_a_rule_without_room_is_refused(predicates, texts):
    value = predicates.at(texts).flatten(1)
    with pytest.raises(ValueError, match="most=0"):
        explained_by.fitted_rules(
            torch.zeros(1, value.shape[1]), value, predicates, most=0
        )
