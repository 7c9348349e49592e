"""Findings of the paper about edits beside ours, as directions of a difference."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from saecore.claims.editing.headline import Study
from saecore.measures.editing.patching import PatchingCurve
from saecore.report import mean

FEW_PATCHES = 8
"""Patches that the paper's curves begin with."""


class Finding(NamedTuple):
    """A difference that the paper reports, and both numbers here."""

    says: str
    """What the paper finds."""
    where: str
    """Where it does."""
    compared: str
    """What `first` and `second` are."""
    first: float
    """Smaller than the second, if the paper's finding is ours."""
    second: float
    """What it is compared with."""
    same: bool
    """Whether ours has the same sign."""


def findings(study: Study, curves: Mapping[str, PatchingCurve]) -> list[Finding]:
    """Seven findings; `curves` are those of the claim's figure."""
    by, out, layer = study.gradient, study.acdc, study.profile.layer
    latent, linear = mean(study.harm["one latent"]), study.harm
    floors = {k: float(curves[f"TopK, k {k}"].divergence.min()) for k in (4, 32)}
    few = [_at(one, FEW_PATCHES) for one in by.saes]
    rows = [
        ("fewer latents than principal components to half", "figure 3",
         "by gradient: TopK (mean), PCA",
         mean(one.latents for one in by.saes_needed), by.pca_needed[0].latents),
        ("and in ACDC's order, the paper's", "figure 3", "TopK (mean), PCA (mean)",
         mean(one.latents for one in out.saes_needed),
         mean(one.latents for one in out.pca_needed)),
        ("a shorter edit to half", "figure 3", "TopK (mean), PCA",
         mean(one.size for one in by.saes_needed), by.pca_needed[0].size),
        ("a lower divergence after few patches", "figure 3",
         "eight patches: TopK (mean), PCA", mean(few), _at(by.pca[0], FEW_PATCHES)),
        ("denser SAEs have a lower floor", "section 4", "all patched: k 32, k 4",
         floors[32], floors[4]),
        ("one latent erases with less harm than LEACE", "first version",
         f"KL, layer {layer}", latent, linear["LEACE"][0]),
        ("one latent erases with less harm than the mean difference",
         "first version", f"KL, layer {layer}", latent, linear["mean difference"][0]),
    ]  # fmt: skip
    return [Finding(*row, same=row[3] < row[4]) for row in rows]


def finding_rows(found: Sequence[Finding]) -> list[dict[str, Any]]:
    """A row per finding."""
    return [
        {
            "the paper finds": one.says,
            "where": one.where,
            "compared here": one.compared,
            "first": one.first,
            "second": one.second,
            "same": "yes" if one.same else "no",
        }
        for one in found
    ]


def _at(curve: PatchingCurve, count: int) -> float:
    """The divergence of the set of so many latents."""
    return float(curve.divergence[curve.latents == count][0])
