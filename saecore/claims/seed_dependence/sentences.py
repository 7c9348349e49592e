"""Conclusions on the pages, three of each: the number on the page chooses one.

"{number}" is that number with its interval, "{than}" what it is compared with.
"""

from typing import TypedDict


class Said(TypedDict):
    """One conclusion, in the three ways in which its number can come out."""

    holds: str
    fails: str
    undecided: str


SEED_SENTENCES: dict[str, Said] = {
    "relu": {
        "holds": "ReLU SAEs differ, too: two seeds share {number} of their latents.",
        "fails": (
            "ReLU SAEs do **not** differ in this sense: two seeds share "
            "{number} of their latents, more than half. What the first line "
            "says, it says of TopK alone."
        ),
        "undecided": (
            "Of ReLU SAEs it cannot be told: two seeds share {number} of their "
            "latents, and the interval includes one half."
        ),
    },
    "gated": {
        "holds": (
            "Gated SAEs share more than TopK, as in the paper (a difference of "
            "{number})."
        ),
        "fails": (
            "Gated SAEs share **no more** than TopK here (a difference of "
            "{number}), where in the paper they share the most of all: this "
            "does not replicate."
        ),
        "undecided": (
            "That Gated SAEs share the most, as in the paper, is **not "
            "replicated**: the difference to TopK is {number}, and may be "
            "nothing."
        ),
    },
    "longest": {
        "holds": "Even at most rows two seeds share fewer than half: {number}.",
        "fails": (
            "At most rows two seeds share more than half, {number}: there "
            '"different" is a statement about a training budget.'
        ),
        "undecided": (
            "At most rows the share is {number}, and its interval includes one "
            'half: "different" may be a statement about a training budget.'
        ),
    },
    "k in the world": {
        "holds": "In the world, too, the share falls with k (by {number}).",
        "fails": (
            "In the world the share does not fall with k (a change of "
            "{number}): the trend depends on how many features are active in a "
            "row."
        ),
        "undecided": "In the world a fall with k cannot be told (by {number}).",
    },
    "untrained": {
        "holds": (
            "Two seeds on the untrained model share {number}, fewer than on the"
            " trained one ({than})."
        ),
        "fails": (
            "Two seeds on the untrained model share **more** than on the "
            "trained one: {number}, where the trained one has {than}. A share "
            "says whether training fixes the list, not that the list is about "
            "anything the model has learnt."
        ),
        "undecided": (
            "Two seeds on the untrained model share about as much as on the "
            "trained one: {number}, where the trained one has {than}. A share "
            "says whether training fixes the list, not that the list is about "
            "anything the model has learnt."
        ),
    },
    "initialisation": {
        "holds": (
            "The initialisation steers which latents are found, even through "
            "other text: it adds {number}, seed by seed."
        ),
        "fails": (
            "The initialisation does not steer which latents are found ({number})."
        ),
        "undecided": (
            "Whether the initialisation steers which latents are found cannot be "
            "told ({number})."
        ),
    },
    "other text": {
        "holds": (
            "Other text alone, with the same initialisation and order, leaves "
            "fewer than half shared ({number})."
        ),
        "fails": (
            "Other text alone, with the same initialisation and order, leaves "
            "more than half shared ({number})."
        ),
        "undecided": (
            "Other text alone, with the same initialisation and order, leaves "
            "about half shared ({number}): there the verdict of the claim would"
            " be open."
        ),
    },
    "scores": {
        "holds": (
            "Orphans are harder to explain than shared latents that fire as "
            "often: their simulation score is lower by {number}."
        ),
        "fails": (
            "Orphans are no harder to explain than shared latents that fire as "
            "often: a difference of {number} in the simulation score."
        ),
        "undecided": (
            "A difference between orphans and shared latents that fire as often"
            " cannot be told: {number} in the simulation score."
        ),
    },
    "added alone": {
        "holds": (
            "An orphan adds a little less than a shared latent that fires as "
            "often (a difference of {number} of the variance each)."
        ),
        "fails": (
            "An orphan adds no less than a shared latent that fires as often (a"
            " difference of {number} of the variance each)."
        ),
        "undecided": (
            "Whether an orphan adds less than a shared latent that fires as "
            "often cannot be told (a difference of {number} of the variance "
            "each)."
        ),
    },
    "added together": {
        "holds": "Taken out together, orphans are missed less, by {number}.",
        "fails": "Taken out together, orphans are missed no less ({number}).",
        "undecided": (
            "Taken out together, the two groups are missed about alike ({number})."
        ),
    },
    "axes": {
        "holds": (
            "The leading axes come back: eight of them overlap with those of "
            "the next seed's orphans by {number} more than with those of "
            "latents of the same covariance. Seeds agree on the space in which "
            "orphans differ most."
        ),
        "fails": (
            "The leading axes come back no better than those of latents of the "
            "same covariance ({number})."
        ),
        "undecided": (
            "Whether the leading axes come back better than those of latents "
            "of the same covariance cannot be told ({number})."
        ),
    },
    "spans": {
        "holds": (
            "The span of an orphan and its neighbours comes back far better "
            "than from latents of the same covariance (by {number} for groups "
            "of eight)."
        ),
        "fails": (
            "The span of an orphan and its neighbours comes back no better than"
            " from latents of the same covariance (by {number} for groups of "
            "eight)."
        ),
        "undecided": (
            "Whether the span of an orphan and its neighbours comes back better"
            " than from latents of the same covariance cannot be told (by "
            "{number})."
        ),
    },
    "turned": {
        "holds": (
            "Neighbours agree on a space much more than groups at random do (by"
            " {number}): seeds cut up the same small spaces differently."
        ),
        "fails": (
            "But neighbours agree on a space hardly more than groups at random "
            "do (by {number}): orphans are not turned within small spaces, each"
            " has a rough likeness of its own in the other seed."
        ),
        "undecided": (
            "How much more neighbours agree than groups at random is open ({number})."
        ),
    },
    "composites": {
        "holds": (
            "**Two seeds agree on absorbed composites.** A feature that one "
            "seed holds as a composite is held so by another more often than "
            "chance would have it (by {number}). That two seeds share a latent "
            "does not make it a single feature."
        ),
        "fails": (
            "Seeds do not agree on which features they hold as composites "
            "({number} beyond chance)."
        ),
        "undecided": (
            "Whether seeds agree on composites beyond chance cannot be told ({number})."
        ),
    },
    "neither": {
        "holds": (
            "Latents that are neither are seldom shared ({number}): being "
            "shared does say that a latent has something true about it."
        ),
        "fails": (
            "Latents that are neither are shared as a rule ({number}): being "
            "shared says little about truth."
        ),
        "undecided": "How often such latents are shared is open ({number}).",
    },
}
"""By what they are about, then "holds", "fails" and "undecided"."""
