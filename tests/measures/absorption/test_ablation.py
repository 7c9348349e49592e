"""Ablation and integrated gradients, on metrics whose answers are known by hand or by
finite differences.
"""

import pytest
import torch
from torch.testing import assert_close

from saecore.measures.absorption.ablation import (
    ablated,
    effects_on,
    integrated_gradients,
    path_gradients,
    project_out,
)
from saecore.sparse import Active, dense, row_of, sparse

ROWS, D, WIDTH = 7, 6, 12


def normal(*shape, seed=0):
    return torch.randn(
        *shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64
    )


@pytest.fixture
def case():
    latents = normal(ROWS, WIDTH, seed=1).relu()
    latents[3] = 0  # a row on which nothing is active
    return normal(ROWS, D), sparse(latents), normal(WIDTH, D, seed=2)


WEIGHT = normal(ROWS, D, seed=3)


def linear(vectors, prompt):
    return (vectors * WEIGHT[prompt]).sum(1)


def curved(vectors, prompt):
    return (vectors * WEIGHT[prompt]).sum(1).tanh() + 0.1 * vectors.square().sum(1) * (
        prompt + 1
    )


def slowly_ablated(metric, rows, active, w_dec):
    out = torch.empty_like(active.value)
    for entry, (row, latent, value) in enumerate(
        zip(row_of(active), active.latent, active.value, strict=True)
    ):
        prompt = row.long()[None]
        without = rows[row] - value * w_dec[latent]
        out[entry] = (
            metric(without[None], prompt)[0] - metric(rows[row][None], prompt)[0]
        )
    return out


def slow_integrated_gradients(metric, rows, active, w_dec, b_dec, steps):
    """As the published code does it: a gradient in every latent, error and latents
    scaled, bias kept.
    """
    latents = dense(active, len(w_dec))
    out = []
    for r, (x, a) in enumerate(zip(rows, latents, strict=True)):
        error = x - (a @ w_dec + b_dec)
        gradients = []
        for i in range(steps):
            scaled = ((1 - i / steps) * a).requires_grad_()
            spliced = scaled @ w_dec + b_dec + (1 - i / steps) * error
            (gradient,) = torch.autograd.grad(
                metric(spliced[None], torch.tensor([r])).sum(), scaled
            )
            gradients.append(gradient)
        effect = torch.stack(gradients).mean(0) * (0 - a)
        out.append(effect[a != 0])
    return torch.cat(out)


@pytest.mark.parametrize("batch", [1, 5, 4096])
def test_batched_ablation_is_ablation_one_by_one(case, batch):
    found = ablated(curved, *case, batch=batch)
    assert_close(found.entry, slowly_ablated(curved, *case))
    assert_close(found.clean, curved(case[0], torch.arange(ROWS)))


def test_for_a_linear_metric_both_are_the_closed_form(case):
    rows, active, w_dec = case
    expected = -active.value * (w_dec[active.latent] * WEIGHT[row_of(active)]).sum(1)
    assert_close(ablated(linear, *case).entry, expected)
    for steps in (1, 6):
        assert_close(
            integrated_gradients(
                linear, rows, active, w_dec, steps=steps, b_dec=normal(D, seed=5)
            ).entry,
            expected,
        )


def test_a_helpful_latent_has_a_negative_effect():
    rows, w_dec = torch.tensor([[2.0, 0.0]]), torch.eye(2)
    active = Active(
        torch.tensor([0, 1]).int(), torch.tensor([0]).int(), torch.tensor([2.0])
    )
    for measure in (ablated, integrated_gradients):
        assert measure(lambda v, p: v[:, 0], rows, active, w_dec).entry.tolist() == [-2]


@pytest.mark.parametrize("steps", [1, 6])
def test_integrated_gradients_are_those_of_the_published_code(case, steps):
    rows, active, w_dec = case
    b_dec = normal(D, seed=5)
    found = integrated_gradients(
        curved, rows, active, w_dec, b_dec=b_dec, steps=steps, batch=3
    )
    assert_close(
        found.entry,
        slow_integrated_gradients(curved, rows, active, w_dec, b_dec, steps),
    )
    assert_close(found.clean, curved(rows, torch.arange(ROWS)))


def test_one_path_serves_every_dictionary(case):
    rows, active, w_dec = case
    paths = path_gradients(curved, rows)
    for scale in (1.0, 2.0):
        alone = integrated_gradients(curved, rows, active, w_dec * scale)
        assert_close(effects_on(paths, active, w_dec * scale), alone)


def test_the_path_starts_at_the_row_and_its_integral_is_the_whole_change():
    rows = normal(4, D, seed=8) * 0.3
    paths = path_gradients(curved, rows, steps=400)
    assert_close(paths.step[:, 0], paths.clean)
    change = curved(rows, torch.arange(4)) - curved(
        torch.zeros_like(rows), torch.arange(4)
    )
    assert_close((paths.gradient * rows).sum(1), change, rtol=2e-2, atol=2e-2)


def test_only_chosen_entries_are_ablated_and_the_others_are_unknown(case):
    asked = []

    def counting(vectors, prompt):
        asked.append(len(vectors))
        return curved(vectors, prompt)

    chosen = torch.arange(len(case[1].value)) % 3 == 0
    found = ablated(counting, *case, chosen=chosen)
    assert sum(asked) == ROWS + int(chosen.sum())
    assert_close(found.entry[chosen], slowly_ablated(curved, *case)[chosen])
    assert found.entry[~chosen].isnan().all()


def test_rows_may_belong_to_any_prompt(case):
    rows, active, w_dec = case
    prompt = torch.arange(ROWS).flip(0)
    found = ablated(curved, rows, active, w_dec, prompt=prompt)
    assert_close(found.entry, slowly_ablated(lambda v, p: curved(v, prompt[p]), *case))
    paths = path_gradients(curved, rows, prompt=prompt)
    assert_close(paths.clean, curved(rows, prompt))


def test_a_silent_dictionary_has_no_effects():
    rows, nothing = normal(2, D), sparse(torch.zeros(2, WIDTH, dtype=torch.float64))
    for measure in (ablated, integrated_gradients):
        found = measure(curved, rows, nothing, normal(WIDTH, D))
        assert len(found.entry) == 0
        assert_close(found.clean, curved(rows, torch.arange(2)))


def test_no_rows_are_no_effects():
    nothing = sparse(torch.zeros(0, WIDTH))
    for measure in (ablated, integrated_gradients):
        found = measure(curved, torch.zeros(0, D), nothing, torch.zeros(WIDTH, D))
        assert len(found.entry) == len(found.clean) == 0


def test_single_precision_rows_stay_so(case):
    rows, active, w_dec = case
    small = active._replace(value=active.value.float())
    metric = lambda v, p: curved(v.double(), p).float()  # noqa: E731
    for measure in (ablated, integrated_gradients):
        found = measure(metric, rows.float(), small, w_dec.float())
        assert found.entry.dtype == found.clean.dtype == torch.float32
        assert_close(
            found.entry.double(), measure(curved, *case).entry, rtol=1e-3, atol=1e-4
        )


def test_what_is_projected_out_is_gone_and_the_rest_stays():
    directions, direction = normal(WIDTH, D), normal(D, seed=4)
    left = project_out(directions, direction)
    assert_close(
        left @ direction, torch.zeros(WIDTH, dtype=torch.float64), atol=1e-12, rtol=0
    )
    assert_close(project_out(left, direction), left)
    assert_close(project_out(directions[0], 3 * direction), left[0])
    removed = directions - left
    assert_close(
        removed,
        removed @ direction[:, None] @ direction[None] / direction.square().sum(),
    )
    with pytest.raises(ValueError, match="length above 0"):
        project_out(directions, torch.zeros(D, dtype=torch.float64))


def test_what_does_not_fit_together_is_refused(case):
    rows, active, w_dec = case
    with pytest.raises(ValueError, match="encode the same rows"):
        ablated(curved, rows[1:], active, w_dec)
    with pytest.raises(ValueError, match="at least one step"):
        path_gradients(curved, rows, steps=0)


def test_each_vector_may_lose_a_direction_of_its_own():
    vectors, directions = normal(4, 5, seed=1), normal(4, 5, seed=2)
    found = project_out(vectors, directions)
    one_by_one = [
        project_out(v[None], d)[0] for v, d in zip(vectors, directions, strict=True)
    ]
    assert_close(found, torch.stack(one_by_one))
    assert_close((found * directions).sum(1), torch.zeros(4, dtype=torch.float64))
