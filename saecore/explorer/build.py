"""What the explorer shows, computed from trained SAEs and the text that their language
model wrote.
"""

from collections.abc import Sequence

from saecore.claims.incompleteness.grid import stitching_grid
from saecore.claims.non_atomicity.grid import meta_grid
from saecore.claims.seed_dependence.grid import model_seeds
from saecore.explorer import top_contexts
from saecore.explorer.content import Explorer, Latent, ShownDictionary
from saecore.explorer.latents import Seen, Text, latents, seen_on
from saecore.explorer.meta_latents import with_meta
from saecore.profiles import Profile
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.report import Claim, figures
from saecore.source.model.language_model import OpenModel, open_model
from saecore.source.tasks.labelled_tokens import token_kinds, token_texts
from saecore.zoo.store import Zoo

KINDS = ("first letter", "category", "country", "profession", "gender")
"""Kinds of label, of those in `token_kinds`, that latents are scored on."""
FOUND = 10
"""Latents that a search for a token finds, beyond those that have it among their first.
"""


def recipes(profile: Profile) -> list[SAERecipe]:
    """The SAEs of the explorer: the widest of the incompleteness claim, a narrower one,
    two seeds of TopK.
    """
    relu = stitching_grid(profile).relu
    return [relu[max(relu)][0], relu[profile.width][0], *model_seeds(profile).base[:2]]


def meta_recipe(profile: Profile) -> MetaRecipe:
    """The meta-SAE of the widest SAE, as the non-atomicity claim asks for it."""
    return meta_grid(profile, Claim.read("non_atomicity")).base[0]


def explorer(zoo: Zoo, profile: Profile) -> Explorer:
    """The `Explorer` of a profile: every latent of the SAEs of `recipes` and every
    meta-latent of `meta_recipe`, ready to be written as a page. SAEs that are missing
    are trained first.
    """
    asked, asked_meta = recipes(profile), meta_recipe(profile)
    site = asked[0].site
    saes, meta = zoo.get_all(asked), zoo.get(asked_meta)
    model = open_model(profile.folder)
    words = vocabulary(model)
    known = token_kinds(model)
    text = Text(zoo.get(site.text), {kind: known.get(kind, {}) for kind in KINDS})
    rows = zoo.get(site)
    seen = [seen_on(one, saes[one], rows) for one in asked]
    shown = [
        _dictionary(one, list(latents(one, seen, text, model)), text, tokens=len(words))
        for one in seen
    ]
    return Explorer(words, with_meta(shown, asked_meta, meta, seen, model))


def vocabulary(model: OpenModel) -> list[str]:
    """The vocabulary as text, token by token; a piece of a character is shown as the
    tokeniser spells it.
    """
    pieces = model.tokenizer.convert_ids_to_tokens(list(range(model.vocab_size)))
    return [
        f"⟨{piece}⟩" if "\ufffd" in text else text
        for text, piece in zip(token_texts(model), pieces, strict=True)
    ]


def _dictionary(
    one: Seen, latents: Sequence[Latent], text: Text, *, tokens: int
) -> ShownDictionary:
    recipe, log = one.recipe, one.sae.log
    kind = figures.NAMES[recipe.architecture]
    facts = {
        "architecture": kind,
        "latents": recipe.width,
        "seed": recipe.seed,
        "mean number active": round(
            log.get("l0", len(one.by.value) / text.of_rows.numel()), 2
        ),
        "variance left (FVU)": round(log.get("fvu", float("nan")), 3),
        "never active": int((one.by.fired == 0).sum()),
        "tokens looked at": text.of_rows.numel(),
    }
    title = f"{kind}, {recipe.width:,} latents, seed {recipe.seed}"
    shown = {name: value for name, value in facts.items() if value == value}
    ranked = top_contexts.strongest_latents(
        one.by, text.of_rows, tokens=tokens, count=FOUND
    )
    by_token = [[j for j in found if j >= 0] for found in ranked.tolist()]
    colour = figures.colour(recipe.architecture)
    return ShownDictionary(one.name, title, colour, shown, latents, by_token=by_token)
