"""Is it only spelling? The same rule for other parents that the model knows."""

from contextlib import suppress
from typing import Any, NamedTuple

import torch

from saecore.claims.absorption.nulls import Exceeded, exceeded, own_nulls
from saecore.claims.absorption.reading import SAEGated, SAERead, gate_sae, read_sae
from saecore.claims.absorption.setting import (
    SENTENCE,
    Parents,
    Setting,
    asked_parents,
)
from saecore.errors import Unsuited
from saecore.measures.absorption.projections import full_absorption
from saecore.measures.probing.linear import linear_probes
from saecore.recipes.sae import SAERecipe
from saecore.report.ranged import mean
from saecore.source.tasks.facts import Task
from saecore.source.tasks.labelled_words import Labelled, labelled

PARENT_TASKS: dict[str, Task] = {
    "category": "category",
    "country": "country",
    "profession": "profession",
    "gender": "pronoun",
}
"""Parents by the task that asks for them."""


class KindRead(NamedTuple):
    """One kind of parents in the SAEs of one setting."""

    parents: Parents
    saes: list[SAERead] | list[SAEGated]
    """Only gated where there is no question to ask."""
    absorbed: Exceeded | None
    """The rate beside its strongest null in the same SAEs; None where nothing is
    asked, or no parent passes the gates in two SAEs.
    """
    specific: Exceeded | None
    """The same of specific absorbers."""


def asked_kinds(setting: Setting) -> dict[str, Parents]:
    """All kinds of parents that the model can be asked about, and capitals.

    Whether a word is capitalised is not asked, so there is nothing to ablate for it. A
    model that lacks the words of a task lacks its kind.
    """
    model, letters, layer = setting.model, setting.letters, setting.profile.layer
    kinds = {"first letter": letters}
    for name, task in PARENT_TASKS.items():
        with suppress(Unsuited):
            words = labelled(model, task, sentence=SENTENCE)
            kinds[name] = asked_parents(model, words, layer)
    return kinds | {"capital": capitals(letters)}


def capitals(letters: Parents) -> Parents:
    """The words of first letters, by whether they are capitalised."""
    capital = torch.tensor([[word[0].isupper()] for word in letters.words.words])
    words = Labelled(letters.words.prompts, ("capital",), capital)
    probes = linear_probes(letters.rows, capital)
    return Parents(words, probes, letters.metric, asked=False)


def read_kinds(
    setting: Setting, kinds: dict[str, Parents]
) -> dict[tuple[str, str], KindRead]:
    """Each kind in the moderate setting and in the base, few seeds each."""
    grid, few = setting.grid, setting.profile.few_seeds
    settings = {"moderate": grid.moderate[:few], "base": grid.base[:few]}
    return {
        (kind, name): read_kind(setting, parents, some)
        for kind, parents in kinds.items()
        for name, some in settings.items()
    }


def read_kind(setting: Setting, parents: Parents, some: list[SAERecipe]) -> KindRead:
    """One kind in some SAEs; its nulls are those that each SAE has in itself."""
    rule, zoo = setting.rule, setting.zoo
    if not parents.asked:
        gated = [gate_sae(zoo.get(one), parents, rule) for one in some]
        return KindRead(parents, gated, None, None)
    saes = [read_sae(zoo.get(one), parents, rule) for one in some]
    rates, nulls = [one.rates for one in saes], own_nulls(saes, parents, rule)
    level = rule["confidence"]
    absorbed, specific = (
        exceeded(rates, nulls, what, level=level) for what in ("absorbed", "specific")
    )
    return KindRead(parents, saes, absorbed, specific)


def rows_of_kinds(found: dict[tuple[str, str], KindRead]) -> list[dict[str, Any]]:
    """Gates, rates and nulls by kind and setting; a gap where nothing is asked or no
    parent passes the gates.
    """
    return [
        {"parent": kind, "SAE": name} | _gates(one) | _rates(one)
        for (kind, name), one in found.items()
    ]


def _gates(one: KindRead) -> dict[str, Any]:
    return {
        "labels": len(one.parents.words.names),
        "probe F1": float(one.parents.probes.f1.mean()),
        "precision": mean(s.fires.precision.mean() for s in one.saes),
        "recall": mean(s.fires.recall.mean() for s in one.saes),
        "labels that count": mean(s.counts.sum() for s in one.saes),
    }


def _rates(one: KindRead) -> dict[str, Any]:
    absorbed, specific = one.absorbed, one.specific
    full = [full_absorption(s.found).rate[s.counts].mean() for s in one.saes]
    known = [rate for rate in full if rate == rate]
    return {
        "absorbed": absorbed and absorbed.share.estimate,
        "null": absorbed and absorbed.null.estimate,
        "specific": specific and specific.share.estimate,
        "null of that": specific and specific.null.estimate,
        "SAEBench, full": mean(known) if known else None,
    }
