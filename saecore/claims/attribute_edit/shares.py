"""How often edits succeed, over seeds and entities: the numbers of the rule."""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from saecore.claims.non_atomicity.meta_saes import Triple
from saecore.measures.algebra.intervals import Interval, crossed
from saecore.measures.meta.attribute_swaps import Exchanges, Pairs
from saecore.measures.meta.edit_shares import by_own, linearised
from saecore.report import mean

EXCHANGED = {
    "chosen": "meta-latents of the attribute",
    "random": "as many others",
    "all": "all meta-latents",
    "half": "half of the row",
    "row": "the whole row",
}
"""What is exchanged between two entities."""


class AttributeEdits(NamedTuple):
    """Edits of the entities of one subject, with one entry per seed."""

    topics: tuple[str, ...]
    """The attributes."""
    pairs: Pairs
    """Who was exchanged with whom: the same with every seed."""
    seeds: list[Exchanges]
    """What was answered."""

    def table(self, way: str, what: str, group: int | None = None) -> Tensor:
        """Shares [seed, entity] of pairs that "turned", that "kept" the rest, or did
        both ("clean"), of one attribute or of all.
        """
        of_group = self.pairs.group == group
        return torch.stack(
            [
                by_own(
                    values if group is None else values.where(of_group, torch.nan),
                    self.pairs.own,
                    entities=len(self.pairs.half),
                )
                for values in (_shares(one, way, what) for one in self.seeds)
            ]
        )


def _shares(one: Exchanges, way: str, what: str) -> Tensor:
    answers = one.answers[way]
    if what == "clean":
        return answers.turned * answers.kept
    return getattr(answers, what)


def success(
    edits: AttributeEdits, way: str = "chosen", group: int | None = None
) -> Any:
    """Share of turned answers over that of the whole row, as a table whose mean it is;
    None where the whole row turns nothing.
    """
    return linearised(
        edits.table(way, "turned", group), edits.table("row", "turned", group)
    )


def precision(edits: AttributeEdits, way: str) -> Any:
    """Share of the turned answers whose edit kept the others, likewise; None where
    nothing turned.
    """
    return linearised(edits.table(way, "clean"), edits.table(way, "turned"))


def over_entities(table: Tensor | None, *, level: float) -> Interval | None:
    """Over seeds and entities; None where fewer than two entities were edited."""
    if table is None or asked_of(table).shape[1] < 2:
        return None
    return crossed(asked_of(table), level=level)


def asked_of(table: Tensor) -> Tensor:
    """Without the entities that were never edited."""
    return table[:, ~table.isnan().all(0)]


def less(a: Tensor | None, b: Tensor | None) -> Tensor | None:
    """The difference, where both are there."""
    return None if a is None or b is None else a - b


def numbers(edits: AttributeEdits, *, level: float) -> dict[str, Triple | None]:
    """The numbers of the rule about edits that an SAE gave."""
    chosen, random = success(edits), success(edits, "random")
    parts, row = precision(edits, "chosen"), precision(edits, "row")
    tables = {
        "success": chosen,
        "success_null": random,
        "success_excess": less(chosen, random),
        "whole": edits.table("row", "turned"),
        "precision": parts,
        "precision_row": row,
        "precision_excess": less(parts, row),
    }
    return {name: _triple(table, level) for name, table in tables.items()}


def beside_means(edits: AttributeEdits, means: AttributeEdits, *, level: float) -> Any:
    """The numbers of the rule about mean rows, on entities that have a latent."""
    with_sae, without = success(edits), success(means)
    tables = {
        "success_means": without,
        "whole_means": means.table("row", "turned"),
        "means_excess": less(with_sae, without),
    }
    return {name: _triple(table, level) for name, table in tables.items()}


def _triple(table: Tensor | None, level: float) -> Triple | None:
    found = over_entities(table, level=level)
    return None if found is None else found.triple


def edit_rows(by_rows: dict[str, AttributeEdits]) -> list[dict[str, Any]]:
    """Answers turned and kept, a kind of exchange a row, means over seeds: a table."""
    return [
        {"rows of": name, "exchanged": words}
        | {
            f"{topic} turned": _mean(edits.table(way, "turned", g))
            for g, topic in enumerate(edits.topics)
        }
        | {"others kept": _mean(edits.table(way, "kept"))}
        | {"kept, if it turned": _mean(precision(edits, way))}
        for name, edits in by_rows.items()
        for way, words in EXCHANGED.items()
    ]


def _mean(table: Tensor | None) -> float | None:
    return None if table is None else mean([table.nanmean()])


def by_attribute(
    edits: AttributeEdits, *, level: float
) -> dict[str, dict[str, Interval]]:
    """Success over the ceiling by attribute, by what was exchanged."""
    return {
        words: {
            topic: found
            for g, topic in enumerate(edits.topics)
            if (found := over_entities(success(edits, way, g), level=level)) is not None
        }
        for way, words in EXCHANGED.items()
        if way in ("chosen", "random", "all")
    }


def figure_rows(found: dict[str, dict[str, Interval]]) -> list[dict[str, Any]]:
    """`by_attribute` as the rows of a table."""
    return [
        {"exchanged": words, "attribute": topic, "share of the ceiling": one.estimate}
        | {"from": one.low, "to": one.high}
        for words, topics in found.items()
        for topic, one in topics.items()
    ]
