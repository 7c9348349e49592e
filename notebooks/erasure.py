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
# (erasure)=
# # Does one latent erase gender with less harm?
#
# If a latent *is* a concept, silencing it should remove the concept and nothing else.
# Methods that know the label and need no dictionary should have to do more.

# %% tags=["parameters", "hide-input"]
profile = "tiny"
world_seed = 0

# %% tags=["hide-input"]
from saecore.claims import erasure, sites
from saecore.claims.editing.figures import legend_below
from saecore.claims.erasure import curves, figures
from saecore.claims.erasure.headline import best_supervised

# %% tags=["hide-input"]
from saecore.report import (
    figure,
    record,
    settings,
    subplots,
    table,
    told,
    tolerance,
)

# %% tags=["hide-input"]
tolerance(rtol=0.045, atol=0.01)
zoo, subject = sites.opened(profile, world_seed)
study = erasure.study(zoo, subject)
numbers, constants = study.numbers["model"], study.claim.constants
conclusion = study.claim.conclude(
    profile=profile, world_seed=world_seed, numbers=numbers
)

# %% tags=["hide-input"]
settings(
    seeds=subject.seeds, active=constants["active"], strength=constants["strength"]
)
settings(gendered=constants["gendered"], layer=subject.layer)
at_all_strengths = curves.pareto(study)

# %% tags=["hide-input"]
fig, axes = subplots(
    1, len(study.layers), figsize=(8.2, 3.9), sharey=True, squeeze=False
)
for ax, (layer, by_name) in zip(axes[0], at_all_strengths.items()):
    figures.pareto_panel(ax, by_name, layer=layer, at=constants["chance"])
axes[0][0].set_ylabel("probability of the right pronoun")
legend_below(fig, axes[0][0], columns=3)
figure(
    "fig-pareto",
    fig,
    caption="What erasers leave of the task, for names that they were not chosen on, "
    "against what they do to other text, from no edit to eight times their own. Down "
    "(to chance) and to the left is better; a line per SAE.",
    alt="A panel per layer of falling curves for one latent of each "
    "SAE and five linear "
    "erasers",
    data=curves.eraser_curve_rows(at_all_strengths),
    atol=0.03,
)

# %% [markdown]
# Each line is one eraser at rising strength. The best corner is at the lower left: the
# task at chance, other text as it was.
#
# ## What the paper says
#
# The first version of {cite:t}`cunningham2023sparse` says in its abstract: "Ablating
# these features enables precise model editing, for example, by removing capabilities
# such as pronoun prediction, while disrupting model behaviour less than prior
# techniques." Later versions exchange names [instead](editing.ipynb); the experiment is
# known from its code.
#
# ## What would have to be true
#
# *In the morning Anna walked to the park with a friend.* ... She. The edit is made at
# the name, at one layer. Half of the names are there to fit and to choose erasers, the
# other half judges them. Most SAEs should have one latent without which the task is at
# chance, and erasing it should move the predictions on other text less than the best
# method without a dictionary does.
#
# ## The erasers
#
# * **One latent.** Candidates are all latents that are active on more than
#   {glue:text}`erasure.ipynb::active:.0%` of the rows at names. Each is *subtracted*
#   (set to zero) and *projected* out about the mean row, as strong as it takes to bring
#   the choosing names to chance, up to {glue:text}`erasure.ipynb::strength:g` times its
#   own edit. Of those that get there, the one that then does least harm to some other
#   text is taken.
# * **Mean difference**: the difference of the two mean rows, projected out.
# * **LEACE** {cite:p}`belrose2023leace`: the smallest edit after which no linear probe
#   can tell gender. It is fitted on fewer rows than the stream has dimensions, so it
#   also stands here with a shrunk covariance, the default of its authors' package.
# * **PCA axis**: the one principal axis that tells gender best, projected out.
# * **Random**: one random direction, projected out.
#
# ## At the same effect
#
# Erasers differ in strength, so their harm cannot be compared as they are. Each is made
# as strong as it takes to bring the *judging* names to chance: $x + s\,(r(x) - x)$ with
# $s$ found by root search. Harm is the mean KL divergence of the predictions on other
# text. A perfect eraser must change where the model expects *he* or *she*, so places
# that have to do with gender are left out: those where a gendered word stands, and
# those where the model gives such words more than
# {glue:text}`erasure.ipynb::gendered:.0%` of its expectation. That leaves
# {glue:text}`erasure.ipynb::kept:.0%` of the places. The edit itself is made everywhere.

# %% tags=["hide-input"]
kept = study.texts[1].kept[:, 1:]
record("kept", float(kept.double().mean()))
table(
    "at_chance",
    curves.matched_rows(study),
    caption="Every eraser with the judging names at chance: means over the SAEs whose "
    "latent gets there",
)

# %% tags=["hide-input"]
told(
    numbers["removes"],
    above=0.5,
    holds="At the base layer most SAEs have one latent without which the task is at "
    "chance ({number} of them).",
    fails="At the base layer most SAEs have no latent without which the task is at "
    "chance ({number} of them have one).",
    undecided="At the base layer {number} of the SAEs have one latent "
    "without which the "
    "task is at chance: whether most do cannot be told.",
)
settings(best=best_supervised(study.base))

# %% [markdown]
# The supervised eraser of least harm is {glue:text}`erasure.ipynb::best:s`. An SAE that
# has no such latent has no harm to compare; the SAEs that have one are the kinder half
# of the comparison.

# %% tags=["hide-input"]
beside = {
    "Beside the best supervised eraser": "excess_kl",
    "Beside LEACE as the theorem has it": "excess_leace",
    "In the next layer, beside the best supervised eraser": "later_excess",
}
for where, name in beside.items():
    if numbers[name] is not None:
        told(
            numbers[name],
            below=0,
            holds=f"{where}, one latent does less harm, by {{number}} nats.",
            fails=f"{where}, one latent does more harm, by {{number}} nats.",
            undecided=f"{where}, which does less harm cannot be told ({{number}} "
            f"nats).",
        )

# %% [markdown]
# ## What chance leaves
#
# A task is at chance in the mean, too, if the model says one pronoun to all names: then
# it is wrong about one gender, and no less sure. The column *AUROC left* asks instead
# how well the lead of *She* over *He* still sorts the judging names, whatever it is on
# the whole: one half is nothing left. An eraser that leaves much of it has pushed the
# answers to one side rather than erased what they rest on.
# In this build that is the case in the next layer. Most of its latents belong to one
# gender; without one the model gives all names the other pronoun, at very little harm:
# less, for most SAEs, than the mean difference does. Two SAEs whose latents do far more
# harm keep the mean open.
#
# The table also has what is left of the names that erasers were fitted or chosen on,
# where the judging ones are at chance. Fitted erasers overshoot there: in this build they
# leave far less of these names, down to the wrong pronoun. A latent was not fitted but
# only chosen, and what it leaves of the two halves is alike in the mean. A single latent
# may leave more of either half: there are thirty names in each.

# %% tags=["hide-input"]
left = {row["eraser"]: row["AUROC left"] for row in curves.matched_rows(study)[:5]}
record("auroc_supervised", left[best_supervised(study.base)], atol=0.03)
table(
    "chosen",
    [row for row in curves.chosen_rows(study) if row["layer"] == subject.layer],
    caption="The latent of each SAE of the base layer, with the way of erasing it and "
    "the strength for the judging names",
    atol=0.02,
)

# %% [markdown]
# ## Against the paper
#
# The paper says that one latent is enough, and that it does less harm than prior
# techniques, which were the mean difference and LEACE. Its choice of the latent is by
# the task alone, at the latent's own strength, on the names that also judge; its text
# for harm is any text, gendered places included. The column *KL, all places* has that
# number. In later work on larger models simple directions that were fitted with labels
# also do better than SAE latents {cite:p}`wu2025axbench`.
#
# ## What would change our mind, and what this page cannot tell
#
# * Names are sampled, too: thirty choose and thirty judge. The intervals are over SAEs
#   and texts; other names would move the strengths.
# * LEACE erases what a *linear probe* at the name can read, and is fitted on few rows.
#   The model reads names in its own way.
# * An edit at the name cannot erase what later layers have fetched already: in the last
#   layer no eraser moves the task.
# * One task, one small model, one width and sparsity of SAEs.
#
# ## Reading the card
#
# The {ref}`card at the top <erasure>` is judged by two core parts: whether most SAEs
# have a latent that removes the task, and whether it does less harm than the best of
# four supervised erasers. An earlier rule took the best of four latents, the way of
# erasing that was stronger at its own strength, and pushed latents that did not get to
# chance as far as it allowed; its number was that of the cap. Its results for two world
# seeds were known when the present rule was written.
#
# ## Exercise
#
# ```{exercise}
# :label: ex-erasure-way
# How many of the latents of both layers are best subtracted, and not projected out? Why
# can subtracting a latent do less harm than projecting out its direction?
# ```
#
# ```{solution-start} ex-erasure-way
# :class: dropdown
# ```
#
# Subtracting it leaves rows alone in which it is silent.

# %% tags=["solution"]
ways = [row["way"] for row in curves.chosen_rows(study)]
record("exercise_way", ways.count("subtracted") / len(ways), atol=0.2)

# %% [markdown]
# ```{solution-end}
# ```
