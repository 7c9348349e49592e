"""What every format comes to: the weights of a plain SAE, with settings that can be
folded into them folded.
"""

from typing import Any

import torch
from torch import Tensor

from saecore.zoo.sae import SAE

_BIASES = {"gated": ("b_gate", "b_mag")}


def plain_sae(
    architecture: str,
    weights: dict[str, Tensor],
    *,
    k: int | None = None,
    metadata: dict[str, Any],
    subtracts_b_dec: bool = True,
    by_decoder_norm: bool = False,
    factor: float = 1.0,
) -> SAE:
    """An `SAE` from weights in SAELens' names, in float32.

    Settings are folded in float64, so that encode and decode are those of the original:
    without `subtracts_b_dec` the encoder's bias takes up b_dec W_enc;
    `by_decoder_norm` (SAELens' `rescale_acts_by_decoder_norm`) moves the norms of the
    decoder rows to the encoder; `factor` is what rows were multiplied by before the SAE
    saw them. Raises ValueError for weights that are not finite or of wrong shapes, for
    a TopK without a k that fits, and where `SAE` does.
    """
    stored = sorted({str(one.dtype).removeprefix("torch.") for one in weights.values()})
    weights = {n: one.detach().to("cpu", torch.float32) for n, one in weights.items()}
    checked_finite(weights)
    if not subtracts_b_dec:
        weights = _without_b_dec(architecture, weights)
    if by_decoder_norm:
        weights = _normed(architecture, weights)
    if factor != 1:
        weights = _scaled(weights, factor)
    width, d_model = weights["W_dec"].shape
    cfg = {"architecture": architecture, "d_in": d_model, "d_sae": width}
    if architecture == "topk":
        cfg["k"] = _checked_k(k, width)
    cfg["metadata"] = {**metadata, "stored_dtype": ", ".join(stored)}
    return SAE(cfg, {name: one.contiguous() for name, one in weights.items()})


def needs(weights: dict[str, Tensor], names: tuple[str, ...], what: str) -> None:
    """Raises ValueError unless `weights` has just these names."""
    missing = [name for name in names if name not in weights]
    unknown = [name for name in weights if name not in names]
    if missing or unknown:
        raise ValueError(
            f"{what} has the weights {', '.join(names)}, but here "
            f"{', '.join(missing) or 'none'} is missing and "
            f"{', '.join(unknown) or 'nothing'} has no use: open what was saved whole, "
            "with the library that saved it if it is of another kind"
        )


def checked_finite(weights: dict[str, Tensor]) -> None:
    """Raises ValueError for weights with NaN or infinite numbers."""
    for name, one in weights.items():
        if not bool(torch.isfinite(one).all()):
            raise ValueError(
                f"weights are finite numbers, but {name} holds "
                f"{int((~torch.isfinite(one)).sum())} that are not: take a checkpoint "
                "from before the training failed"
            )


def _checked_k(k: Any, width: int) -> int:
    if not isinstance(k, int) or isinstance(k, bool) or not 1 <= k <= width:
        raise ValueError(
            f"a TopK SAE keeps k latents, 1 to its {width}, but its configuration says "
            f"k = {k!r}: correct it"
        )
    return k


def _without_b_dec(architecture: str, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """(x - b_dec) W_enc + bias is x W_enc + the old bias, with bias as made here."""
    shift = weights["b_dec"].double() @ weights["W_enc"].double()
    out = dict(weights)
    for name in _BIASES.get(architecture, ("b_enc",)):
        gain = weights["r_mag"].double().exp() if name == "b_mag" else 1.0
        out[name] = (weights[name].double() + gain * shift).float()
    return out


def _normed(architecture: str, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Decoder rows of norm 1, their norms in the encoder; thresholds already speak of
    activations times norms.
    """
    norm = weights["W_dec"].double().norm(dim=1).clamp(min=1e-8)
    out = dict(weights)
    for name in ("W_enc", *_BIASES.get(architecture, ("b_enc",))):
        out[name] = (weights[name].double() * norm).float()
    out["W_dec"] = (weights["W_dec"].double() / norm[:, None]).float()
    return out


def _scaled(weights: dict[str, Tensor], factor: float) -> dict[str, Tensor]:
    """What reads x as the weights read factor x, and writes in the units of x."""
    by = {"W_enc": factor, "W_dec": 1 / factor, "b_dec": 1 / factor}
    return {
        name: (one.double() * by[name]).float() if name in by else one
        for name, one in weights.items()
    }
