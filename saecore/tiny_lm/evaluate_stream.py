"""What the stream of the shipped model holds: its dimension, and
letters read by probes.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.source.model.language_model import OpenModel
from saecore.source.tasks.answers import position
from saecore.source.tasks.facts import (
    prompts,
)

PROBED = "The word {word} is one of those that start with {answer}."
LETTERS = 20  # the commonest first letters


def participation_ratios(
    model: OpenModel, tokens: Int[Tensor, "seq pos"]
) -> dict[str, float]:
    """The participation ratio of the stream after each layer, all positions but the
    first.
    """
    streams = model.read(tokens, range(model.n_layers))
    return {
        str(layer): participation_ratio(stream[:, 1:].flatten(0, 1))
        for layer, stream in streams.items()
    }


def participation_ratio(rows: Float[Tensor, "row d_model"]) -> float:
    """(sum of eigenvalues)^2 / sum of their squares, of the covariance: 1 for a line,
    d_model for a ball.
    """
    eigenvalues = torch.linalg.eigvalsh(torch.cov(rows.double().T))
    return (eigenvalues.sum() ** 2 / (eigenvalues**2).sum()).item()


def letter_probes(model: OpenModel, words: Sequence[str]) -> dict[str, Any]:
    """How well a linear probe tells the first letter at the word's position, words it
    was not fitted on.
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
    letters = np.array([prompt.answer for prompt in asked])
    layers = {
        "embedding" if layer < 0 else str(layer): _probe(stream[:, at].cpu(), letters)
        for layer, stream in sorted(streams.items())
    }
    majority = Counter(letters.tolist()).most_common(1)[0][1] / len(letters)
    return {
        "layers": layers,
        "baseline": majority,
        "words": len(asked),
        "letters": LETTERS,
    }


def _probe(
    rows: Float[Tensor, "word d_model"], letters: np.ndarray
) -> Mapping[str, float]:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.model_selection import KFold, cross_val_score

    x = rows.double().numpy()
    probe = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.05)
    scores = cross_val_score(
        probe, x, letters, cv=KFold(5, shuffle=True, random_state=0)
    )
    within = sum(
        ((x[letters == a] - x[letters == a].mean(0)) ** 2).sum()
        for a in set(letters.tolist())
    )
    return {
        "accuracy": scores.mean(),
        "variance_share": 1 - within / ((x - x.mean(0)) ** 2).sum(),
    }
