"""What has to be made, in which order, and what may be made side by side."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from saecore.source.activations import Planting, Site
from saecore.source.corpus import SampledText
from saecore.source.words import AskedWords
from saecore.source.worlds import World
from saecore.zoo.baselines import BaselineRecipe
from saecore.zoo.block import stackable
from saecore.zoo.meta import MetaRecipe
from saecore.zoo.recipe import SAERecipe

Trainable = SAERecipe | MetaRecipe

# Rough costs, in the units of `work`, of which a core of 2024 does about 1e10 a second.
TOKEN, ROW, ASKED, PLANTING, BASIS = 1.3e6, 3e5, 1e11, 3e9, 2e11


class Job(NamedTuple):
    """What one process makes in one go."""

    make: tuple[Any, ...]
    """One text, one site, one basis, or SAEs that differ in their seed alone."""
    needs: frozenset[Any]
    """What must be there first, as far as it is missing too."""


def jobs(missing: Iterable[Any], there: Callable[[Any], bool]) -> list[Job]:
    """The jobs that make what is missing, and what that rests on if it is not `there` either: texts first,
    then rows, each after what it needs; then bases, and the SAEs, the dearest first.
    """
    wanted = dict.fromkeys(missing)
    for recipe in list(wanted):
        while (recipe := rests_on(recipe)) is not None and recipe not in wanted and not there(recipe):
            wanted[recipe] = None
    texts = [one for one in wanted if isinstance(one, SampledText)]
    sites = sorted((one for one in wanted if isinstance(one, Site)), key=_depth)
    bases = [one for one in wanted if isinstance(one, BaselineRecipe)]
    single = [(one,) for one in (*texts, *sites, *bases)]
    groups = grouped([one for one in wanted if isinstance(one, Trainable)])
    return [
        Job(make, frozenset({rests_on(make[0])} & set(wanted))) for make in (*single, *map(tuple, groups))
    ]


def rests_on(recipe: Any) -> Any | None:
    """What an artefact is made of: an SAE or a basis of its rows, rows of their text or of other rows; None
    for what needs nothing (and for a meta-SAE, whose SAE is asked for before).
    """
    if isinstance(recipe, SAERecipe | BaselineRecipe):
        return recipe.site
    if not isinstance(recipe, Site) or isinstance(recipe.source, World | AskedWords):
        return None
    return recipe.source.site if isinstance(recipe.source, Planting) else recipe.text


def _depth(site: Site) -> int:
    return 1 + _depth(site.source.site) if isinstance(site.source, Planting) else 0


def grouped(missing: Sequence[Trainable]) -> list[list[Trainable]]:
    """Recipes that differ in their seed alone together, as many as may be worth stacking; the dearest first.

    A meta-SAE on rows without structure stays alone, as its seed draws its rows too.
    """
    alike: dict[Trainable, list[Trainable]] = {}
    for one in missing:
        alone = isinstance(one, MetaRecipe) and one.rows != "decoder"
        alike.setdefault(one if alone else replace(one, seed=0), []).append(one)
    groups = []
    for one, members in alike.items():
        size = stackable(one.training)
        groups += [members[i : i + size] for i in range(0, len(members), size)]
    return sorted(groups, key=lambda group: -work(group))


def work(recipes: Iterable[Any]) -> float:
    """A rough measure of what making them costs: for SAEs rows x latents, at 100 numbers a row."""
    return sum(_work(one) for one in recipes)


def _work(recipe: Any) -> float:
    if isinstance(recipe, Trainable):
        return 100.0 * recipe.training.rows * recipe.width
    if isinstance(recipe, SampledText):
        return TOKEN * recipe.sequences * recipe.length
    if isinstance(recipe, BaselineRecipe):
        return BASIS
    if isinstance(recipe.source, Planting):
        return PLANTING
    if isinstance(recipe.source, AskedWords):
        return ASKED
    return ROW * (recipe.n_rows if recipe.is_world else recipe.text.sequences * recipe.text.length)


class Queue:
    """Jobs, given out in their order to several threads, each as soon as what it needs is there."""

    def __init__(self, planned: Sequence[Job]) -> None:
        self.waiting = list(planned)
        self.left = {recipe for job in planned for recipe in job.make}
        self.changed = threading.Condition()

    def take(self) -> Job | None:
        """The next job; waits until there is one that can be done, None when all are taken."""
        with self.changed:
            while self.waiting:
                for job in self.waiting:
                    if not job.needs & self.left:
                        self.waiting.remove(job)
                        return job
                self.changed.wait()
            return None

    def done(self, job: Job) -> None:
        """A job has been done: others may be able to start."""
        with self.changed:
            self.left -= set(job.make)
            self.changed.notify_all()

    def stop(self) -> None:
        """Give out no more."""
        with self.changed:
            self.waiting.clear()
            self.changed.notify_all()
