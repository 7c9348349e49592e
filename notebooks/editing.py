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
# (editing)=
# # Do SAE latents edit the model more precisely?
#
# The page before asked whether latents can be [read](interpretability.ipynb). This one
# asks what happens when they are changed: whether few of them hold what decides an
# answer, and whether a single one can be removed without harm to the rest.

# %% tags=["parameters", "hide-input"]
profile = "tiny"
world_seed = 0

# %% tags=["hide-input"]
import torch

from saecore.claims import editing, sites
from saecore.claims.editing import figures
from saecore.claims.editing.against_the_paper import finding_rows, findings
from saecore.claims.editing.every_dictionary import shown_curves
from saecore.claims.editing.headline import needed_by_order, needed_by_order_rows
from saecore.claims.editing.name_patching import curve_rows
from saecore.measures.editing import patching
from saecore.report import (
    figure,
    record,
    settings,
    show_source,
    subplots,
    table,
    tolerance,
)

tolerance(rtol=0.045, atol=0.02)
zoo, subject = sites.opened(profile, world_seed)
study = editing.study(zoo, subject)
conclusion = study.claim.conclude(
    profile=profile, world_seed=world_seed, numbers=study.numbers["model"]
)

# %% tags=["hide-input"]
start, curves = study.patching.start, shown_curves(study)
fig, axes = subplots(1, 2, figsize=(7.8, 4.1), sharey=True)
figures.patching_curves(axes, curves, half=start / 2, most=160)
figures.legend_below(fig, axes[0], columns=4)
figure(
    "fig-patching",
    fig,
    caption="The answer on its way to the target prompt's, against the number of "
    "latents patched and the length of the edit.",
    alt="Two panels of falling curves of the divergence for SAEs, neurons and four "
    "complete bases",
    data=curve_rows(curves, (0, 8, 16, 32, 64, 128, 160)),
    atol=0.05,
)

# %% [markdown]
# Each curve is one dictionary. From left to right, more of its latents are set to what
# they are on another prompt, and the model's answer moves towards that prompt's. Lower
# is better. Short edits bring the SAEs halfway, but not few patches: the base SAE needs
# no fewer than principal components (PCA), and independent ones (ICA) need fewest.
# Complete bases can go down to zero, where an SAE ends at what it cannot say.
#
# ## What the paper says
#
# {cite:t}`cunningham2023sparse` write in their abstract: "with our learned set of
# features, we can pinpoint the features that are causally responsible for
# counterfactual behaviour on the indirect object identification task (Wang et al.,
# 2022) to a finer degree than previous decompositions". The first version of the paper
# erased gender instead, with "disrupting model behaviour less than prior techniques".
# We do both, beside methods that need no dictionary.
#
# ## What would have to be true
#
# Two prompts differ in one name: the *base* prompt and the *target* prompt. With $\bar
# c_{ij}$ and $c_{ij}$ the activations of latent $j$ at position $i$ on the target
# prompt and on the base prompt, and $F$ a set of latents,
#
# $$x_i' = x_i + \sum_{j \in F} (\bar c_{ij} - c_{ij})\, d_j .$$
#
# How many latents does $F$ need, and how long is $x' - x$, until the model's answer has
# moved halfway to its answer to the target prompt? If SAEs pinpoint the cause, few and
# short edits are enough. And if a single latent is the more precise eraser of gender,
# it does less to other text at the same effect. This is the edit of the first
# experiment:

# %% tags=["hide-input"]
show_source(patching.Exchange.patched)

# %% [markdown]
# ## A case to check by hand
#
# Two positions, two latents with directions $(1, 0)$ and $(0, 2)$. On the target prompt
# the first latent is 3 higher at the first position, and the second 1 higher at the
# second. Patching both moves the stream by $(3, 0)$ and $(0, 2)$: a mean length of 2.5.
# Patching the first alone moves it by $(3, 0)$ and nothing: 1.5.

# %%
codes = torch.tensor([[[3.0, 0.0], [0.0, 1.0]]])
directions = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
by_hand = patching.exchange_of(
    torch.zeros(1, 2, 2), torch.zeros(1, 2, 2), codes, directions
)
sizes = [by_hand.size(torch.tensor(both)) for both in ([True, True], [True, False])]
table("by_hand", {"patched": ["both", "the first"], "mean length of the edit": sizes})

# %% [markdown]
# ## The dictionaries
#
# The base is TopK at layer {glue:text}`editing.ipynb::layer:d`, with
# {glue:text}`editing.ipynb::width:d` latents, {glue:text}`editing.ipynb::k:d` active
# per row, in {glue:text}`editing.ipynb::seeds:d` seeds. Beside it stand denser and
# sparser SAEs, the neurons of the layer's MLP, and complete bases: PCA, ICA,
# coordinates and a random rotation. [The details](editing_details.ipynb) add other
# architectures and layers.
#
# ## Exchange a name
#
# *{glue:text}`editing.ipynb::base_prompt:s`* ... The model has to name the one who did
# not give. Another name in this one's place gives the target prompt:
# *{glue:text}`editing.ipynb::target_prompt:s`* ... There are
# {glue:text}`editing.ipynb::pairs:d` pairs, all with the same number of tokens. The
# model names the right one of two people in {glue:text}`editing.ipynb::task_right:.0%`
# of the prompts. Before any edit its answer is {glue:text}`editing.ipynb::start:.1f`
# nats from the one to the target prompt.

# %% tags=["hide-input"]
first = study.pairs[0]
settings(layer=subject.layer, width=subject.width, k=subject.k, seeds=subject.seeds)
settings(base_prompt=first.base.text, target_prompt=first.target.text)
settings(pairs=len(study.pairs))
record("task_right", min(one.right for one in study.solved))
record("start", start, unit="nats")

# %% [markdown]
# Now the exchange, at every position of the stream after the base layer. The
# reconstruction error of the base prompt stays in the stream, so a dictionary pays for
# what it cannot say. The paper begins with all latents, and in the order of ACDC drops
# one by one those without which the divergence hardly rises. We also take the much
# cheaper *gradient order* of the first figure: those latents first that lower the
# divergence most, to first order ([more on orders](editing_details.ipynb)).
#
# The next figure has what the claim is judged by: a dot per seed, and for the principal
# components in ACDC's order a dot per random order.

# %% tags=["hide-input"]
fig, axes = subplots(1, 2, figsize=(7.8, 3.4))
halfway = needed_by_order(study)
figures.needed_panels(axes, halfway)
figure(
    "fig-halfway",
    fig,
    caption="What it takes to move the answer halfway: number of latents, and length "
    "of the shortest edit.",
    alt="Columns of dots for SAEs and principal components in two orders",
    data=needed_by_order_rows(halfway),
)

# %% [markdown]
# By gradient the SAEs and the principal components cannot be told apart. In the paper's
# order most seeds need fewer latents than PCA, and a few need more: in the published
# run that part holds by a narrow margin. In both orders the edit of every SAE is
# shorter: it leaves more of the stream alone.
#
# ## Erase gender
#
# *In the morning Anna walked to the park with a friend.* ... She. The edit is made at
# the name. The latent is chosen on half of the names, and each eraser is made as strong
# as it takes to bring these to chance, if it can. Then we measure how far the
# predictions move on text that has nothing to do with the task:
# {glue:text}`editing.ipynb::latent_kl:.2f` nats for one latent (mean over the seeds),
# {glue:text}`editing.ipynb::leace_kl:.3f` for LEACE, the smallest edit after which no
# linear probe can tell gender, and {glue:text}`editing.ipynb::mean_difference_kl:.3f`
# for projecting out the mean difference, which is no part of the claim.

# %% tags=["hide-input"]
harm = study.harm
record("latent_kl", sum(harm["one latent"]) / len(harm["one latent"]), unit="nats")
record("leace_kl", harm["LEACE"][0], unit="nats", atol=2e-3)
record("mean_difference_kl", harm["mean difference"][0], unit="nats", atol=2e-3)

# %% [markdown]
# So at this layer a latent does more harm, not less. [The page on
# erasure](erasure.ipynb) has the seeds, and the other layers, where a latent can do
# better.
#
# ## Against the paper
#
# The paper draws its curves without numbers, so findings are what can be compared:

# %% tags=["hide-input"]
table(
    "findings",
    finding_rows(findings(study, curves)),
    caption="Findings of the paper about edits, and ours (means)",
)

# %% [markdown]
# The paper did not patch with ICA, which in the published run needs fewer latents than
# any seed of the base, by gradient and with a longer edit. Its Pythia-410M is another
# scale; only the direction of a difference can be compared.
#
# ## What would change our mind, and what this page cannot tell
#
# * "Fewer" depends on where one stops. The verdict was fixed to stop at half.
# * The base layer was fixed before the run. In the layer after it the SAEs need fewer
#   patches than PCA, in the first about as many, in the last far more ([by
#   layer](editing_details.ipynb)).
# * If a single latent of the base layer brought the task to chance by itself, for every
#   seed, the last part of the verdict could turn. In the layer after it each seed has
#   one that nearly does.
# * This is one exchanged name, one gender task, one small model.
# * Patches are counted in latents, as in the paper. Counting edited *numbers* at
#   positions would be kinder to SAEs, as most latents are silent at most positions.
#
# ## Reading the card
#
# The {ref}`card at the top <editing>` counts patches in both orders, and compares
# erasers at the same effect. A first run had three seeds, too few for the number of
# patches; the verdict takes all. An earlier build, with other learning rates, was
# repeated with world seed 7 (other text, other pairs): there the part in ACDC's order
# could not be told, and the others came out the same.
#
# The paper also follows one latent back through the layers: the [causal
# tree](causal_tree.ipynb).
#
# ## Exercises
#
# ```{exercise}
# :label: ex-editing-positions
# How many of the changed numbers (latent and position) are not zero, in the base and in
# PCA? Which share of PCA's is that?
# ```
#
# ```{solution-start} ex-editing-positions
# :class: dropdown
# ```

# %% tags=["solution"]
pairs = {"SAE": study.exchanges[0], "PCA": study.pca_exchange}
changed = {name: float((one.change != 0).double().sum()) for name, one in pairs.items()}
record("exercise_numbers", changed["SAE"] / changed["PCA"], atol=0.01)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise}
# :label: ex-editing-share
# The verdict stops at half of the divergence. How many principal components, in
# gradient order, move the answer by four fifths?
# ```
#
# ```{solution-start} ex-editing-share
# :class: dropdown
# ```

# %% tags=["solution"]
further = patching.needed(study.gradient.pca[0], start=start, share=0.8)
record("exercise_share", further.latents)

# %% [markdown]
# ```{solution-end}
# ```
