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
# (causal_tree)=
# # Which latents does a latent depend on?
#
# Beside its experiments on [editing](editing.ipynb), {cite:t}`cunningham2023sparse`
# follow one latent back through the layers. Take a latent of the last layer; take
# places where it fires at half its maximum or more; set each latent of the layer below
# to zero, one at a time, and see how far it falls. The strongest two are its parents,
# and so on down.

# %% tags=["parameters", "hide-input"]
profile = "tiny"
world_seed = 0

# %% tags=["hide-input"]
from textwrap import fill

from saecore.claims import sites
from saecore.claims.editing import case_study, figures
from saecore.measures.editing import causal_tree
from saecore.report import (
    Claim,
    figure,
    panels,
    record,
    settings,
    subplots,
    table,
    tolerance,
)
from saecore.source.tasks.labelled_tokens import token_texts

tolerance(rtol=0.045, atol=0.02)
zoo, subject = sites.opened(profile, world_seed)
case = case_study.case(zoo, subject)

# %% tags=["hide-input"]
settings(roots=case_study.ROOTS)

# %% [markdown]
# The strongest of many is flattered by chance. So parents are chosen on one half of the
# places and judged on the other. Two controls stand beside them: parents drawn at
# random among the other latents that fire there, and edits of the parent's length in
# random directions.
#
# ## One tree
#
# Ours is the tree of the latent of the last layer that fires most strongly among those
# with enough places. Each box names a latent, and the two tokens on which it fires
# most.

# %% tags=["hide-input"]
tokens = token_texts(case.model)
nodes = causal_tree.nodes(case.root)
names = {
    id(
        node
    ): f"{node.latent}\n{'  '.join(case_study.top_tokens(case, node, tokens)[:2])}"
    for node in nodes
}
fig, ax = subplots(figsize=(8.6, 4.2))
figures.tree_panel(ax, case.root, names, [f"layer {one}" for one in case.layers])
figure(
    "fig-tree",
    fig,
    caption="A latent of the last layer, its parents and theirs. The wider a line, the "
    "further the latent above falls without the one below, on places that took no part "
    "in the choice.",
    alt="A tree of latents over the layers, with two parents below each latent",
    data=[
        {"layer": case.layers[node.level], "latent": node.latent, "fall": node.drop}
        for node in nodes
    ],
)

# %% tags=["hide-input"]
table(
    "tree",
    case_study.tree_rows(case),
    caption="A latent of the last layer, its parents and theirs; falls are shares of "
    "the child's activation",
)

# %% [markdown]
# A parent counts if its fall *elsewhere*, on places that took no part in the choice, is
# well above the controls beside it. In this build not every one is: the weakest
# hardly matter, and one is hardly above an edit in a random direction. One tree is a
# case, not a rate; the paper's is one too, and chosen by hand.
#
# ## A rate
#
# So now the best parent of each of {glue:text}`causal_tree.ipynb::roots:d` latents of
# the last layer, drawn at random among those with enough places. The intervals are
# bootstrap intervals over these latents.

# %% tags=["hide-input"]
level = Claim.read("editing").constants["confidence"]
rate = case_study.parents_of_many(case, level=level)
fig, ax = subplots(figsize=(7.8, 3.4))
panels.named_points(ax, {fill(name, 16): fall for name, fall in rate.falls.items()})
ax.set(ylabel="fall, as a share", ylim=(0, None))
figure(
    "fig-parents",
    fig,
    caption="How far latents of the last layer fall without a parent: mean with a "
    "bootstrap interval over the latents.",
    alt="Five means with intervals: two for the best parent, three for the controls",
    data=[
        {"": name, "fall": one.estimate, "low": one.low, "high": one.high}
        for name, one in rate.falls.items()
    ],
)

# %% tags=["hide-input"]
record("clear_parents", rate.clear, atol=0.05)

# %% [markdown]
# The first two hardly differ, so choosing flatters little here. The share of latents
# whose best parent falls further than each of its random ones is
# {glue:text}`causal_tree.ipynb::clear_parents:.2f`. Nearly all other latents that fire
# at these places do nothing to the one above. A random direction of the parent's length
# does more than they, as their own edits are short; it is the harder control.
#
# ## What this page cannot tell
#
# A tree shows which latents a latent depends on, not why. Its edges are ablations at
# all earlier positions, one latent at a time: two latents that can stand in for each
# other both look unimportant.
#
# ## Exercise
#
# ```{exercise} Level 2
# :label: ex-causal-share
# How much of the root's activation do its two parents hold together, if their falls add
# up? Why may the true fall without both be larger or smaller?
# ```
#
# ```{solution-start} ex-causal-share
# :class: dropdown
# ```
#
# Without both, the fall is larger than the sum if they can stand in for each other, and
# smaller if they need each other:

# %% tags=["solution"]
record("exercise_both", sum(parent.drop for parent in case.root.parents))

# %% [markdown]
# ```{solution-end}
# ```
