"""How each kind of artefact is made and opened; the one place that knows all kinds."""

import importlib
import operator
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.errors import MissedSparsity
from saecore.measures.dictionary.fidelity import fidelity
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.source.model.texts import Text
from saecore.source.site import Site
from saecore.threads import one_thread
from saecore.training.decoder_rows import given_rows
from saecore.training.initial import stackable
from saecore.training.trainer import Trained, TrainingRows, train
from saecore.zoo import baselines, toys
from saecore.zoo.artefact import (
    Advance,
    Maker,
    Refused,
    cpu_seconds,
    folder_of,
    peak_memory,
    write,
)
from saecore.zoo.disk import contents
from saecore.zoo.progress import Progress
from saecore.zoo.sae import SAE, configuration, read, save

TOLERANCE = 0.10
"""Share by which the L0 of a trained SAE may differ from the k that was asked for."""
SILENT_TOPK = 0.5  # of TopK, which can only be too low
META_TOLERANCE = 0.25
"""The same for a meta-SAE, on the rows it was trained on."""


class Kind(NamedTuple):
    """One kind of artefact."""

    make: Callable[[Maker, Sequence[Any], Advance], Refused]
    """Write artefacts that are `alike`; `Advance` hears of rows trained on."""
    open: Callable[[Path, Any, str], Any]
    """What lies in a folder, on a device; Damaged if it is not what the recipe asks
    for.
    """
    alike: Callable[[Any], Hashable] = lambda recipe: recipe
    """What recipes share that may be made in one go; by default each is alone."""
    together: Callable[[Any], int] = lambda recipe: 1
    """How many of them at most."""
    trained_on: Callable[[Any], int] = lambda recipe: 0
    """How many rows `Advance` will hear of."""
    lock: Callable[[Any], str] | None = None
    """The name of one lock for all that are alike; by default each has its own."""


def make_tokens(zoo: Maker, group: Sequence[Text], advance: Advance) -> Refused:
    """Let the model sample the text, or read it; tokens.npy, int32."""
    (text,) = group
    model = zoo.model(text.model)
    shown = Progress(f"text of {text.model.name}", text.sequences, unit="sequences")

    def fill(part: Path) -> dict[str, Any]:
        start = cpu_seconds()
        with one_thread():
            tokens = text.tokens(model, lambda done: shown.advance(done - shown.done))
        np.save(part / "tokens.npy", tokens.cpu().numpy().astype(np.int32))
        return {"seconds": cpu_seconds() - start}

    write(folder_of(zoo.root, text), text, fill, size=4 * text.sequences * text.length)
    shown.close()
    return {}


def make_rows(zoo: Maker, group: Sequence[Site], advance: Advance) -> Refused:
    """Read the rows of a site block after block; rows.npy, float32."""
    (site,) = group
    start = cpu_seconds()
    with one_thread():
        reading = site.read(zoo)
    shape = (reading.n, reading.d_model)
    shown = Progress(f"rows of {site.slug}", reading.n)

    def fill(part: Path) -> dict[str, Any]:
        done, head = 0, {"descr": "<f4", "fortran_order": False, "shape": shape}
        with one_thread(), (part / "rows.npy").open("wb") as file:
            np.lib.format.write_array_header_1_0(file, head)
            for block in reading.blocks:
                contents.check_rows(block, site.slug)
                file.write(block.contiguous().numpy().astype("<f4", copy=False).data)
                done += len(block)
                shown.advance(len(block))
        if done != reading.n:
            raise ValueError(
                f"a source must give as many rows as it says, but {site.slug} said "
                f"{reading.n} and gave {done}: correct its read()"
            )
        return {"seconds": cpu_seconds() - start}

    write(folder_of(zoo.root, site), site, fill, size=4 * reading.n * reading.d_model)
    shown.close()
    return {}


def make_saes(zoo: Maker, group: Sequence[SAERecipe], advance: Advance) -> Refused:
    """Train SAEs that differ in their seed alone, side by side."""
    return _train(zoo, group, zoo.split(group[0].site), advance)


def make_metas(zoo: Maker, group: Sequence[MetaRecipe], advance: Advance) -> Refused:
    """Train meta-SAEs of one SAE that differ in their seed alone, side by side."""
    return _train(zoo, group, given_rows(group[0], zoo), advance)


def _train(
    zoo: Maker,
    group: Sequence[SAERecipe | MetaRecipe],
    rows: TrainingRows,
    advance: Advance,
) -> Refused:
    refused: Refused = {}
    size = stackable(group[0].training, len(rows.mean))
    for part in (group[i : i + size] for i in range(0, len(group), size)):
        how, seeds = part[0].training, [one.training.seed for one in part]
        trained = train(how, seeds, rows, device=zoo.device, progress=advance)
        for one, got in zip(part, trained, strict=True):
            if sentence := write_sae(folder_of(zoo.root, one), one, got, rows):
                refused[one] = sentence
    return refused


def write_sae(
    folder: Path,
    recipe: SAERecipe | MetaRecipe,
    trained: Trained,
    rows: TrainingRows,
    how: dict[str, Any] | None = None,
) -> str | None:
    """Write an SAE, unless its L0 after reading it back is off; the sentence that says
    so. `how` it was trained, if not in one process, is noted.
    """

    def fill(part: Path) -> dict[str, Any]:
        save(part, cfg_of(recipe, len(rows.mean)), trained.weights)
        measured = _MEASURED[recipe.folder](recipe, read(part), rows)
        last = trained.log[-1]
        end = {name: last[name] for name in ("silent", "penalty") if name in last}
        spent = {"seconds": trained.seconds, "peak_memory": peak_memory()}
        if rows.massive:
            spent["massive_rows_left_out"] = rows.massive
        return measured | end | spent | (how or {}) | {"log": trained.log}

    try:
        write(folder, recipe, fill, size=8 * recipe.width * len(rows.mean))
    except MissedSparsity as refusal:
        return str(refusal)
    return None


def _measured(recipe: SAERecipe, sae: SAE, rows: TrainingRows) -> dict[str, float]:
    """L0 and FVU on the rows that were held back for it. Raises MissedSparsity."""
    measured = _l0_and_fvu(sae, rows.check)
    _refuse(recipe, measured["l0"], TOLERANCE, "held-back rows")
    return measured


def _meta_measured(
    recipe: MetaRecipe, sae: SAE, rows: TrainingRows
) -> dict[str, float]:
    """L0 and FVU on the rows it was trained on, and, as l0_held and fvu_held, on those
    held back. Raises MissedSparsity.
    """
    measured, held = _l0_and_fvu(sae, rows.train), _l0_and_fvu(sae, rows.check)
    _refuse(recipe, measured["l0"], META_TOLERANCE, "the rows it was trained on")
    return measured | {f"{name}_held": value for name, value in held.items()}


_MEASURED: dict[str, Callable[..., dict[str, float]]] = {
    "saes": _measured,
    "metas": _meta_measured,
}


def _refuse(
    recipe: SAERecipe | MetaRecipe, l0: float, tolerance: float, where: str
) -> None:
    """Raises MissedSparsity where L0 is off. TopK aims at nothing: of the k that it
    keeps only positive ones are active, and it is refused where most are not.
    """
    if recipe.training.architecture == "topk":
        tolerance = SILENT_TOPK
    if abs(l0 - recipe.k) > tolerance * recipe.k:
        raise MissedSparsity(
            f"an SAE's L0 must be within {100 * tolerance:.0f} % of k, but "
            f"{recipe.slug} has {l0:.2f} on {where} and k={recipe.k:g}: train it on "
            "more rows, or ask for another k."
        )


def _l0_and_fvu(sae: SAE, rows: Float[Tensor, "row d_model"]) -> dict[str, float]:
    found = fidelity(sae, rows)
    return {"l0": found.l0, "fvu": found.fvu}


def cfg_of(recipe: SAERecipe | MetaRecipe, d_model: int) -> dict[str, Any]:
    """The cfg.json of an SAE."""
    how = recipe.training
    model = how.site.model
    metadata = {
        "model_name": how.site.hook_name if model is None else model.name,
        "hook_name": recipe.hook_name,
        "saecore_recipe": recipe.key,
        "prepend_bos": True,
    }
    return configuration(
        how.architecture,
        width=recipe.width,
        d_model=d_model,
        k=recipe.k,
        metadata=metadata,
    )


def open_tokens(folder: Path, text: Text, device: str) -> Int[Tensor, "seq pos"]:
    """The tokens of a text."""
    shape = (text.sequences, text.length)
    return torch.from_numpy(contents.array(folder / "tokens.npy", "<i4", shape)).long()


def open_rows(folder: Path, site: Site, device: str) -> Float[Tensor, "row d_model"]:
    """Rows, read from the disk as they are used; changes to them stay in memory."""
    shape = (site.count, None)
    return torch.from_numpy(
        contents.array(folder / "rows.npy", "<f4", shape, mapped=True)
    )


def sae_at(folder: Path, recipe: Any, device: str) -> SAE:
    """An SAE or a meta-SAE."""
    sae = contents.stored_sae(folder, device)
    contents.expect_configuration(folder, sae, cfg_of(recipe, sae.d_model))
    return sae


def _trained_on(recipe: SAERecipe | MetaRecipe) -> int:
    return recipe.training.steps * recipe.training.batch


def _stackable(recipe: SAERecipe | MetaRecipe) -> int:
    return stackable(recipe.training)


_alike = operator.attrgetter("alike")
KINDS = {
    "tokens": Kind(make_tokens, open_tokens),
    "rows": Kind(make_rows, open_rows),
    "saes": Kind(make_saes, sae_at, _alike, _stackable, _trained_on),
    "metas": Kind(make_metas, sae_at, _alike, _stackable, _trained_on),
    "toys": Kind(
        toys.make, toys.open_toy, _alike, lambda toy: toys.AT_ONCE, lock=toys.lock
    ),
    "baselines": Kind(baselines.make, baselines.open_basis),
}
"""By the recipe's `folder`."""
ABOVE = {"explorers": "saecore.explorer.artefact"}
"""Kinds that a floor above makes, and the module whose `KIND` says how."""


def kind_of(recipe: Any) -> Kind:
    """How a recipe is made and opened."""
    if (home := ABOVE.get(recipe.folder)) is not None:
        return importlib.import_module(home).KIND
    return KINDS[recipe.folder]
