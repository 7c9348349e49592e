"""What a language model can do and where it is read, as text: the commands `saecore
gates` and `saecore site`.
"""

from dataclasses import replace
from pathlib import Path

from saecore.claims.gated import GATES, measured_gates
from saecore.claims.sites import model_text, open_zoo
from saecore.profiles import Profile
from saecore.source.model.language_model import open_model
from saecore.source.untaught.gates import LEAST_RIGHT
from saecore.source.untaught.site_choice import (
    LEAST_FOLLOWS,
    RATIO,
    TIMES,
    chosen_layer,
    layers_seen,
)

SITE_TEXTS, SITE_EXAMPLES = 16, 8
"""Sequences that the rule for layers reads, and worked examples where the profile says
no number."""


def gates_told(profile: Profile) -> str:
    """One line per task: the share of right answers in context, and whether it is
    asked.
    """
    zoo = open_zoo(profile)
    asked = profile if profile.in_context else _in_context(profile)
    found = measured_gates(zoo, asked, open_model(profile.folder))
    lines = [f"{'task':12} {'right':>6} {'exact':>6} {'by guess':>8} {'asked':>6}"]
    lines += [
        f"{task:12} {one.right:6.2f} {one.exact:6.2f} {one.baseline:8.2f} "
        f"{one.asked:6} {'asked' if one.passed else 'not asked'}"
        for task, one in found.items()
    ]
    where = Path(zoo.root) / GATES
    return "\n".join(
        [*lines, f"a task is asked from {LEAST_RIGHT:.2f} on; kept in {where}"]
    )


def site_told(profile: Profile) -> str:
    """One line per layer with what the rule sees, and the layer that it chooses."""
    zoo = open_zoo(profile)
    tokens = zoo.get(model_text(profile))[:SITE_TEXTS]
    examples = profile.in_context or SITE_EXAMPLES
    seen = layers_seen(open_model(profile.folder), tokens, examples=examples)
    head = ("layer", "median norm", "largest", "massive", "ratio", "top", "follows")
    lines = ["{:>5} {:>11} {:>8} {:>7} {:>6} {:>5} {:>7}".format(*head)]
    for one in seen:
        follows = "-" if one.follows is None else f"{one.follows:.2f}"
        lines.append(
            f"{one.layer:5} {one.median:11.1f} {one.largest:8.0f} {one.massive:7} "
            f"{one.ratio:6.1f} {one.top:5.2f} {follows:>7}"
            f"{'  passes' if one.passes else ''}"
        )
    rule = (
        f"passes: no norm above {TIMES:g} medians, participation ratio {RATIO:g} or "
        f"more, {LEAST_FOLLOWS:g} of the answers follow an exchanged word"
    )
    layer = chosen_layer(seen)
    return "\n".join(
        [*lines, rule, f"chosen: layer {layer} (the profile has {profile.layer})"]
    )


def _in_context(profile: Profile) -> Profile:
    return replace(profile, in_context=SITE_EXAMPLES)
