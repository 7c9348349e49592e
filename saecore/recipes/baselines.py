"""The recipe of a basis that SAEs are compared with: coordinates, random directions,
PCA or ICA.
"""

from dataclasses import dataclass
from typing import ClassVar

from saecore.recipes import keys
from saecore.source.site import Site

_KINDS = ("coordinates", "random", "pca", "ica")
BASIS = 2e11
"""Cost of a basis, in the units of `Recipe.cost`."""


@dataclass(frozen=True)
class BaselineRecipe:
    """A basis for the rows of a site.

    `width` is the number of random directions (by default d_model), `fit_rows` the
    number of training rows that ICA is fitted on, `seed` draws the random directions,
    those rows, and where ICA begins.
    """

    folder: ClassVar[str] = "baselines"

    site: Site
    kind: str
    width: int | None = None
    seed: int = 0
    fit_rows: int = 40_000

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise ValueError(
                f"a basis is one of {', '.join(_KINDS)}, but {self.kind!r} was asked "
                "for: choose one"
            )
        if self.width is not None and self.kind != "random":
            raise ValueError(
                "only random directions have a width of their own, but "
                f"width={self.width} was asked for with {self.kind}: leave it out"
            )

    @property
    def needs(self) -> tuple[Site]:
        """Its rows."""
        return (self.site,)

    @property
    def cost(self) -> float:
        """That of ICA."""
        return BASIS

    @property
    def key(self) -> str:
        """sha256 of everything that was asked for."""
        return keys.key(self)

    @property
    def slug(self) -> str:
        """A readable name, not unique by itself."""
        size = "" if self.width is None else f"-w{self.width}"
        return f"{self.kind}{size}-seed{self.seed}-{self.site.slug}"
