"""The paper's meta-SAE (Leask et al. 2502.04878, section 5), trained on the released
decoder, and the same on structureless rows.
"""

import torch
from torch import Tensor

from saecore.measures.algebra.nearest import unit_rows
from saecore.measures.meta.variance_explained import variance_explained
from saecore.others.plain import plain_sae
from saecore.papers.cost import META_ACTIVE, meta_size
from saecore.papers.opened import FetchedSAEs
from saecore.papers.releases import OwnNumbers, Release
from saecore.papers.width_numbers import structureless
from saecore.recipes.sae import SAERecipe
from saecore.source.rows_file import RowsFile
from saecore.source.site import Site
from saecore.training.trainer import TrainingRows, train

META_RATE = 1e-3
HELD_BACK = 0.2
"""Share of the rows that the meta-SAE does not see; the paper holds none back."""


def meta_recipe(rows: int, d_model: int) -> SAERecipe:
    """How the meta-SAE is trained: BatchTopK, 2,304 latents, 4 active."""
    size = meta_size(rows)
    site = Site(RowsFile("decoder rows", rows, d_model))
    return SAERecipe(
        site, "batchtopk", size.width, META_ACTIVE,
        rows=size.rows, batch=size.batch, lr=META_RATE, silent_after=100 * size.batch,
    )  # fmt: skip


def meta_sae(saes: FetchedSAEs, *, device: str = "cpu") -> OwnNumbers:
    """Variance of the decoder rows explained, without centring as in the paper: on rows
    seen in training (the paper's number), on rows held back, and on both for Gaussian
    rows of the same mean and covariance, which have no parts.
    """
    name = saes.release.meta_of
    at = [one.name for one in saes.saes].index(name)
    rows = unit_rows(saes[at].W_dec)
    numbers: OwnNumbers = {}
    for kind, given in (("", rows), (" of Gaussian rows", structureless(rows))):
        seen, held = _explained(given, saes.release, device)
        numbers[f"explained by a meta-SAE{kind}/{name}"] = seen
        numbers[f"explained by a meta-SAE{kind}, held back/{name}"] = held
    return numbers


def _explained(rows: Tensor, release: Release, device: str) -> tuple[float, float]:
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(0))
    held = round(HELD_BACK * len(rows))
    rest, seen = rows[order[:held]], rows[order[held:]].contiguous()
    zero = torch.zeros(release.d_model)  # the paper centres nothing
    given = TrainingRows(seen, seen, rest, zero, 1.0)
    recipe = meta_recipe(len(seen), release.d_model)
    (trained,) = train(recipe, [0], given, device=device)
    weights = {name: one.cpu() for name, one in trained.weights.items()}
    meta = plain_sae("jumprelu", weights, metadata={})
    found = [variance_explained(x, meta(x)).plain for x in (seen, rest)]
    return found[0], found[1]
