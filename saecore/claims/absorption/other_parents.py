"""Is it only spelling? The same rule for other parents that the model knows."""

from contextlib import suppress
from typing import Any

import torch

from saecore.claims.absorption.reading import SAEGated, SAERead, gate_sae, read_sae
from saecore.claims.absorption.setting import (
    SENTENCE,
    Parents,
    Setting,
    asked_parents,
    wide_setting,
)
from saecore.errors import Unsuited
from saecore.measures.absorption.cases import within_label
from saecore.measures.absorption.projections import confirmed, full_absorption
from saecore.measures.algebra.intervals import over_seeds
from saecore.measures.probing.linear import linear_probes
from saecore.recipes.sae import SAERecipe
from saecore.report.ranged import interval_columns, mean
from saecore.source.tasks.facts import Task
from saecore.source.tasks.labelled_words import Labelled, labelled

PARENT_TASKS: dict[str, Task] = {
    "category": "category",
    "country": "country",
    "profession": "profession",
    "gender": "pronoun",
}
"""Parents by the task that asks for them."""


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
    return Parents(words, linear_probes(letters.rows, capital), letters.metric, None)


def rates_of_kinds(setting: Setting, kinds: dict[str, Parents]) -> list[dict[str, Any]]:
    """Gates and rates by kind and setting: the base, and the widest and sparsest one,
    few seeds each.

    The claim's rate is a gap where there is no question to ask, SAEBench's full
    absorption and the rate of specific absorbers where no parent passes the gates.
    """
    wide = wide_setting(setting)
    settings = {
        "base": setting.grid.base[: len(wide)],
        f"width {wide[0].width}, k {wide[0].k}": wide,
    }
    return [
        {"parent": kind, "SAE": name} | _rates(setting, parents, some)
        for kind, parents in kinds.items()
        for name, some in settings.items()
    ]


def _rates(setting: Setting, parents: Parents, some: list[SAERecipe]) -> dict[str, Any]:
    reader = gate_sae if parents.paths is None else read_sae
    saes = [reader(setting.zoo.get(r), parents, setting.rule) for r in some]
    rates = [s.rate.as_zero for s in saes if isinstance(s, SAERead)]
    level = setting.rule["confidence"]
    sure = [confirmed(s.found, _purity(s, parents)).rate.nanmean() for s in saes]
    full = [full_absorption(s.found).rate.nanmean() for s in saes]
    gates = {
        "labels": len(parents.words.names),
        "probe F1": float(parents.probes.f1.mean()),
        "best latent F1": mean(s.best.f1.mean() for s in saes),
        "labels that count": mean(s.found.judged.sum() for s in saes),
    }
    absorbed = over_seeds(rates, level=level) if rates else None
    others = {
        "SAEBench, full": float(torch.tensor(full).nanmean()),
        "confirmed by label": float(torch.tensor(sure).nanmean()),
    }
    return gates | interval_columns(absorbed, "absorbed") | others


def _purity(one: SAEGated | SAERead, parents: Parents) -> torch.Tensor:
    return within_label(one.found, one.active, parents.words.labels)
