"""Numbers about released SAEs on activations of their language model: sparsity, error,
loss recovered, and what an inserted latent does (Leask et al. 2502.04878, table 2 and
figure 13).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.measures.algebra.intervals import bootstrap
from saecore.measures.dictionary.encoded import Encoded, encoded, residual
from saecore.measures.dictionary.fidelity import (
    ablation_edit,
    fvu,
    loss_recovered,
    splice,
)
from saecore.measures.stitching.cosine_proxy import max_cosine, roc
from saecore.measures.stitching.insertion import insertions
from saecore.others.models import open_any_model
from saecore.others.sites import StreamSite, stream_site
from saecore.papers.fetching import fetched_files, hub_files
from saecore.papers.opened import FetchedSAEs
from saecore.papers.releases import OwnNumbers, Release
from saecore.papers.seed_numbers import SEED_LEVEL
from saecore.source.model.language_model import OpenModel, open_model
from saecore.source.model.next_token import losses

MODEL_FILES = ("*.safetensors", "config.json", "tokenizer*", "*.model")
LOSS_TEXTS = 64
"""Texts on which losses are computed, six times for each SAE."""


class ReadTexts(NamedTuple):
    """A language model on texts, at the site of a release."""

    model: OpenModel
    tokens: Int[Tensor, "text pos"]
    site: StreamSite
    rows: Float[Tensor, "row d_model"]
    """In float32, without the first position of each text, centred if the release
    says so.
    """
    centred: bool

    @property
    def together(self) -> int:
        """Rows of one text."""
        return self.tokens.shape[1] - 1


def fetched_model(release: Release, *, device: str) -> OpenModel:
    """The release's language model, fetched if need be, in its dtype."""
    if Path(release.model).is_dir():
        return open_any_model(release.model, device=device)
    files = hub_files(release.model, "", MODEL_FILES)
    folder = fetched_files([one for one in files if "/" not in one.path])[0].parent
    return open_model(folder, device=device, dtype=release.dtype)


def read_texts(
    release: Release, model: OpenModel, tokens: Int[Tensor, "text pos"]
) -> ReadTexts:
    """Rows of the release's site. Raises ValueError where they are not finite, as in a
    precision that the model was not made for.
    """
    site = stream_site(release.hook_name, layers=model.n_layers)
    stream = model.read(tokens, [site.layer], site.kind, batch=8)[site.layer]
    rows = stream[:, 1:].flatten(0, 1).float()
    if release.centred:
        rows = rows - rows.mean(1, keepdim=True)
    if not bool(rows.isfinite().all()):
        raise ValueError(
            f"activations are finite numbers, but those of {release.model} in "
            f"{release.dtype} are not: correct dtype in book/papers.toml"
        )
    return ReadTexts(model, tokens, site, rows, release.centred)


def activation_numbers(
    saes: FetchedSAEs, read: ReadTexts, say: Callable[[str], None] = print
) -> OwnNumbers:
    """L0, MSE per coordinate, FVU and loss recovered of every SAE, and for neighbours
    in width how well a low decoder cosine tells the latents whose insertion lowers the
    error.

    Two SAEs are in memory at a time. Intervals are over texts.
    """
    numbers: OwnNumbers = {}
    before = None
    for i, one in enumerate(saes.saes):
        sae = _on(saes[i], read)
        now = encoded(sae, read.rows)
        numbers |= {f"{n}/{one.name}": x for n, x in _errors(now, read).items()}
        numbers |= {f"{n}/{one.name}": x for n, x in _recovered(sae, read).items()}
        if before is not None:
            pair = f"{one.name} in {saes.saes[i - 1].name}"
            numbers |= {f"{n}/{pair}": x for n, x in _proxy(before, now, read).items()}
        before = now
        said = numbers[f"MSE/{one.name}"]
        say(f"   {one.name}: MSE {said[0] if isinstance(said, list) else said:.3f}")
    return numbers


def _on(sae: Any, read: ReadTexts) -> Any:
    return sae.to(str(read.rows.device)) if hasattr(sae, "to") else sae


def _errors(one: Encoded, read: ReadTexts) -> OwnNumbers:
    rows, together = read.rows, read.together
    left = residual(one, rows)
    by_text = left.square().mean(1).double().cpu().view(-1, together).mean(1)
    draw = torch.Generator().manual_seed(0)
    error = bootstrap(by_text, generator=draw, level=SEED_LEVEL)
    return {
        "L0": float(one.l0),
        "MSE": list(error.triple),
        "FVU": fvu(rows, rows - left),
    }


def _recovered(sae: Any, read: ReadTexts) -> OwnNumbers:
    layer, tokens = read.site.post_layer, read.tokens[:LOSS_TEXTS]
    if layer is None:
        return {}
    mean, zero = read.rows.mean(0), torch.zeros_like(read.rows[0])
    edits = {
        "clean": None,
        "spliced": splice(sae),
        "zero": ablation_edit(zero),
        "mean": ablation_edit(mean),
    }
    cost = {
        name: float(losses(read.model, tokens, edit=_edit(layer, edit, read)).mean())
        for name, edit in edits.items()
    }
    try:
        found = loss_recovered(**cost)
    except ValueError:  # a model that does not need this layer
        return {}
    return {
        "loss recovered, zero": found.of_zero,
        "loss recovered, mean": found.of_mean,
    }


def _edit(layer: int, change: Any, read: ReadTexts) -> Any:
    """An edit in the model's own precision, on the stream as the SAEs read it: what
    centring takes off no layer norm sees.
    """
    if change is None:
        return None

    def edit(stream: Tensor) -> Tensor:
        x = stream.float()
        if read.centred:
            x = x - x.mean(-1, keepdim=True)
        return change(x).to(stream.dtype)

    return layer, edit


def _proxy(small: Encoded, large: Encoded, read: ReadTexts) -> OwnNumbers:
    found = insertions(small, large, read.rows, together=read.together)
    live = found.live.cpu()
    cosine = max_cosine(small, large).cpu()[live]
    curve = roc(cosine, (found.effect.cpu() < 0)[live])
    return {
        "AUC of the cosine": curve.auc,
        "share that lowers the error": curve.base,
        "live": int(live.sum()),
    }
