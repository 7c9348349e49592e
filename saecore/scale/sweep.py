"""Sweeps: a small TOML file that names models, layers, seeds and fields of recipes, and
the SAEs that every combination of them asks for.

    [[sae]]
    model = ["tiny", "/folder/of/another"]   # or "world"
    layer = [1, 2]
    architecture = ["topk", "batchtopk"]
    seed = [0, 1, 2]

A value that is no list counts as a list of one. What is left out has the profile's
value.
"""

import dataclasses
import itertools
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from saecore.claims.sites import model_of, model_site
from saecore.profiles import Profile, WorldProfile, read
from saecore.recipes.sae import SAERecipe
from saecore.scale.batch_plan import ONE_PROCESS, Machine
from saecore.source.site import Site
from saecore.source.worlds.world import World

A_WORLD = "world"
"""What a sweep calls rows of a world of features, in place of a model."""
SUBJECT = ("model", "world_seed", "layer", "sample_rows", "world")
"""Keys that say what is read."""
KINDS_OF: dict[str, tuple[type, ...]] = {
    "model": (str,),
    "world_seed": (int,),
    "layer": (int,),
    "sample_rows": (int,),
    "world": (dict,),
}
"""What their values are."""
FIELDS = tuple(one.name for one in dataclasses.fields(SAERecipe) if one.name != "site")
"""Keys that say how they are trained: the fields of `SAERecipe`."""


class SweepTable(NamedTuple):
    """SAEs of a sweep that are trained alike."""

    recipes: tuple[SAERecipe, ...]
    """Each once."""
    machine: Machine
    """On what they are trained."""
    places: dict[Any, Path]
    """Where the language models lie that are read."""


def read_sweep(file: Path) -> list[SweepTable]:
    """The SAEs that a sweep asks for, table by table.

    Raises ValueError, in one sentence, for a file that is no TOML, for a key that is
    none of a sweep's, and for what a recipe refuses.
    """
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(
            f"a sweep is a TOML file, but {file} cannot be read as one ({error}): "
            "correct it"
        ) from None
    tables = said.get("sae")
    if set(said) != {"sae"} or not isinstance(tables, list) or not tables:
        raise ValueError(
            f"a sweep holds tables [[sae]] and nothing else, but {file} holds "
            f"{', '.join(map(repr, said)) or 'nothing'}: write its keys below [[sae]]"
        )
    return [table_recipes(table) for table in tables]


def table_recipes(table: Mapping[str, Any]) -> SweepTable:
    """The SAEs of one table."""
    known = (*SUBJECT, *ONE_PROCESS._fields, *FIELDS)
    if wrong := sorted(set(table) - set(known)):
        raise ValueError(
            f"a sweep's keys are {', '.join(known)}, but {', '.join(wrong)} was asked "
            "for: correct it"
        )
    _check_types(table)
    recipes: dict[SAERecipe, None] = {}
    places: dict[Any, Path] = {}
    seeds = _listed(table.get("world_seed", 0))
    for model, seed in itertools.product(_listed(table.get("model", "tiny")), seeds):
        for site, given in _subjects(table, model, seed, places):
            recipes |= dict.fromkeys(_trained(table, site, given))
    chosen = Machine(
        *(table.get(n, usual) for n, usual in ONE_PROCESS._asdict().items())
    )
    _check_machine(*chosen)
    return SweepTable(tuple(recipes), chosen, places)


def _subjects(
    table: Mapping[str, Any], model: str, seed: int, places: dict[Any, Path]
) -> list[tuple[Site, Profile | WorldProfile]]:
    """The sites of one model, and the profile that gives what is left out."""
    if model == A_WORLD:
        if "layer" in table:
            raise ValueError(
                'a world has no layers, but layer was asked for with model = "world": '
                "write a [[sae]] of its own for it"
            )
        sizes = WorldProfile()
        world = World(**{"seed": seed, **table.get("world", {})})
        return [(Site(world, rows=table.get("sample_rows", sizes.sample_rows)), sizes)]
    profile = read(model, world_seed=seed)
    places[model_of(profile)] = profile.folder
    layers = _listed(table.get("layer", profile.layer))
    return [(model_site(profile, layer=layer), profile) for layer in layers]


def _trained(
    table: Mapping[str, Any], site: Site, given: Profile | WorldProfile
) -> list[SAERecipe]:
    usual = {"width": given.width, "k": given.k, "rows": given.rows}
    axes: dict[str, list[Any]] = {
        "architecture": ["topk"],
        **{name: [value] for name, value in usual.items()},
        **{name: _values(table[name]) for name in FIELDS if name in table},
    }
    names = list(axes)
    return [
        SAERecipe(site, **dict(zip(names, values, strict=True)))
        for values in itertools.product(*axes.values())
    ]


def _check_types(table: Mapping[str, Any]) -> None:
    """What is in a file is of no type that a checker has seen."""
    for name, kinds in {**KINDS_OF, **_field_types()}.items():
        for value in _listed(table.get(name, [])):
            right = isinstance(value, kinds)
            if not right or (isinstance(value, bool) and bool not in kinds):
                raise ValueError(
                    f"{name} is {' or '.join(one.__name__ for one in kinds)}, but "
                    f"{value!r} was asked for: correct the sweep"
                )
    known = {one.name for one in dataclasses.fields(World)}
    if wrong := sorted(set(table.get("world", {})) - known):
        raise ValueError(
            f"{', '.join(wrong)} was asked for of a world, whose fields are "
            f"{', '.join(sorted(known))}: correct the sweep"
        )


def _field_types() -> dict[str, tuple[type, ...]]:
    """What a value of each field of a recipe may be in TOML."""
    types: dict[str, tuple[type, ...]] = {}
    for one in dataclasses.fields(SAERecipe):
        if one.name in FIELDS:
            said = str(getattr(one.type, "__name__", one.type))
            usual = {"int": (int,), "bool": (bool,), "float": (int, float)}
            types[one.name] = usual.get(said, (str,))
    return types | {"lr": (int, float), "prefixes": (list,)}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _values(value: Any) -> list[Any]:
    """Values of a field; a list among them is a tuple of numbers."""
    return [tuple(one) if isinstance(one, list) else one for one in _listed(value)]


def _check_machine(device: Any, shards: Any) -> None:
    if device not in ("cpu", "cuda"):
        raise ValueError(
            f"a sweep's device is cpu or cuda, but {device!r} was asked for: choose one"
        )
    if not isinstance(shards, int) or shards < 1:
        raise ValueError(
            f"shards must be a whole number of 1 or more, but {shards!r} was asked "
            "for: correct it"
        )
