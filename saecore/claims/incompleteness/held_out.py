"""Held-out rows, which none of the claim's SAEs was trained on, and what they do there.

Every study of the claim begins here; each SAE reads the rows once.
"""

from typing import Any, NamedTuple

from saecore.claims.incompleteness.grid import (
    StitchGrid,
    stitching_grid,
    world_stitching_grid,
)
from saecore.claims.sites import members, model_site, world_site
from saecore.measures.dictionary.encoded import Encoded, encoded
from saecore.profiles import Profile, WorldProfile
from saecore.report import Constants
from saecore.shapes import Rows
from saecore.zoo.store import Zoo

TEXTS = 256
"""Sampled texts whose rows are held out."""
HELD_OUT_ROWS = 32_768
"""Rows of the world that are held out."""
TOPK_WIDTHS = 2
"""TopK SAEs are read at so many of their widths, for contrast."""

ByWidth = dict[int, list[Encoded]]
"""SAEs by width, each width over its seeds."""


class HeldOut(NamedTuple):
    """The SAEs of one subject on held-out rows, and the constants that judge them."""

    rule: Constants
    """The constants of the claim's rule."""
    x: Rows
    """The rows, of which those of a text follow each other."""
    together: int
    """Rows of one text: they count as one observation."""
    saes: dict[str, ByWidth]
    """By architecture, "relu" and "topk"."""
    longer: tuple[Encoded, ...] = ()
    """The narrowest ReLU SAEs, trained longer; none in the world."""

    @property
    def groups(self) -> int:
        """Groups of rows, each of which is left out once for the intervals."""
        return int(self.rule["row_groups"])

    @property
    def widths(self) -> list[int]:
        """Widths of the ReLU SAEs, narrow to wide."""
        return list(self.saes["relu"])

    @property
    def base(self) -> tuple[str, int, int]:
        """The base pair of the rule: ReLU, the narrowest and one four times as wide."""
        return self.contrast("relu")

    def contrast(self, kind: str) -> tuple[str, int, int]:
        """An architecture, its narrowest width and one four times as wide."""
        narrow = min(self.saes[kind])
        return kind, narrow, 4 * narrow

    def seeds(self, kind: str, width: int) -> list[Encoded]:
        """SAEs of an architecture and width. Raises ValueError if there are none."""
        if width not in self.saes.get(kind, {}):
            raise ValueError(
                f"SAEs are held by architecture and width, {self._known()}, got "
                f"({kind!r}, {width}): ask for one of these"
            )
        return self.saes[kind][width]

    def _known(self) -> dict[str, list[int]]:
        return {kind: list(by_width) for kind, by_width in self.saes.items()}


def on_model(
    zoo: Zoo, profile: Profile, rule: Constants, saes: dict[Any, Any] | None = None
) -> HeldOut:
    """The SAEs on the residual stream of the profile's language model.

    `saes` are those of the grid by recipe, if they are at hand.
    """
    grid = stitching_grid(profile)
    grid = grid._replace(topk=dict(list(grid.topk.items())[:TOPK_WIDTHS]))
    saes = saes or zoo.get_all(members(grid))
    text = profile.length - 1
    rows = zoo.get(model_site(profile, sample=1))[-TEXTS * text :].clone()
    longer = tuple(encoded(saes[recipe], rows) for recipe in grid.longer)
    return HeldOut(rule, rows, text, _read(grid, saes, rows), longer)


def on_world(
    zoo: Zoo,
    profile: Profile,
    sizes: WorldProfile,
    rule: Constants,
    saes: dict[Any, Any] | None = None,
) -> HeldOut:
    """The SAEs on rows of the world of features, which are independent."""
    grid = world_stitching_grid(profile, sizes)
    saes = saes or zoo.get_all(members(grid))
    rows = zoo.get(world_site(profile, sizes))[-HELD_OUT_ROWS:].clone()
    return HeldOut(rule, rows, 1, _read(grid, saes, rows))


def _read(grid: StitchGrid, saes: dict[Any, Any], x: Rows) -> dict[str, ByWidth]:
    return {
        kind: {
            width: [encoded(saes[recipe], x) for recipe in recipes]
            for width, recipes in by_width.items()
        }
        for kind, by_width in grid.all_seeds.items()
    }
