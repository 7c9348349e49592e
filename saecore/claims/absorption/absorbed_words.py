"""Which words are absorbed: by how often they occur, and by letter. And where in the
model the letter is.
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from saecore.claims.absorption.controls import wide_setting
from saecore.claims.absorption.headline import Reads
from saecore.claims.absorption.reading import Read
from saecore.claims.absorption.setting import Setting
from saecore.claims.sites import model_site
from saecore.report.ranged import mean
from saecore.source.tasks.answers import SwapRates, swap

SWAPPED = 250
"""About so many words have their stream exchanged at each layer."""
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
    few = prompts[:: max(1, len(prompts) // SWAPPED)]
    return {layer: swap(model, few, layer) for layer in range(model.n_layers)}


def by_frequency(setting: Setting, saes: Reads) -> Frequency:
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


def _share(one: Read, mine: Bool[Tensor, " word"]) -> float:
    """Share of some words' cases that is absorbed."""
    return float(one.decided.case[mine[one.found.row]].mean())


def occurrences(setting: Setting) -> tuple[int, Int[Tensor, " word"]]:
    """The size of the model's own text, and how often each asked word occurs in it."""
    text = setting.zoo.get(model_site(setting.profile).text)
    occurs = torch.bincount(text.flatten(), minlength=setting.model.vocab_size)
    words = [setting.model.token(word) for word in setting.letters.words.words]
    return int(occurs.sum()), occurs[torch.tensor(words)]


def by_letter_and_seed(setting: Setting, saes: Reads) -> dict[str, list[float]]:
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
