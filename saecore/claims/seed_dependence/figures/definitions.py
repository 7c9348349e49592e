"""Pictures of the page on definitions: axes and plain numbers in, nothing computed."""

from collections.abc import Mapping, Sequence
from typing import Any

from saecore.claims.seed_dependence.meaning.definitions import (
    ByLayer,
    ByThreshold,
    Kept,
    in_words,
)
from saecore.claims.seed_dependence.meaning.mean_cosines import (
    CosineGrades,
    MeanAndShare,
)
from saecore.report import panels
from saecore.report.figures import INK, NULL, chance, colour

_DASHED = (0, (4, 3))


def draw_thresholds(ax: Any, found: ByThreshold, *, chosen: float) -> None:
    """The share against the threshold, by definition, and that of the nulls."""
    levels, names = found.real.threshold, found.real.definitions[:4]
    styles = ("-", "--", "-.", ":")
    for name, line, style in zip(names, found.real.share, styles, strict=False):
        ax.plot(levels, line, style, color=colour("topk"), label=name)
    label = f"{len(found.nulls)} nulls"
    for line in found.nulls.values():
        ax.plot(levels, line, color=NULL, linestyle=_DASHED, linewidth=1, label=label)
        label = None
    ax.axvline(chosen, color=INK, linewidth=0.8)
    ax.set(xlabel="threshold on the cosine", ylabel="share of latents", ylim=(0, 1))
    ax.legend()


def threshold_data(found: ByThreshold) -> dict[str, Any]:
    """The numbers of `draw_thresholds`."""
    names = found.real.definitions[:4]
    data = {"threshold": found.real.threshold}
    data |= dict(zip(names, found.real.share, strict=False))
    return data | {f"null: {name}": line for name, line in found.nulls.items()}


def draw_control(ax: Any, found: Mapping[Kept, Any], *, null: float) -> None:
    """Shares by what two trainings have in common; blue where the initialisation is
    one of them.
    """
    points = {_signs(words): share for words, share in in_words(found).items()}
    colors = [colour("topk" if kept[0] else "relu") for kept in found]
    panels.named_points(ax, points, colors=colors)
    chance(ax, null)
    ax.set(ylabel="share of latents", ylim=(-0.02, 1.02))


def _signs(words: str) -> str:
    """ "init = order ≠ data =", each on a line of its own."""
    signs = words.replace("same", "=").replace("other", "≠")
    return signs.replace(" order", "\norder").replace(" data", "\ndata")


def draw_grades(
    axes: Any,
    found: CosineGrades,
    places: Mapping[str, Mapping[Any, MeanAndShare]],
    paper: Sequence[MeanAndShare],
    *,
    cosine: float,
) -> None:
    """Left, the share of matched cosines above each threshold: the area is the mean
    matched cosine, the height at one place a share; right, both over settings.
    """
    left, right = axes
    left.fill_between(found.threshold, found.two_seeds, color=colour("topk"), alpha=0.2)
    left.plot(found.threshold, found.two_seeds, color=colour("topk"), label="two seeds")
    left.plot(found.threshold, found.null, color=NULL, linestyle=_DASHED, label="null")
    left.axvline(cosine, color=INK, linewidth=0.8)
    left.set(xlabel="|cosine| of decoder rows, matched", ylabel="share of latents")
    left.set(xlim=(0, 1), ylim=(0, 1.02))
    left.legend(loc="upper right")
    for (name, by), kind in zip(places.items(), ("topk", "relu"), strict=True):
        cosines, shares = zip(*by.values(), strict=True)
        right.plot(cosines, shares, "o-", color=colour(kind), label=f"ours, by {name}")
    theirs = [list(column) for column in zip(*paper, strict=True)]
    right.plot(*theirs, "D", color=INK, markersize=4.5, label="paper")
    right.plot([0, 1], [0, 1], color=NULL, linewidth=0.8)
    right.set(xlabel="mean matched cosine", ylabel="share that is shared")
    right.set(xlim=(0, 1), ylim=(0, 1.02))
    right.legend(loc="upper left")


def grades_data(found: CosineGrades) -> dict[str, Any]:
    """The numbers of the left panel of `draw_grades`."""
    return found._asdict()


def draw_shared_by_layer(axes: Any, found: ByLayer, paper: Mapping[str, Any]) -> None:
    """The share by layer, ours and the paper's."""
    ours, theirs = axes
    panels.trend(ours, found.share, color=colour("topk"), log=False)
    panels.null_line(ours, found.null)
    ours.set(xlabel="layer", ylabel="share of latents", ylim=(-0.02, 1), title="ours")
    theirs.plot(paper["x"], paper["shared"], "D-", color=INK, markersize=4.5)
    theirs.set(xlabel="layer", title="paper (Pythia-160M)")
