"""The numbers by which the claim on absorption is judged."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from torch.nn import functional

from saecore.claims.absorption.grid import ABSORPTION_KS
from saecore.claims.absorption.reading import SAERead, decide_by_rule, read_sae
from saecore.claims.absorption.setting import Parents, Setting, asked_letters
from saecore.errors import Unsuited
from saecore.measures.absorption.ablation import project_out
from saecore.measures.absorption.rates import averages
from saecore.measures.algebra.intervals import Interval, over_seeds
from saecore.profiles import Profile
from saecore.recipes.sae import SAERecipe
from saecore.report import Claim, Constants
from saecore.zoo.store import Zoo

Number = Callable[[SAERead], Any]
"""A number of one SAE, as a float or a tensor of one element."""
SAEReads = Mapping[SAERecipe, SAERead]


class Chance(NamedTuple):
    """The absorption rate where nothing is absorbed, two ways."""

    other_letter: Interval
    """The absorber must lean towards the direction of another letter."""
    untrained: Interval
    """SAEs before training, without the gate on their main latents."""

    @property
    def larger(self) -> Interval:
        """The one that the claim is judged by."""
        return max(self, key=lambda interval: interval.estimate)


class Study(NamedTuple):
    """All SAEs of the claim, read by its rule, and the numbers that judge it."""

    setting: Setting
    saes: dict[SAERecipe, SAERead]
    absorbed: Interval
    """The absorption rate of the base setting."""
    chance: Chance
    """The same where nothing is absorbed."""
    f1_difference: Interval
    """F1 of the best latent minus F1 of the probe, in the base setting."""
    effect_left: Interval
    """Share of an absorber's effect that is left without the letter's direction."""
    numbers: dict[str, dict[str, tuple[float, float, float] | None]]
    """By subject, what `Claim.judge` asks for."""

    @property
    def claim(self) -> Claim:
        """The claim that is judged."""
        return self.setting.claim

    def over(self, recipes: Iterable[SAERecipe], number: Number) -> Interval:
        """A number of each SAE, with its interval over the seeds of one setting."""
        return over_sae_seeds(self.setting, self.saes, recipes, number)

    def change(
        self, to: Sequence[SAERecipe], start: Sequence[SAERecipe], number: Number
    ) -> Interval:
        """A number of one setting minus that of another, seed by seed."""
        values = [
            float(number(self.saes[a]) - number(self.saes[b]))
            for a, b in zip(to, start, strict=True)
        ]
        return over_seeds(values, level=self.setting.rule["confidence"])


def study(zoo: Zoo, profile: Profile, claim: Claim | None = None) -> Study:
    """Every SAE of the claim read by its rule, and the claim's numbers.

    Raises Unsuited for a model that cannot name first letters, or whose base SAEs have
    no absorbed word, or fewer than two letters that pass both gates.
    """
    return study_of(asked_letters(zoo, profile, claim))


def study_of(setting: Setting) -> Study:
    """The study of a setting that is open already."""
    base = read_base(setting)
    others = [one for one in setting.grid.recipes() if one not in base]
    saes = base | read_all(setting, others)

    def over_base(number: Number) -> Interval:
        return over_sae_seeds(setting, saes, setting.grid.base, number)

    told, probes = setting.told, setting.letters.probes
    found = Study(
        setting,
        saes,
        absorbed=over_base(lambda s: s.rate.as_zero),
        chance=chance_rates(setting, saes),
        f1_difference=over_base(lambda s: (s.best.f1 - probes.f1)[told].mean()),
        effect_left=over_base(lambda s: effect_left(s, setting.letters)),
        numbers={},
    )
    return found._replace(numbers={"model": _numbers(found)})


def read_all(
    setting: Setting, recipes: Iterable[SAERecipe]
) -> dict[SAERecipe, SAERead]:
    """Some SAEs of the zoo, read by the claim's rule on first letters."""
    zoo, letters, rule = setting.zoo, setting.letters, setting.rule
    return {recipe: read_sae(zoo.get(recipe), letters, rule) for recipe in recipes}


def read_base(setting: Setting) -> dict[SAERecipe, SAERead]:
    """The SAEs of the base setting, in each of which something is absorbed.

    Raises Unsuited if that is not so.
    """
    base = read_all(setting, setting.grid.base)
    poor = [
        s for s in base.values() if not s.absorbed.any() or s.found.judged.sum() < 2
    ]
    if poor:
        raise Unsuited(
            "this page takes absorbed words apart, but two letters that pass both "
            f"gates, and one absorbed word, are not found in {len(poor)} of the "
            f"{len(base)} SAEs of the base setting: use a model with cleaner latents"
        )
    return base


def over_sae_seeds(
    setting: Setting, saes: SAEReads, recipes: Iterable[SAERecipe], number: Number
) -> Interval:
    """A number of each of some SAEs, with its interval over their seeds."""
    values = [float(number(saes[recipe])) for recipe in recipes]
    return over_seeds(values, level=setting.rule["confidence"])


def chance_rates(setting: Setting, base: SAEReads) -> Chance:
    """The rates of the base setting where nothing can be absorbed.

    Untrained SAEs are judged with an open gate on their main latents, which would leave
    no letter.
    """
    rule, letters, level = setting.rule, setting.letters, setting.rule["confidence"]
    other = [other_letter(base[r], letters, rule) for r in setting.grid.base]
    open_gate = rule.moved(latent_f1=0.0)
    untrained = [
        read_sae(setting.zoo.untrained(r), letters, open_gate).rate.as_zero
        for r in setting.grid.base[:5]
    ]
    return Chance(over_seeds(other, level=level), over_seeds(untrained, level=level))


def other_letter(one: SAERead, parents: Parents, rule: Constants) -> float:
    """The rate when the absorber must lean towards the next parent's direction."""
    unit = functional.normalize
    other = unit(parents.probes.direction.roll(1, 0), dim=1)
    found, directions = one.found, unit(one.w_dec, dim=1)
    cosine = (other[found.label[found.case]] * directions[found.latent]).sum(1)
    turned = found._replace(cosine=cosine)
    decided = decide_by_rule(turned, one.effects, rule)
    return averages(decided.rate, decided.candidates(turned)).as_zero


def effect_left(one: SAERead, parents: Parents) -> float:
    """Effect of the absorbers without their part along the probe, over that with it.

    Both are sums over all absorbed words (2409.14507, section 5.2, has one word).
    """
    hit, found, metric = one.absorbed, one.found, parents.metric
    row, leads = found.row[hit], found.latent == one.decided.latent[found.case]
    items = (leads & hit[found.case]).nonzero()[:, 0]
    whole = found.value[items, None] * one.w_dec[found.latent[items]]
    rest = project_out(whole, parents.probes.direction[found.label[hit]])
    with_it, without = (
        metric(parents.rows[row] - part, row) - metric.clean[row]
        for part in (whole, rest)
    )
    return float(without.sum() / with_it.sum())


def _numbers(found: Study) -> dict[str, tuple[float, float, float] | None]:
    """What the claim is judged by; None where a setting has no value, as where no
    letter passes the gates.
    """
    setting, topk = found.setting, found.setting.grid.settings["topk"]
    base, widths, told = setting.grid.base[0], setting.profile.widths, setting.told
    k = int(base.k)
    wider, narrower = topk[max(widths), k], topk[min(widths), k]
    denser = topk[base.width, max(ABSORPTION_KS)]
    sparser = topk[base.width, min(ABSORPTION_KS)]
    changes = {
        "width_difference": (wider, narrower, lambda s: s.rate.as_zero),
        "k_difference": (denser, sparser, lambda s: s.rate.as_zero),
        "precision_difference": (
            denser,
            sparser,
            lambda s: s.best.fires_precision[told].mean(),
        ),
        "recall_difference": (
            denser,
            sparser,
            lambda s: s.best.fires_recall[told].mean(),
        ),
    }
    intervals = {
        "f1_difference": found.f1_difference,
        "absorbed": found.absorbed,
        "absorbed_null": found.chance.larger,
        "effect_left": found.effect_left,
    } | {name: found.change(*change) for name, change in changes.items()}
    return {name: _triple(interval) for name, interval in intervals.items()}


def _triple(interval: Interval) -> tuple[float, float, float] | None:
    return None if math.isnan(interval.estimate) else interval.triple
