"""Keys of recipes: what all recipes have in common, their description in JSON, and its
sha256.

A recipe is a frozen dataclass that contains its parents (SAE -> site -> world, or
sampled text -> language model), so one recipe is its full provenance. Its fields make
the key; what else it says does not.
"""

import dataclasses
import hashlib
import importlib
import itertools
import json
from typing import Any, ClassVar, Protocol, runtime_checkable

# Raise a number when the same recipe would make something else; what is built from it
# gets a new key too.
BUILD = {
    "tokens": 1,
    "rows": 1,
    "saes": 3,
    "metas": 1,
    "toys": 1,
    "baselines": 1,
    "explorers": 1,
}
# The same for kinds that nothing is built from: keys of the others stay.
REMADE = {"toys": 1}

_NEVER = object()
"""Equal to no value of a field."""

HOMES = {
    "World": "saecore.source.worlds.world",
    "SampledText": "saecore.source.model.texts",
    "ReadText": "saecore.source.model.texts",
    "PackedText": "saecore.source.fetched.packed_text",
    "ContextWords": "saecore.source.untaught.context_words",
    "AskedWords": "saecore.source.tasks.words",
    "TextWords": "saecore.source.tasks.words",
    "Planted": "saecore.source.planted",
    "GaussianRows": "saecore.source.gaussian",
    "RowsFile": "saecore.source.rows_file",
    "LanguageModel": "saecore.source.model.identity",
    "Site": "saecore.source.site",
    "SAERecipe": "saecore.recipes.sae",
    "MetaRecipe": "saecore.recipes.meta",
    "BaselineRecipe": "saecore.recipes.baselines",
    "Toy": "saecore.source.worlds.toys",
    "Tree": "saecore.source.worlds.trees",
    "ToyRecipe": "saecore.recipes.toys",
    "ExplorerRecipe": "saecore.recipes.explorer",
}
"""The registry: every class that can stand in a recipe, and its module, which is
imported when it is read.
"""


@runtime_checkable
class Recipe(Protocol):
    """What the zoo can be asked for. How a kind is made and opened says
    `saecore.zoo.artefact_kinds`.
    """

    folder: ClassVar[str]
    """Which part of the zoo it belongs to: "tokens", "rows", "saes", "metas", "toys",
    "baselines" or "explorers".
    """

    @property
    def slug(self) -> str:
        """A readable name for a folder; with the first twelve digits of the key it is
        unique.
        """
        ...

    @property
    def needs(self) -> "tuple[Recipe, ...]":
        """The recipes that must be there first."""
        ...

    @property
    def cost(self) -> float:
        """About how dear it is, in units of which a core of 2024 does 1e10 a second."""
        ...


def canonical(recipe: Any, *, settled: bool = False) -> Any:
    """A recipe as plain lists, dicts, strings and numbers, with the names of the
    classes: what the key is made of.

    A field that is younger than artefacts is left out at the value that these were made
    with, which its metadata state as "unsaid". With `settled` the fields that a recipe
    leaves to a rule have the rule's value, as the recipe's `settled` gives it.
    """
    if dataclasses.is_dataclass(recipe) and not isinstance(recipe, type):
        _check_types(recipe)
        said = {
            one.name: value
            for one in dataclasses.fields(recipe)
            if (value := getattr(recipe, one.name))
            != one.metadata.get("unsaid", _NEVER)
        }
        if settled:
            said |= getattr(recipe, "settled", {})
        fields = {name: canonical(v, settled=settled) for name, v in said.items()}
        return {"class": type(recipe).__name__, **fields}
    if isinstance(recipe, (tuple, list)):
        return [canonical(part, settled=settled) for part in recipe]
    if isinstance(recipe, float) and recipe.is_integer():
        return int(recipe)  # k=4 and k=4.0 are the same
    if recipe is None or isinstance(recipe, (str, int, float, bool)):
        return recipe
    raise TypeError(
        f"a recipe holds recipes, tuples, strings and numbers only, but {recipe!r} is "
        f"a {type(recipe).__name__}: turn it into one of these"
    )


def _check_types(recipe: Any) -> None:
    """ValueError where a plain field holds another type than it says: a seed "../.."
    would be part of a path.
    """
    plain = {int: int, float: (int, float), str: str, bool: bool}
    for one in dataclasses.fields(recipe):
        value = getattr(recipe, one.name)
        if not isinstance(value, plain.get(one.type, object)):  # type: ignore[arg-type]
            raise ValueError(
                f"{one.name} of {type(recipe).__name__} must be "
                f"{getattr(one.type, '__name__', one.type)}, but {value!r} was given: "
                "correct it"
            )


def restored(value: Any) -> Any:
    """The recipe that `canonical` described."""
    if isinstance(value, list):
        return tuple(restored(part) for part in value)
    if not isinstance(value, dict):
        return value
    if (name := value.get("class")) not in HOMES:
        known = ", ".join(HOMES)
        raise ValueError(
            f"a recipe's class is one of {known}, but {name!r} is described: delete it"
        )
    cls = getattr(importlib.import_module(HOMES[name]), name)
    fields = {field: restored(part) for field, part in value.items()}
    del fields["class"]
    return cls(**fields)


def key(recipe: Recipe) -> str:
    """sha256 of the whole recipe, of what rules settle for it, and of the builds it
    rests on, as 64 hexadecimal digits.
    """
    builds = [
        *itertools.takewhile(lambda name: name != recipe.folder, BUILD),
        recipe.folder,
    ]
    build = {name: BUILD[name] for name in builds}
    asked = {"build": build, "recipe": canonical(recipe, settled=True)}
    if recipe.folder in REMADE:
        asked["remade"] = REMADE[recipe.folder]
    text = json.dumps(asked, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
