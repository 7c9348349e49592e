"""What the pages say of a number where it is more, where it is not, and where that is
open: for `report.told`.
"""

from typing import TypedDict


class Sentences(TypedDict):
    """What is said of a number that is more, that is not, and that leaves it open."""

    holds: str
    fails: str
    undecided: str


REFIT: Sentences = {
    "holds": "With the smaller SAE refit, a wider SAE still brings more novel latents "
    "than another seed does, by a share of {number}.",
    "fails": "With the smaller SAE refit, a wider SAE brings no more novel latents "
    "than another seed does: the difference is {number}.",
    "undecided": "With the smaller SAE refit, it is open whether a wider SAE brings "
    "more novel latents than another seed does: the difference is {number}.",
}

LAST_DOUBLING: Sentences = {
    "holds": "That is so at the last doubling, too, where the lead is {number}.",
    "fails": "At the last doubling there is no lead any more: {number}.",
    "undecided": "At the last doubling it cannot be told: {number}.",
}

LONGER: Sentences = {
    "holds": "Trained three times as long it still lacks much: {number} of the wider "
    "SAE's latents are novel to it, refit.",
    "fails": "Trained three times as long it lacks no more than another seed does: "
    "{number} of the wider SAE's latents are novel to it, refit.",
    "undecided": "Trained three times as long, {number} of the wider SAE's latents are "
    "novel to it, refit, which is not set apart from another seed's.",
}

ALL_TOGETHER: Sentences = {
    "holds": "All latents below the cosine lower the error more than those of another "
    "seed do: the difference is {number}.",
    "fails": "All latents below the cosine lower the error no more than those of "
    "another seed do: the difference is {number}.",
    "undecided": "Whether all latents below the cosine lower the error more than those "
    "of another seed is open: the difference is {number}.",
}

OVERCOUNTED: Sentences = {
    "holds": "At the last doubling the best common factor is {number}: above one half, "
    "so that all of them at once still lower the error.",
    "fails": "At the last doubling the best common factor is {number}. Below one half, "
    "all of them at once *raise* the error: they add more than twice what is missing.",
    "undecided": "At the last doubling the best common factor is {number}.",
}

TRUTH: Sentences = {
    "holds": "After the refit, latents called novel are really new more often than "
    "others: the share is higher by {number}.",
    "fails": "After the refit, latents called novel are not more often really new than "
    "others: the share differs by {number}.",
    "undecided": "Whether latents called novel after the refit are really new more "
    "often than others is open: the shares differ by {number}.",
}

DOSE: Sentences = {
    "holds": "So the larger SAE of the base pair leaves something along latents of the "
    "smaller one: {number} of them gain at a small dose, against {than} of another "
    "seed's. That whole latents do not help shows their grain, not that the larger "
    "SAE has all they have.",
    "fails": "At a small dose, no more latents of the smaller SAE help the larger one "
    "of the base pair ({number}) than of another seed ({than}): what the smaller SAE "
    "has, the larger one has as well as its own kind does.",
    "undecided": "At a small dose {number} of the smaller SAE's latents help the "
    "larger one of the base pair, against {than} of another seed's: which has the "
    "other cannot be told by this.",
}

MATCHED: Sentences = {
    "holds": "Fitted anew, the matched novel latents bring more than as many latents "
    "of other seeds that fire as often: {number} of the variance.",
    "fails": "Fitted anew, the matched novel latents bring no more than as many "
    "latents of other seeds that fire as often: {number} of the variance.",
    "undecided": "Fitted anew, the matched novel latents and as many of other seeds "
    "that fire as often differ by {number} of the variance.",
}
