"""What making something costs, said before it begins: how many artefacts of each kind,
minutes and megabytes.

Minutes of an SAE are rows seen in training x (width x d_model + `FIXED`) x the rate of
this machine; rows of a language model cost 24 d_model^2 operations a layer and token
(twice the weights of a block); those of anything else are its `cost` x a rate. A rate
is the mean over artefacts of the same kind and architecture in the zoo, whose seconds
were noted when they were made; where there are none, a small SAE is trained for a
second, and other kinds count as on a core of 2024.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import torch

from saecore import machine
from saecore.errors import ZooError
from saecore.profiles import shape_of
from saecore.recipes.sae import SAERecipe
from saecore.source.site import Site
from saecore.source.worlds.world import World
from saecore.training.trainer import split, train
from saecore.zoo.language_models import folder_holding
from saecore.zoo.plan import everything_under, jobs
from saecore.zoo.store import Zoo, worker_memory

FIXED = 40_000
"""What a row costs in training at any width, in products of width and d_model."""
CORE = 1e-10
"""Seconds per unit of `Recipe.cost` on a core of 2024."""
WORD_ROWS = 80_000
"""Rows of words, whose number is known only when they are read."""
FLOPS = 7e10
"""Operations a second of a core in float32, as in reading SmolLM2-135M."""
OVERHEAD = 1.2e5
"""What a row costs at any size, in the units of `Recipe.cost`."""
CALLED = {
    "tokens": ("sampled text", "sampled texts"),
    "rows": ("set of rows", "sets of rows"),
    "saes": ("SAE", "SAEs"),
    "metas": ("meta-SAE", "meta-SAEs"),
    "toys": ("toy SAE", "toy SAEs"),
    "baselines": ("basis", "bases"),
    "explorers": ("explorer", "explorers"),
}
"""Kinds for people: one, several."""


class Estimate(NamedTuple):
    """What making something costs."""

    numbers: dict[str, int]
    """How many are missing, by kind."""
    seconds: float
    """On as many processes as the zoo has."""
    size: float
    """Bytes on disk."""
    processes: int
    """How many work at once."""
    memory: float
    """Bytes that they hold together, with this one."""
    known: int
    """Artefacts in the zoo whose seconds gave the rates; 0 for a calibration."""

    def __str__(self) -> str:
        """One line for people."""
        parts = [
            f"{number} {CALLED[kind][number > 1]}"
            for kind, number in self.numbers.items()
        ]
        if not parts:
            return "nothing has to be made"
        rate = (
            f"as fast as the {self.known} artefacts there"
            if self.known
            else "as fast as a small SAE trained now"
        )
        return (
            f"{', '.join(parts)} to make: about {_told(self.seconds)} "
            f"on {self.processes} core{'s' * (self.processes > 1)} ({rate}) and "
            f"{self.size / 1e6:,.0f} MB of disk; {self.memory / 1e9:.1f} GB of memory"
        )


def _told(seconds: float) -> str:
    """Seconds for people."""
    if seconds > 5400:
        return f"{seconds / 3600:.1f} hours"
    return f"{seconds / 60:.0f} min" if seconds > 90 else f"{max(seconds, 1):.0f} s"


def estimate(zoo: Zoo, wanted: Iterable[Any]) -> Estimate:
    """What making the recipes and all that they need costs, as far as it is missing."""
    missing = [one for one in dict.fromkeys(wanted) if zoo.find(one) is None]
    every = list(everything_under(missing, lambda one: zoo.find(one) is not None))
    if not every:
        return Estimate({}, 0.0, 0.0, zoo.workers, 0.0, 0)
    lengths, (rates, known) = lengths_of(every, zoo), _rates(zoo)
    seconds = {one: _amount(one, lengths) * _rate(rates, one) for one in every}
    numbers = Counter(one.folder for one in every)
    span = _span(every, seconds, zoo.workers)
    processes = 1 if span == sum(seconds.values()) else zoo.workers
    return Estimate(
        {kind: numbers[kind] for kind in CALLED if kind in numbers},
        span,
        sum(_size(one, lengths) for one in every),
        processes,
        processes * worker_memory(zoo.places) + machine.PARENT,
        known,
    )


def each_seconds(zoo: Zoo, every: Sequence[Any]) -> dict[Any, float]:
    """CPU seconds that making each recipe takes on this machine, by itself."""
    lengths, (rates, _) = lengths_of(every, zoo), _rates(zoo)
    return {one: _amount(one, lengths) * _rate(rates, one) for one in every}


def each_size(zoo: Zoo, every: Sequence[Any]) -> dict[Any, float]:
    """Bytes that each recipe takes on disk."""
    lengths = lengths_of(every, zoo)
    return {one: _size(one, lengths) for one in every}


def lengths_of(every: Iterable[Any], zoo: Zoo) -> dict[Site, int]:
    """d_model of the sites whose rows the recipes are made of."""
    return {site: d_model_of(site, zoo) for one in every if (site := site_of(one))}


def _span(every: Sequence[Any], seconds: Mapping[Any, float], processes: int) -> float:
    """How long it takes: all work shared by the processes, or the longest row of jobs
    that wait for each other.
    """
    among, ends = set(every), {}
    for job in _in_order(every, among):
        begin = max((ends[one] for one in job.needs), default=0.0)
        end = begin + sum(seconds[one] for one in job.make)
        ends |= dict.fromkeys(job.make, end)
    return max(max(ends.values()), sum(seconds.values()) / processes)


def _in_order(every: Sequence[Any], among: set[Any]) -> list[Any]:
    """Jobs, those first that others need."""
    left, done, order = jobs(every, lambda one: one not in among), set(), []
    while left:
        ready = [job for job in left if job.needs <= done]
        order += ready
        done |= {one for job in ready for one in job.make}
        left = [job for job in left if job not in ready]
    return order


def d_model_of(site: Site, zoo: Zoo) -> int:
    """The length of a site's rows, without reading any."""
    source: Any = site.source
    if hasattr(source, "d_model"):
        return source.d_model
    if hasattr(source, "site"):
        return d_model_of(source.site, zoo)
    try:
        return shape_of(folder_holding(source.model, zoo.places, zoo.root))[1]
    except ZooError:  # an untrained twin before it is written
        return shape_of(next(iter(zoo.places.values())))[1]


def site_of(one: Any) -> Site | None:
    """The site whose rows an artefact is made of."""
    if one.folder == "metas":
        return one.sae.site
    return one if one.folder == "rows" else getattr(one, "site", None)


def _amount(one: Any, lengths: Mapping[Site, int]) -> float:
    """How much work something is, in units of its rate."""
    site = site_of(one)
    if one.folder == "rows" and one.layer is not None:
        return _read(one, lengths[one])
    if one.folder not in ("saes", "metas"):
        return one.cost
    assert site is not None
    return one.training.rows * (one.width * lengths[site] + FIXED)


def _read(site: Site, d_model: int) -> float:
    """Reading a layer of a language model, in the units of `Recipe.cost`."""
    operations = 24 * d_model**2 * ((site.layer or 0) + 1)
    faster = 2 if site.dtype == "bfloat16" else 1
    each = OVERHEAD + operations / FLOPS / CORE / faster
    return each * (site.count or WORD_ROWS)


def _size(one: Any, lengths: Mapping[Site, int]) -> float:
    """Bytes on disk, by shapes: four for each number of a matrix."""
    site = site_of(one)
    d_model = lengths[site] if site is not None else 0
    return {
        "tokens": lambda: 4 * one.sequences * one.length,
        "rows": lambda: 4 * d_model * (one.count or WORD_ROWS),
        "saes": lambda: 8 * d_model * one.width + 8_000,
        "metas": lambda: 8 * d_model * one.width + 8_000,
        "toys": lambda: 11_000,
        "baselines": lambda: 8 * d_model * (one.width or 2 * d_model),
        "explorers": lambda: 6_000 * sum(sae.width for sae in one.saes),
    }[one.folder]()


def _like(one: Any) -> tuple[str, str]:
    """What artefacts share that are made at one rate."""
    kind = one.folder if one.folder != "metas" else "saes"
    return kind, str(getattr(one, "architecture", getattr(one, "kind", "")))


def _rates(zoo: Zoo) -> tuple[dict[Any, float], int]:
    """Seconds per amount by likeness, and by kind alone, as noted in the zoo; from how
    many artefacts.
    """
    spent: dict[Any, float] = defaultdict(float)
    done: dict[Any, float] = defaultdict(float)
    known = 0
    for held in zoo.list():
        seconds, site = held.made.get("seconds"), site_of(held.recipe)
        if not seconds:
            continue
        try:
            lengths = {} if site is None else {site: d_model_of(site, zoo)}
        except (ZooError, ValueError, StopIteration):
            continue  # of a model that is not at hand
        known += 1
        for like in (_like(held.recipe), _like(held.recipe)[0]):
            spent[like] += seconds
            done[like] += _amount(held.recipe, lengths)
    return {like: spent[like] / done[like] for like in spent if done[like]}, known


def _rate(rates: Mapping[Any, float], one: Any) -> float:
    like = _like(one)
    if like in rates or like[0] in rates:
        return rates.get(like, rates.get(like[0], CORE))
    return calibrated_rate() if like[0] == "saes" else CORE


@cache
def calibrated_rate(clock: Callable[[], float] = time.process_time) -> float:
    """Seconds per amount of a small TopK SAE, trained now for about a second."""
    rows = split(torch.randn(8192, 128, generator=torch.Generator().manual_seed(0)))
    small = SAERecipe(Site(World(d_model=128)), "topk", 512, 8, rows=4096)
    train(small, [0], rows)  # what is done once in a process is no part of the rate
    timed = small.sweep(rows=[65_536])[0]
    begun = clock()
    train(timed, [0], rows)
    return (clock() - begun) / (timed.rows * (timed.width * 128 + FIXED))
