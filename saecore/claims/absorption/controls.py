"""SAEBench's metrics where nothing is absorbed."""

from collections.abc import Iterator
from typing import Any

import torch

from saecore.claims.absorption.grid import untrained_words
from saecore.claims.absorption.headline import SAEReads
from saecore.claims.absorption.reading import SAEGated, SAERead, gate_sae
from saecore.claims.absorption.setting import Parents, Setting, wide_setting
from saecore.measures.absorption.projections import fraction, full_absorption
from saecore.measures.probing.linear import linear_probes
from saecore.recipes.sae import SAERecipe
from saecore.source.model.language_model import open_model
from saecore.source.tasks.logit_difference import AnswerMetric
from saecore.zoo.language_models import untrained_model

SHUFFLE = 7
"""The seed by which labels are shuffled."""
_Control = dict[str, Any]
"""One SAE on one set of words and labels: a row of the table, means over labels."""


def controls(setting: Setting, saes: SAEReads) -> list[_Control]:
    """First letters, shuffled labels and untrained SAEs, in a base SAE and a wide one.

    `saes` holds both, see `setting.wide_setting`; an SAE of an untrained language model
    comes last.
    """
    rows = [
        control
        for name, recipe in _subjects(setting)
        for control in _of_sae(setting, name, recipe, saes[recipe])
    ]
    return [*rows, _blank(setting)]


def shuffled_labels(parents: Parents, generator: torch.Generator) -> Parents:
    """The same words with their labels shuffled, and a probe that knows them by heart.

    The probe decides in sample, so that what it says is right though there is nothing
    to know; its F1 is that out of fold.
    """
    order = torch.randperm(len(parents.words.labels), generator=generator)
    mixed = parents.words.labels[order]
    fitted = linear_probes(parents.rows, mixed)
    in_sample = (parents.rows @ fitted.direction.T + fitted.bias) > 0
    words = parents.words._replace(labels=mixed)
    probes = fitted._replace(decision=in_sample)
    return parents._replace(words=words, probes=probes, paths=None)


def _subjects(setting: Setting) -> Iterator[tuple[str, SAERecipe]]:
    wide = wide_setting(setting)[0]
    yield "base, seed 0", setting.grid.base[0]
    yield f"width {wide.width}, k {wide.k}, seed 0", wide


def _of_sae(
    setting: Setting, name: str, recipe: SAERecipe, one: SAERead
) -> Iterator[_Control]:
    zoo, rule, letters = setting.zoo, setting.rule, setting.letters
    mixed = shuffled_labels(letters, torch.Generator().manual_seed(SHUFFLE))
    no_gates = rule.moved(probe_f1=-1, latent_f1=-1)
    ungated = gate_sae(zoo.get(recipe), mixed, no_gates)
    fresh = gate_sae(zoo.untrained(recipe), letters, rule.moved(latent_f1=0.0))
    yield _control(name, "first letters", one, letters)
    yield _control(name, "shuffled, gates open, probe in sample", ungated, mixed)
    yield _control(name, "SAE before training, latent gate open", fresh, letters)


def _blank(setting: Setting) -> _Control:
    profile, zoo = setting.profile, setting.zoo
    sae = zoo.get(untrained_words(profile, zoo)[0])
    model = open_model(untrained_model(profile.folder, root=zoo.root))
    words = setting.letters.words
    metric = AnswerMetric(model, words.prompts, profile.layer)
    letters = Parents(words, linear_probes(metric.rows, words.labels), metric, None)
    nothing = gate_sae(sae, letters, setting.rule)
    return _control("of an untrained language model", "first letters", nothing, letters)


def _control(
    name: str, labels: str, one: SAEGated | SAERead, parents: Parents
) -> _Control:
    found = one.found
    old = fraction(found, version="0.3.2")
    return {
        "SAE": name,
        "words and labels": labels,
        "probe F1, out of fold": float(parents.probes.f1.mean()),
        "main latents' F1": float(one.split.main_f1.mean()),
        "SAEBench, full": float(full_absorption(found).rate.nanmean()),
        "SAEBench, fraction 0.3.2": float(old.rate.nanmean()),
        "SAEBench, fraction 0.6.0": float(fraction(found).rate.nanmean()),
    }
