"""The atomicity ladder: variance of unseen rows explained, from rows that have no parts
to rows that are made of parts, each beside its nulls.
"""

from typing import Any, NamedTuple

from saecore.claims.non_atomicity.grid import NULLS, Metas
from saecore.claims.non_atomicity.meta_saes import MetaSAEs
from saecore.measures.algebra.intervals import Interval
from saecore.measures.meta.variance_explained import by_encoding
from saecore.report import mean
from saecore.report.figures import NAMES

KNOWN_NAMES = {"atoms": "independent directions", "bundles": "bundles of directions"}
NULL_NAMES = {"same_covariance": "same covariance", "clusters": "clusters"}


class Rung(NamedTuple):
    """One kind of rows; lists have one entry per seed."""

    explained: list[float]
    """Variance of held-out rows, centred, at exactly k meta-latents a row."""
    nulls: dict[str, list[float]]
    """The same of meta-SAEs of rows without parts."""

    @property
    def strongest(self) -> str:
        """The null that explains most, on average."""
        return max(self.nulls, key=lambda name: mean(self.nulls[name]))

    @property
    def excess(self) -> list[float]:
        """What is explained beyond the strongest null, seed by seed."""
        pairs = zip(self.explained, self.nulls[self.strongest], strict=True)
        return [found - null for found, null in pairs]


def held_out(found: MetaSAEs, metas: Metas) -> list[float]:
    """Centred variance explained of the rows that each meta-SAE was not trained on."""
    shares = []
    for recipe in metas:
        rows, _, held = found.rows(recipe)
        shares.append(by_encoding(found.metas[recipe], rows[held]).centred)
    return shares


def rung(found: MetaSAEs, metas: Metas, nulls: dict[str, Metas]) -> Rung:
    """A meta-SAE per seed, and those of its nulls."""
    return Rung(
        held_out(found, metas),
        {name: held_out(found, one) for name, one in nulls.items()},
    )


def of_kind(found: MetaSAEs, kind: str = "relu") -> Rung:
    """The widest SAEs of an architecture: what the rule judges."""
    grid, width = found.grid, found.grid.base[0].width
    nulls = {
        "same_covariance": grid.same_covariance[kind],
        "clusters": grid.clusters[kind][width],
    }
    return rung(found, found.of(kind), nulls)


def of_known(world: MetaSAEs) -> dict[str, Rung]:
    """Rows whose parts are known: the test of the test."""
    grid = world.grid
    return {
        what: rung(world, metas, grid.known_nulls[what])
        for what, metas in grid.known.items()
    }


def ladder(found: MetaSAEs) -> dict[str, Rung]:
    """Every kind of rows of a subject by name: known ones, the widest SAEs, all
    architectures at the base width of the claim on seeds.
    """
    grid = found.grid
    known = {KNOWN_NAMES[what]: one for what, one in of_known(found).items()}
    wide = {
        f"{NAMES[kind]}, {found.of(kind)[0].sae.width:,} latents": of_kind(found, kind)
        for kind in grid.metas
    }
    others = {
        f"{NAMES[kind]}, {metas[0].sae.width:,} latents": rung(
            found, metas, {"clusters": grid.architecture_nulls[kind]}
        )
        for kind, metas in grid.architectures.items()
    }
    return known | wide | others


def over_rung(found: MetaSAEs, one: Rung) -> tuple[Interval, Interval, Interval]:
    """Explained, its strongest null, and the difference, over seeds."""
    each = one.explained, one.nulls[one.strongest], one.excess
    explained, null, excess = (found.over_few(values) for values in each)
    return explained, null, excess


def ladder_rows(found: MetaSAEs, rungs: dict[str, Rung]) -> list[dict[str, Any]]:
    """A row per kind of rows: what is explained, by each null, and the difference."""
    rows = []
    for name, one in rungs.items():
        explained, _, excess = over_rung(found, one)
        nulls = {
            NULL_NAMES[null]: mean(one.nulls[null]) if null in one.nulls else None
            for null in NULLS
        }
        ends = {"beyond the stronger": excess.estimate, "from": excess.low}
        rows.append(
            {"rows": name, "explained": explained.estimate}
            | nulls
            | ends
            | {"to": excess.high, "seeds": len(one.explained)}
        )
    return rows
