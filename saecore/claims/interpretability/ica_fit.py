"""How far the independent components of the claim have settled, and what more rows and
steps would change.
"""

from typing import NamedTuple

from saecore.claims.interpretability.bases import bases
from saecore.claims.interpretability.compared import STRONGEST
from saecore.claims.interpretability.headline import Study
from saecore.measures.dictionary.independence import unsettled
from saecore.profiles import WorldProfile
from saecore.training.trainer import split
from saecore.zoo.baselines import ITERATIONS, TOLERANCE, rows_for_ica


class IcaFit(NamedTuple):
    """The fit of one draw of ICA, and whether it has converged."""

    rows: int
    """Rows that it was fitted on."""
    of_rows: int
    """Rows that there are."""
    iterations: int
    """Steps after which it stops."""
    tolerance: float
    """What the largest change of a component must fall below."""
    change: float
    """The largest change that one more step makes: 1 - |cosine|."""
    settled: float
    """Share of the components that it changes by less than the tolerance."""


def ica_fit(study: Study) -> IcaFit:
    """The first draw of ICA on the base site, taken one step further."""
    recipe = bases(study.profile, WorldProfile()).model[STRONGEST][0]
    train = split(study.zoo.get(recipe.site)).train  # not kept: these are many rows
    rows = rows_for_ica(recipe, train)
    found = study.compared.bases[STRONGEST][0]
    change = unsettled(found, rows, found.width // 2)  # each component has two signs
    return IcaFit(
        len(rows), len(train), ITERATIONS, TOLERANCE,
        float(change.max()), float((change < TOLERANCE).double().mean()),
    )  # fmt: skip
