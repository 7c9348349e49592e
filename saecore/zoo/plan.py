"""What has to be made, in which order, and what may be made side by side."""

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from saecore.recipes.keys import Recipe
from saecore.zoo.artefact_kinds import kind_of


class Job(NamedTuple):
    """What one process makes in one go."""

    make: tuple[Any, ...]
    """Recipes of one kind that are alike."""
    needs: frozenset[Any]
    """What must be there first, as far as it is missing too."""


def jobs(missing: Iterable[Recipe], there: Callable[[Recipe], bool]) -> list[Job]:
    """Critical-path order: the jobs that make what is missing, and what that needs and
    is not `there` either; first those on which the longest row of work waits.
    """
    wanted = everything_under(missing, there)
    planned = []
    for group in grouped(wanted):
        needs = frozenset(group[0].needs).intersection(wanted)
        planned.append(Job(tuple(group), needs))
    paths = _paths(planned)
    return sorted(planned, key=lambda job: -paths[job])


def everything_under(
    recipes: Iterable[Recipe], there: Callable[[Recipe], bool] = lambda recipe: False
) -> dict[Any, None]:
    """The recipes, each once, and all that they need, down to what is `there`."""
    wanted: dict[Any, None] = dict.fromkeys(recipes)
    below = list(wanted)
    while below:
        for one in below.pop().needs:
            if one not in wanted and not there(one):
                wanted[one] = None
                below.append(one)
    return wanted


def _paths(planned: Sequence[Job]) -> dict[Job, float]:
    """The cost of every job and of the dearest row of jobs that wait for it."""
    waiting: dict[Any, list[Job]] = {}
    for job in planned:
        for one in job.needs:
            waiting.setdefault(one, []).append(job)
    paths: dict[Job, float] = {}

    def path(job: Job) -> float:
        if job not in paths:
            after = {one for made in job.make for one in waiting.get(made, [])}
            paths[job] = work(job.make) + max(map(path, after), default=0.0)
        return paths[job]

    for job in planned:
        path(job)
    return paths


def grouped(recipes: Iterable[Recipe]) -> list[list[Any]]:
    """Recipes that are made in one go: those that are alike, as many as their kind
    takes.
    """
    alike: dict[Any, list[Any]] = {}
    for one in recipes:
        alike.setdefault((one.folder, kind_of(one).alike(one)), []).append(one)
    groups = []
    for members in alike.values():
        size = kind_of(members[0]).together(members[0])
        groups += [members[i : i + size] for i in range(0, len(members), size)]
    return groups


def work(recipes: Iterable[Recipe]) -> float:
    """What making them costs, in the units of `Recipe.cost`."""
    return sum(one.cost for one in recipes)


class Queue:
    """Jobs, given out in their order to several threads, each as soon as what it needs
    is there.
    """

    def __init__(self, planned: Sequence[Job]) -> None:
        self.waiting = list(planned)
        self.left = {recipe for job in planned for recipe in job.make}
        self.changed = threading.Condition()

    def take(self) -> Job | None:
        """The next job; waits until there is one that can be done, None when all are
        taken.
        """
        with self.changed:
            while self.waiting:
                for job in self.waiting:
                    if not job.needs & self.left:
                        self.waiting.remove(job)
                        return job
                self.changed.wait()
            return None

    def done(self, job: Job, refused: Iterable[Any] = ()) -> None:
        """A job has been done: others may be able to start; those that need what was
        refused never will.
        """
        with self.changed:
            self.left -= set(job.make)
            lost = set(refused)
            while dropped := [one for one in self.waiting if one.needs & lost]:
                for one in dropped:
                    self.waiting.remove(one)
                    self.left -= set(one.make)
                    lost |= set(one.make)
            self.changed.notify_all()

    def stop(self) -> None:
        """Give out no more."""
        with self.changed:
            self.waiting.clear()
            self.changed.notify_all()
