"""What the stream of a small language model holds: its dimension, and the letters that
linear probes read off it.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.measures.dictionary.geometry import participation_ratio, token_r2
from saecore.source.model.language_model import OpenModel
from saecore.source.tasks.answers import position
from saecore.source.tasks.facts import prompts

PROBED = "The word {word} is one of those that start with {answer}."
LETTERS = 20
"""The commonest first letters, which are probed."""
_FOLDS = 5
"""Parts of the words; each is judged by a probe fitted on the others."""


def participation_ratios(
    model: OpenModel, tokens: Int[Tensor, "seq pos"]
) -> dict[str, float]:
    """The participation ratio of the stream after each layer, of all positions but the
    first.
    """
    streams = model.read(tokens, range(model.n_layers))
    return {
        str(layer): participation_ratio(stream[:, 1:].flatten(0, 1))
        for layer, stream in streams.items()
    }


def letter_probes(model: OpenModel, words: Sequence[str]) -> dict[str, Any]:
    """The accuracy of a linear probe of the first letter, at the word's position and on
    words that it was not fitted on; and the share of the variance that lies between
    letters.
    """
    common = {
        letter for letter, _ in Counter(word[0] for word in words).most_common(LETTERS)
    }
    kept = [word for word in words if word[0] in common]
    asked = prompts("letter", template=PROBED, words=kept)
    at = position(model, asked[0])
    tokens = torch.tensor([model.encode(prompt.before) for prompt in asked])
    streams = model.read(tokens, range(model.n_layers))
    streams[-1] = model.model.get_input_embeddings()(tokens.to(model.device)).detach()
    letters = [prompt.answer for prompt in asked]
    layers = {
        "embedding" if layer < 0 else str(layer): _probe(stream[:, at].cpu(), letters)
        for layer, stream in sorted(streams.items())
    }
    majority = Counter(letters).most_common(1)[0][1] / len(letters)
    return {
        "layers": layers,
        "baseline": majority,
        "words": len(asked),
        "letters": LETTERS,
    }


def _probe(
    rows: Float[Tensor, "word d_model"], letters: Sequence[str]
) -> dict[str, float]:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.model_selection import KFold, cross_val_score

    names = sorted(set(letters))
    probe = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.05)
    folds = KFold(_FOLDS, shuffle=True, random_state=0)
    scores = cross_val_score(probe, rows.double().numpy(), list(letters), cv=folds)
    known = torch.tensor([names.index(letter) for letter in letters])
    return {"accuracy": scores.mean(), "variance_share": token_r2(rows, known)}
