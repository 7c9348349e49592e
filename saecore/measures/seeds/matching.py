"""Shared latents of two dictionaries, matched one to one: the measure of Paulo &
Belrose (2501.16615).

Two assignments are solved, one on the rows of the decoders and one on the columns of
the encoders. Several rules that call a latent *shared* are in circulation; they are
all here, side by side, and ours is named.
"""

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple, get_args

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.algebra.assignment import Assignment, assign
from saecore.measures.algebra.nearest import same_space, unit_rows
from saecore.shapes import LinearEncoder

Definition = Literal[
    "same partner", "decoder's partner", "both", "decoder", "mean", "nearest"
]
DEFINITIONS: tuple[Definition, ...] = get_args(Definition)


class Matching(NamedTuple):
    """Two dictionaries compared, latent by latent of the first (a)."""

    decoder: Assignment
    """Matching of the rows of W_dec."""
    encoder: Assignment
    """Matching of the columns of W_enc."""
    encoder_at_decoder: Float[Tensor, "latent"]
    """Encoder cosine with the decoder's partner; 0 if there is none."""
    threshold: float
    """Cosine from which latents count as shared, unless another is asked for."""

    @property
    def partner_dec(self) -> Int[Tensor, "latent"]:
        """Latent of b that the decoders pair with each latent of a; -1: none is
        left.
        """
        return self.decoder.partner

    @property
    def partner_enc(self) -> Int[Tensor, "latent"]:
        """The same by the encoders."""
        return self.encoder.partner

    @property
    def cosine_dec(self) -> Float[Tensor, "latent"]:
        """Decoder cosine with `partner_dec`."""
        return self.decoder.cosine

    @property
    def cosine_enc(self) -> Float[Tensor, "latent"]:
        """Encoder cosine with `partner_enc`."""
        return self.encoder.cosine

    @property
    def similarity(self) -> Float[Tensor, "latent"]:
        """Mean of the two cosines, the axis of the paper's scatter plots (post;
        code).
        """
        return (self.cosine_dec + self.cosine_enc) / 2

    @property
    def same(self) -> Bool[Tensor, "latent"]:
        """True where decoders and encoders pick the same partner ("equal" in the code),
        at any cosine.
        """
        return (self.partner_dec == self.partner_enc) & (self.partner_dec >= 0)

    @property
    def gap(self) -> float:
        """The larger of the two certificates: no matching has a larger sum of cosines
        by more than this.
        """
        return max(self.decoder.gap, self.encoder.gap)

    @property
    def ties(self) -> int:
        """Latents of a that have another partner in some matching of the same total, of
        the decoders or of the encoders, as equal latents have.
        """
        return int((self.decoder.tied | self.encoder.tied).sum())

    @property
    def near_threshold(self) -> int:
        """Latents of a with a matched cosine, of the decoders or of the encoders,
        within 1e-5 of the threshold.
        """
        decoder, encoder = (
            x.near(self.threshold) for x in (self.decoder, self.encoder)
        )
        return int((decoder | encoder).sum())

    @property
    def shared(self) -> Bool[Tensor, "latent"]:
        """Our rule: `flags("same partner")`."""
        return self.flags()

    def flags(
        self, definition: Definition = "same partner", *, threshold: float | None = None
    ) -> Bool[Tensor, "latent"]:
        """Which latents of a are shared, by one of the rules; t is the threshold.

        - same partner: the same partner in both assignments, and both cosines >= t
          (S1; ours)
        - decoder's partner: both cosines with the decoder's partner > t
          (S2; post of Dec 2024)
        - both: decoder cosine > t and encoder cosine > t, each with its own partner,
          which may differ (S3; notebook, Fig 1)
        - decoder: decoder cosine > t (S4; models, architectures)
        - mean: mean of the two cosines >= t, each with its own partner
          (re-implementations)
        - nearest: both largest cosines > t, without one-to-one (max-cosine control)

        Source: 2501.16615 and its code; >= and > as published. Raises ValueError for
        another name.
        """
        t = self.threshold if threshold is None else threshold
        dec, enc = self.cosine_dec, self.cosine_enc
        if definition == "same partner":
            return self.same & (dec >= t) & (enc >= t)
        if definition == "decoder's partner":
            return (dec > t) & (self.encoder_at_decoder > t)
        if definition == "both":
            return (dec > t) & (enc > t)
        if definition == "decoder":
            return dec > t
        if definition == "mean":
            return self.similarity >= t
        if definition == "nearest":
            return (self.decoder.nearest > t) & (self.encoder.nearest > t)
        raise ValueError(
            f"a definition of shared must be one of {list(DEFINITIONS)}, "
            f"got {definition!r}"
        )

    def share(
        self,
        definition: Definition = "same partner",
        *,
        threshold: float | None = None,
        weight: Tensor | None = None,
    ) -> float:
        """Share of the latents of a that are shared; with `weight`, of their weight.

        `weight` [latent]: a mask of live latents, or firing counts for the share of
        firing mass that shared latents carry. Without it every latent counts once, dead
        ones too, as in the paper.
        """
        return weighted_share(self.flags(definition, threshold=threshold), weight)

    def agreement(self, *, weight: Tensor | None = None) -> float:
        """Share of latents with the same partner by decoder and encoder ("equal",
        "agreement").
        """
        return weighted_share(self.same, weight)

    def flip(self) -> "Matching":
        """The same comparison, latent by latent of b."""
        decoder = self.decoder.flip()
        cosine = torch.zeros_like(decoder.cosine)
        matched = self.partner_dec >= 0
        cosine[self.partner_dec[matched]] = self.encoder_at_decoder[matched]
        return Matching(decoder, self.encoder.flip(), cosine, self.threshold)


def shared(
    a: LinearEncoder,
    b: LinearEncoder,
    *,
    threshold: float,
    progress: Callable[[int], None] | None = None,
) -> Matching:
    """Match two dictionaries one to one, by decoder and by encoder, exactly.

    P_dec = argmax_P sum_i cos(W_dec^a[i], W_dec^b[P(i)]), and P_enc the same on the
    columns of W_enc (2501.16615, section on alignment; code hungarian_alignment.py).
    `threshold` is the cosine from which latents count as shared: 0.7 in the paper,
    which leaves out nearly all latents whose two assignments disagree. Biases,
    activations and norms play no part. Departures: dictionaries of unequal width may be
    compared (latents that find none left have partner -1 and are not shared), and the
    matching carries a certificate (`gap`), the number of latents whose partner is not
    the only best one (`ties`) and of those at the threshold (`near_threshold`). A long
    matching tells `progress` of rows, four times of each of the narrower set: `assign`
    does so twice for each side. Raises ValueError where the dictionaries do
    not live in one space or an encoder is missing.
    """
    same_space(a.W_dec, b.W_dec)
    encoders = [_encoder_rows(a), _encoder_rows(b)]
    decoder = assign(a.W_dec, b.W_dec, progress=progress)
    encoder = assign(*encoders, progress=progress)
    rows, others = (unit_rows(x).cpu() for x in encoders)
    cosine = (rows * others[decoder.partner]).sum(1)
    cosine = torch.where(decoder.partner >= 0, cosine, torch.zeros_like(cosine))
    return Matching(decoder, encoder, cosine, threshold)


def _encoder_rows(dictionary: LinearEncoder) -> Tensor:
    """Encoder directions as rows [latent, d_model]."""
    weight = getattr(dictionary, "W_enc", None)
    if weight is None:
        raise ValueError(
            f"shared compares encoders too, got a {type(dictionary).__name__} without "
            "W_enc; match its decoder alone with assign(a.W_dec, b.W_dec)"
        )
    if weight.T.shape != dictionary.W_dec.shape:
        raise ValueError(
            "W_enc must be [d_model, latent] where W_dec is [latent, d_model], got "
            f"{tuple(weight.shape)} and {tuple(dictionary.W_dec.shape)}; transpose the "
            "encoder"
        )
    return weight.detach().T


def weighted_share(
    flags: Bool[Tensor, "latent"], weight: Tensor | None = None
) -> float:
    """Share of the weight that is flagged: sum w_i flag_i / sum w_i; plain share
    without weights.

    Raises ValueError for weights of another length, negative weights, or no weight at
    all.
    """
    if weight is None:
        return float(flags.double().mean())
    if weight.shape != flags.shape:
        raise ValueError(
            f"one weight per latent is needed: {len(flags)}, got {tuple(weight.shape)}"
        )
    weight = weight.double().cpu()
    if (weight < 0).any() or not weight.sum() > 0:
        raise ValueError(
            "weights must not be negative and must not all be zero; is any latent live?"
        )
    return float((weight * flags).sum() / weight.sum())


class Sweep(NamedTuple):
    """The share as a function of the threshold, by every definition."""

    definitions: tuple[Definition, ...]
    """Names, in the order of `share`."""
    threshold: Float[Tensor, "threshold"]
    """Cosines, float64."""
    share: Float[Tensor, "definition threshold"]
    """Share of latents, float64."""


def sweep(
    matching: Matching,
    thresholds: Iterable[float],
    *,
    definitions: tuple[Definition, ...] = DEFINITIONS,
    weight: Tensor | None = None,
) -> Sweep:
    """Share against threshold (2501.16615, Fig A1 per a re-implementation), by each
    definition.
    """
    levels = [float(t) for t in thresholds]
    share = [
        [matching.share(name, threshold=t, weight=weight) for t in levels]
        for name in definitions
    ]
    return Sweep(
        definitions,
        torch.tensor(levels, dtype=torch.float64),
        torch.tensor(share, dtype=torch.float64),
    )
