"""What is done against absorption: tied weights; and a foil, hedging."""

from typing import Any, NamedTuple

from saecore.claims.absorption_toys.grid import toy_grid
from saecore.claims.absorption_toys.headline import gap_over_seeds
from saecore.claims.absorption_toys.outcomes import setting_rows
from saecore.claims.absorption_toys.runs import Run, count_ends, runs
from saecore.profiles import Profile
from saecore.source.worlds.toys import CHILD, PARENT
from saecore.zoo.store import Zoo

SAME_OBJECTIVE = ("hierarchy", "tied", "tied, no biases")
"""Settings with the same objective, up to what is held fixed."""


class Cures(NamedTuple):
    """The hierarchy as it is and under each change, a run per seed."""

    runs: dict[str, list[Run]]
    """"hierarchy" itself, then the changes."""
    rows: list[dict[str, Any]]
    """How the seeds ended under each change (`outcomes.setting_rows`)."""


def cures(zoo: Zoo, profile: Profile, *, level: float) -> Cures:
    """Changes of the SAE on the same hierarchy; `level` of the gaps' intervals."""
    grid = toy_grid(world_seed=profile.world_seed)
    plain = {"hierarchy": grid.experiments["hierarchy"]}
    found = runs(zoo, plain | grid.fixes)
    changed = {name: found[name] for name in grid.fixes}
    gap = {
        name: gap_over_seeds([run.gap() for run in group], level=level)
        for name, group in changed.items()
    }
    return Cures(found, setting_rows(changed, gap))


def independent_controls(zoo: Zoo, profile: Profile) -> list[dict[str, Any]]:
    """The same changes where nothing can be absorbed: how the seeds ended."""
    grid = toy_grid(world_seed=profile.world_seed)
    found = runs(zoo, grid.controls)
    return [{"setting": name} | count_ends(group) for name, group in found.items()]


def places(found: Cures) -> list[dict[str, Any]]:
    """Where every run lies by two cosines with the child: of the encoder and of the
    decoder of the parent's latent.
    """
    return [
        {"setting": name, "seed": seed}
        | {"encoder": run.signature.parent_enc_neg}
        | {"decoder": float(run.signature.decoder[PARENT, CHILD])}
        | {"outcome": run.signature.outcome}
        for name, group in found.runs.items()
        for seed, run in enumerate(group)
    ]


def objectives(found: Cures) -> list[dict[str, Any]]:
    """The least objective among the runs of a setting that ended alike."""
    rows = []
    for name in SAME_OBJECTIVE:
        group = found.runs[name]
        for outcome, count in count_ends(group).items():
            alike = [run for run in group if run.signature.outcome == outcome]
            if alike:
                least = min(run.objective() for run in alike)
                row = {"setting": name, "ended": outcome, "seeds": count}
                rows.append(row | {"least objective": least})
    return rows
