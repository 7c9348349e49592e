"""How the seeds of a setting ended, and what single runs look like."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.claims.absorption_toys.grid import toy_grid
from saecore.claims.absorption_toys.headline import Study
from saecore.claims.absorption_toys.runs import Run, count_ends, runs
from saecore.measures.absorption.toy_outcome import Signature
from saecore.measures.algebra.intervals import Interval
from saecore.profiles import Profile
from saecore.report import interval_columns
from saecore.source.worlds import toys
from saecore.source.worlds.toys import CHILD, PARENT
from saecore.zoo.store import Zoo

FEATURES = ("parent", "child", "third", "fourth")
VARIANT_PENALTY = 3e-2


class CosineMaps(NamedTuple):
    """Cosines of each feature's own latent with every feature, in one run."""

    encoder: Float[Tensor, "feature other"]
    decoder: Float[Tensor, "feature other"]


def setting_rows(
    trained: Mapping[str, Sequence[Run]], gap: Mapping[str, Interval]
) -> list[dict[str, Any]]:
    """A row per setting: seeds by how they ended, the gap, and medians of three signs.

    The signs: cosine of the parent's encoder with the child, of the child's decoder
    with the parent, and delta, the share of its activation that the parent's latent
    gives up; medians over the runs that have the latent, None if none has.
    """
    return [
        {"setting": name}
        | count_ends(group)
        | interval_columns(gap[name], "gap")
        | _signs([run.signature for run in group])
        for name, group in trained.items()
    ]


def cosine_maps(study: Study) -> dict[str, CosineMaps]:
    """The first run on independent features and the first on a hierarchy."""
    first = {
        name: study.experiments[name][0].signature
        for name in ("independent", "hierarchy")
    }
    return {name: CosineMaps(one.encoder, one.decoder) for name, one in first.items()}


def map_rows(found: Mapping[str, CosineMaps]) -> list[dict[str, Any]]:
    """A row per map and feature: the cosines of its own latent with all features."""
    return [
        {"map": f"{kind}, {part}", "latent of": name}
        | dict(zip(FEATURES, row, strict=True))
        for kind, maps in found.items()
        for part, cosines in maps._asdict().items()
        for name, row in zip(FEATURES, cosines.tolist(), strict=True)
    ]


def variants(
    zoo: Zoo, profile: Profile, paper: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Two variants beside the paper's tables ("noisy" and "imperfect" of `paper`).

    The first run that is not stuck answers, at the penalty `VARIANT_PENALTY` where the
    hierarchy is imperfect.
    """
    grid = toy_grid(world_seed=profile.world_seed)
    asked = {
        "noisy magnitude": grid.experiments["noisy magnitude"],
        f"imperfect, penalty {VARIANT_PENALTY:g}": grid.graded[VARIANT_PENALTY],
    }
    tables = (paper["noisy"], paper["imperfect"])
    return [
        {"setting": name} | row
        for (name, group), table in zip(runs(zoo, asked).items(), tables, strict=True)
        for row in latent_answers(group, table)
    ]


def latent_answers(
    trained: Sequence[Run], table: Mapping[str, Any]
) -> list[dict[str, float]]:
    """What the two latents of the first run that is not stuck say of chosen rows.

    `table` has the features' magnitudes in each row ("parent_magnitude",
    "child_magnitude") and the paper's answers ("parent", "child"). An answer is the
    activation times the decoder's norm. Raises ValueError if all runs are stuck.
    """
    sound = [run for run in trained if run.signature.outcome != "stuck"]
    if not sound:
        raise ValueError("an answer needs a run that is not stuck: train more seeds")
    run, toy = sound[0], sound[0].recipe.toy
    inputs = torch.zeros(len(table["parent"]), toy.n_features)
    inputs[:, PARENT] = torch.tensor(table["parent_magnitude"]).float()
    inputs[:, CHILD] = torch.tensor(table["child_magnitude"]).float()
    rows = inputs @ toys.directions(toy, seed=run.recipe.seed)
    said = run.sae.encode(rows) * run.sae.W_dec.norm(dim=1)
    columns = {
        "parent": inputs[:, PARENT].tolist(),
        "child": inputs[:, CHILD].tolist(),
        "parent's latent": said[:, run.signature.latent[PARENT]].tolist(),
        "parent's latent, paper": table["parent"],
        "child's latent": said[:, run.signature.latent[CHILD]].tolist(),
        "child's latent, paper": table["child"],
    }
    lines = zip(*columns.values(), strict=True)
    return [dict(zip(columns, line, strict=True)) for line in lines]


def _signs(group: list[Signature]) -> dict[str, float | None]:
    signs = {
        "encoder of parent on child": [one.parent_enc_neg for one in group],
        "decoder of child on parent": [
            one.child_dec_abs for one in group if one.latent[CHILD] >= 0
        ],
        "delta": [one.delta for one in group if one.delta == one.delta],
    }
    return {name: median(values) if values else None for name, values in signs.items()}
