"""Whether a site can carry the claims: its dimensions, its tokens, its letters."""

from typing import Any, NamedTuple

from saecore.claims import sites
from saecore.claims.subjects.model_knowledge import (
    YES_OR_NO,
    Knowledge,
    knows,
    tasks_of,
)
from saecore.measures.dictionary import geometry
from saecore.measures.probing import linear
from saecore.profiles import Profile
from saecore.source.model.language_model import OpenModel
from saecore.source.tasks import facts
from saecore.source.tasks.vocabulary import at_word, whole_words
from saecore.zoo.store import Zoo

TEXTS_READ, WORDS_PROBED = 192, 2000
RARE_LETTERS = "JKQXYZ"
RIGHT, FOLLOWS, FOLLOWS_CATEGORY, PROBED = 0.95, 0.90, 0.80, 0.85
"""The bar that was written down before the model was trained: answers to trained
templates, answers that follow a swap, first letters read by a probe.
"""
LATER = ("ioi",)
"""Tasks that this bar left out."""
BEFORE, AFTER = "before training", "later, knowing the numbers"


class Layer(NamedTuple):
    """The residual stream of one layer."""

    participation_ratio: float
    effective_rank: float
    by_token: float
    """Share of the variance that the identity of the token explains."""
    letter: float | None
    """Accuracy of a linear probe for a word's first letter; None if not asked."""


def layers_of(zoo: Zoo, profile: Profile, model: OpenModel) -> list[Layer]:
    """Three checks of every layer, on the first texts of the profile."""
    text = zoo.get(sites.model_site(profile).text)[:TEXTS_READ]
    numbers = list(range(model.n_layers))
    letters = letter_accuracy(model, numbers) if tasks_of(profile) else {}
    found = []
    for layer, stream in model.read(text, numbers).items():
        flat = stream[:, 1:].reshape(-1, model.d_model)
        ratio, rank = geometry.participation_ratio(flat), geometry.effective_rank(flat)
        by_token = geometry.token_r2(flat, text[:, 1:].reshape(-1))
        found.append(Layer(ratio, rank, by_token, letters.get(layer)))
    return found


def letter_accuracy(model: OpenModel, layers: list[int]) -> dict[int, float]:
    """By layer: cross-fitted accuracy of a linear probe for a word's first letter."""
    template = facts.TRAINED["letter"][0]
    asked = facts.prompts("letter", words=whole_words(model), template=template)
    prompts = [one for one in asked if one.answer not in RARE_LETTERS][:WORDS_PROBED]
    spelled, letters = at_word(model, prompts, layers), [one.answer for one in prompts]
    return {
        layer: linear.cross_fitted(spelled[layer], letters).accuracy for layer in layers
    }


def richness_rows(layers: list[Layer], d_model: int) -> list[dict[str, Any]]:
    """A row per layer; without a column on letters where none was asked."""
    rows = []
    for number, layer in enumerate(layers):
        row: dict[str, Any] = {"layer": number}
        row["participation ratio"] = layer.participation_ratio
        row |= {"of": d_model, "effective rank": layer.effective_rank}
        row["explained by the token"] = layer.by_token
        if layer.letter is not None:
            row["first letter, probe"] = layer.letter
        rows.append(row)
    return rows


class Demand(NamedTuple):
    """Something that the language model must reach."""

    what: str
    least: float
    measured: float
    met: bool | None
    """None where it cannot be told."""
    written: str
    """When the demand was written down."""

    def row(self) -> dict[str, Any]:
        """As a row of a table."""
        return {
            "what": self.what,
            "at least": self.least,
            "measured": self.measured,
            "met": YES_OR_NO[self.met],
            "written": self.written,
        }


def demands(
    model: OpenModel,
    site: Layer,
    layer: int,
    known: Knowledge,
    losses: dict[str, dict[str, float]],
) -> list[Demand]:
    """The demands on the model, those of before its training first.

    `site` is the `layer` that the book's SAEs are trained on. Demands on facts are left
    out where the model was taught none.
    """
    needed = [
        ("participation ratio of the site", model.d_model / 4, site.participation_ratio)
    ]
    if losses:
        gain = losses["story"]["trigram"] - losses["story"]["model"]
        needed.append(("nats below a trigram model on stories", 0.0, gain))
    needed += _of_facts(known, layer, [t for t in known.swaps if t not in LATER])
    if site.letter is not None:
        needed.append(("first letter read by a probe", PROBED, site.letter))
    before = [Demand(*one, one[2] >= one[1], BEFORE) for one in needed]
    later = _of_facts(known, layer, [t for t in known.swaps if t in LATER])
    after = [Demand(*one, one[2] >= one[1], AFTER) for one in later]
    return before + after + _in_unseen_templates(known)


def _of_facts(
    known: Knowledge, layer: int, tasks: list[str]
) -> list[tuple[str, float, float]]:
    """Answers to trained templates, and answers that follow a swapped word."""
    asked = [
        (f"{task}, trained templates", RIGHT, known.scores[task, False].right)
        for task in tasks
    ]
    for task in tasks:
        least = FOLLOWS_CATEGORY if task == "category" else FOLLOWS
        rate = known.swaps[task][layer].follows
        asked.append((f"{task} follows the swap", least, rate))
    return asked


def _in_unseen_templates(known: Knowledge) -> list[Demand]:
    """More right answers than the commonest one, or a guess between two names, gives in
    sentences that were not trained on.
    """
    unseen = {
        t: known.scores[t, True] for t in known.tasks if (t, True) in known.scores
    }
    return [
        Demand(
            f"{task}, unseen templates: above the commonest answer",
            one.baseline, one.right, knows(one), AFTER,
        )
        for task, one in unseen.items()
    ]  # fmt: skip
