"""A plan for a batch queue: jobs by name, what each needs first, and what it takes.

A job is what one process makes in one go. Its name comes from the key of what it makes,
so the same request gives the same plan whenever it is written, and a second submission
finds what the first has made.
"""

import json
import math
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from saecore import machine
from saecore.errors import ZooError
from saecore.places import as_others
from saecore.recipes.keys import canonical, key
from saecore.zoo.estimate import CORE, d_model_of, each_seconds, each_size, site_of
from saecore.zoo.language_models import folder_holding
from saecore.zoo.plan import Job, everything_under, jobs, work
from saecore.zoo.pool import Start, described
from saecore.zoo.store import Zoo

TIME_SLACK = 3
"""Time that is asked for, in units of what the estimate says."""
LEAST_MINUTES = 10
"""Asked for at least: the start of Python, and the trial that finds the fastest
kernel.
"""
PAGE_MINUTES = 60
"""Asked for a page of the book; the longest takes a few."""
CACHED = 16_000_000_000
"""Bytes of mapped rows that a job wants in memory at most; others are read again."""
BUNDLE = 120.0
"""Seconds of a core from which a job is worth a process of its own."""
STATE = 4 * 2 * 4
"""Bytes per latent and d_model in training: encoder and decoder in float32, each with
a gradient and two moments.
"""


class Machine(NamedTuple):
    """On what something is made."""

    device: str
    """"cpu" or "cuda"."""
    shards: int
    """Over how many processes, each with a device, the latents are spread."""


ONE_PROCESS = Machine("cpu", 1)
READ_THE_MODEL = ("tokens", "rows", "explorers")
"""Kinds that open a language model while they are made."""


def batch_plan(
    zoo: Zoo,
    wanted: Iterable[Any],
    machines: Mapping[Any, Machine],
    *,
    bundle: float = BUNDLE,
) -> dict[str, Any]:
    """The jobs that make the recipes and all that they need, as JSON can hold them.

    `machines` says on what a recipe is made, by default one process on a processor.
    Jobs are put together until they are as long as `bundle`, by their `cost`, which is
    the same wherever the plan is written. Every job is listed, and says whether all
    it makes is there (`done`).
    """
    every = list(everything_under(wanted))
    planned = _bundled(jobs(every, lambda one: False), machines, bundle / CORE)
    home = {one: job_name(job) for job in planned for one in job.make}
    seconds, sizes = each_seconds(zoo, every), each_size(zoo, every)
    listed = {}
    for job in planned:
        device, shards = machines.get(job.make[0], ONE_PROCESS)
        listed[job_name(job)] = {
            "slugs": [one.slug for one in job.make],
            "keys": [key(one) for one in job.make],
            "recipes": [canonical(one) for one in job.make],
            "needs": sorted({home[one] for one in job.needs}),
            "done": all(zoo.find(one) is not None for one in job.make),
            "device": device,
            "shards": shards,
            **_resources(zoo, job, seconds, sizes, shards),
        }
    start = Start(zoo.root, zoo.places, 1)
    page = {"memory_mb": machine.PAGE // 1_000_000, "minutes": PAGE_MINUTES}
    return {"zoo": json.loads(described(start)), "jobs": listed, "page": page}


def job_name(job: Job) -> str:
    """The name of a job: the kind and the first twelve digits of the first key."""
    return f"{job.make[0].folder}-{key(job.make[0])[:12]}"


def _bundled(
    planned: Sequence[Job], machines: Mapping[Any, Machine], enough: float
) -> list[Job]:
    """Jobs of one kind, on one kind of machine, that need the same, as many together as
    are worth the start of a process; what is sharded stands alone.
    """
    bundles: list[Job] = []
    last: dict[Any, int] = {}
    for job in _by_machine(planned, machines):
        where = machines.get(job.make[0], ONE_PROCESS)
        alike = job.make[0].folder, job.needs, where
        i = last.get(alike)
        if i is not None and where.shards == 1 and work(bundles[i].make) < enough:
            bundles[i] = Job((*bundles[i].make, *job.make), job.needs)
        else:
            last[alike] = len(bundles)
            bundles.append(job)
    return bundles


def _by_machine(planned: Sequence[Job], machines: Mapping[Any, Machine]) -> list[Job]:
    """The jobs, each split into those that run on one kind of machine; what is sharded
    stands alone.
    """
    split = []
    for job in planned:
        parts: dict[Any, list[Any]] = {}
        for one in job.make:
            where = machines.get(one, ONE_PROCESS)
            parts.setdefault((where, one if where.shards > 1 else None), []).append(one)
        split += [Job(tuple(part), job.needs) for part in parts.values()]
    return split


def _resources(
    zoo: Zoo,
    job: Job,
    seconds: Mapping[Any, float],
    sizes: Mapping[Any, float],
    shards: int,
) -> dict[str, float]:
    """Seconds as estimated, and what is asked of the queue: minutes, and megabytes of
    memory and disk.
    """
    total = sum(seconds[one] for one in job.make)
    return {
        "seconds": round(total, 1),
        "minutes": LEAST_MINUTES + math.ceil(TIME_SLACK * total / 60),
        "memory_mb": math.ceil(job_memory(zoo, job.make, sizes, shards) / 1e6),
        "disk_mb": math.ceil(sum(sizes[one] for one in job.make) / 1e6) + 1,
    }


def job_memory(
    zoo: Zoo, made: Sequence[Any], sizes: Mapping[Any, float], shards: int = 1
) -> float:
    """Bytes that making something takes: a process, what it trains, the rows that it
    maps, and the language model that it reads.
    """
    sites = {site for one in made if (site := site_of(one)) is not None}
    rows = 0.0
    for site in sites:
        rows += sizes[site] if site in sizes else each_size(zoo, [site])[site]
    state = sum(
        STATE * one.width * d_model_of(site, zoo)
        for one in made
        if one.folder in ("saes", "metas") and (site := site_of(one)) is not None
    )
    model = max((_weights(zoo, one) for one in made), default=0.0)
    each = machine.WORKER + model + min(rows, CACHED)
    return shards * each + state


def _weights(zoo: Zoo, one: Any) -> float:
    """Bytes of the language model that making it opens: stored in 16 bits, opened in
    32.
    """
    site = one.site if hasattr(one, "site") else one
    model = getattr(site, "model", None)
    if model is None or one.folder not in READ_THE_MODEL:
        return 0.0
    try:
        folder = folder_holding(model, zoo.places, zoo.root)
    except ZooError:  # an untrained twin before it is written
        folder = next(iter(zoo.places.values()))
    return 2 * sum(path.stat().st_size for path in Path(folder).glob("*.safetensors"))


def write_whole(file: Path, content: Any) -> None:
    """JSON into a file that is never seen half-written."""
    file.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(number, "w", encoding="utf-8") as stream:
            json.dump(content, stream, indent=1)
            stream.write("\n")
        as_others(Path(name))
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_plan(file: Path) -> dict[str, Any]:
    """A plan that was written. Raises ValueError if it is none."""
    try:
        plan = json.loads(file.read_text(encoding="utf-8"))
        _ = plan["zoo"]["root"], plan["jobs"], plan["kernels"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"a plan is what `saecore batch plan` wrote, but {file} cannot be read as "
            f"one ({type(error).__name__}): write it anew"
        ) from None
    return plan
