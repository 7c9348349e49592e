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
# (non-atomicity)=
# # Are latents made of smaller parts?
#
# **The claim.** {cite:t}`leask2025canonical` write in their abstract: "we find that
# latents in SAEs often decompose into combinations of latents from a smaller SAE,
# showing that larger SAE latents are not atomic."

# %% tags=["parameters", "hide-input"]
profile = "tiny"
world_seed = 0

# %% tags=["hide-input"]
from saecore.claims import sites
from saecore.claims.non_atomicity import (
    combinations,
    entities,
    explained,
    figures,
    ladder,
    resemblance,
    study,
)
from saecore.measures.meta import cluster_null, variance_explained
from saecore.report import (
    figure,
    published,
    record,
    settings,
    show_source,
    subplots,
    table,
    told,
    tolerance,
)

# %% tags=["hide-input"]
tolerance(rtol=0.045, atol=0.015)
zoo, subject = sites.opened(profile, world_seed)
found = study(zoo, subject)
conclusion = found.claim.conclude(
    profile=profile, world_seed=world_seed, numbers=found.numbers["model"]
)
if found.left_out:
    print(f"The part about persons is left out: {found.left_out}.")

# %% [markdown]
# The tool is a **meta-SAE**: a small SAE whose rows are not activations but the decoder
# directions of a large one. Its latents, the *meta-latents*, are the parts. Why it
# matters: a list of units that can be taken apart further is not a list of units.
#
# The main figure is a ladder. Each line is one kind of rows, from directions that have
# no parts to bundles that are made of parts. What counts is not how far right the dot
# lies but how far it lies from its grey marks: meta-SAEs of rows that have no parts.

# %% tags=["hide-input"]
model, world, paper = found.model, found.world, published("non_atomicity")
rungs = {
    name: ladder.ladder_rows(one, ladder.ladder(one))
    for name, one in (("world of features", world), ("language model", model))
}
fig, axes = subplots(1, 2, figsize=(11, 4.4))
figures.draw_ladder(axes, rungs)
figure(
    "fig-ladder",
    fig,
    caption="Variance of unseen rows that four meta-latents a row explain (mean over "
    "seeds; bars: interval of the difference). Coloured: more than the stronger null.",
    alt="Two panels of dots beside marks for nulls; bundles of "
    "directions and ReLU SAEs "
    "lie right of their nulls, independent directions left of them",
    data=[{"subject": name} | row for name, rows in rungs.items() for row in rows],
)

# %% [markdown]
# The same rule, put to the [world of features](subjects.ipynb), where the true parts
# are known:

# %% tags=["hide-input"]
in_world = found.claim.conclude(
    profile="world", world_seed=world_seed, numbers=found.numbers["world"]
)

# %% [markdown]
# ```{include} ../_generated/teaching/non_atomicity-box.md
# ```
#
# ## What would have to be true
#
# Let $w_1, \dots, w_n$ be the decoder rows of a large SAE, all of norm 1. If latents
# are made of parts, then a few of $M \ll n$ directions $v_m$ should rebuild each row,
#
# $$w_i \approx b + \sum_m z_{im}\, v_m, \qquad z_{im} \ge 0,$$
#
# with {glue:text}`non_atomicity.ipynb::active:d` of the $z_{im}$ not zero. And they
# should do so for rows that the $v_m$ were not fitted to. The share of the rows'
# variance that is rebuilt is
#
# $$1 - \frac{\sum_i \lVert w_i - \hat w_i \rVert^2}{\sum_i \lVert w_i - \bar w
# \rVert^2}.$$
#
# The paper leaves out the mean $\bar w$, and takes the rows that it trained on; both
# raise the number. And a share says nothing without what rows *without* parts give.
# Gaussian rows of the same covariance are one such null. They have no clusters, though,
# and one cluster is no part: so the other null has clusters too, as many as there are
# meta-latents, and so tight that one centre explains as much of it as of the real rows.

# %% tags=["hide-input"]
show_source(cluster_null.clustered, docstring=False)

# %% [markdown]
# ## A case to check by hand
#
# Three colours and three shapes, and a latent for each of the nine pairs (the paper's
# toy). Each row is a colour plus a shape, so two of six true parts explain everything.
# So do others: let every colour lend a vector to every shape, and the sums stay what
# they were.

# %%
toy = combinations.colours_and_shapes()
shares = {
    name: variance_explained.by_pursuit(parts, toy.pairs, count=2)
    for name, parts in toy.parts.items()
}
table(
    "by_hand",
    [{"parts": name} | share._asdict() for name, share in shares.items()],
    rtol=0.01,
    caption="Variance of nine pairs explained by two of six parts",
)

# %% [markdown]
# Rebuilding rows exactly does not yet say that the parts are the right ones.
#
# ## The test of the test
#
# In the world we know what a meta-SAE should say. Independent directions have no parts;
# bundles (a direction of its own and four attributes, as the world's entities are) are
# made of them. The part about variance counts only if the difference tells the two
# apart.

# %%
for what, one in found.known.items():
    record(f"{what}_excess", ladder.over_rung(world, one)[2])
base, rule = model.grid.base[0], found.claim.constants
settings(latents=base.sae.width, metas=base.width, active=model.k)
settings(train_share=rule["train_share"], paper_explained=paper["explained"])

# %% [markdown]
# Independent directions lie {glue:text}`non_atomicity.ipynb::atoms_excess:.2f` from
# their null, bundles {glue:text}`non_atomicity.ipynb::bundles_excess:.2f`. (Below zero
# is no mistake: the nulls get their covariance from all rows, the unseen ones included,
# so they are a little too easy to explain. That makes the test careful.)
#
# ## Variance explained
#
# Our large SAEs have {glue:text}`non_atomicity.ipynb::latents:,d` latents, their
# meta-SAEs {glue:text}`non_atomicity.ipynb::metas:d`. Each is trained on
# {glue:text}`non_atomicity.ipynb::train_share:.0%` of the rows and judged on the
# others, with exactly {glue:text}`non_atomicity.ipynb::active:d` meta-latents for each.
# Latents that never fire are left out.

# %%
measured = found.measured["model"]
share, null, excess = ladder.over_rung(model, measured.rung)
record("own_rows", explained.as_the_paper_counts(model), paper=paper["explained"])
record("explained", share)
record("explained_null", null)
record("explained_excess", excess)

# %% tags=["hide-input"]
told(
    excess,
    above=0,
    holds="**More than rows without parts:** by {number} of the variance.",
    fails="**No more than rows without parts:** the difference is {number}.",
    undecided="**Not told from rows without parts:** the difference is {number}.",
)

# %% [markdown]
# Counted as the paper does, a meta-SAE explains
# {glue:text}`non_atomicity.ipynb::own_rows:.2f`; the paper prints
# {glue:text}`non_atomicity.ipynb::paper_explained:.2f`. On unseen rows it is
# {glue:text}`non_atomicity.ipynb::explained:.2f`, and rows without parts give
# {glue:text}`non_atomicity.ipynb::explained_null:.2f`. The two printed numbers are not
# to be compared closely: the paper has three meta-latents for each dimension of the
# stream and uses 4 of 2,304, we have 0.8 for each dimension and use 4 of 128.
#
# The ladder shows how much depends on the dictionary. For the
# [other architectures](meta_details.ipynb) the difference is smaller, and in this build
# it is gone for most SAEs of the base width. {cite:t}`levinson2026metasaes` trains SAEs
# against exactly this: a penalty on directions that a meta-SAE rebuilds. The ladder
# says what such a penalty should be measured against.
#
# ## Combinations of latents from a smaller SAE
#
# The sentence does not need a meta-SAE. Take the latents of a small SAE, which nobody
# fitted to these rows, and rebuild each unseen row of the large one from four of them,
# with weights that are not negative. Beside them, as many directions of the large SAE's
# own: k-means centres of its rows, or random rows (marked by a star).

# %% tags=["hide-input"]
rows = combinations.combined_rows(model, measured.shares)
fig, ax = subplots()
figures.draw_combinations(ax, rows)
figure(
    "fig-combinations",
    fig,
    caption="Variance of unseen rows of ReLU SAEs explained by four directions of each "
    "dictionary.",
    alt="Dots with intervals for six dictionaries, sorted: latents of the small SAE "
    "lie furthest right, random directions furthest left",
    data=rows,
)

# %%
by_small = combinations.beside_own(model, measured.shares)
record("combined", by_small.found)
record("combined_null", by_small.null)
record("combined_excess", by_small.excess)

# %% tags=["hide-input"]
told(
    by_small.excess,
    above=0,
    holds="**Latents of the smaller SAE do it better,** by {number} of the variance.",
    fails="**Latents of the smaller SAE do it no better:** the difference is {number}.",
    undecided="**Which does it better cannot be told:** the difference is {number}.",
)

# %% [markdown]
# So what the sentence says of *combinations* can be read off without a meta-SAE, and
# the meta-SAE is not the best dictionary for it.
#
# ## Are the parts latents of a smaller SAE?
#
# The paper's figure 6 shows that most meta-latents have a close latent in an SAE of a
# sixteenth of the width. Two controls are missing there. Wide SAEs keep many latents of
# narrow ones, so their own rows may be as close. And an average of similar latents
# looks like a broad one, whatever it is made of: so k-means centres may be as close.

# %% tags=["hide-input"]
columns = resemblance.closest_histograms(measured.near)
fig, ax = subplots()
figures.draw_closest(ax, columns, paper["peaks"]["meta_to_small"])
figure(
    "fig-closest",
    fig,
    caption="How close meta-latents, k-means centres and rows of the large SAE come to "
    "latents of a small SAE.",
    alt="Three histograms of the closest cosine with the small SAE; that of k-means "
    "centres lies furthest right",
    data=columns,
    rtol=0.045,
    atol=0.3,
)

# %%
alike = resemblance.resemblance(model, measured.near)
record("peak", resemblance.pooled_mode(measured.near), paper=0.93, atol=0.1)
record("resemblance", alike.found)
record("resemblance_null", alike.null)
record("resemblance_excess", alike.excess)

# %% tags=["hide-input"]
told(
    alike.excess,
    above=0,
    holds="**Closer than centres or rows are,** by {number} in the median cosine.",
    fails="**Not closer than centres or rows:** the difference is {number}.",
    undecided="**Not told from centres and rows:** the difference is {number}.",
)
wider = resemblance.wider(model)
told(
    wider.excess,
    above=0,
    holds="With a small SAE four times as wide they are closer too, by {number}.",
    fails="With a small SAE four times as wide it is the same: {number}.",
    undecided="With a small SAE four times as wide it cannot be told: {number}.",
)

# %% [markdown]
# Like beside like: the median closest cosine is
# {glue:text}`non_atomicity.ipynb::resemblance:.2f` for meta-latents and
# {glue:text}`non_atomicity.ipynb::resemblance_null:.2f` for the closer of the two
# controls; the paper's 0.93 is the *peak* of its histogram, and ours is at
# {glue:text}`non_atomicity.ipynb::peak:.2f`.
#
# ## Do the parts tell which latent it is?
#
# In the paper a language model picks a latent among five by the explanations of its
# meta-latents. Here a latent's "explanation" is the list of tokens it fires on, those
# that all latents share not counted; a meta-latent stands for the sum of the lists of
# *other* latents that use it. That is another question than the one put to a judge, so
# the two shares do not compare. What compares is a description without parts: shuffled
# meta-latents, random directions, one cluster, the eight nearest latents.

# %%
choice = measured.choice
record("choice", choice.random.found, paper=paper["choice"])
record("choice_null", choice.random.null)
record("choice_excess", choice.random.excess)
print("The best description without parts:", choice.random.name)

# %% tags=["hide-input"]
told(
    choice.random.excess,
    above=0,
    holds="**Parts tell more** than the best of these, by {number}.",
    fails="**Parts tell less** than the best of these: {number}.",
    undecided="**Parts and the best of these** cannot be told apart: {number}.",
)
told(
    choice.near.excess,
    above=0,
    holds="Among its nearest latents they single it out better, too: {number}.",
    fails="Among its nearest latents they do not single it out either: {number}.",
    undecided="Among its nearest latents it cannot be told: {number}.",
)

# %% [markdown]
# Whether meta-latents stand for *attributes* of persons, and what happens when these
# are exchanged, is a claim of its own: [attributes and edits](attribute_edit.ipynb).
#
# ## Against the truth
#
# In the world an entity *is* a bundle. How many meta-latents are true features?

# %%
true = entities.true_parts(world)
settings(true_cosine=entities.TRUE_COSINE)
record("true_parts", true.share, atol=0.03)

# %% [markdown]
# Of all meta-latents {glue:text}`non_atomicity.ipynb::true_parts:.2f` are a true feature
# (cosine of at least {glue:text}`non_atomicity.ipynb::true_cosine:.1f`); the others are
# mixtures. With 64 meta-latents for 286 features few could be. "Explained beyond its
# null" and "these are the parts" are two statements, as the toy warned.

# %% [markdown]
# ## On a real model
#
# SmolLM2-135M {cite:p}`allal2025smollm2` was trained by others, on two trillion
# tokens of the world's text. It is too large to be asked anew with every run of this
# page: what follows reads what one run stored. The rules are those above, fixed
# before this model was asked. Meta-SAEs of ReLU SAEs with four latents per dimension,
# twenty latents a meta-latent.

# %% tags=["hide-input"]
from saecore.report.judging import real_model as stored

real = stored.real_model("non_atomicity")
settings(
    **real.glued(
        "explained",
        "explained_null",
        "combined",
        "combined_null",
        "resemblance",
        "resemblance_null",
    )
)
stored.show_statements("fig-real-meta", real, in_world, conclusion)

# %% [markdown]
# The verdict on SmolLM2: **{glue:text}`non_atomicity.ipynb::real_verdict:s`**. As on
# the small model: meta-SAEs explain
# {glue:text}`non_atomicity.ipynb::real_explained:.2f` of unseen decoder rows by
# {glue:text}`non_atomicity.ipynb::real_explained_null:.2f` of the stronger null, and
# four latents of a smaller SAE rebuild
# {glue:text}`non_atomicity.ipynb::real_combined:.2f` by
# {glue:text}`non_atomicity.ipynb::real_combined_null:.2f`. But meta-latents are less
# like latents of the smaller SAE
# ({glue:text}`non_atomicity.ipynb::real_resemblance:.2f`) than the null is
# ({glue:text}`non_atomicity.ipynb::real_resemblance_null:.2f`). Attributes of persons
# were not asked: the model does not know them.
#
# The verdict is of ReLU SAEs. Does it hang on how long they were trained? The curves
# of this model are of TopK SAEs, as wide, over training:

# %% tags=["hide-input"]
curve = stored.training_curve(real, "explained")
figure(
    "fig-real-meta-curve",
    stored.drawn_curve(curve, "variance explained"),
    caption="Against rows seen in training on SmolLM2; dashed, the null of each width.",
    alt="Curves over rows seen in training, one per width, with dashed nulls",
    data=curve,
)

# %% [markdown]
# Meta-SAEs of TopK SAEs explain what the stronger null explains, but for the last
# point, where they may begin to explain more. So at this length of training the excess
# hangs on the architecture. Whether decoders of TopK SAEs get parts when they are
# trained a hundred times as long is not known.
#
# {glue:text}`non_atomicity.ipynb::real_made:s`. The command that makes it again:
# `saecore results non_atomicity --profile smollm2`
#
# ## What would change our mind, and what this page cannot tell
#
# * If rows in clusters explained as much elsewhere (GPT-2, the paper's SAEs), nothing
#   would be left of the first part; `W_dec` is all that is needed to ask.
# * Held-out variance says that rows lie near sums of few directions, not that a reader
#   would name these. An ideal SAE may still admit a lossy meta-SAE: that is what the
#   line of independent directions is for.
# * Rows count alike, however often a latent fires.
# * Token lists know what a latent fires on and nothing else.
#
# ## Exercises
#
# Levels go from 1 (read) to 4 (experiment). The notebook that Colab opens has no
# solutions, and a cell for each answer that says whether it is right, and if not, which
# usual mistake it is.
#
# ```{exercise} Level 1
# :label: ex-meta-predict
# Predict before you run the page: a meta-SAE rebuilds unseen decoder rows of a ReLU SAE
# from four meta-latents each. By how much of the variance does it beat the stronger of
# two nulls, rows *without* parts?
# ```
#
# ```{hint}
# :class: dropdown
# The paper prints {glue:text}`non_atomicity.ipynb::paper_explained:.2f` for rows that
# it was trained on, and has no such null.
# ```
#
# ```{solution-start} ex-meta-predict
# :class: dropdown
# ```

# %% tags=["solution"]
record(
    "ex-meta-predict",
    excess,
    atol=0.003,
    mistakes={
        "the number that the paper prints, beside no null": paper["explained"],
        "what is explained, beside no null": share.estimate,
        "what rows without parts give": null.estimate,
    },
)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} Level 2
# :label: ex-meta-hand
# By hand: in the toy of colours and shapes each pair may use only *one* of the six true
# parts. Which share of the pairs' squared length is then explained (the mean counts as
# explained)?
# ```
#
# ```{hint}
# :class: dropdown
# A pair is a colour plus a shape, two vectors of length one that are nearly orthogonal.
# What is left when one of them is taken away?
# ```
#
# ```{solution-start} ex-meta-hand
# :class: dropdown
# ```

# %% tags=["solution"]
true = toy.parts["the true colours and shapes"]
single = variance_explained.by_pursuit(true, toy.pairs, count=1)
record(
    "ex-meta-hand",
    single.plain,
    rtol=0.02,
    atol=0,
    mistakes={
        "the share of the variance about the mean": single.centred,
        "the share that two parts explain": shares["the true colours and shapes"].plain,
        "half, which it would be if all parts were orthogonal": 0.5,
    },
)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} Level 2
# :label: ex-meta-k
# How much of the held-out variance, about the mean, do *two* directions of the meta-SAE
# explain by pursuit? And eight?
# ```
#
# ```{hint}
# :class: dropdown
# `variance_explained.by_pursuit(meta.W_dec, rows[held], count=..., centre=meta.b_dec)`,
# for `rows, train, held = model.rows(base)` and `meta = model.metas[base]`.
# ```
#
# ```{solution-start} ex-meta-k
# :class: dropdown
# ```

# %% tags=["solution"]
rows, train, held = model.rows(base)
meta = model.metas[base]
two, eight = (
    variance_explained.by_pursuit(
        meta.W_dec, rows[held], count=count, centre=meta.b_dec
    )
    for count in (2, 8)
)
record("exercise_eight", eight.centred)
record(
    "ex-meta-k",
    two.centred,
    mistakes={
        "what eight explain": eight.centred,
        "what four meta-latents explain, by the page": share.estimate,
        "a quarter of what eight explain; parts do not add up": eight.centred / 4,
    },
)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} Level 3
# :label: ex-meta-clusters
# One k-means centre for each row, and no parts: how much of the unseen rows is that?
# ```
#
# ```{hint}
# :class: dropdown
# `cluster_null.one_centre(train rows, held rows, count)`, with as many centres as
# meta-latents.
# ```
#
# ```{solution-start} ex-meta-clusters
# :class: dropdown
# ```

# %% tags=["solution"]
centre = cluster_null.one_centre(rows[train], rows[held], base.width)
record(
    "ex-meta-clusters",
    centre,
    mistakes={
        "what two directions explain": two.centred,
        "what four meta-latents explain, by the page": share.estimate,
    },
)

# %% [markdown]
# A cluster is no part, and explains all the same. That is why one of the nulls has
# clusters.
#
# ```{solution-end}
# ```
#
# ```{exercise} Level 3
# :label: ex-meta-rows
# The paper judges a meta-SAE by the rows that it was trained on. How much does that
# alone add to the first meta-SAE's number, about the mean of the rows in both cases?
# ```
#
# ```{hint}
# :class: dropdown
# `variance_explained.by_encoding(meta, rows[held])`, and the same for `rows[train]`.
# `plain` counts the mean as explained, `centred` does not.
# ```
#
# ```{solution-start} ex-meta-rows
# :class: dropdown
# ```

# %% tags=["solution"]
unseen, seen = (
    variance_explained.by_encoding(meta, rows[some]) for some in (held, train)
)
record(
    "ex-meta-rows",
    seen.centred - unseen.centred,
    atol=0.005,
    mistakes={
        "what the mean alone adds": unseen.plain - unseen.centred,
        "the number on the rows trained on": seen.centred,
        "the number on unseen rows": unseen.centred,
    },
)

# %% [markdown]
# Rows that were fitted are explained by fitting. What the mean adds is little here; it
# is more where rows have a mean.
#
# ```{solution-end}
# ```
#
# ```{exercise} Level 4
# :label: ex-meta-random
# Rows explain rows. Take as many random rows of the training half as the meta-SAE has
# meta-latents, and rebuild unseen rows from four of them by pursuit, about the mean of
# the training rows. How much *more* of the variance do four directions of the meta-SAE
# explain by pursuit?
# ```
#
# ```{hint}
# :class: dropdown
# `variance_explained.random_rows(rows[train], base.width,
# generator=torch.Generator().manual_seed(0))` draws them.
# ```
#
# ```{solution-start} ex-meta-random
# :class: dropdown
# ```

# %% tags=["solution"]
import torch

drawn = variance_explained.random_rows(
    rows[train], base.width, generator=torch.Generator().manual_seed(0)
)
by_rows, by_meta = (
    variance_explained.by_pursuit(
        directions, rows[held], count=model.k, centre=centre_row
    ).centred
    for directions, centre_row in (
        (drawn, rows[train].mean(0)),
        (meta.W_dec, meta.b_dec),
    )
)
record(
    "ex-meta-random",
    by_meta - by_rows,
    atol=0.01,
    mistakes={
        "what the random rows explain": by_rows,
        "what the meta-SAE explains, beside nothing": by_meta,
    },
)

# %% [markdown]
# No training went into the rows. What is left is what the meta-SAE has learnt about
# directions.
#
# ```{solution-end}
# ```
#
# ## Questions
#
# ```{include} ../_generated/teaching/non_atomicity-questions.md
# ```
