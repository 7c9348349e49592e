"""SAEs with rebuilt decoder rows: what the parts carry of what an SAE does."""

from typing import Any

from jaxtyping import Float
from torch import Tensor

from saecore.claims.non_atomicity.draws import draws
from saecore.claims.non_atomicity.meta_saes import MetaSAEs
from saecore.measures.algebra.matching_pursuit import pursue
from saecore.measures.algebra.nearest import unit_rows
from saecore.measures.dictionary.fidelity import splice
from saecore.measures.meta.replaced_decoder import with_decoders
from saecore.measures.meta.variance_explained import principal_axes, random_rows
from saecore.recipes.meta import MetaRecipe
from saecore.report import mean
from saecore.shapes import Dictionary, Directions
from saecore.source.model.language_model import open_model
from saecore.source.model.next_token import losses

ERROR_ROWS = 8192
"""Rows that the error is measured on, the last of the text."""
LOSS_SEQUENCES = 32
"""Sequences that the loss is measured on, the last of the text."""


def rebuilt_decoders(found: MetaSAEs) -> list[dict[str, Any]]:
    """FVU of the SAE and loss of the language model with decoder rows rebuilt from `k`
    parts and scaled to norm 1 (but for the mean row), means over seeds: a table. The
    first line is the language model without an SAE.
    """
    site = found.grid.base[0].sae.site
    rows, tokens = (
        found.zoo.get(site)[-ERROR_ROWS:],
        found.zoo.get(site.text)[-LOSS_SEQUENCES:],
    )
    model, layer = open_model(found.profile.folder), found.profile.layer

    def loss(dictionary: Dictionary) -> float:
        edit = (layer, splice(dictionary))
        return float(losses(model, tokens, edit=edit).mean())

    generator = draws("decoders")
    seeds = []
    for recipe in found.grid.base:
        chosen = random_rows(found.rows(recipe).rows, recipe.width, generator=generator)
        new = _rebuilt(found, recipe, chosen)
        seeds.append(with_decoders(found.saes[recipe.sae], new, rows, loss=loss))
    clean = {"decoder rows": "no SAE at all", "FVU": 0.0}
    clean |= {"loss of the language model": float(losses(model, tokens).mean())}
    return [
        clean,
        *(
            {
                "decoder rows": name,
                "FVU": mean(one[name][0] for one in seeds),
                "loss of the language model": mean(one[name][1] for one in seeds),
            }
            for name in seeds[0]
        ),
    ]


def _rebuilt(
    found: MetaSAEs, recipe: MetaRecipe, chosen: Float[Tensor, "atom d_model"]
) -> dict[str, Directions]:
    """The decoder rows as each dictionary rebuilds them."""
    rows = found.rows(recipe).rows
    mean_row = rows.mean(0)
    atoms = {
        "PCA": principal_axes(rows),
        "random rows of the SAE": chosen - mean_row,
        "latents of the small SAE": found.narrow(recipe),
    }
    pursued = {
        name: pursue(rows - mean_row, a, count=found.k).rebuilt(a) + mean_row
        for name, a in atoms.items()
    }
    rebuilt = {"meta-SAE": found.metas[recipe](rows)} | pursued
    scaled = {name: unit_rows(one) for name, one in rebuilt.items()}
    return scaled | {"one row for all (the mean)": mean_row.expand_as(rows)}
