"""What became of a parent and its child in a dictionary whose features are known:
absorbed, hedged, or found.

Absorption and hedging leave opposite traces (Chanin et al. 2409.14507, section 3, and
2505.11756): an absorbed parent has an *encoder* that points away from the child, and
the child's *decoder* points at the parent; a hedged parent has encoder **and** decoder
with some of the child in them.
"""

from typing import Literal, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.measures.algebra.assignment import assign
from saecore.measures.algebra.nearest import unit_rows
from saecore.shapes import LinearEncoder

ToyOutcome = Literal["solved", "partly absorbed", "absorbed", "hedged", "stuck"]
FOUND_COSINE = 0.9
"""Cosine from which a decoder direction counts as a feature, as in `measures.truth`."""
MIXED = 0.1
"""Cosine from which another feature counts as mixed in."""
SOLVED, ABSORBED = 0.1, 0.9
"""Below the first share the parent counts as not absorbed, from the second on as
absorbed wholly.
"""


class Signature(NamedTuple):
    """A dictionary with each feature's own latent, as the one-to-one matching of the
    decoder gives it.
    """

    latent: Int[Tensor, " feature"]
    """The latent of every feature; -1 if there are too few."""
    decoder: Float[Tensor, "feature other"]
    """Cosine of that latent's decoder row with every feature; nan without a latent."""
    encoder: Float[Tensor, "feature other"]
    """The same for its encoder column, within the span of the features (the rest meets
    no row).
    """
    parent: int
    """Feature index of the parent."""
    child: int
    """Feature index of the child."""
    alone: float
    """Activation of the parent's latent, times its decoder norm, on a row with the
    parent alone.
    """
    together: float
    """The same on a row with parent and child."""
    child_together: float
    """Activation of the child's latent, times its norm, on that row; 0 without a
    latent.
    """
    child_alone: float
    """The same on a row with the child alone."""

    @property
    def parent_enc_neg(self) -> float:
        """cos(encoder of the parent's latent, child): -0.71 in full absorption, 0 in
        none.
        """
        return float(self.encoder[self.parent, self.child])

    @property
    def child_dec_abs(self) -> float:
        """cos(decoder of the child's latent, parent): 0.71 in full absorption, 0 in
        none.
        """
        return float(self.decoder[self.child, self.parent])

    @property
    def delta(self) -> float:
        """Share of the parent that its own latent gives up when the child is there: 1 -
        together / alone.
        """
        return 1 - self.together / self.alone if self.alone > 0 else float("nan")

    def decoder_delta(self, *, least: float) -> float:
        """delta as the decoder of the child's latent shows it: (d2 . f1) / (d2 . f2).

        nan without a latent of the child, and where its decoder has a cosine of `least`
        with the child or less: it is no decoder of f2 then.
        """
        own = float(self.decoder[self.child, self.child])
        return self.child_dec_abs / own if own > least else float("nan")

    @property
    def outcome(self) -> ToyOutcome:
        """The first that is true of

        stuck: the parent's latent is not found (decoder cosine < 0.9), or has -0.1 of
        the child or less; hedged: its decoder and its encoder both have at least 0.1 of
        the child; stuck: the child's latent is not in the plane of parent and child,
        with 0.5 of the child and no less than -0.1 of the parent (length of the
        projection below 0.9: it is something else); absorbed: delta >= 0.9; partly
        absorbed: 0.1 <= delta < 0.9; solved: |delta| < 0.1, and every other feature has
        a latent at cosine 0.9 too; else stuck.
        """
        own, mixed = self.decoder[self.parent, [self.parent, self.child]].tolist()
        of_parent, of_child = self.decoder[
            self.child, [self.parent, self.child]
        ].tolist()
        if not own >= FOUND_COSINE or mixed <= -MIXED:
            return "stuck"
        if mixed >= MIXED and self.parent_enc_neg >= MIXED:
            return "hedged"
        if not (
            of_child >= 0.5
            and of_parent > -MIXED
            and of_child**2 + of_parent**2 >= FOUND_COSINE**2
        ):
            return "stuck"
        if self.delta >= SOLVED:
            return "absorbed" if self.delta >= ABSORBED else "partly absorbed"
        return "solved" if self.delta > -SOLVED and self.others() else "stuck"

    def others(self) -> bool:
        """Whether every feature but parent and child has a latent of its own."""
        own = self.decoder.diagonal()
        keep = [i for i in range(len(own)) if i not in (self.parent, self.child)]
        return bool((own[keep] >= FOUND_COSINE).all())


def signature(
    dictionary: LinearEncoder,
    features: Float[Tensor, "feature d_model"],
    *,
    parent: int,
    child: int,
    child_magnitude: float = 1.0,
) -> Signature:
    """Match the latents with the features, one to one by decoder cosine, and read off
    the pair.

    `features` are orthonormal rows; in the rows that are asked the child has the
    magnitude `child_magnitude`, the parent 1. Raises ValueError if the pair is not two
    of them.
    """
    if parent == child or not (
        0 <= parent < len(features) and 0 <= child < len(features)
    ):
        raise ValueError(
            f"parent and child must be two different features of {len(features)}, got "
            f"{parent} and {child}: "
            "give their indices"
        )
    latent = assign(features, dictionary.W_dec).partner
    decoder = unit_rows(dictionary.W_dec) @ features.T
    encoder = unit_rows(dictionary.W_enc.T @ features.T)
    alone = child_magnitude * features[child]
    rows = torch.stack([features[parent], features[parent] + alone, alone])
    answers = dictionary.encode(rows) * dictionary.W_dec.norm(dim=1)
    own = _picked(answers, latent[parent])
    of_child = _picked(answers, latent[child])
    return Signature(
        latent, _rows(decoder, latent), _rows(encoder, latent), parent, child,
        own[0], own[1], of_child[1], of_child[2],
    )  # fmt: skip


def _rows(cosines: Tensor, latent: Tensor) -> Tensor:
    """The rows of the features' own latents; nan where there is none."""
    return torch.where(latent[:, None] >= 0, cosines[latent.clamp(min=0)], torch.nan)


def _picked(answers: Tensor, latent: Tensor) -> list[float]:
    return answers[:, latent].tolist() if latent >= 0 else [0.0] * len(answers)
