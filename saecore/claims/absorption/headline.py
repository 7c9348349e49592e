"""The numbers by which the claim on absorption is judged."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from saecore.claims.absorption import nulls
from saecore.claims.absorption.carrier import carried
from saecore.claims.absorption.grid import Place
from saecore.claims.absorption.nulls import FEWEST, Exceeded, crossed_there
from saecore.claims.absorption.reading import Rates, SAERead, read_sae
from saecore.claims.absorption.setting import Setting, asked_letters
from saecore.errors import Unsuited
from saecore.measures.algebra.intervals import Interval, over_seeds, share_over_seeds
from saecore.profiles import Profile
from saecore.recipes.sae import SAERecipe
from saecore.report import Claim, Constants
from saecore.zoo.store import Zoo

PerLabel = Callable[[SAERead], Float[Tensor, " label"]]
"""A number of one SAE for each label; nan where it has none."""
SAEReads = Mapping[SAERecipe, SAERead]


class Study(NamedTuple):
    """All SAEs of the claim, read by its rule, and the numbers that judge it."""

    setting: Setting
    saes: dict[SAERecipe, SAERead]
    nulls: dict[Place, dict[str, list[Rates]]]
    """By setting and kind, the rates where nothing is absorbed."""
    absorbed: dict[Place, Exceeded | None]
    """By setting, the absorption rate beside its strongest null."""
    numbers: dict[str, dict[str, tuple[float, float, float] | None]]
    """By subject, what `Claim.judge` asks for."""

    @property
    def claim(self) -> Claim:
        """The claim that is judged."""
        return self.setting.claim

    @property
    def base(self) -> list[SAERead]:
        """The SAEs of the base setting."""
        return self.at(self.setting.grid.place)

    @property
    def first(self) -> SAERead:
        """The first of these in which a letter counts."""
        base = {recipe: self.saes[recipe] for recipe in self.setting.grid.base}
        return base[first_that_counts(base)]

    def at(self, place: Place) -> list[SAERead]:
        """The SAEs of one setting."""
        return [self.saes[recipe] for recipe in self.setting.grid.places[place]]

    def over(self, saes: Iterable[SAERead], number: PerLabel) -> Interval | None:
        """A number of each SAE and label, with its interval over both."""
        table = torch.stack([number(one) for one in saes])
        return crossed_there(table, level=self.setting.rule["confidence"])

    def change(self, kind: str, axis: str, number: PerLabel) -> Interval | None:
        """A number at the largest width or k minus that at the smallest, of the labels
        that have one at every width or k, seed by seed.
        """
        settings = self.setting.grid.along(kind, axis)
        tables = common_labels(
            [[number(self.saes[r]) for r in settings[at]] for at in sorted(settings)]
        )
        level = self.setting.rule["confidence"]
        return crossed_there(tables[-1] - tables[0], level=level)


def study(zoo: Zoo, profile: Profile, claim: Claim | None = None) -> Study:
    """Every SAE of the claim read by its rule, and the claim's numbers.

    Raises Unsuited for a model that cannot name first letters, or whose base SAEs have
    no absorbed word, or fewer than two letters that pass both gates.
    """
    return study_of(asked_letters(zoo, profile, claim))


def study_of(setting: Setting) -> Study:
    """The study of a setting that is open already."""
    grid, saes = setting.grid, read_base(setting)
    others = [one for some in grid.places.values() for one in some]
    others += [one for some in grid.frozen.values() for one in some]
    saes |= read_all(setting, [one for one in others if one not in saes])
    by_place = {place: nulls_at(setting, saes, place) for place in grid.places}
    level = setting.rule["confidence"]
    absorbed = {
        place: nulls.exceeded(
            [saes[r].rates for r in some], by_place[place], "absorbed", level=level
        )
        for place, some in grid.places.items()
    }
    found = Study(setting, saes, by_place, absorbed, numbers={})
    numbers = {name: x and x.triple for name, x in _intervals(found).items()}
    return found._replace(numbers={"model": numbers})


def read_all(
    setting: Setting, recipes: Iterable[SAERecipe]
) -> dict[SAERecipe, SAERead]:
    """Some SAEs of the zoo, read by the claim's rule on first letters."""
    zoo, letters, rule = setting.zoo, setting.letters, setting.rule
    return {recipe: read_sae(zoo.get(recipe), letters, rule) for recipe in recipes}


def read_base(setting: Setting) -> dict[SAERecipe, SAERead]:
    """The SAEs of the base setting, in two of which at least something is absorbed.

    Raises Unsuited if that is not so.
    """
    base = read_all(setting, setting.grid.base)
    good = [s for s in base.values() if s.absorbed.any() and s.counts.sum() >= FEWEST]
    if len(good) < FEWEST:
        raise Unsuited(
            "this page takes absorbed words apart, but two letters that pass both "
            f"gates, and one absorbed word, are found in {len(good)} of the "
            f"{len(base)} SAEs of the base setting: use a model with cleaner latents"
        )
    return base


def first_that_counts(base: SAEReads) -> SAERecipe:
    """The first SAE that `read_base` gave in which a letter counts."""
    return next(recipe for recipe, one in base.items() if one.counts.any())


def nulls_at(setting: Setting, saes: SAEReads, place: Place) -> dict[str, list[Rates]]:
    """The nulls of one setting: those in its SAEs, and those of its frozen twins."""
    grid, letters, rule = setting.grid, setting.letters, setting.rule
    recipes = grid.places[place]
    found = nulls.own_nulls([saes[one] for one in recipes], letters, rule)
    for half in grid.frozen:
        if twins := grid.twins(half, recipes):
            found[f"frozen {half}"] = [saes[one].rates for one in twins]
    if place == grid.place:
        found["shuffled letters"] = shuffled(setting, recipes, rule)
    return found


def shuffled(
    setting: Setting, recipes: Sequence[SAERecipe], rule: Constants
) -> list[Rates]:
    """The rates of some SAEs by the claim's rule with the letters shuffled."""
    mixed = nulls.letters_shuffled(setting.letters)
    return [read_sae(setting.zoo.get(one), mixed, rule).rates for one in recipes]


def common_labels(
    settings: Sequence[Sequence[Float[Tensor, " label"]]],
) -> list[Float[Tensor, "seed label"]]:
    """A table of seeds and labels for each setting, nan where a label has no number in
    one of the settings; as many seeds as all have.
    """
    seeds = min(len(some) for some in settings)
    tables = [torch.stack(list(some[:seeds])) for some in settings]
    known: Bool[Tensor, "seed label"] = ~torch.stack(tables).isnan().any(0)
    return [table.where(known, torch.nan) for table in tables]


def told_only(setting: Setting, number: PerLabel) -> PerLabel:
    """A number of the letters that the probe tells, nan of the others."""
    return lambda one: number(one).float().where(setting.told, torch.nan)


def best_difference(found: Study) -> Interval | None:
    """F1 of the best latent minus F1 of the probe, in the setting where that is
    largest.
    """
    probe = found.setting.letters.probes.f1
    number = told_only(found.setting, lambda one: one.best.f1 - probe)
    every = [found.over(found.at(p), number) for p in found.setting.grid.places]
    return max((x for x in every if x), key=lambda x: x.estimate, default=None)


def _intervals(found: Study) -> dict[str, Interval | None]:
    """What the claim is judged by; None where a number cannot be asked for, as where no
    letter passes the gates.
    """
    setting, place = found.setting, found.setting.grid.place
    jumprelu = ("jumprelu", *place[1:])
    own = [one.rates for one in found.base]
    level = setting.rule["confidence"]
    by_rule = {
        "absorbed": found.absorbed[place],
        "specific": nulls.exceeded(own, found.nulls[place], "specific", level=level),
        "jumprelu": found.absorbed[jumprelu],
    }
    named = {}
    for name, one in by_rule.items():
        named[name], named[f"{name}_null"] = (one and one.share), (one and one.null)
        named[f"{name}_excess"] = one and one.excess
    return named | _gates(found) | _trends(found) | _carried(found)


def _gates(found: Study) -> dict[str, Interval | None]:
    setting, told = found.setting, found.setting.told
    recall, level = setting.letters.probes.recall, setting.rule["confidence"]
    clean = [float(one.counts[told].float().mean()) for one in found.base]

    def below(one: SAERead) -> Float[Tensor, " label"]:
        return (one.fires.recall.float() - recall).where(one.counts, torch.nan)

    return {
        "clean": share_over_seeds(
            clean, trials=[float(told.sum())] * len(clean), level=level
        ),
        "recall_below_probe": found.over(found.base, below),
        "best_f1_difference": best_difference(found),
    }


def _trends(found: Study) -> dict[str, Interval | None]:
    def told(name: str) -> PerLabel:
        return told_only(found.setting, lambda one: getattr(one.best, name))

    return {
        "width_difference": found.change("topk", "width", lambda s: s.rates.absorbed),
        "k_difference": found.change("topk", "k", lambda s: s.every.absorbed),
        "precision_difference": found.change("topk", "k", told("fires_precision")),
        "recall_difference": found.change("topk", "k", told("fires_recall")),
    }


def _carried(found: Study) -> dict[str, Interval | None]:
    every = [carried(one, found.setting.letters) for one in found.base]
    some = [one for one in every if one is not None]
    level = found.setting.rule["confidence"]
    columns = {
        "absorber_effect": [one.effect for one in some],
        "effect_left": [one.left for one in some],
        "effect_left_control": [one.control for one in some],
        "effect_left_excess": [one.left - one.control for one in some],
    }
    return {
        name: over_seeds(values, level=level) if len(values) > 1 else None
        for name, values in columns.items()
    }
