"""The card's rates at other leads and cosines of the rule."""

from collections.abc import Mapping, Sequence

from saecore.claims.absorption import nulls
from saecore.claims.absorption.headline import Study
from saecore.claims.absorption.reading import Rates, SAERead, judged_again, read_sae
from saecore.measures.absorption.rates import COSINE, LEADS
from saecore.report import Constants, RuleMoved, SliderAxis

MOVED_LEADS = (*LEADS, 1.5, 2.0)
MOVED_COSINES = (0.0, COSINE, 0.05, 0.1, 0.15, 0.2)
LEAD_SAYS = "least lead of the absorber, in logits"
LEAN_SAYS = "least cosine of the absorber with the probe"
RateNumbers = dict[str, tuple[float, float, float] | None]


def moved_rule(
    study: Study,
    *,
    leads: Sequence[float] = MOVED_LEADS,
    cosines: Sequence[float] = MOVED_COSINES,
) -> RuleMoved:
    """The rates of the base setting beside their nulls at each lead and cosine; gates,
    main latents and effects stay as they are.
    """
    rule, read = study.claim.constants, _read(study)
    axes = [
        SliderAxis(says, sorted({*values, rule[name]}), rule[name])
        for says, name, values in (
            (LEAD_SAYS, "lead", leads),
            (LEAN_SAYS, "cosine", cosines),
        )
    ]
    points = [
        _point(study, read, rule.moved(lead=lead, cosine=cosine))
        for lead in axes[0].values
        for cosine in axes[1].values
    ]
    return RuleMoved(axes, points, ["absorbed", "specific"])


def _read(study: Study) -> dict[str, list[SAERead]]:
    """The SAEs that the base setting and its nulls rest on, by null; "" is its own."""
    setting, grid = study.setting, study.setting.grid
    read = {"": study.base}
    for half in grid.frozen:
        if twins := grid.twins(half, grid.base):
            read[f"frozen {half}"] = [study.saes[one] for one in twins]
    mixed = nulls.letters_shuffled(setting.letters)
    shuffled = [read_sae(setting.zoo.get(r), mixed, setting.rule) for r in grid.base]
    return read | {"shuffled letters": shuffled}


def _point(
    study: Study, read: Mapping[str, list[SAERead]], rule: Constants
) -> RateNumbers:
    """Both rates, each with its strongest null and the excess over it."""
    again = {name: [judged_again(s, rule) for s in some] for name, some in read.items()}
    own = again.pop("")
    found: dict[str, list[Rates]] = nulls.own_nulls(own, study.setting.letters, rule)
    found |= {name: [one.rates for one in some] for name, some in again.items()}
    numbers: RateNumbers = {}
    for what in ("absorbed", "specific"):
        one = nulls.exceeded(
            [s.rates for s in own], found, what, level=rule["confidence"]
        )
        numbers[what] = one and one.share.triple
        numbers[f"{what}_null"] = one and one.null.triple
        numbers[f"{what}_excess"] = one and one.excess.triple
    return numbers
