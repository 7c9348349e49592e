"""A site: the place that rows come from, and its rows in a fixed order."""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.source.corpus import ReadText, SampledText
from saecore.source.language_model import LanguageModel, OpenModel
from saecore.source.seeds import stable_seed
from saecore.source.words import AskedWords, TextWords, asked_count, asked_rows, whole_word_places
from saecore.source.worlds import World, world_rows

WORLD_ROWS = 500_000


@runtime_checkable
class Planting(Protocol):
    """A source that takes the rows of another site and changes them."""

    @property
    def site(self) -> "Site":
        """The site whose rows are changed."""
        ...

    def plant(self, rows: Float[Tensor, "row d_model"]) -> Float[Tensor, "row d_model"]:
        """All rows of `site`, changed; as many, and as long."""
        ...


@dataclass(frozen=True)
class Site:
    """Where rows come from: a world, or one layer of a language model on text that it sampled itself, on text
    that another one sampled, on the words of its own text or on words that it is asked about; or another
    site whose rows are changed.

    `layer` is that of the residual stream after it (`blocks.{layer}.hook_resid_post`), None for a world and
    for changed rows. `sample` numbers disjoint samples of one source: other draws of the same world, other
    text of the same model. `rows` is how many; None asks for 500,000 rows of a world and for all that there
    are otherwise: for a text, every position but the first (the beginning-of-sequence token), which is also
    the only number that a text can have.
    """

    source: World | SampledText | ReadText | AskedWords | TextWords | Planting
    layer: int | None = None
    sample: int = 0
    rows: int | None = None

    def __post_init__(self) -> None:
        _check(self)

    @property
    def base(self) -> "Site":
        """The site that is read: the one whose rows are changed, or this one if none are."""
        return self.source.site.base if isinstance(self.source, Planting) else self

    @property
    def is_world(self) -> bool:
        """Whether the rows come from a world of features, changed or not."""
        return isinstance(self.base.source, World)

    @property
    def model(self) -> LanguageModel | None:
        """The language model that is read; None for a world."""
        source = self.base.source
        if isinstance(source, TextWords):
            return source.text.model
        return source.model if isinstance(source, SampledText | ReadText | AskedWords) else None

    @property
    def n_rows(self) -> int:
        """Number of rows; ValueError for words, whose number the language model decides."""
        source = self.base.source
        if isinstance(source, World):
            return WORLD_ROWS if self.base.rows is None else self.base.rows
        if isinstance(source, SampledText | ReadText):
            text = self.base.text
            return text.sequences * (text.length - 1)
        raise ValueError(
            f"how many words there are is known only when they are read (this site reads {source}): "
            "take the length of the rows themselves"
        )

    @property
    def text(self) -> SampledText:
        """The text that is read: the source's own for sample 0, the same with another seed otherwise."""
        text = self.source.text if isinstance(self.source, TextWords | ReadText) else self.source
        if not isinstance(text, SampledText):
            raise ValueError(
                f"only a language model's site has text, and only one that reads a sampled text, not this "
                f"one of {self.source}: use its rows"
            )
        if self.sample == 0:
            return text
        return dataclasses.replace(text, seed=stable_seed("sample", text.seed, self.sample))

    @property
    def hook_name(self) -> str:
        """The site's name in TransformerLens' terms; "world" for a world."""
        return "world" if self.is_world else f"blocks.{self.base.layer}.hook_resid_post"


def _check(site: Site) -> None:
    if isinstance(site.source, World | Planting):
        if site.layer is not None:
            raise ValueError(
                f"a world has no layers, and neither have changed rows, but layer={site.layer} was asked "
                "for: leave layer out"
            )
    elif site.layer is None or site.layer < 0:
        raise ValueError(
            f"a language model's site needs the number of a layer, 0 or above, not {site.layer}: pass layer="
        )
    if site.sample < 0:
        raise ValueError(
            f"samples are numbered from 0, but sample={site.sample} was asked for: pass 0, 1, ..."
        )
    if site.sample and isinstance(site.source, AskedWords | Planting):
        raise ValueError(
            f"asked words and changed rows have one sample only, but sample={site.sample} was asked for: "
            "leave it out (changed rows take the sample of the site that they change)"
        )
    _check_rows(site)


def _check_rows(site: Site) -> None:
    if isinstance(site.source, AskedWords | TextWords | Planting):
        if site.rows is not None:
            raise ValueError(
                f"words and changed rows are taken whole, but rows={site.rows} was asked for: leave rows out"
            )
        return
    if isinstance(site.source, SampledText | ReadText) and site.rows not in (None, site.n_rows):
        raise ValueError(
            f"a text's rows are all its positions but the first of each sequence, {site.n_rows} here, but "
            f"rows={site.rows} was asked for: leave rows out, or change sequences or length"
        )
    if site.n_rows < 1:
        raise ValueError(f"a site needs at least one row, but rows={site.rows} was asked for: raise rows")


def count_rows(
    site: Site, *, open_model: OpenModel | None = None, tokens: Int[Tensor, "seq pos"] | None = None
) -> int:
    """The number of rows of any site; words need the open model, and `TextWords` the tokens too."""
    source = site.base.source
    if isinstance(source, AskedWords) and open_model is not None:
        return asked_count(source, open_model)
    if isinstance(source, TextWords) and open_model is not None and tokens is not None:
        return int(whole_word_places(open_model, tokens).sum())
    return site.n_rows


def check_vocabularies(reader: OpenModel, writer: OpenModel) -> None:
    """Raise ValueError unless a reader's tokens are those of the writer (`ReadText`): as many, and the same
    ones.
    """
    words = [one.tokenizer.get_vocab() for one in (reader, writer)]
    if reader.vocab_size == writer.vocab_size and words[0] == words[1]:
        return
    raise ValueError(
        "a language model must have the vocabulary of the text that it reads, but "
        f"{reader.identity.name} has {reader.vocab_size} tokens and {writer.identity.name}, which wrote it, "
        f"{writer.vocab_size}, and they are not the same: take a reader of the same vocabulary, such as the "
        "writer's untrained twin"
    )


def planted(source: Planting, rows: Float[Tensor, "row d_model"]) -> Float[Tensor, "row d_model"]:
    """The rows of `source.site` as the source changes them; ValueError if their shape changes too."""
    changed = source.plant(rows)
    if changed.shape != rows.shape:
        raise ValueError(
            f"changed rows must be as many and as long as before, {tuple(rows.shape)}, but "
            f"{type(source).__name__} made {tuple(changed.shape)}: correct its plant()"
        )
    return changed


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
    if isinstance(site.source, Planting):
        yield planted(site.source, read_rows(site.source.site, open_model=open_model, tokens=tokens))
        return
    if open_model is None or (tokens is None and not isinstance(site.source, AskedWords)):
        raise ValueError("a language model's rows need the open model and its tokens: pass both")
    if site.layer is None or site.layer >= open_model.n_layers:
        raise ValueError(
            f"the site asks for layer {site.layer}, but the model has layers 0 to {open_model.n_layers - 1}: "
            "ask for one of these"
        )
    if isinstance(site.source, AskedWords):
        yield from asked_rows(site.source, open_model, site.layer)
    elif tokens is not None:
        every = torch.ones_like(tokens, dtype=torch.bool).index_fill_(1, torch.tensor([0]), False)
        places = whole_word_places(open_model, tokens) if isinstance(site.source, TextWords) else every
        for block, wanted in zip(tokens.split(sequences), places.split(sequences), strict=True):
            yield open_model.read(block, [site.layer])[site.layer].cpu()[wanted].float()
