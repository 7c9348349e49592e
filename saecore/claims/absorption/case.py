"""One absorbed word from the inside: the one with the largest lead."""

from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from saecore.claims.absorption.headline import Reads
from saecore.claims.absorption.reading import Read
from saecore.claims.absorption.setting import Parents, Setting
from saecore.measures.absorption.ablation import project_out

LOUDEST = 6
"""So many words say what a latent stands for."""


class Case(NamedTuple):
    """An absorbed word: its letter's main latents, the absorber, and what all do."""

    word: str
    letter: str
    absorber: int
    """The latent that carries the letter."""
    latents: list[dict[str, Any]]
    """A row for each main latent, then one for the absorber."""
    active: Int[Tensor, " active"]
    """The latents that are active on the word."""
    removed: Float[Tensor, " active"]
    """Change of the logit lead when each of them is removed."""
    kept: Float[Tensor, " active"]
    """The same when its part along the probe's direction stays."""
    main_f1: float
    """F1 of the k-sparse probe on the letter's main latents."""
    cosine: float
    """Cosine of the absorber with the letter's probe."""
    lead: float
    """How much more its removal lowers the lead than that of any other latent."""


def largest_case(setting: Setting, base: Reads) -> Case:
    """The absorbed word of the first base SAE whose absorber has the largest effect."""
    recipe, letters = setting.grid.base[0], setting.letters
    one = base[recipe]
    item = _strongest(one)
    case = one.found.case[item]
    row, label = int(one.found.row[case]), int(one.found.label[case])
    absorber = int(one.found.latent[item])
    direction = functional.normalize(letters.probes.direction[label], dim=0)
    acts = setting.zoo.get(recipe).encode(letters.rows)
    live = acts[row].nonzero()[:, 0]
    parts = acts[row, live, None] * one.w_dec[live]
    removed = _change(letters, row, parts)
    kept = _change(letters, row, project_out(parts, direction))
    named = [("main", int(j)) for j in one.split.main(label)] + [("absorber", absorber)]
    # latents that are silent do nothing
    first, second = torch.cat([removed, removed.new_zeros(1)]).sort().values[:2]
    return Case(
        letters.words.words[row],
        letters.words.names[label],
        absorber,
        [_described(one, letters, acts, direction, row, name, j) for name, j in named],
        live,
        removed,
        kept,
        main_f1=float(one.split.main_f1[label]),
        cosine=float(functional.normalize(one.w_dec[absorber], dim=0) @ direction),
        lead=float(-first + second),
    )


def _strongest(one: Read) -> int:
    """The item of the most negative effect among those of absorbed words."""
    effects = one.effects.entry[one.found.entry]
    return int(torch.where(one.absorbed[one.found.case], effects, torch.inf).argmin())


def _change(letters: Parents, row: int, parts: Tensor) -> Tensor:
    """Change of the logit lead of one word without each of some parts of its row."""
    here = torch.full((len(parts),), row)
    metric = letters.metric
    return metric(letters.rows[here] - parts, here) - metric.clean[row]


def _described(
    one: Read,
    letters: Parents,
    acts: Tensor,
    direction: Tensor,
    row: int,
    name: str,
    latent: int,
) -> dict[str, Any]:
    """What a latent stands for, and what it does on the word."""
    w_dec, own = one.w_dec[latent], acts[:, latent]
    loudest = own.topk(min(LOUDEST, len(own))).indices
    return {
        "latent": f"{name} {latent}",
        "loudest on": ", ".join(letters.words.words[i] for i in loudest),
        "here": float(own[row]),
        "where it fires, mean": float(own[own > 0].mean()),
        "cosine with the probe": float(functional.normalize(w_dec, dim=0) @ direction),
        "contribution along it": float(own[row] * w_dec @ direction),
    }
