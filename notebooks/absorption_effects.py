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
# them: where in the model their letter is, how often they occur, one of them from the
# inside, whether other parents are absorbed too, and what becomes of an edit that
# trusts a latent which absorbs.

# %% tags=["parameters", "hide-input"]
profile = "tiny"
world_seed = 0

# %% tags=["hide-input"]
from saecore.claims import sites
from saecore.claims.absorption import (
    absorbed_words,
    editing,
    figures,
    headline,
    other_parents,
    setting,
)
from saecore.report import (
    by_setting,
    figure,
    mean,
    published,
    record,
    settings,
    subplots,
    table,
    tolerance,
)

# %% tags=["hide-input"]
tolerance(rtol=0.045)
zoo, subject = sites.opened(profile, world_seed)
letters = setting.asked_letters(zoo, subject)
wide, base = setting.wide_setting(letters), headline.read_base(letters)
saes = base | headline.read_all(letters, wide)

# %% [markdown]
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

# %% [markdown]
# In the shipped model the letter sits at the word's position up to the layer of our
# SAEs, and has been fetched from there later on: an ablation at the word in the last
# layers would measure nothing.
#
# ## Which words?
#
# If one latent per word is what absorbs, frequent words should go first, because a
# latent of their own pays there most often. So the rate by how often the word occurs in
# the model's own text.

# %% tags=["hide-input"]
frequency = absorbed_words.absorbed_by_frequency(letters, saes)
table(
    "frequency",
    frequency.quarters,
    atol=0.01,
    caption="Share of absorbed words by frequency in "
    f"{frequency.tokens:,} tokens of sampled text (mean over seeds)",
)

# %% [markdown]
# In this build the most frequent quarter is absorbed several times as often as the
# rarest, in both columns. That is what the mechanism predicts: a latent for one word
# saves an active latent each time the word occurs. The next figure has the letters,
# where absorption is strongest.

# %% tags=["hide-input"]
rates = absorbed_words.by_letter_and_seed(letters, saes)
null = headline.chance_rates(letters, base).larger
means = {name: mean(values) for name, values in rates.items()}

# %% tags=["hide-input"]
fig, ax = subplots(figsize=(7.0, 3.0))
figures.draw_letters(ax, rates, null.estimate)
figure(
    "fig-letters",
    fig,
    caption=f"The rate of each letter that counts, at width {wide[0].width} and "
    f"k {wide[0].k}; a dot per seed.",
    alt="Absorption rate of each first letter, sorted, with one dot per seed and the "
    "null as a dashed line",
    data=by_setting(means, key="letter", name="mean rate"),
    atol=0.01,
)

# %% [markdown]
# As in the paper, letters differ widely, and so do seeds: which words get a latent of
# their own is partly luck.
#
# ## One case, from the inside
#
# The case is picked by the machine: the absorbed word of the base SAE with the largest
# lead. The table has its letter's main latents, and the latent that carries the letter
# instead.

# %% tags=["hide-input"]
case = absorbed_words.largest_case(letters, base)
paper = published("absorption")["case"]
settings(word=case.word, letter=case.letter, absorber=case.absorber)
settings(paper_f1=paper["latent_f1"], paper_cosine=paper["probe_cosine"])
settings(paper_lead=paper["lead"])
record("case_f1", case.main_f1, paper=paper["latent_f1"])
record("case_cosine", case.cosine, paper=paper["probe_cosine"])
record("case_lead", case.lead, paper=paper["lead"])

# %% tags=["hide-input"]
table(
    "case",
    case.latents,
    caption=f"The word {case.word!r}, the letter {case.letter}: main latents and "
    "absorber",
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
    alt="Bars of the change in logit lead for each active latent: the absorber's is "
    "far the largest, and about half as large when the probe direction is left in "
    "place",
    data=active | {"removed but for the direction": case.kept},
    atol=0.02,
)

# %% [markdown]
# On "{glue:text}`absorption_effects.ipynb::word:s`" latent
# {glue:text}`absorption_effects.ipynb::absorber:.0f` does most of the work for the
# letter {glue:text}`absorption_effects.ipynb::letter:s`. What does it stand for? Of the six
# words on which it is loudest, most begin with the same letter in this build, and one
# does not. So it is no latent for this word alone. It may as well be called a second
# latent for the letter, which the split set left out: the rule cannot tell the two
# apart.
#
# The grey bars are the control. There the latent is removed *except* for its part along
# the probe's direction. The effect that is then gone was carried by that part, in this
# build about half. One case proves little: [the verdict](absorption.ipynb) has the
# share that is left over all absorbed words.
#
# The paper's case is “short” and the letter S. There the main latent has an F1 of
# {glue:text}`absorption_effects.ipynb::paper_f1:.2f`, the absorber's cosine with the
# probe is {glue:text}`absorption_effects.ipynb::paper_cosine:.2f`, and it leads by
# about {glue:text}`absorption_effects.ipynb::paper_lead:.0f` logits. Here these are
# {glue:text}`absorption_effects.ipynb::case_f1:.2f`,
# {glue:text}`absorption_effects.ipynb::case_cosine:.2f` and
# {glue:text}`absorption_effects.ipynb::case_lead:.1f`.
#
# ## Other parents
#
# Is it only spelling? The model knows other parents with many children: categories (a
# sparrow is a bird), countries and professions of persons, gender, and whether a word
# is capitalised. The table has all of them, at the base setting and at the widest and
# sparsest one. For capitals there is no question to ask the model, so no ablation: that
# column stays empty, and the two that need directions alone stand beside it.

# %% tags=["hide-input"]
kinds = other_parents.asked_kinds(letters)
table(
    "parents",
    other_parents.rates_of_kinds(letters, kinds),
    atol=0.01,
    caption="All parents that were tried (means over three seeds)",
)

# %% [markdown]
# A gap means that no label passed both gates, or that there is no question to ask. Read
# each row against its gates: where the best latents are poor, a low rate is no sign of
# health. In this build every parent that passes in both shows more absorption in the
# wide and sparse dictionary. For first letters, categories and professions the
# intervals are apart; for the six countries they overlap. Gender passes at the base
# setting only. The best latents of categories are cleaner than those of letters in both
# dictionaries, and they absorb too.
#
# ## Editing by a latent that absorbs
#
# Suppose you trust the latent and edit with it: set the old letter's main latents to
# zero, and another letter's to its mean where it fires. Does the model then name the
# new letter? And does the word stay the word, as far as its category can tell? Beside
# it, the same swap with the mean rows of the two letters, which needs labels but no
# dictionary.

# %% tags=["hide-input"]
some = [one for few in editing.edited_settings(letters).values() for one in few]
saes |= headline.read_all(letters, [one for one in some if one not in saes])
edits = editing.editing(letters, saes, kinds.get("category"))

# %% tags=["hide-input"]
kept = {"keeps the category": edits.kept}
table(
    "editing",
    by_setting(edits.named, key=("SAE", "edit"), name="names the new letter", **kept),
    atol=0.02,
    caption="Swapping the first letter of words, by latents and by mean rows (letters "
    "that pass both gates)",
)

# %% [markdown]
# In the paper editing works best on moderately dense dictionaries, and differs from
# word to word. Compare the first line of each pair with the second: the difference of
# means is the yardstick that a dictionary has to meet. It names the new letter about
# nine times in ten at every width. The latents do so less and less as the dictionary
# widens, as one would expect if other latents carry more of the letter; the table does
# not show that this is the reason. In return they leave the category alone, which the
# mean rows change now and then.
#
# ## Exercises
#
# ```{exercise}
# :label: ex-absorption-frequency
# How often must a word occur to be absorbed? Compare the median occurrences of absorbed
# and other words in the base SAE (seed 0).
# ```
#
# ```{solution-start} ex-absorption-frequency
# :class: dropdown
# ```

# %% tags=["solution"]
one = base[letters.grid.base[0]]
tokens, often = absorbed_words.occurrences(letters)
record("exercise_absorbed", often[one.found.row[one.absorbed]].median())
record("exercise_others", often[one.found.row[~one.absorbed]].median())

# %% [markdown]
# Absorbed words occur {glue:text}`absorption_effects.ipynb::exercise_absorbed:.0f`
# times in the median, the others
# {glue:text}`absorption_effects.ipynb::exercise_others:.0f`.
# ```{solution-end}
# ```
#
# ```{exercise}
# :label: ex-absorption-own
# Which parent would you test in a model of your own? Write its words with labels, and
# pass them through `asked_parents` and `read_sae` of `saecore.claims.absorption`.
# ```
