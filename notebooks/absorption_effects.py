# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# (absorption-effects)=
# # Absorption: which words, what it does, other parents
#
# [The page on absorption](absorption.ipynb) counts absorbed words. This page looks at
# them: where in the model their letter is, one letter from the inside, what absorbers
# stand for, absorption by halves, other parents, and what becomes of an edit that
# trusts a latent which absorbs.

# %% tags=["parameters", "hide-input"]
profile = "tiny"
world_seed = 0

# %% tags=["hide-input"]
from saecore.claims import sites
from saecore.claims.absorption import absorbed_words, figures, headline, setting
from saecore.claims.absorption.below import editing, other_parents
from saecore.claims.absorption.sentences import show_sentence
from saecore.report import (
    by_setting,
    figure,
    published,
    record,
    settings,
    subplots,
    table,
    tolerance,
)

tolerance(rtol=0.045, atol=5e-3)
zoo, subject = sites.opened(profile, world_seed)
letters = setting.asked_letters(zoo, subject)
saes = headline.read_base(letters)
base = list(saes.values())

# %% [markdown]
# Everything here is about the base setting: the widest TopK with the fewest active
# latents, and letters whose main latents look monosemantic.
#
# ## Where in the model is the letter?
#
# A dictionary can only absorb what the model uses there. So first a test of cause:
# replace the residual stream at the word by that of another word, and see which letter
# the model names. Where the answer follows the other word, the site carries the letter.

# %% tags=["hide-input"]
layers = absorbed_words.layers(letters)
table(
    "layers",
    by_setting(
        {layer: rates.follows for layer, rates in layers.items()},
        key="layer",
        name="follows the other word",
        **{"keeps its own": {layer: rates.keeps for layer, rates in layers.items()}},
    ),
    rtol=0.03,
    caption="First letter named after the stream at the word was exchanged",
)

# %% tags=["hide-input"]
settings(layer=subject.layer)
show_sentence("follows", layers[subject.layer].follows)

# %% [markdown]
# ## One letter, from the inside
#
# The case is picked by the machine: the absorbed word whose specific absorber has the
# largest effect, in the first SAE that absorbs. First all words of its letter that the
# probe gets right. Above are the main latents, below them every absorber.

# %% tags=["hide-input"]
recipe, one = next((r, s) for r, s in saes.items() if s.absorbed.any())
case = absorbed_words.largest_case(letters, recipe, one)
inside = absorbed_words.activations(letters, one, case.letter)

# %% tags=["hide-input"]
fig, ax = subplots(figsize=(7.8, 1.6 + 0.2 * len(inside.latents)))
figures.draw_activations(fig, ax, inside)
rows = zip(inside.latents, inside.value.tolist(), strict=True)
figure(
    "fig-activations",
    fig,
    caption=f"Which latents fire on which words with {case.letter}; each latent by its "
    "largest activation on any word.",
    alt="A map of words against latents: main latents fire on the words to the left, "
    "absorbers on single words to the right",
    data=[
        {"latent": name} | dict(zip(inside.words, x, strict=True)) for name, x in rows
    ],
    atol=0.05,
)

# %% tags=["hide-input"]
paper = published("absorption")["case"]
settings(word=case.word, letter=case.letter, absorber=case.absorber)
settings(paper_f1=paper["latent_f1"], paper_cosine=paper["probe_cosine"])
settings(paper_lead=paper["lead"])
record("case_precision", case.precision)
record("case_recall", case.recall)
record("case_cosine", case.cosine, paper=paper["probe_cosine"])
record("case_lead", case.lead, paper=paper["lead"])

# %% tags=["hide-input"]
table(
    "case",
    case.latents,
    caption=f"The word {case.word!r}, the letter {case.letter}: main latents and "
    "absorber, and on how many of the asked words they fire",
)

# %% tags=["hide-input"]
fig, ax = subplots(figsize=(6.8, 3.0))
figures.draw_case(fig, ax, case)
active = {"latent": case.active, "removed": case.removed}
figure(
    "fig-case",
    fig,
    caption="What each active latent does for the letter of this word, and what is "
    "left when the letter's direction stays.",
    alt="Bars of the change in logit lead for each active latent, with and without its "
    "part along the probe's direction; the absorber's is the largest",
    data=active | {"removed but for the direction": case.kept},
    atol=0.05,
)

# %% [markdown]
# On "{glue:text}`absorption_effects.ipynb::word:s`" latent
# {glue:text}`absorption_effects.ipynb::absorber:.0f` does most of the work for the
# letter {glue:text}`absorption_effects.ipynb::letter:s`. The grey bars are the control:
# there the latent is removed *except* for its part along the probe's direction. The
# effect that is then gone was carried by that part.
#
# The paper's case is “short” and the letter S. There the main latent has an F1 of
# {glue:text}`absorption_effects.ipynb::paper_f1:.2f`, the absorber's cosine with the
# probe is {glue:text}`absorption_effects.ipynb::paper_cosine:.2f`, and it leads by
# about {glue:text}`absorption_effects.ipynb::paper_lead:.0f` logits. Here the main
# latents have a precision of
# {glue:text}`absorption_effects.ipynb::case_precision:.2f` and a recall of
# {glue:text}`absorption_effects.ipynb::case_recall:.2f`, the cosine is
# {glue:text}`absorption_effects.ipynb::case_cosine:.2f` and the lead
# {glue:text}`absorption_effects.ipynb::case_lead:.1f`.
#
# ## What do absorbers stand for?
#
# One case proves little. {numref}`fig-absorbers` has the absorber of every absorbed word, in all
# seeds: how much of its activation lies on words of the letter, and on how many words
# it fires at all. Beside it, the latents that lead by the same rule where a main latent
# fires, so where nothing need be absorbed.

# %% tags=["hide-input"]
every = absorbed_words.absorbers(letters, base)

# %% tags=["hide-input"]
fig, axes = subplots(1, 2, figsize=(7.8, 3.0))
figures.draw_absorbers(axes, every)
figure(
    "fig-absorbers",
    fig,
    caption="Purity of every absorber, and the number of asked words on which it "
    "fires (the last bar: so many or more).",
    alt="Two histograms: the share of an absorber's activation on words of the letter, "
    "and the number of words on which it fires",
    data=[
        {
            "latents": name,
            "words": len(some.words),
            "median purity": some.purity.median(),
            "median words": some.words.median(),
        }
        for name, some in every.items()
    ],
    atol=2,
)

# %% tags=["hide-input"]
settings(few_words=absorbed_words.FEW_WORDS)
record("of_few_words", every["absorbers"].few, atol=0.02)

# %% [markdown]
# Of the absorbers {glue:text}`absorption_effects.ipynb::of_few_words:.2f` fire on
# {glue:text}`absorption_effects.ipynb::few_words:d` asked words or fewer. Those to the
# left of the first panel are no children: they stand for something that cuts across
# letters, and carry the letter's direction all the same. [The
# verdict](absorption.ipynb) counts specific ones by themselves.
#
# ## Absorption by halves
#
# A main latent may speak, but weakly, while another carries the rest; the authors call
# it partial absorption. So the same rule without the condition that main latents are
# silent: another latent must lead them, too.

# %% tags=["hide-input"]
halves = absorbed_words.partial_absorption(letters, base)
fig, ax = subplots(figsize=(6.0, 2.8))
figures.draw_partial(ax, halves)
figure(
    "fig-partial",
    fig,
    caption="What the main latents carry of the row's projection on the probe. Silent "
    "ones carry nothing: the bar at zero is the absorption rate's.",
    alt="A histogram of the main latents' share of the probe's projection, for words "
    "on which another latent leads and for all others",
    data=[
        {"words": "another leads", "number": len(halves.absorbed)},
        {"words": "others", "number": len(halves.others)},
    ],
    rtol=0.045,
)

# %% tags=["hide-input"]
record("partly", halves.partly, atol=5e-3)

# %% [markdown]
# On {glue:text}`absorption_effects.ipynb::partly:.3f` of the words another latent leads
# though a main latent fires; the rate of the verdict leaves these out.
#
# ## Other parents
#
# Is it only spelling? The model knows other parents with many children: categories (a
# sparrow is a bird), countries and professions of persons, gender, and whether a word
# is capitalised. They, too, were taught. "Moderate" is TopK at the width and k of the
# other pages. The null is the stronger one of two in the same SAEs: words whose main
# latents fire, and the direction of another parent. For capitals there is no question
# to ask, so no ablation.

# %% tags=["hide-input"]
kinds = other_parents.asked_kinds(letters)
parents = other_parents.read_kinds(letters, kinds)
table(
    "parents",
    other_parents.rows_of_kinds(parents),
    atol=0.02,
    caption="All parents that were tried (means over three seeds): gates, the rate "
    "with its null, and that of specific absorbers with its own",
)

# %% tags=["hide-input"]
for kind in ("category", "profession", "country"):
    read = parents.get((kind, "base"))
    if read and read.absorbed:
        show_sentence("kind_excess", read.absorbed.excess, kind=kind)

# %% [markdown]
# A gap means that no label passed both gates in two seeds, or that there is no question
# to ask. Read each row against its gates: where the latents are poor, a low rate is no
# sign of health.
#
# ## Editing by a latent that absorbs
#
# Suppose you trust the latent and edit with it: set the old letter's main latents to
# zero, and another letter's to its mean where it fires. Does the model then name the
# new letter? And does the word stay the word, as far as its category can tell? Beside
# it, the same swap with the mean rows of the two letters, which needs labels but no
# dictionary. If absorption does harm, the edit should fail on absorbed words, and work
# where a main latent fires.

# %% tags=["hide-input"]
some = [r for few in editing.edited_settings(letters).values() for r in few]
saes |= headline.read_all(letters, [r for r in some if r not in saes])
edits = editing.editing(letters, saes, kinds.get("category"))

# %% tags=["hide-input"]
columns = {
    "on absorbed words": edits.absorbed,
    "where a main latent fires": edits.others,
}
columns["keeps the category"] = edits.kept
table(
    "editing",
    by_setting(
        edits.named, key=("SAE", "edit"), name="names the new letter", **columns
    ),
    atol=0.03,
    caption="Swapping the first letter of words, by latents and by mean rows (letters "
    "that count; k 4)",
)

# %% [markdown]
# Compare the first line of each pair with the second: the difference of means is the
# yardstick that a dictionary has to meet. And compare, in the first line, absorbed
# words with the others: the letter that another latent carries stays where it is.
#
# ## Exercise
#
# ```{exercise} Level 3
# :label: ex-absorption-own
# Which parent would you test in a model of your own? Write its words with labels, and
# pass them through `asked_parents` and `read_sae` of `saecore.claims.absorption`.
# ```
