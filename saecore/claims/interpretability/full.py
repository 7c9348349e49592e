"""What is too dear for every run: ICA fitted as the paper fitted it, on all rows."""

from typing import Any

from saecore.claims.interpretability.compared import compared_bases, density_of
from saecore.claims.interpretability.explainer import explainer
from saecore.claims.sites import model_site
from saecore.measures.dictionary.independence import unsettled
from saecore.profiles import Profile
from saecore.report import Claim
from saecore.zoo.baselines import ica
from saecore.zoo.store import Zoo

ITERATIONS, TOLERANCE = 200, 1e-4
"""scikit-learn's own, which the authors' code leaves as they are."""


def full(zoo: Zoo, profile: Profile) -> dict[str, Any]:
    """Simulation scores of ICA fitted on all rows that training sees, with
    scikit-learn's own number of steps and tolerance: as it is, and as sparse as the
    base. About two CPU minutes on the shipped model.
    """
    reader = explainer(zoo, profile, Claim.read("interpretability"))
    base = reader.explained(compared_bases(zoo, profile).base[0])
    train = zoo.split(model_site(profile)).train
    found = ica(train, iterations=ITERATIONS, tolerance=TOLERANCE)
    change = unsettled(found, train, found.width // 2)
    cut = reader.explained(found, density=density_of([base]))
    return {
        "rows": len(train),
        "iterations": ITERATIONS,
        "largest change of one more step": float(change.max()),
        "share settled": float((change < TOLERANCE).double().mean()),
        "score": reader.explained(found).score,
        "score as sparse": cut.score,
        "base": base.score,
    }
