"""The first-letter task before absorption is asked for: is there a latent for a letter
at all? The best latent of each letter, by width, sparsity and architecture.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool
from torch import Tensor

from saecore.claims.absorption.grid import Place, absorption_grid
from saecore.claims.absorption.nulls import SHUFFLE
from saecore.claims.absorption.setting import letters_in_context
from saecore.measures.algebra.classifier_scores import Best, best, pair_scores
from saecore.measures.algebra.intervals import Interval, over_seeds
from saecore.measures.dictionary.fidelity import fidelity
from saecore.measures.probing.linear import LinearProbes
from saecore.profiles import Profile
from saecore.recipes.sae import SAERecipe
from saecore.report import Claim, Constants
from saecore.report.figures import NAMES
from saecore.report.ranged import mean
from saecore.shapes import Rows
from saecore.source.model.language_model import open_model
from saecore.zoo.sae import SAE
from saecore.zoo.store import Zoo


class LetterRows(NamedTuple):
    """Words with a first letter, and what can be told of it."""

    rows: Rows
    """The stream at each word."""
    labels: Bool[Tensor, "word letter"]
    """Its letter."""
    probes: LinearProbes
    """A probe for each letter."""
    rule: Constants
    """The constants of the claim on absorption."""

    @property
    def told(self) -> Bool[Tensor, " letter"]:
        """Letters that the probe tells."""
        return self.probes.f1 >= self.rule["probe_f1"]


def letter_rows(profile: Profile) -> LetterRows:
    """Those of the profile's language model, after worked examples."""
    words, rows, probes = letters_in_context(profile, open_model(profile.folder))
    return LetterRows(rows, words.labels, probes, Claim.read("absorption").constants)


def first_letter(zoo: Zoo, profile: Profile) -> dict[str, Any]:
    """Numbers for tables: of the probe, a row per setting of the claim, and the base
    with its letters shuffled among the words.
    """
    letters, grid = letter_rows(profile), absorption_grid(profile)
    base, told = list(zoo.get_all(grid.base).values()), letters.told
    mixed = shuffled_letters(letters)
    rows = [_row(letters, zoo, at, some) for at, some in grid.places.items()]
    for half, some in grid.frozen.items():
        own = [one for one in some if one.architecture == grid.place[0]]
        rows.append(_row(letters, zoo, grid.place, own) | {"frozen": half})
    return {
        "words": len(letters.rows),
        "letters": len(told),
        "letters told": int(told.sum()),
        "probe F1": float(letters.probes.f1[told].mean()),
        "shuffled F1": over_saes(best_f1(mixed, base), mixed.rule).estimate,
        "settings": rows,
    }


def best_f1(letters: LetterRows, saes: Iterable[SAE]) -> list[float]:
    """F1 of the best latent of each letter that the probe tells, in sample: the mean
    over letters, for each SAE.
    """
    return [
        float(best_of_letters(letters, sae).f1[letters.told].mean()) for sae in saes
    ]


def best_of_letters(letters: LetterRows, sae: SAE) -> Best:
    """The best single latent of each letter at its best threshold."""
    active = sae.encode_sparse(letters.rows)
    return best(pair_scores(active, letters.labels, width=sae.width))


def over_saes(values: Sequence[float], rule: Constants) -> Interval:
    """A number of each SAE, with the interval of the claim's confidence."""
    return over_seeds(list(values), level=rule["confidence"])


def _row(
    letters: LetterRows, zoo: Zoo, place: Place, recipes: Sequence[SAERecipe]
) -> dict[str, Any]:
    kind, width, k = place
    saes = list(zoo.get_all(recipes).values())
    found = [best_of_letters(letters, sae) for sae in saes]
    faith = [fidelity(sae, letters.rows) for sae in saes]
    f1 = over_saes([float(one.f1[letters.told].mean()) for one in found], letters.rule)
    own = {"architecture": NAMES[kind], "width": width, "k": k, "frozen": ""}
    own |= {"L0": mean(x.l0 for x in faith), "FVU": mean(x.fvu for x in faith)}
    own |= {"F1": f1.estimate, "low": f1.low, "high": f1.high}
    return own | _of_firing(letters, found)


def _of_firing(letters: LetterRows, found: Sequence[Best]) -> dict[str, float]:
    """Of the best latents as "it fires", and how many look like a clean classifier."""
    rule, told = letters.rule, letters.told
    clean = [
        (one.fires_precision >= rule["precision"])
        & (one.fires_recall >= rule["recall"])
        for one in found
    ]
    return {
        "largest F1": max(float(one.f1[told].max()) for one in found),
        "precision": mean(one.fires_precision[told].mean() for one in found),
        "recall": mean(one.fires_recall[told].mean() for one in found),
        "clean letters": mean((one & told).sum() for one in clean),
    }


def shuffled_letters(letters: LetterRows) -> LetterRows:
    """The same words with their letters shuffled: what a latent tells by chance."""
    generator = torch.Generator().manual_seed(SHUFFLE)
    order = torch.randperm(len(letters.labels), generator=generator)
    return letters._replace(labels=letters.labels[order])
