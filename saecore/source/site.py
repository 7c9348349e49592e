"""A site: the place that rows come from, and its rows in a fixed order.

A new `Source` is one file here and one line in `saecore.recipes.keys.HOMES`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.source.model.language_model import LanguageModel, OpenModel

DTYPES = ("float32", "bfloat16")
"""In which a language model can be run while its rows are read."""
ROW = 3e5
"""Cost of reading one row, in the units of `Source.price`."""


class RowBlocks(NamedTuple):
    """Rows as they are read: their number and length, then block after block."""

    n: int
    """How many there are."""
    d_model: int
    """How long each is."""
    blocks: Iterator[Float[Tensor, "row d_model"]]
    """All of them in their order, float32; they need not fit in memory."""


@runtime_checkable
class Given(Protocol):
    """What a source is given when it is read: the zoo, as far as it may know it."""

    def get(self, recipe: Any) -> Any:
        """What a recipe gives: the tokens of a text, the rows of another site."""
        ...

    def model(self, model: LanguageModel, dtype: str = "float32") -> OpenModel:
        """A language model, open, its weights and its stream in `dtype`."""
        ...

    def file(self, what: Any) -> Path:
        """Where a file lies that a source is made of."""
        ...


@runtime_checkable
class Source(Protocol):
    """A source of rows: a frozen dataclass that says what it rests on and how it is
    read.

    All of its fields are part of every key above it; what it says as a class or in
    methods is not.
    """

    layered: ClassVar[bool]
    """Whether a site must name a layer."""
    sampled: ClassVar[bool]
    """Whether there are other samples than sample 0."""
    whole: ClassVar[bool]
    """Whether rows are taken whole: a site may not say how many."""

    @property
    def model(self) -> LanguageModel | None:
        """The language model that is read; None where there is none."""
        ...

    def rests_on(self, site: "Site") -> tuple[Any, ...]:
        """The recipes that must be there first: a text, another site."""
        ...

    def count(self, site: "Site") -> int | None:
        """The number of rows; None where it is known only when they are read."""
        ...

    def place(self, site: "Site") -> str:
        """A readable name of what the site reads, without its sample."""
        ...

    def hook_name(self, site: "Site") -> str:
        """What is read, in TransformerLens' terms where it has one."""
        ...

    def price(self, site: "Site") -> float:
        """About how dear the rows are, in units of which a core of 2024 does 1e10 a
        second.
        """
        ...

    def read(self, site: "Site", given: Given) -> RowBlocks:
        """The rows, from what is given."""
        ...


@dataclass(frozen=True)
class Site:
    """Where rows come from: a source (a world, a text that a language model reads,
    words, a file, another site whose rows are changed), and which layer and sample of
    it.

    `layer` is that of the residual stream after it (`blocks.{layer}.hook_resid_post`),
    None where no language model is read. `sample` numbers disjoint samples of one
    source: other draws of the same world, other text of the same model. `rows` is how
    many; None asks for 500,000 rows of a world and for all that there are otherwise:
    for a text, every position but the first (the beginning-of-sequence token), which is
    also the only number that a text can have. `dtype` is that of the language model as
    it is read: in bfloat16 it takes half the memory, and rows, stored in float32 either
    way, are off (on the shipped model by 0.003 to 0.005 % of their centred variance).
    """

    folder: ClassVar[str] = "rows"

    source: Source
    layer: int | None = None
    sample: int = 0
    rows: int | None = None
    dtype: str = field(default="float32", metadata={"unsaid": "float32"})

    def __post_init__(self) -> None:
        _check(self)

    @property
    def model(self) -> LanguageModel | None:
        """The language model that is read; None where there is none."""
        return self.source.model

    @property
    def count(self) -> int | None:
        """Number of rows; None where it is known only when they are read."""
        return self.source.count(self)

    @property
    def n_rows(self) -> int:
        """Number of rows; ValueError for words, whose number the language model
        decides.
        """
        if (count := self.count) is None:
            raise ValueError(
                "how many words there are is known only when they are read (this site "
                f"reads {self.source}): take the length of the rows themselves"
            )
        return count

    @property
    def text(self) -> Any:
        """The text that is read (`SampledText`): for sample 0 the source's own, else
        one of another seed.
        """
        for one in self.needs:
            if one.folder == "tokens":
                return one
        raise ValueError(
            "only a language model's site has text, and only one that reads a sampled "
            f"text, not this one of {self.source}: use its rows"
        )

    @property
    def hook_name(self) -> str:
        """The site's name in TransformerLens' terms; "world" for a world."""
        return self.source.hook_name(self)

    @property
    def needs(self) -> tuple[Any, ...]:
        """The recipes that must be there first."""
        return self.source.rests_on(self)

    @property
    def cost(self) -> float:
        """About how dear the rows are (see `Source.price`)."""
        return self.source.price(self)

    @property
    def slug(self) -> str:
        """A readable name, not unique by itself."""
        sample = f"-sample{self.sample}" if self.sample else ""
        dtype = "" if self.dtype == "float32" else f"-{self.dtype}"
        return f"{self.source.place(self)}{sample}{dtype}"

    def read(self, given: Given) -> RowBlocks:
        """The rows, as many as `count` says; ValueError if the source has others to
        give.
        """
        reading = self.source.read(self, given)
        if self.count not in (None, reading.n):
            raise ValueError(
                f"a source must give as many rows as it says, but {self.slug} has "
                f"{self.count} and gives {reading.n}: correct its read()"
            )
        return reading


def _check(site: Site) -> None:
    source, name = site.source, type(site.source).__name__
    if source.layered and (site.layer is None or site.layer < 0):
        raise ValueError(
            "a language model's site needs the number of a layer, 0 or above, not "
            f"{site.layer}: pass layer="
        )
    if not source.layered and site.layer is not None:
        raise ValueError(
            f"a {name} has no layers, but layer={site.layer} was given: leave it out"
        )
    if site.sample < 0:
        raise ValueError(
            f"samples are numbered from 0, not {site.sample}: pass 0, 1, ..."
        )
    if site.sample and not source.sampled:
        raise ValueError(
            f"{name} has one sample only, not sample={site.sample}: leave it out"
        )
    known = DTYPES if source.layered else DTYPES[:1]
    if site.dtype not in known:
        raise ValueError(
            f"rows of {name} are read in {' or '.join(known)}, but dtype="
            f"{site.dtype!r} was asked for: leave it out"
        )
    _check_rows(site, name)


def _check_rows(site: Site, name: str) -> None:
    if site.source.whole and site.rows is not None:
        raise ValueError(
            f"rows of {name} are taken whole, but rows={site.rows} was asked for: "
            "leave rows out"
        )
    count = site.count
    if count is not None and site.rows not in (None, count):
        raise ValueError(
            f"{name} has {count} rows here (a text all its positions but the first of "
            f"each sequence), but rows={site.rows} was asked for: leave rows out, or "
            "change the source"
        )
    if count is not None and count < 1:
        raise ValueError(
            f"a site needs at least one row, but rows={site.rows} was given: raise it"
        )


def name_of(model: LanguageModel) -> str:
    """The language model's name as a folder's: 40 characters in at most 60 bytes."""
    said = "".join(c if c.isalnum() else "_" for c in model.name)[:40].lower()
    return said.encode()[:60].decode(errors="ignore")


def resid_post(site: Site) -> str:
    """TransformerLens' name of the residual stream after the site's layer."""
    return f"blocks.{site.layer}.hook_resid_post"


def layer_of(site: Site, model: OpenModel) -> int:
    """The site's layer; ValueError if the language model has no such layer."""
    if site.layer is None or site.layer >= model.n_layers:
        raise ValueError(
            f"the site asks for layer {site.layer}, but the model has layers 0 to "
            f"{model.n_layers - 1}: ask for one of these"
        )
    return site.layer


def stream_rows(
    site: Site,
    model: OpenModel,
    tokens: Int[Tensor, "seq pos"],
    places: Bool[Tensor, "seq pos"] | None = None,
    *,
    sequences: int = 64,
) -> RowBlocks:
    """The residual stream after the site's layer at some places of a text, by default
    at all but the first of each sequence; `sequences` of them at a time.
    """
    layer = layer_of(site, model)
    if places is None:
        places = torch.ones_like(tokens, dtype=torch.bool)
        places[:, 0] = False

    def blocks(places: Tensor) -> Iterator[Tensor]:
        parts = tokens.split(sequences), places.split(sequences)
        for block, wanted in zip(*parts, strict=True):
            yield model.read(block, [layer])[layer].cpu()[wanted].float()

    return RowBlocks(int(places.sum()), model.d_model, blocks(places))


def read_rows(
    site: Site, given: Given, *, progress: Callable[[int], None] | None = None
) -> Float[Tensor, "row d_model"]:
    """All rows of a site, float32, in their fixed order; makes rows, stores nothing.

    `progress` is called with the number of rows of every block that is done.
    """
    parts = []
    for block in site.read(given).blocks:
        parts.append(block)
        if progress is not None:
            progress(len(block))
    return torch.cat(parts)
