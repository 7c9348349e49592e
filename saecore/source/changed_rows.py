"""What sources have in common that make new rows of the stored rows of a site."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from saecore.source.model.language_model import LanguageModel
from saecore.source.site import Given, RowBlocks, Site


class ChangedRows(ABC):
    """As many rows as a site has, made of them: a source inherits it and says `blocks`,
    its `called` for slugs, and what it `costs`.
    """

    layered: ClassVar[bool] = False
    sampled: ClassVar[bool] = False
    whole: ClassVar[bool] = True
    called: ClassVar[str]
    """How the slug of its rows begins."""
    costs: ClassVar[float]
    """The cost of making them, in the units of `Source.price`."""

    site: Site
    """The site whose rows are changed; a field of the dataclass that inherits this."""

    @abstractmethod
    def blocks(
        self, rows: Float[Tensor, "row d_model"]
    ) -> Iterator[Float[Tensor, "part d_model"]]:
        """The new rows, block after block."""

    @property
    def model(self) -> LanguageModel | None:
        """That of the site."""
        return self.site.model

    def rests_on(self, site: Site) -> tuple[Site]:
        """The site."""
        return (self.site,)

    def count(self, site: Site) -> int | None:
        """As many as there were."""
        return self.site.count

    def place(self, site: Site) -> str:
        """That of the site, after what it is called."""
        return f"{self.called}-{self.site.slug}"

    def hook_name(self, site: Site) -> str:
        """That of the site."""
        return self.site.hook_name

    def price(self, site: Site) -> float:
        """About the same for all."""
        return self.costs

    def read(self, site: Site, given: Given) -> RowBlocks:
        """The new rows, of the site's stored ones."""
        rows = given.get(self.site)
        return RowBlocks(len(rows), rows.shape[1], self.blocks(rows))
