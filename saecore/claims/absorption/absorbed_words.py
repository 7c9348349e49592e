"""Absorbed words from the inside: one case, what their absorbers stand for, and what
the main latents do. And where in the model the letter is.
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional

from saecore.claims.absorption.reading import SAERead, leader_is
from saecore.claims.absorption.setting import Parents, Setting
from saecore.measures.absorption.ablation import project_out
from saecore.measures.absorption.cases import within_label
from saecore.measures.absorption.rates import background_rule
from saecore.source.tasks.answers import SwapRates, swap
from saecore.sparse import dense

MOST_SWAPPED = 250
"""About so many words have their stream exchanged at each layer."""
LOUDEST = 6
"""So many words say what a latent stands for."""
FEW_WORDS = 5
"""An absorber that fires on no more words than that is one of words."""


def layers(setting: Setting) -> dict[int, SwapRates]:
    """Interchange intervention: which letter is named, by the layer after which the
    stream at the word is replaced by that of another word.
    """
    prompts, model = setting.letters.words.prompts, setting.model
    few = prompts[:: max(1, len(prompts) // MOST_SWAPPED)]
    return {layer: swap(model, few, layer) for layer in range(model.n_layers)}


class Case(NamedTuple):
    """An absorbed word: its letter's main latents, the absorber, and what all do."""

    word: str
    letter: str
    absorber: int
    """The latent that carries the letter."""
    latents: list[dict[str, Any]]
    """A row for each main latent, then one for the absorber."""
    active: Int[Tensor, " active"]
    """The latents that are active on the word."""
    removed: Float[Tensor, " active"]
    """Change of the logit lead when each of them is removed."""
    kept: Float[Tensor, " active"]
    """The same when its part along the probe's direction stays."""
    precision: float
    """Of "a main latent of the letter fires"."""
    recall: float
    """Of the same."""
    cosine: float
    """Cosine of the absorber with the letter's probe."""
    lead: float
    """How much more its removal lowers the lead than that of any other latent."""


def largest_case(setting: Setting, recipe: Any, one: SAERead) -> Case:
    """The absorbed word of one SAE whose specific absorber has the largest effect; of
    any absorber where none is specific.
    """
    letters = setting.letters
    item = _strongest(one)
    case = one.found.case[item]
    row, label = int(one.found.row[case]), int(one.found.label[case])
    absorber = int(one.found.latent[item])
    direction = functional.normalize(letters.probes.direction[label], dim=0)
    acts = setting.zoo.get(recipe).encode(letters.rows)
    live = acts[row].nonzero()[:, 0]
    parts = acts[row, live, None] * one.w_dec[live]
    removed = _change(letters, row, parts)
    kept = _change(letters, row, project_out(parts, direction))
    named = [("main", int(j)) for j in one.split.main(label)] + [("absorber", absorber)]
    # latents that are silent do nothing
    first, second = torch.cat([removed, removed.new_zeros(1)]).sort().values[:2]
    return Case(
        letters.words.words[row],
        letters.words.names[label],
        absorber,
        [_described(one, letters, acts, direction, row, name, j) for name, j in named],
        live,
        removed,
        kept,
        precision=float(one.fires.precision[label]),
        recall=float(one.fires.recall[label]),
        cosine=float(functional.normalize(one.w_dec[absorber], dim=0) @ direction),
        lead=float(-first + second),
    )


def _strongest(one: SAERead) -> int:
    """The item of the most negative effect among those of absorbed words, specific ones
    first.
    """
    pure = one.absorbed & leader_is(one.found, one.decided, one.pure)
    some = pure if pure.any() else one.absorbed
    effects = one.effects.entry[one.found.entry].nan_to_num(torch.inf)
    return int(torch.where(some[one.found.case], effects, torch.inf).argmin())


def _change(letters: Parents, row: int, parts: Tensor) -> Tensor:
    """Change of the logit lead of one word without each of some parts of its row."""
    here = torch.full((len(parts),), row)
    metric = letters.metric
    return metric(letters.rows[here] - parts, here) - metric.clean[row]


def _described(
    one: SAERead,
    letters: Parents,
    acts: Tensor,
    direction: Tensor,
    row: int,
    name: str,
    latent: int,
) -> dict[str, Any]:
    """What a latent stands for, and what it does on the word."""
    w_dec, own = one.w_dec[latent], acts[:, latent]
    loudest = own.topk(min(LOUDEST, len(own))).indices
    loudest = [i for i in loudest.tolist() if own[i] > 0]
    return {
        "latent": f"{name} {latent}",
        "loudest on": ", ".join(letters.words.words[i] for i in loudest),
        "words": int((own > 0).sum()),
        "here": float(own[row]),
        "where it fires, mean": float(own[own > 0].mean()),
        "cosine with the probe": float(functional.normalize(w_dec, dim=0) @ direction),
        "contribution along it": float(own[row] * w_dec @ direction),
    }


class Activations(NamedTuple):
    """One letter in one SAE: which of its latents fire on which of its words."""

    words: list[str]
    """The letter's words that the probe tells: first those with a main latent."""
    latents: list[str]
    """Its main latents, then all absorbers of its words."""
    value: Float[Tensor, "latent word"]
    """Activations as shares of the largest of each latent on any word."""


def activations(setting: Setting, one: SAERead, letter: str) -> Activations:
    """What the main latents and the absorbers of a letter do on its words."""
    words, found = setting.letters.words, one.found
    label = words.names.index(letter)
    mine = found.label == label
    mains = one.split.main(label)
    absorbers = one.decided.latent[mine & one.absorbed].unique()
    latents = torch.cat([mains, absorbers[~torch.isin(absorbers, mains)]])
    acts = dense(one.active, len(one.w_dec))
    value = acts[found.row[mine]][:, latents].T
    value = value / acts[:, latents].max(0).values.clamp_min(1e-12)[:, None]
    first = value.argmax(0) - value.max(0).values.clamp(0, 1)
    order = first.argsort(stable=True)
    names = [f"main {int(j)}" for j in mains]
    names += [f"absorber {int(j)}" for j in latents[len(mains) :]]
    row = found.row[mine][order].tolist()
    return Activations([words.words[i] for i in row], names, value[:, order])


class Absorbers(NamedTuple):
    """The leading latents of many words: one number each."""

    purity: Float[Tensor, " word"]
    """Share of their activation on words of the letter."""
    words: Int[Tensor, " word"]
    """Number of words on which they fire."""

    @property
    def few(self) -> float:
        """Share that fires on a few words only."""
        return float((self.words <= FEW_WORDS).float().mean())


def absorbers(setting: Setting, saes: list[SAERead]) -> dict[str, Absorbers]:
    """The absorber of every absorbed word, and, by the same rule, the leading latent
    that is not a main one where main latents fire.
    """
    rule = setting.rule
    absorbed, background = [], []
    for one in saes:
        nothing = one.found.silent | ~one.counts[one.found.label]
        asked = one.found._replace(silent=nothing)
        null = background_rule(
            asked, one.effects, lead=rule["lead"], cosine=rule["cosine"]
        )
        absorbed.append(_leaders(setting, one, one.decided.latent, one.absorbed))
        background.append(_leaders(setting, one, null.latent, null.case.bool()))
    return {
        "absorbers": _joined(absorbed),
        "leaders beside a main latent that fires": _joined(background),
    }


def _leaders(
    setting: Setting, one: SAERead, latent: Tensor, cases: Bool[Tensor, " case"]
) -> Absorbers:
    purity = within_label(one.found, one.active, setting.letters.words.labels)
    items = (one.found.latent == latent[one.found.case]) & cases[one.found.case]
    fires = torch.bincount(one.active.latent.long(), minlength=len(one.w_dec))
    return Absorbers(purity[items], fires[one.found.latent[items]])


def _joined(parts: list[Absorbers]) -> Absorbers:
    purity, words = zip(*parts, strict=True)
    return Absorbers(torch.cat(purity), torch.cat(words))


class Partial(NamedTuple):
    """What the main latents carry of the letter in words that the probe gets right."""

    absorbed: Float[Tensor, " word"]
    """Main latents' share of the row's projection on the probe, where another latent
    leads as the rule asks, whether or not they are silent.
    """
    others: Float[Tensor, " word"]
    """The same on all other words."""

    @property
    def partly(self) -> float:
        """Share of all words on which another latent leads though a main latent
        fires.
        """
        words = len(self.absorbed) + len(self.others)
        return float((self.absorbed != 0).sum()) / max(words, 1)


def partial_absorption(setting: Setting, saes: list[SAERead]) -> Partial:
    """Partial absorption: the rule without the condition that main latents are silent.

    A main latent may then lead as well; the word is absorbed if it does not.
    """
    absorbed, others = [], []
    for one in saes:
        found, counted = one.found, one.counts[one.found.label]
        nothing_main = torch.zeros_like(found.main)
        asked = found._replace(silent=~counted, main=nothing_main)
        rule = setting.rule
        leads = background_rule(
            asked, one.effects, lead=rule["lead"], cosine=rule["cosine"]
        )
        main = leader_is(found, leads, found.main)
        firing = leads.case.bool() & ~main & ~found.silent
        either = (firing | one.absorbed)[counted]
        share = (found.main_sum / found.total)[counted]
        absorbed.append(share[either])
        others.append(share[~either])
    return Partial(torch.cat(absorbed), torch.cat(others))
