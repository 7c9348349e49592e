"""A zoo of hand-made dictionaries whose latents are sums of known parts."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import torch

from saecore import profiles
from saecore.claims.non_atomicity.meta_saes import MetaSAEs
from saecore.claims.non_atomicity.persons import Quiz
from saecore.measures.algebra.nearest import unit_rows
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.seeding import stable_seed
from saecore.source.site import Site
from saecore.source.tasks.facts import read_facts
from saecore.source.worlds.features import Features, World, truth
from saecore.training.decoder_rows import DecoderRows, decoder_rows
from saecore.zoo.sae import SAE, configuration
from saecore.zoo.store import Zoo

PROFILE = replace(profiles.read("tiny"), widths=(16, 64, 256), width=64)
SEQUENCES, LENGTH = 40, 51
PARTS = 12
"""As many as the meta-SAEs of the language model have latents at the base width."""


@cache
def features() -> Features:
    return truth(World())


def drawn(*shape: int, of: str, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(stable_seed("planted", of, seed))
    return torch.randn(*shape, generator=generator)


def parts() -> torch.Tensor:
    """What the latents of wide SAEs of the language model are sums of."""
    return unit_rows(drawn(PARTS, 160, of="parts"))


def dictionary(rows: torch.Tensor, k: float, bias: torch.Tensor | None = None) -> SAE:
    """TopK with a tied encoder."""
    width, d_model = rows.shape
    cfg = configuration("topk", width=width, d_model=d_model, k=k, metadata={})
    weights = {"W_enc": rows.T.contiguous(), "W_dec": rows, "b_enc": torch.zeros(width)}
    return SAE(cfg, weights | {"b_dec": torch.zeros(d_model) if bias is None else bias})


def latents_of_model(width: int, seed: int) -> torch.Tensor:
    """Narrow SAEs hold the parts themselves, wide ones sums of two."""
    noise = unit_rows(drawn(width, 160, of=f"noise {width}", seed=seed))
    if width < 64:
        return torch.cat([parts()[:width], noise])[:width]
    two = drawn(width, PARTS, of=f"two {width}", seed=seed).topk(2, dim=1).indices
    return unit_rows(parts()[two].sum(1) + 0.1 * noise)


def latents_of_world(width: int, seed: int) -> torch.Tensor:
    """Narrow SAEs hold background features and parents, wide ones whole bundles."""
    true = features()
    kinds = (true.of_kind(kind) for kind in ("background", "parent"))
    common = true.directions[torch.cat([*kinds])]
    bundles = true.composites()[true.entity]
    noise = unit_rows(drawn(width, len(bundles.T), of="world noise", seed=seed))
    held = common if width <= 64 else torch.cat([bundles, common])
    return unit_rows(torch.cat([held, noise])[:width] + 0.05 * noise)


class PlantedZoo(Zoo):
    """Nothing is trained and nothing stored."""

    def __init__(self) -> None:
        super().__init__(Path("nowhere"), workers=1)
        self._known = {}

    def get(self, recipe):
        return self.get_all([recipe])[recipe]

    def get_all(self, recipes):
        return {one: self._once(one) for one in recipes}

    def _once(self, recipe):
        if recipe not in self._known:
            self._known[recipe] = self._planted(recipe)
        return self._known[recipe]

    def _planted(self, recipe):
        if isinstance(recipe, MetaRecipe):
            return self._meta(recipe)
        if isinstance(recipe, SAERecipe):
            world = isinstance(recipe.site.source, World)
            rows = latents_of_world if world else latents_of_model
            return dictionary(rows(recipe.width, recipe.seed), 4)
        if isinstance(recipe, Site):
            return world_rows() if isinstance(recipe.source, World) else model_rows()
        return tokens()

    def _meta(self, recipe: MetaRecipe) -> SAE:
        """The true parts for real rows, random directions for those without structure;
        centred on the rows that it may know.
        """
        rows, train, _ = decoder_rows(recipe, self.get(recipe.sae))
        known = parts()
        if isinstance(recipe.sae.site.source, World):
            true = features()
            known = true.directions[true.of_kind("attribute")]
        if recipe.rows != "decoder" or recipe.planted == "atoms":
            known = known[:0]
        more = unit_rows(drawn(recipe.width, rows.shape[1], of="meta"))
        directions = torch.cat([known, more])[: recipe.width]
        return dictionary(directions, recipe.k, rows[train].mean(0))


def model_rows() -> torch.Tensor:
    """Sums of two parts, the stronger one of which is the token."""
    active = drawn(SEQUENCES * (LENGTH - 1), PARTS, of="rows")
    return active.relu().square() @ parts()


def tokens() -> torch.Tensor:
    active = drawn(SEQUENCES * (LENGTH - 1), PARTS, of="rows")
    token = 100 + active.argmax(1).view(SEQUENCES, LENGTH - 1)
    return torch.cat([torch.zeros(SEQUENCES, 1, dtype=torch.int64), token], 1)


def world_rows() -> torch.Tensor:
    """Each an entity with its attributes, and now and then a feature of the
    background.
    """
    true = features()
    entity = torch.arange(1200) % len(true.entity)
    bundle = true.directions[true.entity[entity]]
    bundle = bundle + true.directions[true.attributes[entity]].sum(1)
    common = true.of_kind("background")
    noise = true.directions[common[torch.arange(1200) % len(common)]]
    return bundle + noise


SIZES = (5, 4, 2)
"""Countries, professions, genders of planted persons."""
PEOPLE, TEMPLATES = 256, 4


def axes() -> torch.Tensor:
    return torch.linalg.qr(drawn(160, 160, of="axes")).Q


def planted_quiz() -> Quiz:
    """Streams that hold a country, a profession, a gender and the person; a text is the
    stream itself, and its questions are the directions of the answers.
    """
    attributes = axes()[: sum(SIZES)].split(SIZES)
    codes = (drawn(PEOPLE, n, of="codes", seed=n).argmax(1) for n in SIZES)
    values = torch.stack(list(codes), 1)
    own = 0.5 * unit_rows(drawn(PEOPLE, 160 - sum(SIZES), of="own"))
    stream = own @ axes()[sum(SIZES) :]
    for directions, value in zip(attributes, values.unbind(1), strict=True):
        stream = stream + directions[value]
    row = torch.arange(PEOPLE * TEMPLATES)
    asked: list[Any] = list(attributes)
    texts: list[Any] = [stream] * 3
    return Quiz(
        persons=read_facts().persons[:PEOPLE],
        topics=("country", "profession", "pronoun"),
        of=row % PEOPLE,
        choose=row // PEOPLE % 2 == 0,
        rows=stream.repeat(TEMPLATES, 1),
        asked=asked,
        texts=texts,
        streams=[stream] * 3,
        values=values,
    )


def answered(text, asked, which, shift):
    """In the place of a language model: the answer with the largest product."""
    return ((text[which] + shift) @ asked.T).argmax(1)


def person_saes(found: MetaSAEs, about: Quiz, recipes: list[MetaRecipe]) -> MetaSAEs:
    """SAEs with a latent per person, and the attributes as meta-latents."""
    sae = dictionary(unit_rows(about.streams[0]), 1)
    meta = dictionary(axes()[: sum(SIZES)].contiguous(), found.k)
    return found._replace(
        saes=found.saes | {recipe.sae: sae for recipe in recipes},
        metas=found.metas | dict.fromkeys(recipes, meta),
        known={
            one: DecoderRows(sae.W_dec, torch.arange(200), torch.arange(200, 256))
            for one in recipes
        },
    )
