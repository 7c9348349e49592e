"""The whole rule against the authors' code as it is today, written here again from its
description (2409.14507, section 4, and feature_absorption_calculator.py): one prompt at
a time, dense, by autograd.
"""

import pytest
import torch

from saecore.measures.absorption.ablation import ablated, integrated_gradients
from saecore.measures.absorption.cases import cases
from saecore.measures.absorption.rates import COSINE, LEAD, paper_rule
from saecore.sparse import sparse

ROWS, LATENTS, D, LETTERS, STEPS = 300, 24, 10, 4, 6


class Model:
    """A small model that is not linear: letters' logits from a row and a prompt."""

    def __init__(self, random):
        self.first = torch.randn(D, 16, generator=random, dtype=torch.float64)
        self.last = 3 * torch.randn(16, LETTERS, generator=random, dtype=torch.float64)
        self.letter = torch.arange(ROWS) % LETTERS

    def logits(self, rows):
        return torch.tanh(rows @ self.first / 2) @ self.last

    def __call__(self, rows, prompt):
        logits = self.logits(rows)
        own = logits.gather(1, self.letter[prompt][:, None])[:, 0]
        return own - (logits.sum(1) - own) / (LETTERS - 1)


def sae_and_rows():
    random = torch.Generator().manual_seed(3)
    model = Model(random)
    shape = {"generator": random, "dtype": torch.float64}
    latents = (torch.randn(ROWS, LATENTS, **shape) - 0.8).relu()
    w_dec, b_dec = torch.randn(LATENTS, D, **shape), torch.randn(D, **shape)
    rows = latents @ w_dec + b_dec + 0.3 * torch.randn(ROWS, D, **shape)
    probes = torch.randn(LETTERS, D, **shape)
    main = torch.zeros(LETTERS, LATENTS, dtype=torch.bool)
    main[0, 0] = main[1, [1, 2]] = main[2, 3] = main[3, 4] = True
    has = torch.nn.functional.one_hot(model.letter, LETTERS).bool()
    says = torch.rand(ROWS, LETTERS, generator=random) < 0.8
    split_says = torch.rand(ROWS, LETTERS, generator=random) < 0.3
    return model, latents, w_dec, b_dec, rows, probes, main, has, says, split_says


def attribution(model, latents, w_dec, b_dec, row, number):
    """Integrated gradients as the calculator has them: activations and error scaled
    together, decoded with the bias; the clean point in, the last one not."""
    error = row - (latents @ w_dec + b_dec)
    total = torch.zeros_like(latents)
    for step in range(STEPS):
        scale = 1 - step / STEPS
        acts = (latents * scale).requires_grad_()
        vector = acts @ w_dec + b_dec + error * scale
        metric = model(vector[None], torch.tensor([number]))[0]
        total += torch.autograd.grad(metric, acts)[0]
    return total / STEPS * (0 - latents)


def ablation(model, latents, w_dec, row, number):
    """m without each latent minus m."""
    prompt = torch.tensor([number])
    clean = model(row[None], prompt)
    without = [row - acts * own for acts, own in zip(latents, w_dec, strict=True)]
    return torch.cat([model(vector[None], prompt) - clean for vector in without])


def absorbs(effects, latents, main, cosine):
    """The calculator's decision about one word."""
    if float(latents[main].sum()) >= 1e-8:
        return False
    order = sorted(range(len(effects)), key=lambda j: float(effects[j]))
    top, second = float(effects[order[0]]), float(effects[order[1]])
    if top > 0 or abs(top) - abs(second) < LEAD:
        return False
    return float(cosine[order[0]]) >= COSINE


@pytest.mark.parametrize("by", ["gradients", "ablation"])
def test_every_verdict_is_that_of_the_authors_code(by):
    model, latents, w_dec, b_dec, rows, probes, main, has, says, split = sae_and_rows()
    active = sparse(latents)
    given = {"probes": probes, "has": has, "says": says, "main": main}
    found = cases(active, w_dec, rows, **given)
    effects = (
        integrated_gradients(model, rows, active, w_dec, b_dec=b_dec)
        if by == "gradients"
        else ablated(model, rows, active, w_dec)
    )
    ours = paper_rule(found, effects, lead=LEAD, cosine=COSINE, split_says=split)
    expected, hits, told = [], [0] * LETTERS, [0] * LETTERS
    for number in range(ROWS):
        letter = int(model.letter[number])
        if not (has[number, letter] and says[number, letter]):
            continue
        told[letter] += 1
        cosine = torch.cosine_similarity(w_dec, probes[letter][None])
        own = latents[number]
        effect = (
            attribution(model, own, w_dec, b_dec, rows[number], number)
            if by == "gradients"
            else ablation(model, own, w_dec, rows[number], number)
        )
        yes = not split[number, letter] and absorbs(effect, own, main[letter], cosine)
        hits[letter] += yes
        expected.append((number, float(yes)))
    got = sorted(zip(found.row.tolist(), ours.case.tolist(), strict=True))
    assert got == expected
    assert 10 < sum(hits) < len(expected) / 2
    rates = [h / t for h, t in zip(hits, told, strict=True)]
    assert ours.rate.tolist() == pytest.approx(rates)
