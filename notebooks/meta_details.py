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
# (meta-details)=
# # Meta-latents in detail
#
# This page goes with [Are latents made of smaller parts?](non_atomicity.ipynb), which
# has the claim, the rule and the verdict. Here is what a verdict has no room for: other
# widths and architectures, two graphs of latents, the five-way choice in full, and what
# parts carry of what an SAE does. Most sections compare a published kind of evidence
# with something simpler.

# %% tags=["parameters", "hide-input"]
profile = "tiny"
world_seed = 0

# %% tags=["hide-input"]
from saecore.claims import sites
from saecore.claims.non_atomicity import (
    choice,
    decoders,
    entities,
    explained,
    figures,
    graphs,
    resemblance,
)
from saecore.claims.non_atomicity.meta_saes import of_model, of_world
from saecore.report import (
    Claim,
    figure,
    published,
    record,
    settings,
    subplots,
    table,
    tolerance,
)

tolerance(rtol=0.03)
zoo, subject = sites.opened(profile, world_seed)
claim, paper = Claim.read("non_atomicity"), published("non_atomicity")
model, world = of_model(zoo, subject, claim), of_world(zoo, subject, claim)

# %% [markdown]
# ## Widths and architectures
#
# How far do rows decompose if there are more parts to choose from, and is it the same
# for TopK SAEs? The figure shows the variance of held-out decoder rows explained, for
# three widths of the meta-SAE. A dot is the mean over seeds, a bar its interval; a
# cross is the null, a meta-SAE of rows that have the same mean and covariance and no
# structure.

# %% tags=["hide-input"]
widths = explained.by_width(model)
fig, ax = subplots()
figures.draw_widths(ax, widths)
figure(
    "fig-widths",
    fig,
    caption="Meta-SAEs of ReLU and of TopK SAEs; crosses: rows of the same covariance.",
    alt="Two rising curves of variance explained against the number of meta-latents, "
    "ReLU above TopK, each with a cross for its null at the middle width",
    data=widths.rows(),
)

# %%
for kind, gain in widths.gains.items():
    record(f"{kind}_gain", gain, rtol=0.045, atol=0.005)

# %% [markdown]
# What the meta-SAE explains beyond its null is
# {glue:text}`meta_details.ipynb::relu_gain:.2f` for ReLU SAEs and
# {glue:text}`meta_details.ipynb::topk_gain:.2f` for TopK SAEs. The paper's SAEs are
# ReLU. How far latents decompose is a property of the dictionary, not only of the
# language model.
#
# ## Two widths of the small SAE
#
# The claim's page compares meta-latents with an SAE of a sixteenth of the width. Here
# is a wider one beside it.

# %%
table(
    "closest",
    resemblance.closest_rows(model),
    caption="Closest latent of a small SAE (mean over seeds)",
)

# %% [markdown]
# Compare the last two lines. With the wider small SAE the latents of the large one are
# by their median about as close as meta-latents are, and in this build more of them lie
# above 0.7: a larger share of them are copies.
#
# ## The same graph?
#
# The authors' post links two latents if they share a meta-latent, and, in a second
# graph, if both are close to the same latent of the small SAE; the threshold gives both
# graphs equally many edges. It reports that
# {glue:text}`meta_details.ipynb::paper_overlap:.2f` of the edges agree, without saying
# what chance would give. Two random graphs in which each latent keeps its two degrees
# share what the column "expected, same degrees" says. Random directions in place of
# meta-latents are the other control.

# %%
edges = graphs.graphs(model)
settings(paper_overlap=paper["overlap"], close=resemblance.CLOSE)
record("overlap", edges.share, paper=paper["overlap"])
record("overlap_expected", edges.expected)
table(
    "graphs",
    edges.rows(),
    caption="Edges of the graph of shared parts that the graph of shared small latents "
    "has too",
)

# %% [markdown]
# The graphs share {glue:text}`meta_details.ipynb::overlap:.2f` of their edges where
# {glue:text}`meta_details.ipynb::overlap_expected:.2f` is expected: the agreement is
# real.
#
# ### Families
#
# When an SAE grows, latents split. A family is all latents of the large SAE whose
# nearest latent of the small one is the same, with a cosine above
# {glue:text}`meta_details.ipynb::close:.1f`. Do its members have a meta-latent in
# common? The column to read is "equally similar": pairs of latents from *different*
# families that have the same cosines.

# %%
table(
    "families",
    graphs.split_rows(graphs.splits_by_seed(model)),
    caption="Pairs of latents close to the same small latent that have an active "
    "meta-latent in common",
)

# %% [markdown]
# In this build siblings nearly always share a meta-latent, and so do strangers that are
# as similar. Meta-latents follow the cosine between latents; that they follow *descent*
# cannot be read from such a count.
#
# ## The five-way choice in full
#
# The test is that of the claim's page: pick the right latent among five by what its
# meta-latents stand for, {glue:text}`meta_details.ipynb::questions:d` times per seed.
# Two kinds of wrong answers: four random latents, as in the paper, and the four latents
# closest to the right one. And five kinds of descriptions: meta-latents, those of
# another latent, random directions chosen by pursuit, the one cluster that the latent
# is in, and simply its eight nearest neighbours.

# %%
told = choice.choices_by_description(model)
settings(questions=choice.ASKED_LATENTS)
hard = model.over_seeds(near for _, near in told["meta-latents"])
record("choice_hard", hard, rtol=0.04)
table(
    "choice_table",
    choice.choice_rows(told),
    rtol=0.04,
    atol=0.01,
    caption="Five-way multiple choice by token statistics; chance is 0.2 (mean over "
    "seeds)",
)

# %% [markdown]
# In this build a *single cluster* does better than the meta-latents, and the nearest
# neighbours do best: knowing the neighbourhood is enough to beat four random latents,
# and no decomposition into parts is needed for it. Among its nearest neighbours the
# right latent is found in {glue:text}`meta_details.ipynb::choice_hard:.2f` of the
# cases, about as often as with shuffled meta-latents or random directions. So the parts
# say where a latent lies, and not which one it is.
#
# Here is what such parts look like. For three common words we take the latent that
# fires on them most exclusively and list its meta-latents, each by the words of three
# *other* latents that use it most. The words were fixed before looking.

# %%
table(
    "listed",
    choice.taken_apart(model, ("queen", "dog", "happy")),
    caption="Latents taken apart (first seed)",
)

# %% [markdown]
# ## What the parts carry
#
# A decoder row can be rebuilt and still lose what matters. So we put the rebuilt rows
# back into the SAE, keep its encoder, and measure what it now reconstructs: the share
# of variance it misses (FVU), and the loss of the language model when the
# reconstruction takes the place of its activations.

# %%
table(
    "functional",
    decoders.rebuilt_decoders(model),
    caption="The SAE with rebuilt decoder rows (mean over seeds; all rows, those "
    "trained on included)",
)

# %% [markdown]
# A few parts per row keep much of what the SAE does, and cost a good deal as well. In
# this build PCA and random rows do far worse, and latents of the small SAE do better
# than the meta-SAE.
#
# ## Both architectures in the world of features
#
# In the [world of features](subjects.ipynb) the true parts are known. First every
# number of the rule beside its null, for ReLU SAEs, which the verdict is about, and for
# TopK SAEs.

# %%
truth = entities.bundles(world)
measured = {
    kind: entities.beside_truth(
        world, entities.entity_latents(world, truth, kind), kind
    )
    for kind in world.grid.metas
}
table(
    "world_table",
    entities.beside_rows(measured),
    rtol=0.045,
    atol=0.02,
    caption="The world of features: every number of the rule beside its null (mean "
    "over seeds)",
)

# %% [markdown]
# Then: which true features are meta-latents?

# %%
true = entities.true_parts(world)
settings(true_cosine=entities.TRUE_COSINE, met=sum(true.met.values()))
table(
    "kinds_met",
    {
        "kind of feature": list(true.met),
        "meta-latents that are one (mean over seeds)": list(true.met.values()),
        "features of the kind": list(true.features.values()),
    },
    rtol=0.045,
    atol=0.4,
    caption="Meta-latents of ReLU SAEs close to a true feature, by its kind",
)

# %% [markdown]
# Few meta-latents have a cosine of {glue:text}`meta_details.ipynb::true_cosine:.1f` or
# more with any feature: {glue:text}`meta_details.ipynb::met:.1f` per SAE. In this build
# these are features of the background, which fire often. No attribute is among them,
# although attributes are what entities are made of.
