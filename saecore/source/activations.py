"""A site: the place that rows come from, and its rows in a fixed order."""

import dataclasses
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.source.corpus import SampledText
from saecore.source.language_model import OpenModel
from saecore.source.worlds import World, world_rows

WORLD_ROWS = 500_000


@dataclass(frozen=True)
class Site:
    """Where rows come from: a world, or one layer of a language model on text that it sampled itself.

    `layer` is that of the residual stream after it (`blocks.{layer}.hook_resid_post`), None for a world.
    `sample` numbers disjoint samples of one source: other draws of the same world, other text of the same
    model. `rows` is how many; None asks for 500,000 rows of a world and for every position but the first
    (the beginning-of-sequence token) of a text, which is also the only number that a text can have.
    """

    source: World | SampledText
    layer: int | None = None
    sample: int = 0
    rows: int | None = None

    def __post_init__(self) -> None:
        _check(self)

    @property
    def is_world(self) -> bool:
        """Whether the rows come from a world of features."""
        return isinstance(self.source, World)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        if isinstance(self.source, World):
            return WORLD_ROWS if self.rows is None else self.rows
        return self.source.sequences * (self.source.length - 1)

    @property
    def text(self) -> SampledText:
        """The text that is read: the source's own for sample 0, the same with another seed otherwise."""
        if isinstance(self.source, World):
            raise ValueError(
                f"only a language model's site has text, and this one is a world's ({self.source}): "
                "use its rows"
            )
        if self.sample == 0:
            return self.source
        return dataclasses.replace(self.source, seed=stable_seed("sample", self.source.seed, self.sample))

    @property
    def hook_name(self) -> str:
        """The site's name in TransformerLens' terms; "world" for a world."""
        return "world" if self.is_world else f"blocks.{self.layer}.hook_resid_post"


def stable_seed(*parts: object) -> int:
    """A seed of 31 bits from what it is for, such as ("order", 3): no two purposes ever share a seed.

    A world and an SAE's initialisation that share a seed are not independent: the SAE then starts on the
    truth.
    """
    digest = hashlib.sha256(repr(parts).encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def _check(site: Site) -> None:
    if isinstance(site.source, World):
        if site.layer is not None:
            raise ValueError(f"a world has no layers, but layer={site.layer} was asked for: leave layer out")
    elif site.layer is None or site.layer < 0:
        raise ValueError(
            f"a language model's site needs the number of a layer, 0 or above, not {site.layer}: pass layer="
        )
    elif site.rows not in (None, site.n_rows):
        raise ValueError(
            f"a text's rows are all its positions but the first of each sequence, {site.n_rows} here, but "
            f"rows={site.rows} was asked for: leave rows out, or change sequences or length"
        )
    if site.sample < 0:
        raise ValueError(
            f"samples are numbered from 0, but sample={site.sample} was asked for: pass 0, 1, ..."
        )
    if site.n_rows < 1:
        raise ValueError(f"a site needs at least one row, but rows={site.rows} was asked for: raise rows")


def read_rows(
    site: Site, *, open_model: OpenModel | None = None, tokens: Int[Tensor, "seq pos"] | None = None
) -> Float[Tensor, "row d_model"]:
    """All rows of a site, float32, in their fixed order (sequence after sequence, or as the world draws
    them).

    A language model's site needs `open_model` and the `tokens` of `site.text`. Makes rows, stores nothing.
    """
    return torch.cat(list(row_blocks(site, open_model=open_model, tokens=tokens)))


def row_blocks(
    site: Site,
    *,
    open_model: OpenModel | None = None,
    tokens: Int[Tensor, "seq pos"] | None = None,
    sequences: int = 64,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Float[Tensor, "row d_model"]]:
    """The rows of `read_rows` block after block (`sequences` sequences each), so that they need not fit in
    memory.

    `progress` is called with the number of rows of every block that is done.
    """
    for block in _blocks(site, open_model, tokens, sequences):
        yield block
        if progress is not None:
            progress(len(block))


def _blocks(
    site: Site, open_model: OpenModel | None, tokens: Tensor | None, sequences: int
) -> Iterator[Tensor]:
    if isinstance(site.source, World):
        yield world_rows(site.source, site.n_rows, sample=site.sample)
        return
    if open_model is None or tokens is None:
        raise ValueError("a language model's rows need the open model and its tokens: pass both")
    if site.layer is None or site.layer >= open_model.n_layers:
        raise ValueError(
            f"the site asks for layer {site.layer}, but the model has layers 0 to {open_model.n_layers - 1}: "
            "ask for one of these"
        )
    for block in tokens.split(sequences):
        stream = open_model.read(block, [site.layer])[site.layer]
        yield stream[:, 1:].reshape(-1, stream.shape[-1]).float().cpu()
