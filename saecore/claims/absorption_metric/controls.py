"""False alarms: what metrics read where nothing can be absorbed."""

from typing import Any, NamedTuple

import torch

from saecore.claims.absorption_metric.headline import KNOWABLE, RULES
from saecore.claims.absorption_metric.known import KnownSubject, world
from saecore.claims.seed_dependence.grid import world_seeds
from saecore.measures.absorption.against_truth import metric_trial
from saecore.measures.algebra import classifier_scores
from saecore.profiles import Profile, WorldProfile
from saecore.shapes import Directions
from saecore.sparse import Active, sparse
from saecore.zoo.store import Zoo

GATE = 0.6
"""F1 that a label's best latent needs, as in the paper."""
ALARM = 1e-6
"""A value above it says that a case is absorbed."""


class MetricControl(NamedTuple):
    """A dictionary on rows where it can absorb nothing."""

    subject: metric_trial.KnownRows
    active: Active
    """Its activations on the subject's rows."""
    w_dec: Directions


def alarm_rows(zoo: Zoo, profile: Profile) -> list[dict[str, Any]]:
    """A row per control and knowable main latents: how many labels pass the gates, and
    the share of the cases that each rule calls absorbed.
    """
    setting = world(zoo, profile, WorldProfile())
    rows = []
    for name, control in made_controls(zoo, profile, setting).items():
        rows += _alarms(name, control)
    return rows


def made_controls(
    zoo: Zoo, profile: Profile, world: KnownSubject
) -> dict[str, MetricControl]:
    """In the world: an SAE before training, labels moved to other rows, the oracle
    dictionary, and the oracle with every parent split at random into two latents.
    """
    known, rows, on = world.known, world.on.rows, world.on
    base = world_seeds(profile, WorldProfile()).base[0]
    trained, fresh = zoo.get(base), zoo.untrained(base)
    generator = torch.Generator().manual_seed(3)
    order = torch.randperm(len(rows), generator=generator)
    shuffled = known._replace(active=known.active[order]).on(rows)
    half = torch.rand(len(rows), 1, generator=generator) < 0.5
    parents = on.cases.parents
    in_two = torch.cat([known.active, known.active[:, parents] * half], 1)
    in_two[:, parents] *= ~half
    twice = torch.cat([known.directions, known.directions[parents]])
    return {
        "untrained SAE": MetricControl(on, fresh.encode_sparse(rows), fresh.W_dec),
        "shuffled labels": MetricControl(
            shuffled, trained.encode_sparse(rows), trained.W_dec
        ),
        "oracle": MetricControl(on, sparse(known.active), known.directions),
        "oracle, parents split": MetricControl(on, sparse(in_two), twice),
    }


def _alarms(name: str, control: MetricControl) -> list[dict[str, Any]]:
    subject, active, w_dec = control
    trial = metric_trial.trial(subject, active, w_dec)
    right = (subject.cases.fires & subject.probes.decision).sum()
    pairs = classifier_scores.pair_scores(active, subject.cases.fires, width=len(w_dec))
    best = classifier_scores.best(pairs).f1
    gates = {"labels whose probe passes": subject.probes.passes.double().mean()}
    gates[f"whose best latent has F1 {GATE:g}"] = (best > GATE).double().mean()
    return [
        {"control": name, "main latents": main}
        | {gate: float(share) for gate, share in gates.items()}
        | {
            rule: float((trial.value[main][rule] > ALARM).sum() / right)
            for rule in RULES
        }
        for main in KNOWABLE
    ]
