import torch
from torch.testing import assert_close

from saecore.measures.absorption import rates as absorption
from saecore.measures.absorption.ablation import ablated, effects_on, path_gradients
from saecore.measures.absorption.leading_effects import leading_effects
from saecore.sparse import sparse


def setting():
    generator = torch.Generator().manual_seed(1)
    w_dec = torch.randn(9, 5, generator=generator, dtype=torch.float64)
    latents = torch.rand(40, 9, generator=generator, dtype=torch.float64)
    latents = latents * (torch.rand(40, 9, generator=generator) < 0.5)
    rows, active = latents @ w_dec, sparse(latents)
    probes = torch.randn(2, 5, generator=generator, dtype=torch.float64)
    has = torch.rand(40, 2, generator=generator) < 0.6
    main = torch.zeros(2, 9, dtype=torch.bool)
    main[0, 0] = main[1, 1] = True
    found = absorption.cases(
        active, w_dec, rows, probes=probes, has=has, says=has, main=main
    )
    return found, rows, active, w_dec


class Curved:
    """m = tanh of a linear read-out, counting the copies it is asked for."""

    copies = 0

    def __call__(self, vectors, prompt):
        self.copies += len(vectors)
        return torch.tanh(vectors.sum(1) / 4) * 8


def test_all_latents_ablated_gives_the_decisions_of_full_ablation():
    found, rows, active, w_dec = setting()
    metric = Curved()
    estimate = effects_on(path_gradients(metric, rows), active, w_dec)
    some = leading_effects(found, estimate, metric, rows, active, w_dec, count=9)
    every = ablated(metric, rows, active, w_dec)
    for ranking in ("magnitude", "helpful"):
        decided = [
            absorption.paper_rule(found, e, cosine=-1, ranking=ranking)
            for e in (some, every)
        ]
        assert_close(decided[0].case, decided[1].case)
        assert decided[0].case.sum() > 0


def test_the_first_of_each_silent_case_are_exact_and_the_others_estimated():
    found, rows, active, w_dec = setting()
    metric = Curved()
    estimate = effects_on(path_gradients(metric, rows), active, w_dec)
    some = leading_effects(found, estimate, metric, rows, active, w_dec, count=2)
    every = ablated(metric, rows, active, w_dec)
    exact = torch.isclose(some.entry, every.entry)
    assert exact[found.entry[_first(found, estimate, 2)]].all()
    assert_close(some.entry[~exact], estimate.entry[~exact])
    assert (~exact).any()


def test_it_runs_the_model_a_few_times_per_silent_case_only():
    found, rows, active, w_dec = setting()
    estimate = effects_on(path_gradients(Curved(), rows), active, w_dec)
    metric = Curved()
    leading_effects(found, estimate, metric, rows, active, w_dec, count=2)
    assert 0 < metric.copies <= 2 * int(found.silent.sum())


def _first(found, estimate, count):
    picked = []
    for case in found.silent.nonzero()[:, 0].tolist():
        items = torch.arange(int(found.pointer[case]), int(found.pointer[case + 1]))
        picked += items[estimate.entry[found.entry[items]].argsort()[:count]].tolist()
    return picked
