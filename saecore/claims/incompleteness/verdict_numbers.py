"""All numbers of the claim's rule on one subject, with their intervals."""

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from saecore.claims.incompleteness import between_seeds as numbers_of
from saecore.claims.incompleteness.between_seeds import Tables, Views
from saecore.claims.incompleteness.held_out import HeldOut
from saecore.measures.algebra.intervals import Interval
from saecore.measures.dictionary.encoded import Encoded, residual
from saecore.measures.dictionary.recovery import TRUE_FROM
from saecore.measures.stitching.cosine_proxy import max_cosine
from saecore.measures.stitching.insertion import Insertions, inserted
from saecore.measures.stitching.refit import crossfitted
from saecore.measures.stitching.row_groups import as_share, over_seeds_and_rows
from saecore.measures.stitching.truth import lacked
from saecore.shapes import Rows
from saecore.source.worlds.features import Features

INTO = ("", "_refit")
"""The smaller SAE as it is, and with its decoder fitted anew."""


class Small(NamedTuple):
    """A smaller SAE, and what is needed of it for every latent put into it."""

    one: Encoded
    rest: tuple[Rows, Rows]
    """What it leaves of the rows, by `INTO`."""


def smaller(held: HeldOut, one: Encoded) -> Small:
    """An SAE with what it leaves, as it is and cross-fitted."""
    rest = residual(one, held.x), crossfitted(one, held.x, together=held.together)
    return Small(one, rest)


def verdict_numbers(
    held: HeldOut, *, generator: Generator, known: Features | None = None
) -> dict[str, Interval]:
    """The numbers of the rule on one subject, over all pairs of seeds of the base pair;
    `known` is the truth, where there is one.
    """
    kind, u, v = held.base
    narrow, wide = held.seeds(kind, u), held.seeds(kind, v)
    small = [smaller(held, one) for one in narrow]
    draws, sizes = int(held.rule["null_draws"]), (len(narrow), len(wide))
    null = [
        numbers_of.strangers(one, draws=draws, generator=generator) for one in narrow
    ]
    wider = numbers_of.tables(
        *sizes, lambda s, t: _wider(held, small[s], wide[t], null[s], known)
    )
    control = numbers_of.tables(
        *sizes, lambda s, t: _control(held, small[s], narrow[t])
    )
    return rule_intervals(held, {**wider, **control}, trials=v)


def rule_intervals(held: HeldOut, found: Tables, *, trials: int) -> dict[str, Interval]:
    """Shares and areas inside 0 to 1, changes as they are, and all differences."""
    inside = {
        name: over_rule(held, one)
        if name.startswith("all_novel")
        else share_over_rule(held, one, trials=trials)
        for name, one in found.items()
    }
    differences = {
        "novel_excess": ("novel", "novel_control"),
        "refit_excess": ("refit_novel", "refit_control"),
        "truth_excess": ("truth_precision", "truth_base"),
        "auc_excess": ("auc", "auc_null"),
        "auc_refit_excess": ("auc_refit", "auc_refit_null"),
        "all_novel_excess": ("all_novel", "all_novel_control"),
    }
    return inside | {
        name: over_rule(held, found[a] - found[b])
        for name, (a, b) in differences.items()
        if a in found
    }


def over_rule(held: HeldOut, tables: Float[Tensor, "view seed other"]) -> Interval:
    """The interval over seeds and rows at the rule's confidence."""
    return over_seeds_and_rows(tables, level=held.rule["confidence"])


def share_over_rule(
    held: HeldOut, tables: Float[Tensor, "view seed other"], *, trials: int
) -> Interval:
    """The same interval of a share of `trials` latents, inside 0 to 1."""
    freedom = min(tables.shape[-1], held.groups) - 1
    return as_share(
        over_rule(held, tables), units=trials, freedom=freedom, trials=trials
    )


def _wider(
    held: HeldOut, small: Small, large: Encoded, drawn: Tensor, known: Features | None
) -> Mapping[str, Views]:
    """Numbers of a pair of a small and a wide SAE."""
    found = dict(zip(INTO, put_into(held, small, large), strict=True))
    cosine = max_cosine(small.one, large)[None]
    null = numbers_of.stranger_cosines(drawn, large)
    plain, refit = (share_of(held, one) for one in found.values())
    numbers = {"novel": plain, "refit_novel": refit}
    numbers["all_novel"] = _all_novel(held, small.one, large)
    for way, effects in found.items():
        numbers[f"auc{way}"] = numbers_of.sign_auc(effects, cosine)
        numbers[f"auc{way}_null"] = numbers_of.sign_auc(effects, null)
    if known is not None:
        numbers |= _against(held, small.one, large, known, found["_refit"])
    return numbers


def _control(held: HeldOut, small: Small, other: Encoded) -> Mapping[str, Views]:
    """Numbers of a pair of seeds of one width."""
    plain, refit = (share_of(held, one) for one in put_into(held, small, other))
    return {
        "novel_control": plain,
        "refit_control": refit,
        "all_novel_control": _all_novel(held, small.one, other),
    }


def put_into(held: HeldOut, small: Small, large: Encoded) -> list[list[Insertions]]:
    """The views of all single insertions, by `INTO`."""
    into = partial(inserted, together=held.together, groups=held.groups)
    return [into(large, rest) for rest in small.rest]


def share_of(held: HeldOut, found: list[Insertions]) -> Views:
    """Share of the latents that are surely novel, for each view."""
    return _novel(held, found).double().mean(1)


def _novel(held: HeldOut, found: list[Insertions]) -> Tensor:
    rule = held.rule
    return numbers_of.surely_novel(
        found, fdr=rule["false_discovery_rate"], least=rule["least_firings"]
    )


def _all_novel(held: HeldOut, small: Encoded, large: Encoded) -> Views:
    return numbers_of.all_novel(
        small,
        large,
        held.x,
        threshold=held.rule["cosine"],
        groups=held.groups,
        together=held.together,
    )


def _against(
    held: HeldOut,
    small: Encoded,
    large: Encoded,
    known: Features,
    found: list[Insertions],
) -> dict[str, Views]:
    """Of the latents called novel, refit, and of all latents: the share that is really
    new; nan if none is called.
    """
    real = lacked(
        small, large, known.directions, known.composites(), threshold=TRUE_FROM
    ).lacked
    called = _novel(held, found)
    precision = (called & real).sum(1) / called.sum(1).double()
    base = torch.full_like(precision, float(real.double().mean()))
    return {"truth_precision": precision, "truth_base": base}
