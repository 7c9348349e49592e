"""Which words are absorbed: by how often they occur, by letter, and one from inside.
And where in the model the letter is.
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional

from saecore.claims.absorption.headline import SAEReads
from saecore.claims.absorption.reading import SAERead
from saecore.claims.absorption.setting import Parents, Setting, wide_setting
from saecore.claims.sites import model_site
from saecore.measures.absorption.ablation import project_out
from saecore.report.ranged import mean
from saecore.source.tasks.answers import SwapRates, swap

MOST_SWAPPED = 250
"""About so many words have their stream exchanged at each layer."""
LOUDEST = 6
"""So many words say what a latent stands for."""
QUARTERS = ("rarest", "second", "third", "most frequent")


class Frequency(NamedTuple):
    """Absorption by word frequency."""

    tokens: int
    """Size of the text."""
    quarters: list[dict[str, Any]]
    """Quarters of the words, from the rarest to the most frequent ones: median
    occurrences, and the share that is absorbed in both settings (means over seeds).
    """


def layers(setting: Setting) -> dict[int, SwapRates]:
    """Interchange intervention: which letter is named, by the layer after which the
    stream at the word is replaced by that of another word.
    """
    prompts, model = setting.letters.words.prompts, setting.model
    few = prompts[:: max(1, len(prompts) // MOST_SWAPPED)]
    return {layer: swap(model, few, layer) for layer in range(model.n_layers)}


def absorbed_by_frequency(setting: Setting, saes: SAEReads) -> Frequency:
    """Share of absorbed words in each quarter; `saes` are those of the base setting and
    of the widest and sparsest one.
    """
    tokens, often = occurrences(setting)
    cuts = torch.tensor([0.25, 0.5, 0.75], dtype=torch.float64)
    quarter = torch.bucketize(often.double(), often.double().quantile(cuts))
    wide = wide_setting(setting)
    settings = {
        "absorbed, base": setting.grid.base,
        f"absorbed, width {wide[0].width}, k {wide[0].k}": wide,
    }
    rows = []
    for number, name in enumerate(QUARTERS):
        mine = quarter == number
        row = {
            "words": f"{name} quarter",
            "median occurrences": int(often[mine].median()),
        }
        for title, some in settings.items():
            shares = [_share(saes[recipe], mine) for recipe in some]
            row[title] = mean(shares)
        rows.append(row)
    return Frequency(tokens, rows)


def _share(one: SAERead, mine: Bool[Tensor, " word"]) -> float:
    """Share of some words' cases that is absorbed."""
    return float(one.decided.case[mine[one.found.row]].mean())


def occurrences(setting: Setting) -> tuple[int, Int[Tensor, " word"]]:
    """The size of the model's own text, and how often each asked word occurs in it."""
    text = setting.zoo.get(model_site(setting.profile).text)
    occurs = torch.bincount(text.flatten(), minlength=setting.model.vocab_size)
    words = [setting.model.token(word) for word in setting.letters.words.words]
    return int(occurs.sum()), occurs[torch.tensor(words)]


def by_letter_and_seed(setting: Setting, saes: SAEReads) -> dict[str, list[float]]:
    """The rate of each letter that counts in the widest and sparsest setting, one
    number per seed, from the most absorbed letter to the least.
    """
    rates = torch.stack([saes[one].decided.rate for one in wide_setting(setting)])
    order = rates.nanmean(0).nan_to_num(-1).argsort(descending=True)
    return {
        setting.letters.words.names[i]: rates[:, i][~rates[:, i].isnan()].tolist()
        for i in order.tolist()
        if not rates[:, i].isnan().all()
    }


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
    main_f1: float
    """F1 of the k-sparse probe on the letter's main latents."""
    cosine: float
    """Cosine of the absorber with the letter's probe."""
    lead: float
    """How much more its removal lowers the lead than that of any other latent."""


def largest_case(setting: Setting, base: SAEReads) -> Case:
    """The absorbed word of the first base SAE whose absorber has the largest effect."""
    recipe, letters = setting.grid.base[0], setting.letters
    one = base[recipe]
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
        main_f1=float(one.split.main_f1[label]),
        cosine=float(functional.normalize(one.w_dec[absorber], dim=0) @ direction),
        lead=float(-first + second),
    )


def _strongest(one: SAERead) -> int:
    """The item of the most negative effect among those of absorbed words."""
    effects = one.effects.entry[one.found.entry]
    return int(torch.where(one.absorbed[one.found.case], effects, torch.inf).argmin())


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
    return {
        "latent": f"{name} {latent}",
        "loudest on": ", ".join(letters.words.words[i] for i in loudest),
        "here": float(own[row]),
        "where it fires, mean": float(own[own > 0].mean()),
        "cosine with the probe": float(functional.normalize(w_dec, dim=0) @ direction),
        "contribution along it": float(own[row] * w_dec @ direction),
    }
