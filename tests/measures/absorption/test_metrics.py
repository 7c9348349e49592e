"""Dictionaries made by hand: what each published metric must read on them."""

from typing import Any

import pytest
import torch
from torch.testing import assert_close

from saecore.measures.absorption import metrics as metric_readings
from saecore.measures.absorption.ablation import ablated
from saecore.measures.absorption.against_truth.metric_scores import (
    check_decisions,
    laid_on,
)
from saecore.measures.absorption.cases import cases
from saecore.measures.absorption.metrics import (
    METRICS,
    Main,
    Readings,
    asymmetry,
    best_latent,
    read_out,
    readings,
    split_set,
)
from saecore.measures.absorption.rates import COSINE, LEAD, paper_rule
from saecore.measures.absorption.true_cases import true_cases
from saecore.measures.absorption.true_outcomes import outcomes
from saecore.measures.probing.k_sparse import SparseProbes
from saecore.sparse import Active, dense, sparse

N = 600


def family(delta: float) -> tuple[Active, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Parent 0 with child 1, and a stranger 2: activations, decoder, rows and truth
    (2409.14507, A.2).
    """
    generator = torch.Generator().manual_seed(0)
    draw = torch.rand(N, 3, generator=generator)
    truth = torch.stack(
        [draw[:, 0] < 0.4, (draw[:, 0] < 0.4) & (draw[:, 1] < 0.3), draw[:, 2] < 0.4], 1
    ).float()
    latents, w_dec = truth.clone(), torch.eye(5)[:3].clone()
    latents[:, 0] -= delta * latents[:, 1]
    w_dec[1, 0] = delta
    return sparse(latents), w_dec, truth @ torch.eye(5)[:3], truth


def read(
    active: Active, w_dec: torch.Tensor, rows: torch.Tensor, truth: torch.Tensor, **more
) -> Readings:
    has = truth[:, :1] > 0
    probe = 4 * torch.eye(5)[:1]
    main = torch.zeros(1, len(w_dec), dtype=torch.bool)
    main[0, 0] = True
    child = torch.where(truth[:, 1:2] > 0, 0, -1)
    options = {
        "bias": torch.tensor([-2.0]),
        "says": has,
        "child": child,
        "probes": probe,
    } | more
    return readings(
        active,
        w_dec,
        rows,
        Main(main, options.pop("main_says", None)),
        has=has,
        **options,
    )


def test_every_metric_is_right_in_every_row_when_a_child_absorbs_its_parent_fully():
    active, w_dec, rows, truth = family(1.0)
    known = true_cases(truth, torch.eye(5)[:3], torch.tensor([-1, 0, -1]))
    found = outcomes(active, w_dec, known)
    assert 0 < found.rate() < 1
    for name, value in read(active, w_dec, rows, truth).value.items():
        checked = check_decisions(
            laid_on(found, *read(active, w_dec, rows, truth)[:2], value) > 0,
            found.absorbed,
        )
        assert (checked.precision, checked.recall) == (1, 1), name


@pytest.mark.parametrize("name", METRICS)
def test_an_oracle_dictionary_reads_nothing(name):
    assert read(*family(0.0)).value[name].abs().max() < 1e-6


def test_partial_absorption_is_seen_by_the_fractions_alone_and_by_each_as_it_is_defined():
    found = read(*family(0.5)).value
    both = found["SAEBench, fraction 0.6.0"] > 0
    assert 0.2 < both.float().mean() < 0.4
    assert_close(
        found["SAEBench, fraction 0.6.0"][both],
        torch.full_like(found["main latents silent"][both], 0.5),
    )
    assert_close(found["SAEBench, fraction 0.3.2"], found["SAEBench, fraction 0.6.0"])
    assert all(
        not value.any() for name, value in found.items() if "fraction" not in name
    )
    slight = read(
        *family(0.3)
    ).value  # 0.3 is below the 0.4 of 0.6.0; 0.3.2 has no threshold
    assert not slight["SAEBench, fraction 0.6.0"].any()
    assert slight["SAEBench, fraction 0.3.2"].max() == pytest.approx(0.3)


def test_a_hole_that_nobody_fills_is_no_absorption_for_any_metric_but_a_hole():
    active, w_dec, rows, truth = family(0.0)
    latents = dense(active, 3)
    latents[truth[:, 1] > 0, 0] = 0
    for name, value in read(sparse(latents), w_dec, rows, truth).value.items():
        assert bool(value.any()) == (name == "main latents silent"), name


def test_fraction_0_3_2_calls_any_hole_absorbed_if_a_trifle_is_left_of_the_parent():
    active, w_dec, rows, truth = family(0.0)
    latents, tilted = dense(active, 3), w_dec.clone()
    latents[truth[:, 1] > 0, 0] = 0
    tilted[1, 0] = 0.01
    value = read(sparse(latents), tilted, rows, truth).value
    there = value["main latents silent"] > 0
    assert (value["SAEBench, fraction 0.3.2"][there] == 1).all()
    assert not value["SAEBench, fraction 0.6.0"].any()


def test_the_paper_wants_the_sparse_probe_to_miss_and_the_absorber_to_lead_by_a_logit():
    active, w_dec, rows, truth = family(1.0)
    says = truth[:, :1] > 0
    name = "paper, ablation, lead 1"
    assert not read(active, w_dec, rows, truth, main_says=says).value[name].any()
    assert read(active, w_dec, rows, truth, main_says=~says).value[name].any()
    weak = read(
        active,
        w_dec,
        rows,
        truth,
        probes=0.5 * torch.eye(5)[:1],
        bias=torch.tensor([-0.25]),
        child=None,
    )
    assert not weak.value[name].any()  # half a logit for the absorber
    assert weak.value["paper, ablation, relative lead"].any()
    assert not weak.value["confirmed by child"].any()  # no child was named


def test_confirmed_by_child_rejects_an_absorber_that_fires_elsewhere_too():
    active, w_dec, rows, truth = family(1.0)
    latents = dense(active, 3)
    latents[:, 1] = torch.maximum(latents[:, 1], truth[:, 2])
    latents[(truth[:, 0] > 0) & (truth[:, 2] > 0), 0] = 0
    found = read(sparse(latents), w_dec, rows, truth).value
    assert found["SAEBench, full"].any()
    assert not found["confirmed by child"].any()


def test_the_read_out_is_the_exact_ablation_of_every_label():
    active, w_dec, rows, truth = family(0.7)
    has = truth > 0
    probes = torch.randn(3, 5, generator=torch.Generator().manual_seed(2))
    bias = torch.tensor([0.3, -0.2, 0.0])
    found = cases(
        active,
        w_dec,
        rows,
        probes=probes,
        has=has,
        says=has,
        main=torch.eye(3, dtype=torch.bool),
    )
    flat, effects = read_out(found, rows, probes, bias)
    for label in range(3):
        slow = ablated(
            lambda x, _, i=label: x @ probes[i] + bias[i], rows, active, w_dec
        )
        here = found.label[found.case] == label
        assert_close(
            effects.entry[here], slow.entry[found.entry[here]], rtol=1e-4, atol=1e-5
        )
        assert_close(
            effects.clean[found.label == label],
            slow.clean[found.row[found.label == label]],
        )
        one = cases(
            active,
            w_dec,
            rows,
            probes=probes[[label]],
            has=has[:, [label]],
            says=has[:, [label]],
            main=torch.eye(3, dtype=torch.bool)[[label]],
        )
        paper: Any = {"lead": LEAD, "cosine": COSINE}
        assert_close(
            paper_rule(flat, effects, **paper).case[found.label == label],
            paper_rule(one, slow, **paper).case,
        )


def test_the_split_set_takes_in_a_frequent_child_that_absorbs_and_one_latent_does_not():
    active, w_dec, rows, truth = family(1.0)
    has = truth[:, :1] > 0
    fold = torch.arange(N) % 5
    split, one = (
        split_set(active, has, width=3, fold=fold),
        best_latent(active, has, width=3),
    )
    assert split.latents.tolist() == [[True, True, False]]
    assert one.latents.tolist() == [[True, False, False]]
    probe = {
        "probes": 4 * torch.eye(5)[:1],
        "bias": torch.tensor([-2.0]),
        "has": has,
        "says": has,
    }
    assert (
        not readings(active, w_dec, rows, split, **probe).value["SAEBench, full"].any()
    )
    assert (
        readings(active, w_dec, rows, one, **probe).value["SAEBench, full"].sum()
        == truth[:, 1].sum()
    )


def test_a_latent_whose_encoder_avoids_a_child_is_asymmetric_and_a_tied_one_is_not():
    w_dec = torch.tensor([[1.0, 0.0], [1.0, 1.0]])
    w_enc = torch.tensor([[1.0, -1.0], [2.0, 2.0]]).T
    assert_close(
        asymmetry(w_enc, w_dec), torch.tensor([1 - 0.5**0.5, 0.0]), rtol=1e-5, atol=1e-6
    )


def test_the_padding_of_a_short_ranking_is_no_main_latent(monkeypatch):
    nothing = torch.zeros(1)
    short = SparseProbes(
        order=torch.tensor([[1, -1]]),
        weight=torch.tensor([[1.0, 0.0]]),
        size=torch.tensor([2]),
        f1=torch.tensor([[0.5, 0.6]]),
        precision=nothing,
        recall=nothing,
        decision=torch.zeros(2, 1, dtype=torch.bool),
    )
    monkeypatch.setattr(metric_readings, "sparse_probes", lambda *_, **__: short)
    has = torch.tensor([[True], [False]])
    found = split_set(sparse(torch.eye(2, 4)), has, width=4, fold=torch.arange(2))
    assert found.latents.tolist() == [[False, True, False, False]]


def published_rule(row, latents, w_dec, probe, bias, main, says) -> bool:
    """2409.14507, section 4, as the authors' code has had it since 23 September 2024,
    latent by latent: take each active one out of the row, see what the answer loses.
    """
    if says or any(latents[j] >= 1e-8 for j in range(len(w_dec)) if main[j]):
        return False
    clean = float(row @ probe + bias)
    effects = [
        float((row - latents[j] * w_dec[j]) @ probe + bias) - clean
        for j in range(len(w_dec))
    ]
    order = sorted(range(len(effects)), key=lambda j: effects[j])
    first, second = order[:2]
    lead = abs(effects[first]) - abs(min(effects[second], 0.0))
    cosine = float(w_dec[first] @ probe / w_dec[first].norm() / probe.norm())
    return effects[first] < 0 and lead >= LEAD and cosine >= COSINE


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("asked", [True, False])
def test_the_papers_rule_is_the_published_one_on_every_case(seed, asked):
    generator = torch.Generator().manual_seed(seed)
    n, width, d, labels = 80, 12, 6, 3
    latents = torch.rand(n, width, generator=generator).double()
    latents *= torch.rand(n, width, generator=generator) < 0.4
    w_dec = torch.randn(width, d, generator=generator).double()
    rows = latents @ w_dec + 0.1 * torch.randn(n, d, generator=generator).double()
    probes = 2 * torch.randn(labels, d, generator=generator).double()
    bias = torch.randn(labels, generator=generator).double()
    has = torch.rand(n, labels, generator=generator) < 0.6
    says = rows @ probes.T + bias > 0
    main = torch.rand(labels, width, generator=generator) < 0.15
    main[:, 0] = True
    split = torch.rand(n, labels, generator=generator) < 0.3 if asked else None
    found = readings(
        sparse(latents),
        w_dec,
        rows,
        Main(main, split),
        probes=probes,
        bias=bias,
        has=has,
        says=says,
    )
    value = found.value["paper, ablation, lead 1"]
    cases_of = list(zip(found.row.tolist(), found.label.tolist(), strict=True))
    assert len(cases_of) == int((has & says).sum()) > 20
    slow = [
        published_rule(
            rows[r], latents[r], w_dec, probes[i], bias[i], main[i],
            split is not None and bool(split[r, i]),
        )
        for r, i in cases_of
    ]  # fmt: skip
    assert value.bool().tolist() == slow
    assert 0 < sum(slow) < len(slow)


def test_a_harmful_latent_does_not_come_before_one_that_helps():
    """Effects of -5 and +6, a lead of one wanted: absorbed, by the code since then."""
    latents = torch.tensor([[0.0, 1.0, 1.0]])
    w_dec = torch.tensor([[1.0, 0.0], [5.0, 0.0], [-6.0, 1.0]])
    has = torch.tensor([[True]])
    found = readings(
        sparse(latents),
        w_dec,
        torch.tensor([[3.0, 0.0]]),
        Main(torch.tensor([[True, False, False]]), None),
        probes=torch.tensor([[1.0, 0.0]]),
        bias=torch.tensor([0.0]),
        has=has,
        says=has,
    )
    assert found.value["paper, ablation, lead 1"].tolist() == [1]
