"""What the pages say of a number, whichever way it comes out."""

from collections.abc import Mapping
from typing import Any

from saecore.report import told

ABSORPTION_SENTENCES: dict[str, dict[str, Any]] = {
    "width_difference": {
        "above": 0,
        "holds": "Wider TopK dictionaries absorb more: the rate changes by {number} "
        "from the smallest width to the largest, on the same letters.",
        "fails": "Wider TopK dictionaries do not absorb more: the rate changes by "
        "{number} from the smallest width to the largest, on the same letters.",
        "undecided": "Whether wider TopK dictionaries absorb more is open: the rate "
        "changes by {number} from the smallest width to the largest, on the same "
        "letters.",
    },
    "k_difference": {
        "below": 0,
        "holds": "Sparser TopK dictionaries absorb more: the rate of all letters "
        "changes by {number} from the fewest to the most active latents.",
        "fails": "Sparser TopK dictionaries do not absorb more: the rate of all "
        "letters changes by {number} from the fewest to the most active latents.",
        "undecided": "Whether sparser TopK dictionaries absorb more is open: the rate "
        "of all letters changes by {number} from the fewest to the most active "
        "latents.",
    },
    "recall_below_probe": {
        "below": 0,
        "holds": "The latents of letters that count are silent on words that the probe "
        "catches: their recall differs from that of the probe by {number}.",
        "fails": "The latents of letters that count miss no more words than the probe: "
        "their recall differs by {number}.",
        "undecided": "Whether the latents of letters that count miss more words than "
        "the probe is open: their recall differs by {number}.",
    },
    "absorbed_excess": {
        "above": 0,
        "holds": "The rate exceeds the strongest null by {number}: words are absorbed.",
        "fails": "The rate differs from the strongest null by {number}: no sign that "
        "words are absorbed.",
        "undecided": "The rate differs from the strongest null by {number}: whether "
        "words are absorbed is open.",
    },
    "specific_excess": {
        "above": 0,
        "holds": "Counting only absorbers that are specific, the excess is {number}.",
        "fails": "Counting only absorbers that are specific, nothing exceeds the null: "
        "{number}.",
        "undecided": "Counting only absorbers that are specific, it is open whether "
        "the null is exceeded: {number}.",
    },
    "effect_left_excess": {
        "below": 0,
        "holds": "Less of the effect is left than with the control: the shares differ "
        "by {number}. In the paper's one case none was.",
        "fails": "No less of the effect is left than with the control: the shares "
        "differ by {number}.",
        "undecided": "Whether less of the effect is left than with the control is "
        "open: the shares differ by {number}.",
    },
    "jumprelu_excess": {
        "above": 0,
        "holds": "JumpReLU, the paper's architecture, exceeds its null by {number} at "
        "the width and sparsity of the base.",
        "fails": "JumpReLU, the paper's architecture, does not exceed its null at the "
        "width and sparsity of the base: {number}.",
        "undecided": "Whether JumpReLU, the paper's architecture, exceeds its null at "
        "the width and sparsity of the base is open: {number}.",
    },
    "best_f1_difference": {
        "below": 0,
        "holds": "Even in the setting where it comes nearest, the best latent stays "
        "below the probe: {number} in F1.",
        "fails": "The best latents reach the probe in one setting: {number} in F1.",
        "undecided": "In the setting where they come nearest, the best latents and the "
        "probe are not told apart: {number} in F1.",
    },
    "kind_excess": {
        "above": 0,
        "holds": "In the base setting the rate of the parent “{kind}” exceeds its null "
        "by {number}.",
        "fails": "In the base setting the rate of the parent “{kind}” does not exceed "
        "its null: {number}.",
        "undecided": "In the base setting it is open whether the rate of the parent "
        "“{kind}” exceeds its null: {number}.",
    },
    "follows": {
        "above": 0.8,
        "holds": "After the layer of our SAEs the answer follows the other word in "
        "{number} of the cases: the letter is still at the word.",
        "fails": "After the layer of our SAEs the answer follows the other word in "
        "{number} of the cases only: an ablation at the word measures less than it "
        "should.",
        "undecided": "After the layer of our SAEs the answer follows the other word in "
        "{number} of the cases.",
    },
}
"""By number: what it is compared with, and the sentence for each outcome."""
JUMPRELU = {
    "holds": "Its rate, {number}, is smaller than that of TopK, {than}.",
    "fails": "Its rate, {number}, is no smaller than that of TopK, {than}.",
    "undecided": "Its rate, {number}, and that of TopK, {than}, are not told apart.",
}
BESIDE_PAPERS_RULE = {
    "holds": "The verdict's rule finds more than the paper's, {number} against {than}.",
    "fails": "The verdict's rule finds no more than the paper's, {number} against "
    "{than}.",
    "undecided": "The verdict's rule and the paper's are not told apart by these "
    "seeds, {number} and {than}.",
}


def show_sentence(name: str, number: Any, **words: str) -> None:
    """Show the sentence of a number; nothing if it could not be asked for.

    `words` are put where a sentence has them in braces.
    """
    if number is not None:
        told(number, **_filled(ABSORPTION_SENTENCES[name], words))


def _filled(said: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    filled = dict(said)
    for place, word in words.items():
        for name in ("holds", "fails", "undecided"):
            filled[name] = filled[name].replace("{" + place + "}", word)
    return filled
