"""What moves the share of two seeds: width, k, training length, architecture."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from saecore.claims.seed_dependence.base import matched
from saecore.claims.seed_dependence.chance import largest_nulls
from saecore.claims.seed_dependence.headline import SubjectShares, claimed_sweeps
from saecore.measures.algebra.intervals import Interval, over_pairs
from saecore.measures.seeds.many_seeds import triple_consistency
from saecore.measures.seeds.matching import Matching
from saecore.report.figures import NAMES
from saecore.report.ranged import interval_columns, mean

TRENDS = ("width", "k", "rows in training")


class Trends(NamedTuple):
    """The share against what changes in a sweep."""

    shares: dict[str, dict[float, Interval]]
    """By sweep ("width", "k", "rows in training", "width, ReLU"), then setting."""
    nulls: dict[str, dict[float, float]]
    """The largest share by chance, for the sweeps of TopK."""
    fvu: dict[str, dict[float, float]]
    """Fraction of variance unexplained, the mean over seeds, by sweep and setting."""


class ByArchitecture(NamedTuple):
    """Architectures at the same width and the same target L0; each field by
    architecture.
    """

    share: dict[str, Interval]
    """Share of latents that two seeds share."""
    decoder: dict[str, Interval]
    """The same by the decoder's cosine alone."""
    null: dict[str, float]
    """The largest share by chance."""
    l0: dict[str, float]
    """Mean number of active latents per row, over seeds."""
    fvu: dict[str, float]
    """Fraction of variance unexplained, the mean over seeds."""


def trends(subject: SubjectShares) -> Trends:
    """The share against width (TopK and ReLU), k and training length; at the widths
    that the claim judges, over all seeds.
    """
    base = subject.base
    shares = {
        name: {x: subject.share(name, x) for x in subject.sweeps[name]}
        for name in TRENDS
    }
    fvu = {name: {x: mean(f) for x, f in subject.fvu[name].items()} for name in TRENDS}
    for width in subject.sweeps["ends"]:
        shares["width"][width] = subject.share("ends", width)
        fvu["width"][width] = mean(subject.fvu["ends"][width])
    relu = matched(base, {"relu": base.grid.widths["relu"]})["relu"]
    shares["width, ReLU"] = {
        width: pairs.share(level=base.confidence) for width, pairs in relu.items()
    }
    fvu["width, ReLU"] = {
        width: mean(sae.log["fvu"] for sae in base.zoo.get_all(recipes).values())
        for width, recipes in base.grid.widths["relu"].items()
    }
    claimed = claimed_sweeps(base.grid)
    nulls = largest_nulls(base, {name: claimed[name] for name in TRENDS})
    return Trends(shares, nulls, fvu)


def by_architecture(subject: SubjectShares) -> ByArchitecture:
    """Every architecture at the base width and the same target L0."""
    name, base = "architecture", subject.base
    kinds = subject.sweeps[name]
    saes = {
        kind: list(base.zoo.get_all(recipes).values())
        for kind, recipes in base.grid.architectures.items()
    }
    return ByArchitecture(
        share={kind: subject.share(name, kind) for kind in kinds},
        decoder={kind: subject.share(name, kind, "decoder") for kind in kinds},
        null=largest_nulls(base, {name: base.grid.architectures})[name],
        l0={kind: mean(sae.log["l0"] for sae in saes[kind]) for kind in kinds},
        fvu={kind: mean(sae.log["fvu"] for sae in saes[kind]) for kind in kinds},
    )


def equal_rows(subjects: Mapping[str, SubjectShares]) -> list[dict[str, Any]]:
    """ReLU beside TopK by their decoders: as sparse, and where they leave the same
    error, TopK interpolated over k or over the rows in training.
    """
    rows = []
    for name, subject in subjects.items():
        fvu = {kind: mean(x) for kind, x in subject.fvu["architecture"].items()}
        relu = subject.share("architecture", "relu", "decoder").estimate
        here = {"subject": name, "ReLU": relu, "its error": fvu["relu"]}
        shares = {"TopK": subject.share("architecture", "topk", "decoder").estimate}
        same = here | {"at equal": "sparsity"} | shares | {"TopK error": fvu["topk"]}
        rows.append(same | interval_columns(subject.differences["relu"], "difference"))
        for sweep, found in subject.equal_error.items():
            if found:
                moved = f"error, by {sweep} {found.between[0]:g}-{found.between[1]:g}"
                row = here | {"at equal": moved, "TopK": found.interpolated}
                row |= {"TopK error": found.fvu}
                rows.append(row | interval_columns(found.difference, "difference"))
    return rows


def beside_paper(
    model: SubjectShares, world: SubjectShares, paper: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The paper's numbers and ours, row by row, like beside like.

    `paper` are the published numbers of the claim: the base setting, the two ends of
    every sweep, architectures by their decoders alone, and latents found in one seed
    only.
    """
    both = {"language model": model, "world": world}
    shared = {name: subject.shared for name, subject in both.items()}
    rows = [_row("base", paper["base"]["shared"], shared)]
    rows += _base_rows(both, paper["base"])
    for sweep, theirs in zip(TRENDS, ("widths", "ks", "lengths"), strict=True):
        first = 1 if sweep == "width" else 0  # the paper's first has 32 latents
        for end, place, its in (("smallest", 0, first), ("largest", -1, -1)):
            ours = {
                n: s.share(sweep, [*s.sweeps[sweep]][place]) for n, s in both.items()
            }
            rows.append(_row(f"{end} {sweep}", paper[theirs]["shared"][its], ours))
    published = zip(*(paper["architectures"][x] for x in ("x", "shared")), strict=True)
    for kind, theirs in published:
        ours = {n: s.share("architecture", kind, "decoder") for n, s in both.items()}
        rows.append(_row(f"{NAMES[kind]}, decoders alone", theirs, ours))
    alone = {n: s.alone for n, s in both.items()}
    once = paper["nine_seeds"]["share"][0]
    return [*rows, _row("found in one of nine seeds only", once, alone)]


def _base_rows(
    both: Mapping[str, SubjectShares], paper: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """What the paper's code tells of the base setting beside the share."""
    asked: dict[str, tuple[str, Callable[[Matching], float]]] = {
        "same partner by both": ("agreement", lambda m: m.agreement()),
        "mean matched cosine, decoders": (
            "mean_decoder_cosine", lambda m: float(m.cosine_dec.mean()),
        ),
        "mean matched cosine, encoders": (
            "mean_encoder_cosine", lambda m: float(m.cosine_enc.mean()),
        ),
    }  # fmt: skip
    rows = []
    for words, (name, number) in asked.items():
        ours = {
            subject: over_pairs(
                found.base.pairs.table(number), level=found.base.confidence
            )
            for subject, found in both.items()
        }
        rows.append(_row(words, paper[name], ours))
    triples = {n: triple_consistency(s.base.pairs.partners()) for n, s in both.items()}
    last = {"setting": "partners that agree around three seeds"}
    return [*rows, last | {"paper": paper["triple_consistency"]} | triples]


def _row(setting: str, theirs: float, ours: Mapping[str, Interval]) -> dict[str, Any]:
    shown = {subject: x.estimate for subject, x in ours.items()}
    return {"setting": setting, "paper": theirs} | shown
