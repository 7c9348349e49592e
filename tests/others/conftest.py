"""Small SAEs in everybody's formats, with random weights, and rows for them."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

D_MODEL, WIDTH, K = 16, 40, 4
Weights = dict[str, Tensor]


def drawn_weights(architecture: str = "standard") -> Weights:
    """Weights in SAELens' names."""
    generator = torch.Generator().manual_seed(len(architecture))

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator)

    out = {
        "W_enc": draw(D_MODEL, WIDTH),
        "W_dec": draw(WIDTH, D_MODEL),
        "b_dec": draw(D_MODEL),
    }
    if architecture == "gated":
        gate = {"b_gate": draw(WIDTH), "b_mag": draw(WIDTH)}
        return out | gate | {"r_mag": 0.3 * draw(WIDTH)}
    out["b_enc"] = draw(WIDTH)
    jump = {"threshold": 2 * draw(WIDTH).abs()} if architecture == "jumprelu" else {}
    return out | jump


def kept_top(pre: Tensor, k: int = K) -> Tensor:
    """ReLU of the k largest of each row: TopK, by sorting."""
    order = pre.argsort(dim=-1, descending=True)[..., :k]
    mask = torch.zeros_like(pre).scatter(-1, order, 1.0)
    return pre.relu() * mask


class Plainly:
    """The SAE as its formula says, in float64."""

    def __init__(self, architecture: str, w: Weights, *, subtract: bool = True) -> None:
        self.architecture, self.subtract = architecture, subtract
        self.w = {name: one.double() for name, one in w.items()}

    def encode(self, x: Tensor) -> Tensor:
        w, x = self.w, x.double()
        both = (x - w["b_dec"] if self.subtract else x) @ w["W_enc"]
        if self.architecture == "gated":
            size = (both * w["r_mag"].exp() + w["b_mag"]).relu()
            return size * (both + w["b_gate"] > 0)
        pre = both + w["b_enc"]
        if self.architecture == "topk":
            return kept_top(pre)
        if self.architecture == "jumprelu":
            return pre.relu() * (pre > w["threshold"])
        return pre.relu()

    def decode(self, z: Tensor) -> Tensor:
        return z @ self.w["W_dec"] + self.w["b_dec"]


@pytest.fixture
def weights() -> Callable[..., Weights]:
    """`drawn_weights`."""
    return drawn_weights


@pytest.fixture
def plainly() -> Callable[..., Plainly]:
    """`Plainly`."""
    return Plainly


@pytest.fixture
def rows() -> Tensor:
    """100 rows, off centre, of norms from 3 to 60."""
    generator = torch.Generator().manual_seed(1)
    size = torch.linspace(1, 15, 100)[:, None]
    return size * torch.randn(100, D_MODEL, generator=generator) + 1


@pytest.fixture
def equal(rows: Tensor) -> Callable[..., None]:
    """Asserts that an opened SAE encodes and decodes as a plain one does."""

    def check(sae, plain, rtol: float = 1e-4) -> None:
        z = plain.encode(rows)
        said = plain.decode(z)
        for found, expected in ((sae.encode(rows), z), (sae(rows), said)):
            scale = float(expected.abs().amax())
            torch.testing.assert_close(
                found.double(), expected, rtol=rtol, atol=rtol * scale
            )

    return check


@pytest.fixture
def saelens_folder(tmp_path: Path) -> Callable[..., Path]:
    """Writes a SAELens folder."""

    def write(architecture: str = "standard", w: Weights | None = None, **cfg) -> Path:
        folder = tmp_path / "my_saelens_sae"
        folder.mkdir(exist_ok=True)
        said = {
            "architecture": architecture,
            "d_in": D_MODEL,
            "d_sae": WIDTH,
            "dtype": "float32",
            "k": K,
            "metadata": {
                "sae_lens_version": "6.54.12",
                "model_name": "gpt2",
                "hook_name": "blocks.1.hook_resid_pre",
            },
        }
        (folder / "cfg.json").write_text(json.dumps(said | cfg))
        w = drawn_weights(architecture) if w is None else w
        save_file(w, folder / "sae_weights.safetensors")
        return folder

    return write


@pytest.fixture
def sparsify_folder(tmp_path: Path) -> Callable[..., Path]:
    """Writes a sparsify folder."""

    def write(w: Weights | None = None, **cfg) -> Path:
        folder = tmp_path / "my_sparsify_run" / "layers.1"
        folder.mkdir(parents=True, exist_ok=True)
        said = {"d_in": D_MODEL, "num_latents": WIDTH, "k": K, "activation": "topk"}
        (folder / "cfg.json").write_text(json.dumps(said | cfg))
        run = {"model": "EleutherAI/pythia-160m"}
        (folder.parent / "config.json").write_text(json.dumps(run))
        w = drawn_weights("topk") if w is None else w
        named = {
            "encoder.weight": w["W_enc"].T.contiguous(),
            "encoder.bias": w["b_enc"],
            "W_dec": w["W_dec"],
            "b_dec": w["b_dec"],
        }
        more = {n: one for n, one in w.items() if n == "W_skip"}
        save_file(named | more, folder / "sae.safetensors")
        return folder

    return write


@pytest.fixture
def dictionary_folder(tmp_path: Path) -> Callable[..., Path]:
    """Writes a dictionary_learning folder."""

    def write(kind: str, state: Weights, **trainer) -> Path:
        folder = tmp_path / "my_dictionary"
        folder.mkdir(exist_ok=True)
        said = {
            "dict_class": kind,
            "k": K,
            "layer": 1,
            "lm_name": "EleutherAI/pythia-70m-deduped",
            "submodule_name": "resid_post_layer_1",
        }
        config = json.dumps({"trainer": said | trainer})
        (folder / "config.json").write_text(config)
        torch.save(state, folder / "ae.pt")
        return folder

    return write


@pytest.fixture
def gemma_params(tmp_path: Path) -> Callable[..., Path]:
    """Writes a params.npz where the hub has it."""

    def write(repo: str = "gemma-scope-2b-pt-res", **more) -> Path:
        folder = tmp_path / repo / "layer_1/width_16k/average_l0_71"
        folder.mkdir(parents=True, exist_ok=True)
        arrays = {n: one.numpy() for n, one in drawn_weights("jumprelu").items()}
        np.savez(folder / "params.npz", **arrays, **more)
        return folder / "params.npz"

    return write


class SparseCoder(nn.Module):
    """As sparsify's: encode gives the largest activations and where they are."""

    def __init__(self, w: Weights, k: int = K) -> None:
        super().__init__()
        self.encoder = nn.Linear(D_MODEL, WIDTH)
        self.encoder.weight.data, self.encoder.bias.data = w["W_enc"].T, w["b_enc"]
        self.W_dec, self.b_dec = nn.Parameter(w["W_dec"]), nn.Parameter(w["b_dec"])
        self.cfg = SimpleNamespace(k=k, activation="topk")

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        pre = self.encoder(x - self.b_dec).relu()
        return *pre.topk(self.cfg.k, sorted=False), pre

    def decode(self, acts: Tensor, latents: Tensor) -> Tensor:
        return (acts[..., None] * self.W_dec[latents]).sum(-2) + self.b_dec


class AutoEncoderTopK(nn.Module):
    """As dictionary_learning's."""

    def __init__(self, w: Weights, k: int = K) -> None:
        super().__init__()
        self.b_dec = nn.Parameter(w["b_dec"])
        self.register_buffer("k", torch.tensor(k))
        self.register_buffer("threshold", torch.tensor(-1.0))
        self.decoder = nn.Linear(WIDTH, D_MODEL, bias=False)
        self.encoder = nn.Linear(D_MODEL, WIDTH)
        self.decoder.weight.data = w["W_dec"].T
        self.encoder.weight.data, self.encoder.bias.data = w["W_enc"].T, w["b_enc"]

    def encode(self, x: Tensor) -> Tensor:
        return kept_top(self.encoder(x - self.b_dec).relu())

    def decode(self, z: Tensor) -> Tensor:
        return self.decoder(z) + self.b_dec


@pytest.fixture
def sparse_coder() -> Callable[..., SparseCoder]:
    """`SparseCoder`."""
    return SparseCoder


@pytest.fixture
def top_k_object() -> Callable[..., AutoEncoderTopK]:
    """`AutoEncoderTopK`."""
    return AutoEncoderTopK
