"""Scores of rules: how well a short rule over tokens predicts a latent (Cunningham et
al. 2309.08600, with rules in the place of a language model).
"""

from typing import Any, NamedTuple

import torch

from saecore.audit.numbers import AuditNumber, as_null, number
from saecore.audit.rows import AuditedRows
from saecore.claims.interpretability.explainer import EXPLAINED_LATENTS
from saecore.measures.algebra.intervals import bootstrap
from saecore.measures.explaining.fragments import LENGTH, activations_on, fragments_of
from saecore.measures.explaining.interpretability import (
    Autointerp,
    autointerp,
    drawn_latents,
)
from saecore.measures.explaining.predicates import Predicates
from saecore.measures.explaining.rules import rules_in_words
from saecore.report import Claim
from saecore.source.tasks.labelled_tokens import token_kinds, token_texts

_SHOWN = 12
"""Latents whose rules the report shows: those with the best scores."""


class RulesFound(NamedTuple):
    """Rules of drawn latents."""

    numbers: list[AuditNumber]
    found: Autointerp
    shown: list[tuple[int, float, str]]
    """Latent, score and rule of the best."""


def explained_by_rules(sae: Any, read: AuditedRows, *, level: float) -> RulesFound:
    """Simulation score: correlation of what a latent's rule predicts with its
    activations, on texts that the rule was not fitted on; mean over up to 150 drawn
    latents. The null scores each latent under another one's rule.

    Raises ValueError where too few latents fire often enough: read more rows.
    """
    constants = Claim.read("interpretability").constants
    length = min(LENGTH, read.together - 1)
    draw = torch.Generator().manual_seed(0)
    fragments = fragments_of(read.tokens, generator=draw, length=length)
    latents = drawn_latents(len(sae.W_dec), EXPLAINED_LATENTS)
    y = activations_on(sae, read.rows, fragments, latents)
    model = read.model
    predicates = Predicates(model.vocab_size, token_kinds(model))
    found = autointerp(
        y, fragments, predicates,
        most=int(constants["parts"]), least=int(constants["fragments"]),
        each=int(constants["each"]), level=level,
    )  # fmt: skip
    known = found.swapped[~found.swapped.isnan()]
    null = bootstrap(known, generator=draw, level=level)
    scored, asked = found.simulation.scored, found.simulation.latents
    numbers = [
        number("rules", "simulation score", read.sae, found.simulation.mean,
               over="bootstrap over latents",
               null=as_null(null, "the rule of another latent"),
               says=f"mean correlation of a rule's prediction with the latent, of the "
               f"{scored} of {asked} drawn latents that fire often enough"),
    ]  # fmt: skip
    return RulesFound(numbers, found, _best(found, latents, predicates, model))


def _best(
    found: Autointerp, latents: torch.Tensor, predicates: Predicates, model: Any
) -> list[tuple[int, float, str]]:
    score = found.scores.simulation.nan_to_num(-1)
    best = score.argsort(descending=True)[:_SHOWN]
    best = best[score[best] > -1]
    said = rules_in_words(found.rules.of(best), predicates, words=token_texts(model))
    chosen = zip(latents[best].tolist(), score[best].tolist(), said, strict=True)
    return [(int(latent), float(one), rule) for latent, one, rule in chosen]
