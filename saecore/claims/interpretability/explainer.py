"""An explainer that anyone can run: short rules over tokens, fitted on half of the
texts of the language model and scored on the other, as the claim's rule says. Neither
half was seen in training.
"""

from dataclasses import dataclass
from functools import cached_property

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.claims.seed_dependence.grid import model_seeds
from saecore.claims.sites import model_site
from saecore.measures.explaining.fragments import (
    Fragments,
    activations_on,
    at_density,
    fragments_of,
)
from saecore.measures.explaining.interpretability import (
    Autointerp,
    autointerp,
    drawn_latents,
)
from saecore.measures.explaining.predicates import Predicates
from saecore.profiles import Profile
from saecore.recipes.explorer import latent_cell
from saecore.report import Claim
from saecore.shapes import Dictionary, Rows
from saecore.source.model.language_model import OpenModel, open_model
from saecore.source.site import Site
from saecore.source.tasks.labelled_tokens import token_kinds
from saecore.zoo.store import Zoo

EXPLAINED_TEXTS = 1024
"""Texts that explanations are made and scored on: the last ones of a sample that no
SAE, basis or other dictionary was trained or fitted on.
"""
TEXTS_AT_ONCE = 64
"""Texts read at a time."""
EXPLAINED_LATENTS = 150
"""Latents explained of each dictionary: as many as in the paper."""


@dataclass(frozen=True, eq=False)
class Explainer:
    """Automated interpretability (Cunningham et al. 2309.08600, section 3), with rules
    in place of a language model, on given texts and under the constants of a claim.
    """

    claim: Claim
    """Its constants say how rules are fitted and scored."""
    zoo: Zoo
    """Where rows come from."""
    model: OpenModel
    """The language model that wrote the texts."""
    tokens: Int[Tensor, "text pos"]
    """The texts, whole."""
    places: Fragments
    """One fragment of each; its rows are those of the texts' sites."""
    fragments: Fragments
    """The same with its rows numbered through, as `rows` and `rows_of` give them."""
    predicates: Predicates
    """What a rule may ask of a token."""
    site: Site
    """The base layer, on the sample that the texts are from."""

    @cached_property
    def rows(self) -> Rows:
        """Rows of the base layer at the fragments."""
        texts, length = self.tokens.shape
        of_texts = self.zoo.get(self.site)[-texts * (length - 1) :]
        return of_texts[self.places.row.flatten()]

    def rows_of(self, *sites: Site) -> dict[Site, Rows]:
        """Rows of these texts at the fragments as other sites would have them: after
        their layers, by their one language model. They are read anew, in one pass, and
        not stored.
        """
        if not sites:
            return {}
        ((model, dtype),) = {(site.model, site.dtype) for site in sites}
        assert model is not None
        reader = self.zoo.model(model, dtype)
        layers = [site.layer for site in sites if site.layer is not None]
        every = [torch.empty(*self.places.row.shape, reader.d_model) for _ in layers]
        for some in torch.arange(len(self.tokens)).split(TEXTS_AT_ONCE):
            place = self.places.place[some]
            streams = reader.read(self.tokens[some], layers)
            for rows, layer in zip(every, layers, strict=True):
                there = streams[layer].cpu()[torch.arange(len(some))[:, None], place]
                rows[some] = there.float()
        flat = [rows.flatten(0, 1) for rows in every]
        return dict(zip(sites, flat, strict=True))

    def activations(
        self,
        dictionary: Dictionary,
        *,
        rows: Rows | None = None,
        fragments: Fragments | None = None,
    ) -> Float[Tensor, "latent fragment pos"]:
        """Activations of up to `EXPLAINED_LATENTS` drawn latents, on the base site's
        rows at the fragments unless others are given.
        """
        latents = drawn_latents(len(dictionary.W_dec), EXPLAINED_LATENTS)
        there = self.rows if rows is None else rows
        return activations_on(dictionary, there, fragments or self.fragments, latents)

    def explained(
        self,
        dictionary: Dictionary,
        *,
        rows: Rows | None = None,
        fragments: Fragments | None = None,
        density: float | None = None,
        few_shot: bool = False,
        on_other_texts: bool = False,
    ) -> Autointerp:
        """Rules and scores of drawn latents of a dictionary, each cut to the `density`
        at which it may fire if there is one.
        """
        y = self.activations(dictionary, rows=rows, fragments=fragments)
        y = y if density is None else at_density(y, density)
        return self.scored(
            y, fragments=fragments, few_shot=few_shot, on_other_texts=on_other_texts
        )

    def scored(
        self,
        y: Float[Tensor, "latent fragment pos"],
        *,
        fragments: Fragments | None = None,
        few_shot: bool = False,
        on_other_texts: bool = False,
    ) -> Autointerp:
        """Rules and scores of any activations, at the fragments unless others are
        given; with `on_other_texts` their means on resampled texts too, by which
        dictionaries are compared.
        """
        constants = self.claim.constants
        return autointerp(
            y,
            fragments or self.fragments,
            self.predicates,
            most=int(constants["parts"]),
            least=int(constants["fragments"]),
            each=int(constants["each"]),
            level=constants["confidence"],
            few_shot=few_shot,
            draws=int(constants["resamples"]) if on_other_texts else 0,
        )


def explainer(zoo: Zoo, profile: Profile, claim: Claim) -> Explainer:
    """The explainer of a claim at the base layer of a profile, on texts of its second
    sample; its world seed cuts the fragments. Raises ValueError where the texts are too
    short or too few.
    """
    site, model = model_site(profile, sample=1), open_model(profile.folder)
    tokens = zoo.get(site.text)[-EXPLAINED_TEXTS:]
    draw = torch.Generator().manual_seed(profile.world_seed)
    places = fragments_of(tokens, generator=draw)
    through = torch.arange(places.row.numel()).view_as(places.row)
    predicates = Predicates(model.vocab_size, token_kinds(model))
    return Explainer(
        claim,
        zoo,
        model,
        tokens,
        places,
        places._replace(row=through),
        predicates,
        site,
    )


def drawn_in_explorer(profile: Profile) -> list[str]:
    """The latents that are drawn of an SAE of the base setting, as cells of a table
    that link to the first such SAE in the explorer.
    """
    first = model_seeds(profile).base[0]
    latents = drawn_latents(first.width, EXPLAINED_LATENTS)
    return [latent_cell(first, latent) for latent in latents.tolist()]
