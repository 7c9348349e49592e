"""Any object with `encode` and `decode`: its decoder's directions are found or
measured, and what it promises is tried before it is believed.
"""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.others.plain import checked_finite
from saecore.sparse import Active, joined, sparse

SHARD = 1 << 24
"""Numbers of one array that the decoder is asked for at a time."""
_TRIED = 8
"""Rows on which an object is tried."""
OFF = {torch.float16: 1e-2, torch.bfloat16: 5e-2}
"""Of the largest entry, by the object's precision: rounding, not another map; 1e-3 in
float32.
"""
_WIDTHS = ("d_model", "d_in", "activation_dim", "d_input", "input_dim")


class Adapted:
    """A dictionary around two functions, `encode` and a linear `decode`.

    Rows of any precision are given to the object in its own, and what it gives back is
    float32. `W_enc` [d_model, latent] is there where the object has one.
    """

    def __init__(
        self,
        encode: Callable[[Tensor], Tensor],
        w_dec: Float[Tensor, "latent d_model"],
        b_dec: Float[Tensor, " d_model"],
        *,
        w_enc: Float[Tensor, "d_model latent"] | None = None,
        metadata: dict[str, Any],
        architecture: str,
    ) -> None:
        self.W_dec, self.b_dec, self._encode = w_dec, b_dec, encode
        if w_enc is not None:
            self.W_enc = w_enc
        self.metadata, self.architecture = metadata, architecture
        self.width, self.d_model = w_dec.shape

    def __repr__(self) -> str:
        size = f"width {self.width}, d_model {self.d_model}"
        return f"Adapted({self.architecture}, {size})"

    @torch.no_grad()
    def encode(
        self, x: Float[Tensor, "*batch d_model"]
    ) -> Float[Tensor, "*batch latent"]:
        """Activations of raw rows, dense, a block of rows at a time."""
        flat = x.reshape(-1, self.d_model)
        parts = [
            self._encode(part).to(self.W_dec) for part in flat.split(self._step)
        ] or [flat.new_zeros(0, self.width)]
        return torch.cat(parts).view(*x.shape[:-1], self.width)

    @torch.no_grad()
    def encode_sparse(self, x: Float[Tensor, "row d_model"]) -> Active:
        """The same as CSR, without a dense array of all rows."""
        return joined([sparse(self.encode(part)) for part in x.split(self._step)])

    @torch.no_grad()
    def decode(
        self, latents: Float[Tensor, "*batch latent"]
    ) -> Float[Tensor, "*batch d_model"]:
        """Raw rows from activations: z W_dec + b_dec."""
        return latents.to(self.W_dec) @ self.W_dec + self.b_dec

    def __call__(
        self, x: Float[Tensor, "*batch d_model"]
    ) -> Float[Tensor, "*batch d_model"]:
        """Reconstruction of raw rows."""
        return self.decode(self.encode(x))

    def to(self, device: str | torch.device) -> "Adapted":
        """The same with its weights and what it gives back on another device; the
        object itself encodes where it is.
        """
        w_enc = getattr(self, "W_enc", None)
        return Adapted(
            self._encode,
            self.W_dec.to(device),
            self.b_dec.to(device),
            w_enc=None if w_enc is None else w_enc.to(device),
            metadata=self.metadata,
            architecture=self.architecture,
        )

    @property
    def _step(self) -> int:
        return max(1, SHARD // self.width)


@torch.no_grad()
def adapted_object(what: Any, *, d_model: int | None = None) -> Adapted:
    """A dictionary from any object with `encode` (rows [row, d_model] to latents [row,
    latent]) and `decode` (back).

    W_dec is taken from the object where `decode` bears it out, and measured from
    `decode` latent by latent otherwise. Raises ValueError where d_model cannot be found
    (pass it), and where the object breaks the protocol: latents of another shape, a
    decoder that is not linear or that remembers the rows that were encoded before.
    """
    kind = type(what).__name__
    d_model = _d_model_of(what) if d_model is None else d_model
    like = _parameter(what)
    rows = _tried_rows(d_model)

    def encode(x: Tensor) -> Tensor:
        return what.encode(x.to(like)).detach().to("cpu", torch.float32)

    def decode(z: Tensor) -> Tensor:
        return what.decode(z.to(like)).detach().to("cpu", torch.float32)

    latents = _tried(lambda: encode(rows), kind)
    if latents.ndim != 2 or len(latents) != _TRIED:
        raise _broken(kind, f"encode made {tuple(latents.shape)} of {_TRIED} rows")
    width = latents.shape[1]
    bias = _tried(lambda: decode(latents.new_zeros(1, width))[0], kind)
    w_dec = _given_directions(what, (width, d_model))
    off = OFF.get(like.dtype, 1e-3)
    if w_dec is None or not _linear(decode, w_dec, bias, off):
        w_dec = _measured_directions(decode, width, bias)
    if w_dec.shape != (width, d_model):
        raise _broken(kind, f"decode made rows of length {w_dec.shape[1]}")
    if not _linear(decode, w_dec, bias, off):
        raise _broken(kind, "decode is not linear")
    _refuse_memory(encode, decode, rows, kind, off)
    checked_finite({"W_dec": w_dec, "b_dec": bias})
    return Adapted(
        encode,
        w_dec,
        bias,
        w_enc=_given(what, "W_enc", (d_model, width)),
        metadata={"format": kind},
        architecture=kind,
    )


def _d_model_of(what: Any) -> int:
    for holder in (what, getattr(what, "cfg", None), getattr(what, "config", None)):
        for name in _WIDTHS:
            if isinstance(found := getattr(holder, name, None), int):
                return found
    w_dec = getattr(what, "W_dec", None)
    if isinstance(w_dec, Tensor) and w_dec.ndim == 2:
        return w_dec.shape[1]
    raise ValueError(
        f"the length of a row must be known, but this {type(what).__name__} has no "
        f"W_dec and none of {', '.join(_WIDTHS)}: pass d_model="
    )


def _parameter(what: Any) -> Tensor:
    """A tensor of the object's device and precision."""
    parameters: Any = getattr(what, "parameters", tuple)
    found = [*parameters()]
    found += [
        one for one in getattr(what, "__dict__", {}).values() if isinstance(one, Tensor)
    ]
    floats = [one for one in found if one.is_floating_point()]
    return floats[0].detach() if floats else torch.zeros(1)


def _tried_rows(d_model: int) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(_TRIED, d_model, generator=generator)


def _tried(call: Callable[[], Tensor], kind: str) -> Tensor:
    try:
        return call()
    except Exception as error:  # an object may refuse in any way of its own
        raise _broken(kind, " ".join(str(error).split()) or repr(error)) from error


def _given(what: Any, name: str, shape: tuple[int, int]) -> Tensor | None:
    found = getattr(what, name, None)
    if isinstance(found, Tensor) and found.shape == shape:
        return found.detach().to("cpu", torch.float32, copy=True)
    return None


def _given_directions(what: Any, shape: tuple[int, int]) -> Tensor | None:
    """W_dec, or the weight of a linear `decoder`."""
    if (found := _given(what, "W_dec", shape)) is not None:
        return found
    turned = _given(getattr(what, "decoder", None), "weight", (shape[1], shape[0]))
    return None if turned is None else turned.T.contiguous()


def _measured_directions(
    decode: Callable[[Tensor], Tensor], width: int, bias: Tensor
) -> Tensor:
    """decode(e_l) - decode(0) for every latent l."""
    step, parts = max(1, SHARD // width), []
    for start in range(0, width, step):
        count = min(step, width - start)
        one = bias.new_zeros(count, width)
        one[torch.arange(count), start + torch.arange(count)] = 1
        parts.append(decode(one) - bias)
    return torch.cat(parts)


def _linear(
    decode: Callable[[Tensor], Tensor], w_dec: Tensor, bias: Tensor, off: float
) -> bool:
    """Whether decode(z) is z W_dec + bias for a few sparse z of several sizes."""
    generator = torch.Generator().manual_seed(1)
    z = torch.rand(_TRIED, len(w_dec), generator=generator)
    kept = torch.rand(_TRIED, len(w_dec), generator=generator) < 16 / len(w_dec)
    z = (z * kept * torch.logspace(-1, 1, _TRIED)[:, None]).to(w_dec)
    made = decode(z)
    return made.shape == (_TRIED, w_dec.shape[1]) and _near(made, z @ w_dec + bias, off)


def _refuse_memory(
    encode: Callable[[Tensor], Tensor],
    decode: Callable[[Tensor], Tensor],
    rows: Tensor,
    kind: str,
    off: float,
) -> None:
    """Raises ValueError where the same latents decode to other rows after other rows
    were encoded: then decode is no function of the latents.
    """
    latents = encode(rows)
    first = decode(latents)
    encode(3 * rows + 1)
    if not _near(_tried(lambda: decode(latents), kind), first, off):
        raise _broken(kind, "decode depends on the rows that were encoded before")


def _near(a: Tensor, b: Tensor, off: float) -> bool:
    return bool((a - b).abs().amax() <= off * b.abs().amax().clamp(min=1e-6))


def _broken(kind: str, why: str) -> ValueError:
    return ValueError(
        "a dictionary encodes rows [row, d_model] as latents [row, latent] and decodes "
        f"them linearly, but this {kind} does not ({why}): give an object whose encode "
        "and decode do so"
    )
