"""`SAE`: what inference needs of a sparse autoencoder, read from a SAELens folder
without importing sae_lens.
"""

import json
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.linear import linear
from saecore.places import as_others
from saecore.sparse import Active, chunk_rows, joined, positive, sparse, top_k
from saecore.training.selection import select_above, select_top_k

CODED = 1 << 26
"""Rows x latents that are encoded at a time; their pre-activations are chunks of it."""
_ARCHITECTURES = ("topk", "jumprelu", "standard", "gated")
_NAMES = {
    "topk": ("W_enc", "W_dec", "b_enc", "b_dec"),
    "standard": ("W_enc", "W_dec", "b_enc", "b_dec"),
    "jumprelu": ("W_enc", "W_dec", "b_enc", "b_dec", "threshold"),
    "gated": ("W_enc", "W_dec", "b_dec", "b_gate", "r_mag", "b_mag"),
}


class SAE:
    """A sparse autoencoder for raw rows, the inference twin of `sae_lens.SAE` for four
    architectures.

    With pre = (x - b_dec) W_enc + b_enc, activations are topk: ReLU of the k largest
    pre of each row; standard: ReLU(pre); jumprelu: ReLU(pre) where pre > threshold;
    gated: ReLU((x - b_dec) W_enc exp(r_mag) + b_mag) where (x - b_dec) W_enc + b_gate
    > 0. The reconstruction is activations W_dec + b_dec. `cfg` is the folder's
    cfg.json, `metadata` its metadata, and `log` what the zoo noted when it made the SAE
    (empty for others).
    """

    def __init__(
        self,
        cfg: dict[str, Any],
        weights: dict[str, Tensor],
        log: dict[str, Any] | None = None,
    ) -> None:
        _check(cfg, weights)
        self.cfg, self.weights, self.log = cfg, weights, log or {}
        self.metadata: dict[str, Any] = cfg.get("metadata", {})
        self.W_enc, self.W_dec, self.b_dec = (
            weights["W_enc"],
            weights["W_dec"],
            weights["b_dec"],
        )
        self.b_enc = weights["b_gate" if self.architecture == "gated" else "b_enc"]
        self._by_latent = self.W_enc.t().contiguous()

    @property
    def architecture(self) -> str:
        """As SAELens calls it: BatchTopK and Matryoshka are jumprelu at inference, ReLU
        is standard.
        """
        return self.cfg["architecture"]

    @property
    def width(self) -> int:
        """Number of latents."""
        return self.W_dec.shape[0]

    @property
    def d_model(self) -> int:
        """Length of a row."""
        return self.W_dec.shape[1]

    def __repr__(self) -> str:
        return f"SAE({self.architecture}, width {self.width}, d_model {self.d_model})"

    def to(self, device: str | torch.device) -> "SAE":
        """The same on another device."""
        return SAE(
            self.cfg,
            {name: weight.to(device) for name, weight in self.weights.items()},
            self.log,
        )

    @torch.no_grad()
    def encode(
        self, x: Float[Tensor, "*batch d_model"]
    ) -> Float[Tensor, "*batch latent"]:
        """Activations of raw rows (or [batch, pos, d_model]), dense; `encode_sparse`
        needs far less memory. Rows of another precision are converted to that of the
        weights. Raises ValueError where d_model differs.
        """
        rows = self._rows(x)
        out = rows.new_empty(len(rows), self.width)
        size = chunk_rows(self.width)
        for start in range(0, len(rows), size):
            out[start : start + size] = self._activations(rows[start : start + size])
        return out.view(*x.shape[:-1], self.width)

    @torch.no_grad()
    def encode_sparse(self, x: Float[Tensor, "row d_model"]) -> Active:
        """Activations of raw rows as CSR, chunk by chunk: the entries of `encode` that
        are not zero (a gated SAE's densely, the others' without a dense array).
        """
        blocks = self._rows(x).split(max(1, CODED // self.width))
        return joined([self._sparse_activations(block) for block in blocks])

    def _rows(self, x: Tensor) -> Tensor:
        if x.ndim == 0 or x.shape[-1] != self.d_model:
            raise ValueError(
                f"an SAE reads rows of length {self.d_model}, but these have shape "
                f"{tuple(x.shape)}: give rows of the site that it was trained on"
            )
        return x.reshape(-1, self.d_model).to(self.W_dec.dtype)

    def _sparse_activations(self, x: Tensor) -> Active:
        if self.architecture == "gated":
            parts = x.split(chunk_rows(self.width))
            return joined([sparse(self._activations(part)) for part in parts])
        encoder = x - self.b_dec, self._by_latent, self.b_enc
        if self.architecture == "topk":
            return positive(*select_top_k(*encoder, int(self.cfg["k"])))
        floor = self.weights.get("threshold", torch.zeros_like(self.b_enc))
        return select_above(*encoder, floor.clamp(min=0))[0]

    @torch.no_grad()
    def decode(
        self, latents: Float[Tensor, "*batch latent"]
    ) -> Float[Tensor, "*batch d_model"]:
        """Raw rows from activations."""
        return latents @ self.W_dec + self.b_dec

    def __call__(
        self, x: Float[Tensor, "*batch d_model"]
    ) -> Float[Tensor, "*batch d_model"]:
        """Reconstruction of raw rows."""
        return self.decode(self.encode(x))

    def _activations(self, x: Tensor) -> Tensor:
        if self.architecture == "gated":
            return self._gated(x - self.b_dec)
        pre = linear(x - self.b_dec, self._by_latent, self.b_enc)
        if self.architecture == "standard":
            return pre.relu_()
        if self.architecture == "jumprelu":
            return pre.relu() * (pre > self.weights["threshold"])
        value, latent = top_k(pre, int(self.cfg["k"]))
        return torch.zeros_like(pre).scatter_(1, latent, value.relu_())

    def _gated(self, centred: Tensor) -> Tensor:
        both = linear(centred, self._by_latent, torch.zeros_like(self.b_enc))
        gain, bias = self.weights["r_mag"].exp(), self.weights["b_mag"]
        return torch.relu(both * gain + bias) * (both + self.b_enc > 0)


def read(folder: str | Path, *, device: str = "cpu") -> SAE:
    """The SAE of a SAELens folder (cfg.json and sae_weights.safetensors), whoever made
    it.

    Raises ValueError for an architecture or a setting that `SAE` does not know, and for
    wrong shapes.
    """
    from safetensors.torch import load

    folder = Path(folder)
    cfg = json.loads((folder / "cfg.json").read_text())
    # read whole: a mapped file could change under us
    weights = load((folder / "sae_weights.safetensors").read_bytes())
    note = folder / "recipe.json"
    log = json.loads(note.read_text()).get("made", {}) if note.is_file() else {}
    return SAE(
        cfg, {name: weight.to(device).float() for name, weight in weights.items()}, log
    )


def save(folder: Path, cfg: dict[str, Any], weights: dict[str, Tensor]) -> None:
    """Write a SAELens folder: cfg.json and sae_weights.safetensors."""
    from safetensors.torch import save_file

    (folder / "cfg.json").write_text(json.dumps(cfg, indent=1) + "\n")
    whole = {name: weight.contiguous() for name, weight in weights.items()}
    save_file(whole, folder / "sae_weights.safetensors")
    as_others(folder / "sae_weights.safetensors")


def _check(cfg: dict[str, Any], weights: dict[str, Tensor]) -> None:
    architecture = cfg.get("architecture", "standard")
    cfg["architecture"] = architecture
    if architecture not in _ARCHITECTURES:
        raise ValueError(
            f"an SAE's architecture must be one of {', '.join(_ARCHITECTURES)}, but "
            f"cfg.json says {architecture!r}: open it with saecore.open_sae"
        )
    plain = {
        "apply_b_dec_to_input": True,
        "normalize_activations": "none",
        "rescale_acts_by_decoder_norm": False,
        "activation_fn_str": "relu",
        "activation_fn": "relu",
    }
    if strange := {
        name: cfg[name]
        for name, value in plain.items()
        if cfg.get(name, value) != value
    }:
        raise ValueError(
            f"cfg.json may not change these settings, but has {strange}: open it with "
            "saecore.open_sae"
        )
    if unknown := sorted(set(weights) - set(_NAMES[architecture])):
        raise ValueError(
            f"a {architecture} SAE has the weights {', '.join(_NAMES[architecture])}, "
            f"but there is also {', '.join(unknown)}: save it as what it is"
        )
    if lacking := [one for one in ("d_sae", "d_in") if one not in cfg]:
        raise ValueError(
            f"cfg.json must say d_in and d_sae, but lacks {', '.join(lacking)}: open "
            "the folder with saecore.open_sae, which knows other formats"
        )
    width, d_model = int(cfg["d_sae"]), int(cfg["d_in"])
    shapes = {"W_enc": (d_model, width), "W_dec": (width, d_model), "b_dec": (d_model,)}
    for name in _NAMES[architecture]:
        found = tuple(weights[name].shape) if name in weights else None
        if found != shapes.get(name, (width,)):
            raise ValueError(
                f"{name} must have shape {shapes.get(name, (width,))}, but has "
                f"{found}: the folder is damaged, make it anew"
            )
    k = cfg.get("k")
    if architecture == "topk" and not (isinstance(k, int) and 1 <= k <= width):
        raise ValueError(
            f"a TopK SAE keeps k latents, 1 to its {width}, but cfg.json says k = "
            f"{k!r}: correct it"
        )


def configuration(
    architecture: str, *, width: int, d_model: int, k: float, metadata: dict[str, Any]
) -> dict[str, Any]:
    """The cfg.json of an SAE that the zoo trained, by the zoo's name of the
    architecture.
    """
    name = {"relu": "standard", "batchtopk": "jumprelu", "matryoshka": "jumprelu"}.get(
        architecture, architecture
    )
    cfg = {
        "architecture": name,
        "d_in": d_model,
        "d_sae": width,
        "dtype": "float32",
        "device": "cpu",
        "apply_b_dec_to_input": True,
        "normalize_activations": "none",
        "reshape_activations": "none",
        "metadata": {"sae_lens_version": "6.54.12", **metadata},
    }
    return cfg | (
        {"k": int(k), "rescale_acts_by_decoder_norm": False} if name == "topk" else {}
    )
