"""What was asked for: an SAE's recipe, and the key and the slug of any recipe.

A recipe is a frozen dataclass that contains its parents (SAE -> site -> world, or sampled text -> language
model), so one recipe is its full provenance.
"""

import dataclasses
import hashlib
import importlib
import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from saecore.source.activations import Planting, Site
from saecore.source.corpus import ReadText
from saecore.source.words import AskedWords, TextWords
from saecore.source.worlds import World

Architecture = Literal["topk", "batchtopk", "relu", "gated", "jumprelu", "matryoshka"]

# Raise a number when the same recipe would make something else; what is built from it gets a new key too.
BUILD = {"tokens": 1, "rows": 1, "saes": 2, "metas": 1, "toys": 1, "baselines": 1}

_HOMES = {
    "World": "saecore.source.worlds",
    "SampledText": "saecore.source.corpus",
    "ReadText": "saecore.source.corpus",
    "AskedWords": "saecore.source.words",
    "TextWords": "saecore.source.words",
    "Planted": "saecore.source.planted",
    "LanguageModel": "saecore.source.language_model",
    "Site": "saecore.source.activations",
    "SAERecipe": "saecore.zoo.recipe",
    "MetaRecipe": "saecore.zoo.meta",
    "BaselineRecipe": "saecore.zoo.baselines",
    "Toy": "saecore.source.toys",
    "ToyRecipe": "saecore.zoo.toys",
}


@dataclass(frozen=True)
class SAERecipe:
    """One sparse autoencoder: where its rows come from, its shape, and how it is trained.

    `width` latents; `k` of them active per row: exactly in TopK, on average in BatchTopK and Matryoshka; in
    ReLU, gated and JumpReLU a controller of the sparsity penalty aims at it. `seed` is the initialisation,
    `data_seed` the order of the batches, and neither knows of the other. `rows` is the number of rows seen
    in training (several passes over the site if it has fewer).

    Defaults: batches of 1,024 rows, Adam (.9, .99), 100 steps of warm-up, linear decay over the last
    quarter, learning rate 3e-3 (2e-3 from width 2,048 on), settled on a language model with d_model 160.
    `auxk` is the weight of the auxiliary loss by which silent latents reconstruct what is missing (1/32,
    Gao et al. 2406.04093, appendix A.2; half of d_model latents at most); a latent is silent after
    `silent_after` rows (there ten million, here fewer, as trainings are shorter). `prefixes` are the nested
    widths of Matryoshka (Bussmann et al. 2503.17547), by default width/16, /8, /4, /2, /1. `bandwidth` is
    that of JumpReLU's straight-through estimator, in units in which rows have mean square norm 1
    (Rajamanoharan et al. 2407.14435, section 3: 0.001; here larger, as short trainings with small batches
    see too few values that close).
    """

    site: Site
    architecture: Architecture
    width: int
    k: float
    seed: int = 0
    data_seed: int = 0
    rows: int = 2_000_000
    batch: int = 1024
    lr: float | None = None
    warmup: int = 100
    decay: float = 0.25
    auxk: float = 1 / 32
    silent_after: int = 100_000
    prefixes: tuple[int, ...] = ()
    bandwidth: float = 0.05

    def __post_init__(self) -> None:
        _check(self)

    @property
    def steps(self) -> int:
        """Number of training steps."""
        return self.rows // self.batch

    @property
    def learning_rate(self) -> float:
        """The peak learning rate: `lr`, or the rule by width."""
        return self.lr if self.lr is not None else 3e-3 if self.width < 2048 else 2e-3

    @property
    def training(self) -> "SAERecipe":
        """How it is trained: as it says itself."""
        return self

    @property
    def nested(self) -> tuple[int, ...]:
        """The nested widths: `prefixes` or their default for Matryoshka, else the whole width alone."""
        if self.architecture != "matryoshka":
            return (self.width,)
        return self.prefixes or tuple(sorted({max(1, self.width // n) for n in (16, 8, 4, 2, 1)}))

    def sweep(self, **axes: Iterable[Any]) -> list["SAERecipe"]:
        """This recipe with every combination of the values given for its fields, the last axis fastest."""
        names = {field.name for field in dataclasses.fields(self)}
        if wrong := sorted(set(axes) - names):
            raise ValueError(
                f"a sweep runs over fields of a recipe, which {wrong} are not: choose from {sorted(names)}"
            )
        combinations = itertools.product(*axes.values())
        return [dataclasses.replace(self, **dict(zip(axes, values, strict=True))) for values in combinations]

    @property
    def key(self) -> str:
        """sha256 of everything that was asked for."""
        return key(self)

    @property
    def slug(self) -> str:
        """A readable name, not unique by itself."""
        return slug(self)


def _check(recipe: SAERecipe) -> None:
    if recipe.architecture not in get_args(Architecture):
        known = ", ".join(get_args(Architecture))
        raise ValueError(
            f"an architecture is one of {known}, but {recipe.architecture!r} was asked for: choose one"
        )
    if recipe.width < 1 or not 0 < recipe.k <= recipe.width:
        raise ValueError(
            f"k must be above 0 and at most the width, but k={recipe.k} and width={recipe.width} were "
            "asked for: "
            "lower k or widen the SAE"
        )
    if recipe.architecture == "topk" and recipe.k != int(recipe.k):
        raise ValueError(
            f"TopK keeps a whole number of latents per row, not k={recipe.k}: round it, or take batchtopk"
        )
    if recipe.batch < 1 or recipe.rows < recipe.batch:
        raise ValueError(
            f"training must see at least one batch of rows, but rows={recipe.rows} and "
            f"batch={recipe.batch} were "
            "asked for: raise rows or lower batch"
        )
    if recipe.lr is not None and recipe.lr <= 0:
        raise ValueError(
            f"the learning rate must be above 0, but lr={recipe.lr} was asked for: leave it out for the rule"
        )
    if not (0 <= recipe.decay <= 1 and recipe.warmup >= 0 and recipe.auxk >= 0 and recipe.bandwidth > 0):
        raise ValueError(
            "decay must lie in [0, 1], warmup and auxk be at least 0 and bandwidth above 0, but "
            f"decay={recipe.decay}, "
            f"warmup={recipe.warmup}, auxk={recipe.auxk}, bandwidth={recipe.bandwidth} were asked "
            "for: correct them"
        )
    _check_prefixes(recipe)


def _check_prefixes(recipe: SAERecipe) -> None:
    if not recipe.prefixes:
        return
    rising = all(a < b for a, b in itertools.pairwise((0, *recipe.prefixes)))
    if recipe.architecture != "matryoshka" or not rising or recipe.prefixes[-1] != recipe.width:
        raise ValueError(
            f"prefixes are Matryoshka's nested widths, rising up to the width, but {recipe.prefixes} "
            "were asked for with "
            f"{recipe.architecture} of width {recipe.width}: correct them or leave them out"
        )


def canonical(recipe: Any) -> Any:
    """A recipe as plain lists, dicts, strings and numbers, with the names of the classes: what the key is
    made of.
    """
    if dataclasses.is_dataclass(recipe) and not isinstance(recipe, type):
        fields = {field.name: canonical(getattr(recipe, field.name)) for field in dataclasses.fields(recipe)}
        return {"class": type(recipe).__name__, **fields}
    if isinstance(recipe, (tuple, list)):
        return [canonical(part) for part in recipe]
    if isinstance(recipe, float) and recipe.is_integer():
        return int(recipe)  # k=4 and k=4.0 are the same
    if recipe is None or isinstance(recipe, (str, int, float, bool)):
        return recipe
    raise TypeError(
        f"a recipe holds recipes, tuples, strings and numbers only, but {recipe!r} is a "
        f"{type(recipe).__name__}: "
        "turn it into one of these"
    )


def restored(value: Any) -> Any:
    """The recipe that `canonical` described."""
    if isinstance(value, list):
        return tuple(restored(part) for part in value)
    if not isinstance(value, dict):
        return value
    if (name := value.get("class")) not in _HOMES:
        raise ValueError(
            f"a recipe's class is one of {sorted(_HOMES)}, but the description says {name!r}: delete it"
        )
    cls = getattr(importlib.import_module(_HOMES[name]), name)
    return cls(**{field: restored(part) for field, part in value.items() if field != "class"})


def kind(recipe: Any) -> str:
    """Which part of the zoo a recipe belongs to: "tokens", "rows", "saes", "metas", "toys" or
    "baselines"."""
    kinds = {"SAERecipe": "saes", "MetaRecipe": "metas", "ToyRecipe": "toys", "Site": "rows"}
    kinds |= {"BaselineRecipe": "baselines"}
    return kinds.get(type(recipe).__name__, "tokens")


def key(recipe: Any) -> str:
    """sha256 of the whole recipe and of the builds it rests on, as 64 hexadecimal digits."""
    builds = list(itertools.takewhile(lambda name: name != kind(recipe), BUILD)) + [kind(recipe)]
    asked = {"build": {name: BUILD[name] for name in builds}, "recipe": canonical(recipe)}
    return hashlib.sha256(json.dumps(asked, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def slug(recipe: Any) -> str:
    """A readable name for a folder; with the first twelve digits of the key it is unique."""
    if isinstance(recipe, SAERecipe):
        own = f"{recipe.architecture}-w{recipe.width}-k{recipe.k:g}-seed{recipe.seed}"
        order = f"-order{recipe.data_seed}" if recipe.data_seed else ""
        return f"{own}{order}-{slug(recipe.site)}"
    if kind(recipe) in ("metas", "toys", "baselines"):
        return recipe.slug
    if isinstance(recipe, Site):
        place = _place(recipe)
        return f"{place}-sample{recipe.sample}" if recipe.sample else place
    return f"{_name(recipe)}-seed{recipe.seed}"


def _place(site: Site) -> str:
    """What a site reads, and how."""
    source = site.source
    if isinstance(source, World):
        return f"world{source.seed}"
    if isinstance(source, Planting):
        return f"{type(source).__name__.lower()}-{slug(source.site)}"
    before = {AskedWords: "asked-", TextWords: "textwords-"}.get(type(source), "")
    written = f"-reads-{_name(source.text)}" if isinstance(source, ReadText) else ""
    return f"{before}{_name(site)}{written}-layer{site.layer}"


def _name(reader: Any) -> str:
    """The language model's name, as far as a folder can be called that."""
    return "".join(c if c.isalnum() else "_" for c in reader.model.name)[:40].lower()
