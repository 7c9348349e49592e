"""Folders of language models: where each lies, and untrained twins, the control of
claims about what a language model has learnt.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from saecore.errors import ZooError
from saecore.places import as_others
from saecore.profiles import MODELS_OF_THE_BOOK, TINY
from saecore.seeding import stable_seed
from saecore.source.model.language_model import (
    LOCAL,
    BadModelFolder,
    LanguageModel,
    identify,
    refusal,
)
from saecore.zoo.artefact import locked, put, room
from saecore.zoo.disk.leftovers import removed
from saecore.zoo.disk.note import is_plain, read_note

PLACE = "models"
MARK = "fingerprint"
"""The file beside a twin that says what was written."""
OF_THE_BOOK = tuple(name.replace("/", "--") for name in MODELS_OF_THE_BOOK)
"""Names under which the zoo knows the book's own models, whatever else it holds."""


@cache
def known_as(model: LanguageModel, root: Path) -> LanguageModel:
    """A language model under the name that the zoo in `root` knows it by: a folder that
    was renamed or moved holds the same model, of which nothing is made again.

    Names are part of keys. Texts and rows note the models that they rest on; a model
    keeps its name where something is of that name, and the book's own always do.
    """
    if model.name in OF_THE_BOOK:
        return model
    notes = [note for kind in ("tokens", "rows") for note in root.glob(f"{kind}/*")]
    names = {name for note in notes for name in _names_in(note, model.fingerprint)}
    if not names or model.name in names:
        return model
    return replace(model, name=min(names))


def _names_in(folder: Path, fingerprint: str) -> Iterator[str]:
    """What an artefact's recipe calls the language model of a fingerprint."""
    try:
        parts = [read_note(folder)["recipe"]]
    except (ZooError, OSError):
        return
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            if part.get("fingerprint") == fingerprint:
                yield str(part.get("name"))
            parts += part.values()


def folder_holding(
    model: LanguageModel, known: Mapping[LanguageModel, str | Path], root: Path
) -> str | Path:
    """The folder of a language model: one that is known, the one that ships with
    saecore, or an untrained twin under the zoo's root.

    Raises ZooError if it is none of these, or if the known folder holds another model
    by now.
    """
    folder = known.get(model)
    if folder is None and (TINY / "config.json").is_file() and identify(TINY) == model:
        return TINY
    if folder is None:
        folder = dict(untrained_models(root)).get(model)
    if folder is None:
        raise ZooError(
            f"the folder of the language model {model.name} "
            f"({model.fingerprint[:12]}) must be known to make "
            "this, but it is not: pass places={identify(folder): folder} to Zoo"
        )
    if (found := identify(folder)).fingerprint != model.fingerprint:
        raise ZooError(
            f"{folder} must hold the language model {model.name} "
            f"({model.fingerprint[:12]}), but it holds {found.name} "
            f"({found.fingerprint[:12]}): point to the right folder, or ask with "
            "identify(folder)"
        )
    return folder


def untrained_model(folder: str | Path, *, root: Path, seed: int = 0) -> Path:
    """The folder, under the zoo's `root`, of a language model like the one in `folder`
    before any training.

    Configuration and tokeniser are those of `folder`; the weights are drawn anew by
    transformers' own rule for that architecture (for most: normal with the
    configuration's initializer_range, norms one, biases zero), from `seed`. Written
    once; a damaged twin is written again. Every zoo of this root finds it by
    `identify(folder)`. Its own text is noise; let it read what its original wrote
    (`ReadText`), or words that are asked about (`AskedWords`).

    Raises BadModelFolder if `folder` holds no language model, and DiskFull if there is
    no room for the twin.
    """
    folder = Path(folder)
    twin = _twin(folder, root, seed)
    if not _whole(twin):
        with locked(twin.parent):
            if not _whole(twin):
                _write(folder, twin, seed)
    return twin


def written_twin(folder: str | Path, *, root: Path, seed: int = 0) -> LanguageModel:
    """The identity of the untrained twin if it lies under `root`; else one of its name
    without a fingerprint, of which nothing can have been made. Writes nothing.
    """
    twin = _twin(Path(folder), root, seed)
    return identify(twin) if _whole(twin) else LanguageModel(twin.name, "")


def untrained_models(root: Path) -> Iterator[tuple[LanguageModel, Path]]:
    """Every twin under a zoo's root, and where it lies."""
    for mark in sorted((root / PLACE).glob(f"*/{MARK}")):
        if mark.parent.name.startswith("."):
            continue
        for twin in mark.parent.iterdir():
            if twin.is_dir() and _whole(twin):
                yield identify(twin), twin


def _twin(folder: Path, root: Path, seed: int) -> Path:
    """The last name is that of the twin, the one before tells its original and its
    seed.
    """
    original = known_as(identify(folder), root)
    return (
        root
        / PLACE
        / f"{original.fingerprint[:12]}-seed{seed}"
        / f"untrained-{original.name}"
    )


def _whole(twin: Path) -> bool:
    try:
        mark = twin.parent / MARK
        return is_plain(mark) and identify(twin).fingerprint == mark.read_text()
    except (BadModelFolder, OSError):
        return False


def _write(folder: Path, twin: Path, seed: int) -> None:
    part = twin.parent.parent / f".{twin.parent.name}.part"
    removed(part)
    size = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    try:
        with room(twin.parent, size):
            new = part / twin.name
            for one in _drawn(folder, seed):
                one.save_pretrained(new)
            (part / MARK).write_text(identify(new).fingerprint)
            as_others(part)
            put(part, twin.parent)
    finally:
        removed(part)


def _drawn(folder: Path, seed: int) -> tuple[Any, Any]:
    """A model like the one in `folder` with new weights, and its tokeniser."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        config = AutoConfig.from_pretrained(folder, **LOCAL)
        with torch.random.fork_rng(
            devices=[]
        ):  # transformers draws from the global generator
            torch.manual_seed(stable_seed("untrained model", seed))
            model = AutoModelForCausalLM.from_config(
                config, dtype=torch.float32, trust_remote_code=False
            )
        return model, AutoTokenizer.from_pretrained(folder, **LOCAL)
    except Exception as reason:
        raise refusal(folder, reason) from reason
