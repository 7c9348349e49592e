"""Dictionaries that absorb by construction: the paper's family, and one latent per
feature with the parents moved into their children.
"""

from typing import Any

import torch
from torch import Tensor

from saecore.claims.absorption_metric.known import JUDGED_ROWS, Known
from saecore.measures.absorption import metrics, true_outcomes
from saecore.measures.absorption.against_truth import metric_trial
from saecore.measures.absorption.true_cases import true_cases
from saecore.measures.probing.k_sparse import F1_JUMP
from saecore.source.planted import Planted
from saecore.source.site import Site
from saecore.sparse import sparse

DELTAS = (0.0, 0.3, 0.5, 1.0)
REGIMES = {"few frequent children": (3, 0.2), "many rare children": (20, 0.02)}
"""How many children each parent has, and the share of its rows that each takes."""
SHARES = (0.01, 0.02, 0.04, 0.05, 0.06, 0.08, 0.2)
"""Share of its parent's rows that each child takes."""
FAMILIES, D_MODEL, OFTEN, NOISE = 4, 64, 0.25, 0.02
FEW_FAMILIES, WIDE = 2, 128
"""Families, and d_model, where children are many."""
SHOWN_METRICS = ("paper, ablation, lead 1", "SAEBench, full", *metrics.GRADED)


def family_readings() -> list[dict[str, Any]]:
    """The family of the paper's proof, a row per delta: what is true of the row with
    parent and child, and what the metrics say of it.
    """
    rows = torch.tensor([[1.0, 0.0], [1.0, 1.0]])
    cases = true_cases(rows, torch.eye(2), torch.tensor([-1, 0]))
    main = metrics.Main(torch.tensor([[True, False]]), None)
    found = []
    for delta in DELTAS:
        latents = sparse(torch.tensor([[1.0, 0.0], [1 - delta, 1.0]]))
        w_dec = torch.tensor([[1.0, 0.0], [delta, 1.0]])
        true = true_outcomes.outcomes(latents, w_dec, cases)
        says = metrics.readings(
            latents,
            w_dec,
            rows,
            main,
            probes=torch.tensor([[4.0, 0.0]]),
            bias=torch.tensor([-2.0]),
            has=rows[:, :1] > 0,
            says=rows[:, :1] > 0,
        )
        row = {"delta": delta, "true outcome": true_outcomes.OUTCOMES[true.outcome[1]]}
        row["true share"] = float(true.share[1])
        found.append(row | {name: float(says.value[name][1]) for name in SHOWN_METRICS})
    return found


def recall_by_share(site: Site) -> dict[float, dict[str, float]]:
    """Recall of full absorption where everything is absorbed, by the share of its
    parent's rows that each child takes, then by choice of main latents.

    A dictionary has a latent per feature; each child's carries its parent, whose own is
    silent there. `site` names the planting; its rows are not read.
    """
    return {share: _recalls(site, share) for share in SHARES}


def least_share(*, jump: float = F1_JUMP) -> float:
    """Share of its parent's rows from which an absorbing child enters the split set, if
    it alone is missing: the first thousandth s with 2 s / ((2 - s) 2) > jump.
    """
    shares = (step / 1000 for step in range(1, 500))
    return next(share for share in shares if gain(share) > jump)


def gain(share: float) -> float:
    """F1 that a child with this share of its parent's rows adds, if only it is missing.

    With r the share that is found so far, 2 s / ((1 + r) (1 + r + s)) at r = 1 - s.
    """
    return 2 * share / ((2 - share) * 2)


def regime_rows(site: Site) -> list[dict[str, Any]]:
    """A row per regime, choice of main latents and drawn rule: how much it finds where
    every child absorbs its parent, and what it reads where nothing is absorbed, but
    every parent is split at random into two latents.
    """
    rows = []
    for regime, (children, share) in REGIMES.items():
        planting = Planted(
            site,
            pairs=FEW_FAMILIES,
            children=children,
            parent_probability=OFTEN,
            child_probability=share,
        )
        absorbed, split = absorbing(planting, WIDE), splitting(planting, WIDE)
        for main in metric_trial.MAINS[:2]:
            for rule in SHOWN_METRICS[:3]:
                checks = [made[main][rule].strict for made in (absorbed, split)]
                row = {"children": regime, "main latents": main, "metric": rule}
                found = {"finds of what is absorbed": checks[0].recall}
                found["reads of parents that are split"] = checks[1].read
                rows.append(row | found)
    return rows


ScoresByHand = dict[str, dict[str, metric_trial.Score]]


def absorbing(planting: Planted, d_model: int) -> ScoresByHand:
    """All metrics on a dictionary with a latent per feature in which each child of a
    hierarchy carries its parent, whose own latent is silent there.
    """
    truth, latents = planting.truth(d_model), planting.latents(JUDGED_ROWS).to_dense()
    known, w_dec = latents.clone(), truth.directions.clone()
    for child in ((truth.parent >= 0) & truth.hierarchical).nonzero().flatten():
        parent = truth.parent[child]
        w_dec[child] += truth.directions[parent]
        latents[known[:, child] > 0, parent] = 0
    return _scores(planting, known, latents, w_dec)


def splitting(planting: Planted, d_model: int) -> ScoresByHand:
    """The same on one that absorbs nothing: every parent has two latents, one of which
    fires, at random.
    """
    truth, known = planting.truth(d_model), planting.latents(JUDGED_ROWS).to_dense()
    parents = truth.parent[truth.parent >= 0].unique()
    generator = torch.Generator().manual_seed(2)
    half = torch.rand(len(known), 1, generator=generator) < 0.5
    latents = torch.cat([known, known[:, parents] * half], 1)
    latents[:, parents] *= ~half
    w_dec = torch.cat([truth.directions, truth.directions[parents]])
    return _scores(planting, known, latents, w_dec)


def _scores(
    planting: Planted, known: Tensor, latents: Tensor, w_dec: Tensor
) -> ScoresByHand:
    truth = planting.truth(w_dec.shape[1])
    generator = torch.Generator().manual_seed(1)
    noise = torch.randn(len(known), w_dec.shape[1], generator=generator)
    rows = latents @ w_dec + NOISE * noise
    subject = Known(known, truth.directions, truth.parent).on(rows)
    asked = truth.hierarchical[subject.cases.parents]
    return metric_trial.trial(subject, sparse(latents), w_dec).scores(asked)


def _recalls(site: Site, share: float) -> dict[str, float]:
    planting = Planted(
        site, pairs=FAMILIES, parent_probability=OFTEN, child_probability=share
    )
    scores = absorbing(planting, D_MODEL)
    return {
        main: scores[main]["SAEBench, full"].strict.recall
        for main in metric_trial.MAINS
    }
