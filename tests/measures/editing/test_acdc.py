"""ACDC's order: the sets of the plain algorithm, which runs everything for every
latent, with fewer runs.
"""

from typing import Any, NamedTuple

import pytest
import torch
from torch.testing import assert_close

from saecore.measures.editing import acdc, patching
from saecore.measures.editing.patching import Exchange, PatchingCurve


class Toy(NamedTuple):
    """Pairs of streams, and a stand-in for a model that mixes positions but not
    prompts.
    """

    pair: Exchange
    target: torch.Tensor
    weight: torch.Tensor

    def divergences(self, stream, prompts):
        assert stream.shape == (len(prompts), *self.pair.base.shape[1:])
        assert len(prompts.unique()) == len(prompts)
        said, meant = (
            (x @ self.weight).tanh().sum(1) for x in (stream, self.target[prompts])
        )
        p, q = said.log_softmax(-1), meant.log_softmax(-1)
        return (p.exp() * (p - q)).sum(-1)


def toy(*, density=0.15, latents=40, prompts=12, seed=0):
    """Latents that differ in a share of the places; decoder norms of all sizes, and a
    dead latent.
    """
    generator = torch.Generator().manual_seed(seed)

    def drawn(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    change = drawn(prompts, 4, latents)
    change[torch.rand(change.shape, generator=generator) > density] = 0
    change[:, :, 3] = 0
    base, directions = drawn(prompts, 4, 6), drawn(latents, 6) * 0.5
    pair = Exchange(base, change, directions)
    target = pair.patched(torch.ones(latents, dtype=torch.bool)) + 0.1 * drawn(
        prompts, 4, 6
    )
    return Toy(pair, target, drawn(6, 9))


def slow(pair, divergences, *, thresholds, generator):
    """The algorithm as it is written down; also the number of prompts that are run."""
    everyone, runs = torch.arange(len(pair.base)), 0

    def mean(kept):
        nonlocal runs
        runs += len(everyone)
        return float(divergences(pair.patched(kept), everyone).mean())

    kept = (pair.change != 0).any(0).any(0)
    now = mean(kept)
    sets = [(kept.clone(), now)]
    for threshold in thresholds:
        if not kept.any():
            break
        tried = kept.nonzero()[:, 0]
        for latent in tried[torch.randperm(len(tried), generator=generator)]:
            without = kept.clone()
            without[latent] = False
            after = mean(without)
            if after - now < threshold:
                kept, now = without, after
        sets.append((kept.clone(), now))
    if kept.any():
        sets.append((torch.zeros_like(kept), mean(torch.zeros_like(kept))))
    return sets, runs


@pytest.mark.parametrize("density", [0.02, 0.15, 1.0])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_sets_are_those_of_the_plain_algorithm(density, seed, monkeypatch):
    world, sets = toy(density=density, seed=seed), []
    monkeypatch.setattr(
        acdc,
        "curve_of",
        lambda pair, steps: sets.extend(steps) or patching.curve_of(pair, steps),
    )
    options: dict[str, Any] = {"thresholds": [1e-4, 1e-2, 0.05, 0.3]}
    acdc.pruned(
        world.pair,
        world.divergences,
        **options,
        generator=torch.Generator().manual_seed(seed),
    )
    expected, _ = slow(
        world.pair,
        world.divergences,
        **options,
        generator=torch.Generator().manual_seed(seed),
    )
    assert [kept.tolist() for kept, _ in sets] == [
        kept.tolist() for kept, _ in expected
    ]
    assert_close(
        torch.tensor([kl for _, kl in sets]), torch.tensor([kl for _, kl in expected])
    )
    assert len({int(kept.sum()) for kept, _ in sets}) > 3


@pytest.mark.parametrize("density", [0.02, 1.0])
def test_the_sets_between_thresholds_have_their_own_divergence_and_cost_nothing(
    density, monkeypatch
):
    world, sets, runs = toy(density=density), [], []
    monkeypatch.setattr(
        acdc,
        "curve_of",
        lambda pair, steps: sets.append(steps) or patching.curve_of(pair, steps),
    )

    def counted(stream, prompts):
        runs[-1] += len(prompts)
        return world.divergences(stream, prompts)

    for between in (False, True):
        runs.append(0)
        acdc.pruned(
            world.pair,
            counted,
            thresholds=[0.01, 0.3],
            between=between,
            generator=torch.Generator(),
        )
    plain, fine = sets
    assert runs[0] == runs[1]
    assert len(fine) > len(plain) + 5
    assert {tuple(kept.tolist()) for kept, _ in plain} <= {
        tuple(kept.tolist()) for kept, _ in fine
    }
    everyone = torch.arange(12)
    for kept, kl in fine:
        assert kl == pytest.approx(
            float(world.divergences(world.pair.patched(kept), everyone).mean())
        )
    counts = [int(kept.sum()) for kept, _ in fine]
    assert counts == sorted(counts, reverse=True)


def test_latents_that_differ_in_few_prompts_need_few_runs():
    world, rows = toy(density=0.02, latents=80), []

    def counted(stream, prompts):
        rows.append(len(prompts))
        return world.divergences(stream, prompts)

    options: dict[str, Any] = {"thresholds": [1e-4, 1e-2, 0.3]}
    acdc.pruned(world.pair, counted, **options, generator=torch.Generator())
    _, plain = slow(
        world.pair, world.divergences, **options, generator=torch.Generator()
    )
    assert sum(rows) < plain / 4
    assert len(rows) < plain / 12 / 2
    assert max(rows) <= 12


def test_groups_keep_the_order_wherever_latents_share_a_prompt():
    generator = torch.Generator().manual_seed(5)
    touched = torch.rand(30, 8, generator=generator) < 0.2
    touched[:, 0] |= ~touched.any(1)
    order = torch.randperm(30, generator=generator).tolist()
    waves = acdc._waves(order, touched)
    assert sorted(latent for wave in waves for latent in wave) == list(range(30))
    for wave in waves:
        assert int(touched[wave].sum(0).max()) == 1
    group = {latent: number for number, wave in enumerate(waves) for latent in wave}
    for n, late in enumerate(order):
        for early in order[:n]:
            if (touched[late] & touched[early]).any():
                assert group[early] < group[late]
    assert max(map(len, waves)) > 1


def test_latents_that_all_differ_everywhere_go_one_by_one():
    waves = acdc._waves([2, 0, 1], torch.ones(3, 4, dtype=torch.bool))
    assert waves == [[2], [0], [1]]


def planted():
    """Coordinate 2 carries the answer, 4 a little of it, 0 differs and does not
    matter.
    """
    base = torch.rand(
        5, 3, 6, generator=torch.Generator().manual_seed(4), dtype=torch.float64
    )
    target = base.clone()
    target[:, 1, 2] += 1.0
    target[:, 1, 4] += 0.2
    target[:, 2, 0] += 1.0
    weight = torch.tensor([0.0, 0, 1, 0, 1, 0], dtype=torch.float64)
    pair = patching.exchange(
        torch.relu, torch.eye(6, dtype=torch.float64), base, target
    )
    return (
        pair,
        lambda x, prompts: ((x - target[prompts]) * weight).square().sum((1, 2)),
    )


def test_what_does_not_matter_goes_first_and_the_carrier_last():
    pair, divergences = planted()
    curve = acdc.pruned(
        pair, divergences, thresholds=[1e-3, 0.1, 2.0], generator=torch.Generator()
    )
    assert curve.latents.tolist() == [3, 2, 1, 0]
    assert_close(curve.divergence, torch.tensor([0, 0, 0.04, 1.04]))


def test_the_size_is_that_of_the_set_itself_and_not_of_the_last_set_tried():
    pair, divergences = planted()
    curve = acdc.pruned(
        pair, divergences, thresholds=[1e-3, 0.1, 2.0], generator=torch.Generator()
    )
    assert_close(
        curve.size, torch.tensor([(1 + 1.04**0.5) / 3, 1.04**0.5 / 3, 1 / 3, 0])
    )


def test_the_curve_ends_with_nothing_even_if_no_threshold_drops_all():
    pair, divergences = planted()
    curve = acdc.pruned(
        pair, divergences, thresholds=[1e-3], generator=torch.Generator()
    )
    assert curve.latents.tolist() == [3, 2, 0]


def test_nothing_that_differs_is_a_curve_of_one_point():
    pair, divergences = planted()
    same = pair._replace(change=torch.zeros_like(pair.change))
    curve = acdc.pruned(
        same, divergences, thresholds=[0.1], generator=torch.Generator()
    )
    assert isinstance(curve, PatchingCurve)
    assert curve.latents.tolist() == [0]
    assert_close(curve.divergence, torch.tensor([1.04]))


def test_the_pair_and_what_the_model_returns_are_left_as_they_were():
    pair, divergences = planted()
    kept, returned = [x.clone() for x in pair], []

    def remembered(stream, prompts):
        found = divergences(stream, prompts)
        returned.append((found, found.clone()))
        return found

    acdc.pruned(pair, remembered, thresholds=[1e-3, 0.1], generator=torch.Generator())
    assert_close(tuple(pair), tuple(kept))
    for now, then in returned:
        assert_close(now, then)


def test_float32_gives_the_same_numbers():
    world = toy()
    single = Toy(
        Exchange(*(x.float() for x in world.pair)),
        world.target.float(),
        world.weight.float(),
    )
    curves = [
        acdc.pruned(
            one.pair,
            one.divergences,
            thresholds=[1e-2, 0.3],
            generator=torch.Generator(),
        )
        for one in (world, single)
    ]
    assert_close(curves[1], curves[0], rtol=1e-3, atol=1e-4)


def test_thresholds_that_fall_are_refused():
    pair, divergences = planted()
    with pytest.raises(ValueError, match="rise"):
        acdc.pruned(
            pair, divergences, thresholds=[1.0, 0.1], generator=torch.Generator()
        )
