"""The two subjects on which metrics of absorption are tried: what is known of each, and
which SAEs belong to it.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.claims import sites
from saecore.claims.absorption_metric.grid import planted_grid
from saecore.claims.seed_dependence.grid import world_seeds
from saecore.measures.absorption.against_truth import metric_trial
from saecore.profiles import Profile, WorldProfile
from saecore.recipes.sae import SAERecipe
from saecore.report.figures import NAMES
from saecore.shapes import Rows
from saecore.source.worlds import rows as worlds
from saecore.zoo.store import Zoo

JUDGED_ROWS = 8192
"""The last rows of a site: no SAE is trained on them."""
WORLD, PLANTED = "world of features", "planted rows"


class Known(NamedTuple):
    """The true features of some rows."""

    active: Float[Tensor, "row feature"]
    """Their activations."""
    directions: Float[Tensor, "feature d_model"]
    """What a unit of activation adds to a row."""
    parent: Int[Tensor, " feature"]
    """Feature index of a child's parent, else -1."""

    def on(self, rows: Rows) -> metric_trial.KnownRows:
        """The rows with what every metric needs of them."""
        return metric_trial.known_rows(rows, self.active, self.directions, self.parent)


class KnownSubject(NamedTuple):
    """One subject: its rows, and the SAEs that were trained on rows of its kind."""

    known: Known
    on: metric_trial.KnownRows
    asked: Bool[Tensor, " parent"]
    """Parents whose children need them; the others are a control."""
    saes: dict[str, list[SAERecipe]]
    """By architecture, width and k: a recipe per seed."""


def world(zoo: Zoo, profile: Profile, sizes: WorldProfile) -> KnownSubject:
    """The world of features: every feature is known, and every parent asked about."""
    site = sites.world_site(profile, sizes)
    features = worlds.World(seed=profile.world_seed)
    truth = worlds.truth(features)
    active = worlds.world_latents(
        features, JUDGED_ROWS, start=site.n_rows - JUDGED_ROWS
    ).to_dense()
    known = Known(active, truth.directions, truth.parent)
    subject = known.on(zoo.get(site)[-JUDGED_ROWS:].clone())
    everyone = torch.ones(len(subject.cases.parents), dtype=torch.bool)
    grid = world_seeds(profile, sizes)
    saes = {
        _name(kind, width, sizes.k): recipes[: profile.few_seeds]
        for kind, by_width in grid.widths.items()
        for width, recipes in by_width.items()
    }
    for k, recipes in grid.ks.items():
        if k != sizes.k:
            saes[_name("topk", sizes.width, k)] = recipes[: profile.few_seeds]
    return KnownSubject(known, subject, everyone, saes)


def planted(zoo: Zoo, profile: Profile) -> KnownSubject:
    """Families planted in the language model's rows; half of them can be absorbed."""
    grid = planted_grid(profile)
    rows = zoo.get(grid.site)
    plants = grid.planted.truth(rows.shape[1])
    scale = grid.planted.scale(zoo.get(grid.planted.site))
    active = grid.planted.latents(
        JUDGED_ROWS, start=grid.site.n_rows - JUDGED_ROWS
    ).to_dense()
    known = Known(active, scale * plants.directions, plants.parent)
    subject = known.on(rows[-JUDGED_ROWS:].clone())
    saes = {
        _name(group[0].architecture, group[0].width, group[0].k): group
        for group in grid.settings.values()
    }
    asked = plants.hierarchical[subject.cases.parents]
    return KnownSubject(known, subject, asked, saes)


def _name(architecture: str, width: int, k: float) -> str:
    return f"{NAMES[architecture]}, width {width}, k {k:g}"
