"""How each kind of artefact is filled and read: sampled tokens, rows, SAEs, bases."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.source.activations import Planting, Site, count_rows, planted, row_blocks
from saecore.source.corpus import SampledText
from saecore.source.language_model import OpenModel
from saecore.source.seeds import stable_seed
from saecore.source.words import AskedWords, TextWords
from saecore.source.worlds import World
from saecore.zoo import recipe as recipes
from saecore.zoo.artefact import Damaged, MissedSparsity, write
from saecore.zoo.baselines import BaselineRecipe, fitted
from saecore.zoo.meta import MetaRecipe
from saecore.zoo.progress import Progress
from saecore.zoo.recipe import SAERecipe
from saecore.zoo.sae import SAE, configuration, read
from saecore.zoo.threads import one_thread
from saecore.zoo.train import Rows, Trained

TOLERANCE = 0.10  # share by which the L0 of a trained SAE may differ from the k that was asked for
META_TOLERANCE = 0.25  # the same for a meta-SAE, on the rows it was trained on


def tokens(folder: Path, text: SampledText, model: OpenModel) -> None:
    """Let the model sample the text; tokens.npy, int32."""
    generator = torch.Generator().manual_seed(stable_seed("text", text.seed))
    shown = Progress(f"text of {text.model.name}", text.sequences, unit="sequences")

    def fill(part: Path) -> dict[str, Any]:
        start = _seconds()
        with one_thread():
            sampled = model.sample(
                text.sequences,
                text.length,
                temperature=text.temperature,
                generator=generator,
                progress=lambda done: shown.advance(done - shown.done),
            )
        np.save(part / "tokens.npy", sampled.cpu().numpy().astype(np.int32))
        return {"seconds": _seconds() - start}

    write(folder, text, fill, size=4 * text.sequences * text.length)
    shown.close()


def world_rows(folder: Path, site: Site, world: World) -> None:
    """Draw the rows of a world; rows.npy."""
    shown = Progress(f"rows of {recipes.slug(site)}", site.n_rows)
    _write_rows(folder, site, row_blocks(site, progress=shown.advance), (site.n_rows, world.d_model))
    shown.close()


def model_rows(
    folder: Path, site: Site, model: OpenModel, tokens: Int[Tensor, "seq pos"] | None = None
) -> None:
    """Read the rows of a language model's site, on `tokens` if it is one of a text; rows.npy."""
    n = count_rows(site, open_model=model, tokens=tokens)
    shown = Progress(f"rows of {recipes.slug(site)}", n)
    blocks = row_blocks(site, open_model=model, tokens=tokens, progress=shown.advance)
    _write_rows(folder, site, blocks, (n, model.d_model))
    shown.close()


def planted_rows(folder: Path, site: Site, source: Planting, base: Float[Tensor, "row d_model"]) -> None:
    """Change the rows of another site; rows.npy."""
    _write_rows(folder, site, iter([planted(source, base)]), tuple(base.shape))


def _write_rows(folder: Path, site: Site, blocks: Iterator[Tensor], shape: tuple[int, ...]) -> None:
    def fill(part: Path) -> dict[str, Any]:
        start, done = _seconds(), 0
        out = np.lib.format.open_memmap(part / "rows.npy", mode="w+", dtype=np.float32, shape=shape)
        with one_thread():
            for block in blocks:
                out[done : done + len(block)] = block.numpy()
                done += len(block)
        out.flush()
        return {"seconds": _seconds() - start}

    write(folder, site, fill, size=4 * shape[0] * shape[1])


def sae(folder: Path, recipe: SAERecipe | MetaRecipe, trained: Trained, rows: Rows) -> str | None:
    """Write an SAE, unless its L0 after reading it back is off; the sentence that says so then."""
    from safetensors.torch import save_file

    def fill(part: Path) -> dict[str, Any]:
        cfg = cfg_of(recipe, len(rows.mean))
        (part / "cfg.json").write_text(json.dumps(cfg, indent=1) + "\n")
        save_file(
            {name: w.contiguous() for name, w in trained.weights.items()}, part / "sae_weights.safetensors"
        )
        measured = _measured(recipe, read(part), rows)
        end = {name: value for name, value in trained.log[-1].items() if name in ("silent", "penalty")}
        return (
            measured | end | {"seconds": trained.seconds, "peak_memory": _peak_memory(), "log": trained.log}
        )

    try:
        write(folder, recipe, fill, size=8 * recipe.width * len(rows.mean))
    except MissedSparsity as refusal:
        return str(refusal)
    return None


def _measured(recipe: SAERecipe | MetaRecipe, sae: SAE, rows: Rows) -> dict[str, float]:
    """L0 and FVU on the rows that were held back for it; of a meta-SAE, on those it was trained on, and, as
    l0_held and fvu_held, on those held back. Raises MissedSparsity.
    """
    if not isinstance(recipe, MetaRecipe):
        measured = _l0_and_fvu(sae, rows.check)
        _refuse(recipe.slug, measured["l0"], recipe.k, TOLERANCE, "held-back rows")
        return measured
    measured = _l0_and_fvu(sae, rows.train)
    _refuse(recipe.slug, measured["l0"], recipe.k, META_TOLERANCE, "the rows it was trained on")
    return measured | {f"{name}_held": value for name, value in _l0_and_fvu(sae, rows.check).items()}


def _refuse(slug: str, l0: float, k: float, tolerance: float, where: str) -> None:
    if abs(l0 - k) > tolerance * k:
        raise MissedSparsity(
            f"an SAE's L0 must be within {100 * tolerance:.0f} % of k, but {slug} has {l0:.2f} on {where} "
            f"and k={k:g}: train it on more rows, or ask for another k."
        )


def _l0_and_fvu(sae: SAE, rows: Float[Tensor, "row d_model"]) -> dict[str, float]:
    errors, active = 0.0, 0
    for x in rows.split(2048):
        latents = sae.encode(x)
        active += int((latents > 0).sum())
        errors += float((sae.decode(latents) - x).square().sum(dtype=torch.float64))
    spread = float((rows - rows.mean(0)).square().sum(dtype=torch.float64))
    return {"l0": active / len(rows), "fvu": errors / spread}


def baseline(folder: Path, recipe: BaselineRecipe, rows: Rows) -> None:
    """Fit a basis on the rows that training sees, and write it like an SAE."""
    from safetensors.torch import save_file

    def fill(part: Path) -> dict[str, Any]:
        start = _seconds()
        with one_thread():
            basis = fitted(recipe, rows.train)
        (part / "cfg.json").write_text(json.dumps(basis.cfg, indent=1) + "\n")
        save_file(basis.weights, part / "sae_weights.safetensors")
        return {"seconds": _seconds() - start}

    write(folder, recipe, fill, size=16 * (recipe.width or 2 * len(rows.mean)) * len(rows.mean))


def cfg_of(recipe: SAERecipe | MetaRecipe, d_model: int) -> dict[str, Any]:
    """The cfg.json of an SAE."""
    model = recipe.training.site.model
    place = f"W_dec of {recipe.sae.slug}" if isinstance(recipe, MetaRecipe) else recipe.site.hook_name
    metadata = {
        "model_name": "world" if model is None else model.name,
        "hook_name": place,
        "saecore_recipe": recipe.key,
        "prepend_bos": True,
    }
    return configuration(
        recipe.training.architecture, width=recipe.width, d_model=d_model, k=recipe.k, metadata=metadata
    )


def opened(folder: Path, recipe: Any, device: str = "cpu") -> Any:
    """What an artefact's folder holds: tokens, rows, or an SAE; raises Damaged if its shape is another."""
    if isinstance(recipe, SampledText):
        return read_tokens(folder, recipe)
    if isinstance(recipe, BaselineRecipe):
        return read(folder, device=device)
    return read_rows(folder, recipe) if isinstance(recipe, Site) else read_sae(folder, recipe, device)


def read_tokens(folder: Path, text: SampledText) -> Int[Tensor, "seq pos"]:
    tokens = torch.from_numpy(np.load(folder / "tokens.npy")).long()
    _expect(folder, tuple(tokens.shape), (text.sequences, text.length))
    return tokens


def read_rows(folder: Path, site: Site) -> Float[Tensor, "row d_model"]:
    rows = torch.from_numpy(np.load(folder / "rows.npy", mmap_mode="c"))
    if not isinstance(site.base.source, AskedWords | TextWords):
        _expect(folder, (len(rows),), (site.n_rows,))
    return rows


def read_sae(folder: Path, recipe: SAERecipe | MetaRecipe, device: str = "cpu") -> SAE:
    sae = read(folder, device=device)
    _expect(folder, (sae.width,), (recipe.width,))
    return sae


def _expect(folder: Path, found: tuple[int, ...], asked: tuple[int, ...]) -> None:
    if found != asked:
        raise Damaged(f"{folder} should hold an array of shape {asked} and holds one of shape {found}")


def _seconds() -> float:
    """CPU seconds of this process so far."""
    times = os.times()
    return times.user + times.system


def _peak_memory() -> int | None:
    """The largest resident size of this process so far, in bytes; None where the system does not say."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
