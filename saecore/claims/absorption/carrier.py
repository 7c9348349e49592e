"""Is it the letter's direction by which an absorber does what it does?"""

from typing import NamedTuple

from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from saecore.claims.absorption.reading import SAERead
from saecore.claims.absorption.setting import Parents
from saecore.measures.absorption.ablation import project_out


class Carried(NamedTuple):
    """The effect of one SAE's absorbers on the answer, sums over absorbed words."""

    effect: float
    """Logits that the answer loses without them, a mean: the positive control."""
    left: float
    """Share of that left when the part along the letter's direction is taken out of
    the absorber first (2409.14507, section 5.2, has one word).
    """
    control: float
    """The same with a part of equal length along another letter's direction, the mean
    of both signs.
    """


def carried(one: SAERead, parents: Parents) -> Carried | None:
    """What is left of the absorbers' effects; None where nothing is absorbed."""
    hit, found, metric = one.absorbed, one.found, parents.metric
    if not hit.any():
        return None
    row, parts = found.row[hit], absorbing_parts(one)
    direction, other = probe_directions(parents, found.label[hit])
    along = (parts * direction).sum(1, keepdim=True)
    changed = (project_out(parts, direction), parts - along * other)
    with_it, without, down, up = (
        metric(parents.rows[row] - part, row) - metric.clean[row]
        for part in (parts, *changed, parts + along * other)
    )
    left, held = (float(m.sum() / with_it.sum()) for m in (without, (down + up) / 2))
    return Carried(float(-with_it.mean()), left, held)


def absorbing_parts(one: SAERead) -> Float[Tensor, "absorbed d_model"]:
    """What the absorber of each absorbed word adds to its row."""
    found = one.found
    leads = found.latent == one.decided.latent[found.case]
    items = (leads & one.absorbed[found.case]).nonzero()[:, 0]
    return found.value[items, None] * one.w_dec[found.latent[items]]


def probe_directions(
    parents: Parents, label: Int[Tensor, " case"]
) -> tuple[Float[Tensor, "case d_model"], Float[Tensor, "case d_model"]]:
    """Unit directions of each case's probe, and of the next label's at a right angle to
    it.
    """
    unit = functional.normalize(parents.probes.direction, dim=1)
    own, other = unit[label], unit.roll(-1, 0)[label]
    return own, functional.normalize(project_out(other, own), dim=1)
