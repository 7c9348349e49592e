"""Bases that SAEs are compared with: coordinates, random directions, PCA and ICA, each
as an `SAE`.

A basis is an SAE with one linear encoder and a ReLU: standard, or TopK if only the `k`
largest of each row are kept. PCA and ICA have two latents per component, one for each
sign; coordinates and random directions keep the positive side alone, as in Cunningham
et al. (2309.08600), section 3.2 and appendix G.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.recipes.baselines import BaselineRecipe
from saecore.seeding import stable_seed
from saecore.threads import one_thread
from saecore.zoo.artefact import Advance, Maker, Refused, cpu_seconds, folder_of, write
from saecore.zoo.disk import contents
from saecore.zoo.sae import SAE, configuration, save

PART = 65_536
"""Rows whose second moments are summed at a time."""
ITERATIONS, TOLERANCE = 100, 1e-3
"""FastICA stops after so many steps, or when no component moves more."""


def make(zoo: Maker, group: Sequence[BaselineRecipe], advance: Advance) -> Refused:
    """Fit a basis on the rows that training sees, and write it like an SAE."""
    (recipe,) = group
    rows = zoo.split(recipe.site)

    def fill(part: Path) -> dict[str, Any]:
        start = cpu_seconds()
        with one_thread():
            basis = fitted_basis(recipe, rows.train)
        save(part, basis.cfg, basis.weights)
        return {"seconds": cpu_seconds() - start}

    latents = recipe.width or 2 * len(rows.mean)
    write(folder_of(zoo.root, recipe), recipe, fill, size=16 * latents * len(rows.mean))
    return {}


def open_basis(folder: Path, recipe: BaselineRecipe, device: str) -> SAE:
    """A basis; how many latents it has, its rows decide."""
    sae = contents.stored_sae(folder, device)
    asked = cfg_of_basis(recipe.width or sae.width, sae.d_model)
    contents.expect_configuration(folder, sae, asked)
    return sae


def fitted_basis(recipe: BaselineRecipe, rows: Float[Tensor, "row d_model"]) -> SAE:
    """The basis of a recipe, from the rows that training sees."""
    d_model = rows.shape[1]
    generator = torch.Generator().manual_seed(stable_seed("baseline", recipe.seed))
    if recipe.kind == "coordinates":
        return basis(torch.eye(d_model), torch.eye(d_model), torch.zeros(d_model))
    if recipe.kind == "random":
        drawn = torch.randn(recipe.width or d_model, d_model, generator=generator)
        directions = drawn / drawn.norm(dim=1, keepdim=True)
        return basis(directions.T, directions, torch.zeros(d_model))
    if recipe.kind == "pca":
        return pca(rows)
    return ica(rows_for_ica(recipe, rows), seed=recipe.seed)


def rows_for_ica(
    recipe: BaselineRecipe, rows: Float[Tensor, "row d_model"]
) -> Float[Tensor, "some d_model"]:
    """The rows, of those that training sees, on which ICA is fitted."""
    generator = torch.Generator().manual_seed(stable_seed("baseline", recipe.seed))
    return rows[torch.randperm(len(rows), generator=generator)[: recipe.fit_rows]]


def pca(rows: Float[Tensor, "row d_model"]) -> SAE:
    """Principal axes about the mean row, both signs, the largest variance first."""
    mean = rows.mean(0, dtype=torch.float64)
    parts = (part.double() for part in rows.split(PART))
    second = sum(
        (centred.T @ centred for centred in (part - mean for part in parts)),
        torch.tensor(0.0),
    )
    axes = torch.linalg.eigh(second)[1].flip(1).T.float()
    return basis(*_both_signs(axes.T, axes), mean.float())


def ica(
    rows: Float[Tensor, "row d_model"],
    *,
    seed: int = 0,
    iterations: int = ITERATIONS,
    tolerance: float = TOLERANCE,
) -> SAE:
    """Independent components by FastICA (scikit-learn) on standardised rows, both
    signs; unit decoder rows.

    An encoder column is the unmixing direction, scaled so that decoding restores the
    row exactly.
    """
    import warnings

    from sklearn.decomposition import FastICA
    from sklearn.exceptions import ConvergenceWarning

    mean, scale = rows.mean(0), rows.std(0).clamp_min(1e-6)
    with warnings.catch_warnings():
        # what was reached is used, as in the paper
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = FastICA(
            whiten="unit-variance",
            random_state=seed,
            max_iter=iterations,
            tol=tolerance,
        ).fit(((rows - mean) / scale).numpy())
    unmixing = torch.from_numpy(found.components_).float() / scale
    mixing = torch.from_numpy(found.mixing_).float().T * scale  # [component, d_model]
    length = mixing.norm(dim=1, keepdim=True)
    return basis(*_both_signs((unmixing * length).T, mixing / length), mean)


def top_k_dictionary(sae: SAE, k: int) -> SAE:
    """The same basis with only the k largest activations of each row."""
    return _sae(
        {name: sae.weights[name] for name in ("W_enc", "W_dec", "b_enc", "b_dec")}, k=k
    )


def basis(
    w_enc: Float[Tensor, "d_model latent"],
    w_dec: Float[Tensor, "latent d_model"],
    b_dec: Float[Tensor, " d_model"],
) -> SAE:
    """ReLU((x - b_dec) W_enc), decoded by W_dec and b_dec."""
    return _sae(
        {
            "W_enc": w_enc,
            "W_dec": w_dec,
            "b_enc": w_dec.new_zeros(len(w_dec)),
            "b_dec": b_dec,
        }
    )


def _sae(weights: dict[str, Tensor], k: int | None = None) -> SAE:
    cfg = cfg_of_basis(*weights["W_dec"].shape, k=k)
    return SAE(cfg, {name: weight.contiguous() for name, weight in weights.items()})


def cfg_of_basis(width: int, d_model: int, *, k: int | None = None) -> dict[str, Any]:
    """The cfg.json of a basis: ReLU, or TopK where `k` is given."""
    return configuration(
        "topk" if k else "relu",
        width=width,
        d_model=d_model,
        k=k or d_model,
        metadata={"trained": False},
    )


def _both_signs(w_enc: Tensor, w_dec: Tensor) -> tuple[Tensor, Tensor]:
    return torch.cat([w_enc, -w_enc], 1), torch.cat([w_dec, -w_dec])
