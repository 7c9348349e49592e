"""The dictionaries of the claim: the base, what it is compared with, and its controls,
each explained on the same texts.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from saecore.claims.interpretability.bases import bases
from saecore.claims.interpretability.explainer import Explainer
from saecore.claims.interpretability.grid import frontier, untrained_saes
from saecore.claims.interpretability.token_directions import token_dictionaries
from saecore.measures.explaining.interpretability import Autointerp
from saecore.measures.explaining.leads import Scored
from saecore.measures.explaining.neighbours import under_neighbours
from saecore.profiles import Profile, WorldProfile
from saecore.shapes import Rows
from saecore.zoo.sae import SAE
from saecore.zoo.store import Zoo

STRONGEST = "ICA"
"""The basis that the claim names on its own."""
ByName = dict[str, list[Autointerp]]
"""Explanations of one dictionary per seed or draw, by the kind of dictionary."""


class ComparedBases(NamedTuple):
    """The dictionaries that the claim compares, on the base site of the profile."""

    base: list[SAE]
    """TopK at the base setting, by seed."""
    bases: dict[str, list[SAE]]
    """The other bases by name: one, or one per draw."""
    k: int
    """Active latents per row in the base setting."""


class AllExplained(NamedTuple):
    """Explanations and scores of all of them, on texts that none was fitted on."""

    base: list[Autointerp]
    """The base SAEs, by seed."""
    neighbours: list[Scored]
    """The same latents under the explanation of the one that fires most like them."""
    bases: ByName
    """The other bases, as they are."""
    sparse: ByName
    """Cut to the density of the base's mean latent."""
    tied: list[Autointerp]
    """The paper's own SAE, by seed."""
    sparse_as_tied: ByName
    """The other bases, the first draw of each, cut to the density of that SAE."""
    untrained: list[Autointerp]
    """SAEs of a model that was never trained, by seed."""
    frozen: ByName
    """SAEs of which one half stayed at its random start, by the half, then by seed."""
    tokens: ByName
    """Directions of frequent tokens, by the way in which they were found."""


def compared_bases(zoo: Zoo, profile: Profile) -> ComparedBases:
    """The base SAEs and the bases that they are compared with, from the zoo."""
    base, asked = frontier(profile).base, bases(profile, WorldProfile()).model
    kept = zoo.get_all([*base, *(one for drawn in asked.values() for one in drawn)])
    return ComparedBases(
        [kept[one] for one in base],
        {name: [kept[one] for one in drawn] for name, drawn in asked.items()},
        int(base[0].k),
    )


def all_explained(
    reader: Explainer, saes: ComparedBases, profile: Profile
) -> AllExplained:
    """Explain and score everything that the verdict needs, and no more."""
    grid, zoo = frontier(profile), reader.zoo
    base = _each(reader, saes.base)
    tied = _each(reader, zoo.get_all(grid.tied).values())
    first = {name: drawn[:1] for name, drawn in saes.bases.items()}
    frozen = {half: zoo.get_all(of).values() for half, of in grid.frozen.items()}
    width = saes.base[0].width
    tokens = token_dictionaries(zoo, profile, width=width, k=saes.k)
    return AllExplained(
        base=base,
        neighbours=_under_neighbours(reader, saes.base, base),
        bases={name: _each(reader, drawn) for name, drawn in saes.bases.items()},
        sparse=_cut(reader, saes.bases, density_of(base)),
        tied=tied,
        sparse_as_tied=_cut(reader, first, density_of(tied)),
        untrained=_untrained(reader, profile),
        frozen={half: _each(reader, several) for half, several in frozen.items()},
        tokens={name: _each(reader, [one]) for name, one in tokens.items()},
    )


def density_of(several: Sequence[Autointerp]) -> float:
    """The share of positions on which the mean latent of some dictionaries fires."""
    shares = [float(one.scores.density.mean()) for one in several]
    return sum(shares) / len(shares)


def _each(
    reader: Explainer, several: Iterable[SAE], *, rows: Rows | None = None
) -> list[Autointerp]:
    return [reader.explained(one, rows=rows, on_other_texts=True) for one in several]


def _cut(reader: Explainer, several: Mapping[str, list[SAE]], density: float) -> ByName:
    """Explanations of bases of which each direction fires on a share of positions."""
    return {
        name: [
            reader.explained(one, density=density, on_other_texts=True) for one in drawn
        ]
        for name, drawn in several.items()
    }


def _untrained(reader: Explainer, profile: Profile) -> list[Autointerp]:
    """SAEs of a model of the same shape that was never trained and reads the texts."""
    blank = untrained_saes(profile, reader.zoo)
    (rows,) = reader.rows_of(blank[0].site).values()
    return _each(reader, reader.zoo.get_all(blank).values(), rows=rows)


def _under_neighbours(
    reader: Explainer, saes: list[SAE], found: list[Autointerp]
) -> list[Scored]:
    constants = reader.claim.constants
    return [
        under_neighbours(
            one,
            reader.activations(sae),
            reader.fragments,
            reader.predicates,
            least=int(constants["fragments"]),
            each=int(constants["each"]),
            draws=int(constants["resamples"]),
        )
        for sae, one in zip(saes, found, strict=True)
    ]
