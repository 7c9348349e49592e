"""Against the paper: numbers of the claim's page beside those of Leask et al.
(2502.04878) for GPT-2 small.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from saecore.claims.incompleteness.between_seeds import novel_by_cosine
from saecore.claims.incompleteness.headline import Study, over_seeds_of
from saecore.claims.incompleteness.together import all_below
from saecore.measures.stitching.cosine_proxy import max_cosine, roc
from saecore.measures.stitching.insertion import insertions


class Beside(NamedTuple):
    """One number of the paper and ours."""

    number: str
    paper: float
    ours: float


def against_paper(study: Study, paper: Mapping[str, Any]) -> list[Beside]:
    """First and last doubling of the width: novel by cosine, its AUC, the change of the
    error by all novel latents. `paper` is `published("incompleteness")`.
    """
    narrow, second, *_, last, widest = study.model.widths
    doublings = {"first": (0, narrow, second), "last": (-1, last, widest)}
    between = paper["novel"]["between_seeds"]
    novel = [
        *(
            Beside(f"novel by cosine, {name} doubling", paper["novel"]["share"][at], n)
            for name, (at, u, v) in doublings.items()
            for n in [_novel(study, u, v)]
        ),
        Beside("novel by cosine, other seed", between, _novel(study, narrow, narrow)),
    ]
    auc = [
        Beside(
            f"AUC of the cosine, {name} doubling",
            paper["auc"]["auc"][at],
            _auc(study, u, v),
        )
        for name, (at, u, v) in doublings.items()
    ]
    together = [
        Beside(
            f"all novel together, {name} doubling",
            paper["together"]["change"][at],
            _together(study, u, v),
        )
        for name, (at, u, v) in doublings.items()
    ]
    return [*novel, *auc, *together]


def _novel(study: Study, u: int, v: int) -> float:
    held = study.model
    return over_seeds_of(
        held,
        held.seeds("relu", u),
        held.seeds("relu", v),
        lambda a, b: novel_by_cosine(a, b, threshold=held.rule["cosine"]),
    ).estimate


def _auc(study: Study, u: int, v: int) -> float:
    """Of seed 1 for seed 0, as in the paper's figure of one pair."""
    held = study.model
    small, large = held.seeds("relu", u)[0], held.seeds("relu", v)[1]
    found = insertions(small, large, held.x)
    cosine, lower = max_cosine(small, large)[found.live], found.effect < 0
    return roc(cosine, lower[found.live]).auc


def _together(study: Study, u: int, v: int) -> float:
    held = study.model
    smaller, larger = held.seeds("relu", u), held.seeds("relu", v)
    return over_seeds_of(held, smaller, larger, all_below(held)).estimate
