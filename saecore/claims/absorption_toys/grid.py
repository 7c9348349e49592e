"""Which toy SAEs the page on absorption asks for; fixed before the run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from saecore.recipes.toys import ToyRecipe
from saecore.source.worlds import toys as worlds
from saecore.source.worlds.toys import Toy
from saecore.source.worlds.trees import Tree

JUDGED_SEEDS, SEEDS, FEW_SEEDS = 40, 10, 3
"""Of the two settings that the verdict rests on; of a setting; of a cell of a map."""
TOY_PENALTY = 1e-2
PENALTIES = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
ALONE = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.0)
"""Share of the child's firings that are without its parent."""
GIVEN = (0.05, 0.2, 0.8)
"""Share of the parent's firings that are with its child, in a hierarchy."""
MAGNITUDES = (0.25, 4.0)
"""Of the child, where it is not that of its parent."""
PAPER_TRAINING: dict[str, Any] = {
    "penalty": 3e-5,
    "lr": 3e-4,
    "batch": 4096,
    "steps": 24_450,
}
"""The paper's penalty and learning rate, and its 100 million rows."""
MANY_BATCHTOPK: dict[str, Any] = {
    "variant": "batchtopk",
    "width": worlds.MANY.n_features,
    "k": 2,
    "penalty": 0.0,
    "steps": 4000,
}
CHANGES: dict[str, dict[str, Any]] = {
    "tied": {"variant": "tied"},
    "tied, no biases": {"variant": "tied", "biases": False},
    "narrow": {"width": 3},
}
"""Of the SAE: what is done against absorption, and too narrow a dictionary."""


TREE = Tree()
_Cells = dict[tuple[float, float], list[ToyRecipe]]


class ToyGrid(NamedTuple):
    """The recipes of the page; each list is one setting over its seeds."""

    experiments: dict[str, list[ToyRecipe]]
    """E1, E2, E4, E5, E6 of the paper, by name; E2 as the paper trains it; and E6
    without a hierarchy.
    """
    fixes: dict[str, list[ToyRecipe]]
    """What is done against absorption, and too narrow a dictionary, on the
    hierarchy.
    """
    controls: dict[str, list[ToyRecipe]]
    """The same on independent features."""
    graded: dict[float, list[ToyRecipe]]
    """The imperfect hierarchy of E5 by penalty, all seeds."""
    alone: dict[tuple[float, float], list[ToyRecipe]]
    """By (share of the child's firings without its parent, penalty), few seeds."""
    given: dict[tuple[float, float], list[ToyRecipe]]
    """Hierarchies by (share of the parent's firings with the child, penalty), few
    seeds.
    """
    magnitudes: dict[float, list[ToyRecipe]]
    """The hierarchy by the magnitude of its child."""
    trees: dict[str, list[ToyRecipe]]
    """Twelve features in a tree, with an L1 penalty and with Matryoshka besides."""

    def recipes(self) -> list[ToyRecipe]:
        """All of them, each once."""
        lists: list[Sequence[ToyRecipe]] = []
        for part in self:
            assert isinstance(part, Mapping)
            lists += part.values()
        return list(dict.fromkeys(recipe for some in lists for recipe in some))


def toy_grid(*, world_seed: int = 0) -> ToyGrid:
    """The recipes for one world seed, which gives seeds of their own to everything."""

    def over_seeds(toy: Toy | Tree, count: int = SEEDS, **more: Any) -> list[ToyRecipe]:
        first = world_seed * JUDGED_SEEDS
        return [
            ToyRecipe(toy, seed=first + i, **{"penalty": TOY_PENALTY, **more})
            for i in range(count)
        ]

    def maps(toy: Callable[[float], Toy], shares: Sequence[float]) -> _Cells:
        return {
            (share, penalty): over_seeds(toy(share), FEW_SEEDS, penalty=penalty)
            for share in shares
            for penalty in PENALTIES
        }

    changes = CHANGES.items()
    return ToyGrid(
        experiments={
            "independent": over_seeds(worlds.INDEPENDENT, JUDGED_SEEDS),
            "hierarchy": over_seeds(worlds.HIERARCHY, JUDGED_SEEDS),
            "hierarchy, as the paper trains": over_seeds(
                worlds.HIERARCHY, **PAPER_TRAINING
            ),
            "noisy magnitude": over_seeds(worlds.NOISY),
            "imperfect hierarchy": over_seeds(worlds.IMPERFECT),
            "BatchTopK": over_seeds(worlds.MANY, **MANY_BATCHTOPK),
            "BatchTopK, independent": over_seeds(
                replace(worlds.MANY, given_parent=None), **MANY_BATCHTOPK
            ),
        },
        fixes={name: over_seeds(worlds.HIERARCHY, **more) for name, more in changes},
        controls={
            name: over_seeds(worlds.INDEPENDENT, **more) for name, more in changes
        },
        graded={
            penalty: over_seeds(worlds.IMPERFECT, penalty=penalty)
            for penalty in PENALTIES
        },
        alone=maps(co_occurring, ALONE),
        given=maps(hierarchy, GIVEN),
        magnitudes={
            child: over_seeds(replace(worlds.HIERARCHY, child_magnitude=child))
            for child in MAGNITUDES
        },
        trees={
            name: over_seeds(TREE, variant=variant, width=TREE.n_features)
            for name, variant in (("L1", "relu"), ("Matryoshka", "matryoshka"))
        },
    )


def co_occurring(alone: float) -> Toy:
    """The child fires in 0.05 of all rows, in a share `alone` of these without its
    parent.
    """
    return Toy(given_parent=0.2 * (1 - alone))


def hierarchy(given: float) -> Toy:
    """The child fires in a share `given` of its parent's rows, and nowhere else."""
    return Toy(probability=(0.25, 0.25 * given, 0.05, 0.05), given_parent=given)
