"""Editing by latents that absorb: another letter's main latent in the old one's place.

The yardstick is the difference of the two letters' mean rows, which needs labels but no
dictionary (difference in means).
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.claims.absorption.headline import SAEReads
from saecore.claims.absorption.reading import SAERead
from saecore.claims.absorption.setting import Parents, Setting
from saecore.measures.algebra.intervals import Interval, over_seeds
from saecore.recipes.sae import SAERecipe
from saecore.report.ranged import mean
from saecore.shapes import Rows
from saecore.zoo.sae import SAE

MOST_EDITED = 500
"""At most so many words are edited in each SAE."""
_RowEdit = Callable[[Rows, Tensor], Rows]
"""Edits rows of some of the chosen words, given which of them they are."""


class EditOutcome(NamedTuple):
    """What the model says after an edit of one SAE's words."""

    named: float
    """Share of words of which it names the new letter."""
    absorbed: float
    """The same of absorbed words; nan without any."""
    others: float
    """The same of words whose main latents fire; nan without any."""
    kept: float
    """Share of words whose category is the same as before; nan without any."""


class EditRates(NamedTuple):
    """What edits do, by setting and way of editing."""

    named: dict[tuple[str, str], Interval]
    """Share of words that get the new letter, over seeds."""
    absorbed: dict[tuple[str, str], float | None]
    """Share of absorbed words that get it; means over seeds that have any."""
    others: dict[tuple[str, str], float | None]
    """The same of words whose main latents fire."""
    kept: dict[tuple[str, str], float | None]
    """Share that keeps its category."""


class EditedWords(NamedTuple):
    """Words to be edited, and the letters to write."""

    word: Int[Tensor, " word"]
    """Which of the asked words."""
    old: Int[Tensor, " word"]
    """Their letters."""
    new: Int[Tensor, " word"]
    """The letters they are to get; never their own."""


def editing(setting: Setting, saes: SAEReads, categories: Parents | None) -> EditRates:
    """By setting (TopK by width) and way of editing.

    A setting is left out if some SAE has fewer than two letters that count.
    `categories` are words whose category the model can be asked for.
    """
    generator = torch.Generator().manual_seed(7)
    level, found = setting.rule["confidence"], EditRates({}, {}, {}, {})
    for name, recipes in edited_settings(setting).items():
        if any(saes[recipe].counts.sum() < 2 for recipe in recipes):
            continue  # no other letter to name
        each = [
            both_edits(setting, setting.zoo.get(r), saes[r], categories, generator)
            for r in recipes
        ]
        for way in each[0]:
            named = [one[way].named for one in each]
            found.named[name, way] = over_seeds(named, level=level)
            for column in ("absorbed", "others", "kept"):
                values = [getattr(one[way], column) for one in each]
                known = [value for value in values if value == value]
                getattr(found, column)[name, way] = mean(known) if known else None
    return found


def edited_settings(setting: Setting) -> dict[str, list[SAERecipe]]:
    """TopK at every width with the fewest active latents, few seeds each."""
    along = setting.grid.along("topk", "width")
    few = setting.profile.few_seeds
    return {f"TopK, width {width}": along[width][:few] for width in sorted(along)}


def both_edits(
    setting: Setting,
    sae: SAE,
    one: SAERead,
    categories: Parents | None,
    generator: torch.Generator,
) -> dict[str, EditOutcome]:
    """Both edits on words whose letter counts, each to another letter that counts."""
    letters = setting.letters
    chosen = choose(letters, one, generator)
    edits = {
        "latents": by_latents(letters, sae, one, chosen),
        "mean rows": by_mean_rows(letters, chosen),
    }
    return {
        way: _outcome(letters, one, chosen, edit, categories)
        for way, edit in edits.items()
    }


def choose(letters: Parents, one: SAERead, generator: torch.Generator) -> EditedWords:
    """Words whose letter counts, drawn, with another letter that counts for each."""
    labels = letters.words.labels
    counts, letter = one.counts.nonzero()[:, 0], letters.label
    word = (torch.isin(letter, counts) & labels.any(1)).nonzero()[:, 0]
    word = word[torch.randperm(len(word), generator=generator)[:MOST_EDITED]]
    shift = torch.randint(1, len(counts), (len(word),), generator=generator)
    old = letter[word]
    new = counts[(torch.searchsorted(counts, old) + shift) % len(counts)]
    return EditedWords(word, old, new)


def by_latents(
    letters: Parents, sae: SAE, one: SAERead, chosen: EditedWords
) -> _RowEdit:
    """The old letter's main latents set to zero, the new one's first to its mean where
    it fires on its letter.
    """
    every = torch.ones(len(letters.words.names), dtype=torch.bool)
    main = one.split.main_mask(every, width=sae.width)
    acts = sae.encode(letters.rows)
    first, level = _first_latents(letters, one, acts, chosen.new)

    def edit(rows: Rows, some: Int[Tensor, " some"]) -> Rows:
        old = (sae.encode(rows) * main[chosen.old[some]]) @ sae.W_dec
        return rows - old + level[some, None] * sae.W_dec[first[some]]

    return edit


def by_mean_rows(letters: Parents, chosen: EditedWords) -> _RowEdit:
    """The old letter's mean row taken off, the new one's added."""
    every = range(len(letters.words.names))
    means = torch.stack([letters.rows[letters.label == i].mean(0) for i in every])
    step = means[chosen.new] - means[chosen.old]
    return lambda rows, some: rows + step[some]


def _first_latents(
    letters: Parents, one: SAERead, acts: Tensor, new: Tensor
) -> tuple[Int[Tensor, " word"], Float[Tensor, " word"]]:
    """The first main latent of each new letter, and its mean where it fires on it."""
    letter = letters.label
    first = torch.stack([one.split.main(int(j))[0] for j in new])
    fired = [acts[letter == j, f] for j, f in zip(new, first, strict=True)]
    return first, torch.stack([own[own > 0].mean() for own in fired])


def _outcome(
    letters: Parents,
    one: SAERead,
    chosen: EditedWords,
    edit: _RowEdit,
    categories: Parents | None,
) -> EditOutcome:
    every, metric = torch.arange(len(chosen.word)), letters.metric
    choices = list(letters.words.prompts[0].choices)
    want = torch.tensor([choices.index(letters.words.names[j]) for j in chosen.new])
    rows = edit(metric.rows[chosen.word], every)
    named = (metric.logits(rows, chosen.word).argmax(1) == want).float()
    absorbed, fires = (
        torch.isin(chosen.word, one.found.row[cases])
        for cases in (one.absorbed, ~one.found.silent)
    )
    return EditOutcome(
        float(named.mean()),
        float(named[absorbed].mean()),
        float(named[fires].mean()),
        _kept(letters, chosen, edit, categories),
    )


def _kept(
    letters: Parents, chosen: EditedWords, edit: _RowEdit, categories: Parents | None
) -> float:
    """Share of the words with a category that keep it."""
    if categories is None:
        return float("nan")
    places = {word: place for place, word in enumerate(categories.words.words)}
    words = [letters.words.words[i] for i in chosen.word.tolist()]
    some = [n for n, word in enumerate(words) if word in places]
    if not some:
        return float("nan")
    there, metric = torch.tensor([places[words[n]] for n in some]), categories.metric
    before = metric.logits(metric.rows[there], there).argmax(1)
    rows = edit(metric.rows[there], torch.tensor(some))
    now = metric.logits(rows, there).argmax(1)
    return float((now == before).float().mean())
