"""Which words are absorbed: by how often they occur, and by letter. And where in the
model the letter is.
"""

from typing import NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor

from saecore.claims.absorption.controls import wide_setting
from saecore.claims.absorption.headline import Reads, over_sae_seeds
from saecore.claims.absorption.setting import Setting
from saecore.claims.sites import model_site
from saecore.measures.algebra.intervals import Interval
from saecore.source.tasks.answers import SwapRates, swap

SWAPPED = 250
"""About so many words have their stream exchanged at each layer."""
QUARTERS = ("rarest", "second", "third", "most frequent")


class Quarter(NamedTuple):
    """A quarter of the words, by how often they occur in the model's own text."""

    occurrences: int
    """Median number of times that its words occur."""
    base: Interval
    """Share of its words that is absorbed in the base setting."""
    wide: Interval
    """The same in the widest and sparsest setting."""


class Frequency(NamedTuple):
    """Absorption by word frequency."""

    tokens: int
    """Size of the text."""
    quarters: dict[str, Quarter]
    """From the rarest words to the most frequent ones."""


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
    found = {}
    for number, name in enumerate(QUARTERS):
        base, wide = (
            over_sae_seeds(
                setting,
                saes,
                some,
                lambda s, n=number: s.decided.case[quarter[s.found.row] == n].mean(),
            )
            for some in (setting.grid.base, wide_setting(setting))
        )
        found[name] = Quarter(int(often[quarter == number].median()), base, wide)
    return Frequency(tokens, found)


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
