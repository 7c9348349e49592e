"""What the explorer shows, computed from trained SAEs and the text that their language
model wrote.
"""

from collections.abc import Sequence

from saecore.explorer.content import Explorer, Latent, ShownDictionary
from saecore.explorer.latents import Seen, SeenText, latents, seen_on
from saecore.explorer.meta_latents import with_meta
from saecore.measures.dictionary import top_contexts
from saecore.recipes.explorer import ExplorerRecipe
from saecore.report import figures
from saecore.source.model.language_model import OpenModel
from saecore.source.tasks.labelled_tokens import token_kinds, token_texts
from saecore.zoo.artefact import Maker

KINDS = ("first letter", "category", "country", "profession", "gender")
"""Kinds of label, of those in `token_kinds`, that latents are scored on."""
FOUND = 10
"""Latents that a search for a token finds, beyond those that have it among their first.
"""


def explorer(zoo: Maker, recipe: ExplorerRecipe) -> Explorer:
    """The `Explorer` of a recipe: every latent of its SAEs and every meta-latent of its
    meta-SAE, ready to be written as a page.
    """
    site = recipe.site
    assert site.model is not None
    model = zoo.model(site.model)
    words = vocabulary(model)
    known = token_kinds(model)
    text = SeenText(zoo.get(site.text), {kind: known.get(kind, {}) for kind in KINDS})
    rows = zoo.get(site)
    seen = [seen_on(one, zoo.get(one), rows) for one in recipe.saes]
    shown = [
        _dictionary(one, list(latents(one, seen, text, model)), text, tokens=len(words))
        for one in seen
    ]
    meta = zoo.get(recipe.meta)
    return Explorer(words, with_meta(shown, recipe.meta, meta, seen, model))


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
    one: Seen, latents: Sequence[Latent], text: SeenText, *, tokens: int
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
