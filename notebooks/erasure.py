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
from saecore.report.judging.real_model import gate_rows, real_model

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
# ```{include} ../_generated/teaching/erasure-box.md
# ```
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
# ## On a real model
#
# SmolLM2-135M tells he from she by a first name, so it could be asked. It was not: each
# latent of each SAE is tried as an eraser with the model's twenty later layers run
# again, which takes a quarter of an hour an SAE. `saecore results erasure --profile
# smollm2` does it. The share of pronouns that it gets right after worked examples:

# %% tags=["hide-input"]
real = real_model("attribute_edit")
right = {row["task"]: row["right"] for row in gate_rows(real)}
record("real_right", right["pronoun"], rtol=0)

# %% [markdown]
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
# ## Exercises
#
# Levels go from 1 (read) to 4 (experiment). The notebook that Colab opens has no
# solutions, and a cell for each answer that says whether it is right, and if not, which
# usual mistake it is.
#
# ```{exercise} Level 1
# :label: ex-erasure-predict
# Predict before you run the page: in which share of the SAEs is there *one* latent
# without which the model, for names that the latent was not chosen on, guesses the
# pronoun?
# ```
#
# ```{hint}
# :class: dropdown
# An SAE may have a latent for female names, or one for each name.
# ```
#
# ```{solution-start} ex-erasure-predict
# :class: dropdown
# ```

# %% tags=["solution"]
record(
    "ex-erasure-predict",
    numbers["removes"],
    mistakes={
        "the probability of a pronoun that is guessed": constants["chance"],
        "what is left of the task without the whole row": numbers["control_left"][0],
    },
)

# %% [markdown]
# The interval is wide: a share of so few SAEs is not known well. Most bets lie inside,
# and that says little for them.
#
# ```{solution-end}
# ```
#
# ```{exercise} Level 2
# :label: ex-erasure-hand
# By hand: names have the mean row $(2, 1)$. The direction $(0, 1)$ is projected out
# about that mean. What is the *length* of what this does to the row $(5, 4)$?
# ```
#
# ```{hint}
# :class: dropdown
# Projecting out about the mean sets the part along the direction to what it is for the
# mean row, not to zero.
# ```
#
# ```{solution-start} ex-erasure-hand
# :class: dropdown
# ```

# %% tags=["solution"]
from math import dist

mean_row, row = (2.0, 1.0), (5.0, 4.0)
record(
    "ex-erasure-hand",
    row[1] - mean_row[1],
    rtol=0.01,
    atol=0,
    mistakes={
        "what projecting out about zero does": row[1],
        "the distance of the row from the mean": dist(row, mean_row),
        "the part of the row that is left alone": row[0],
    },
)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} Level 2
# :label: ex-erasure-way
# Which share of the latents of both layers is best subtracted, and not projected out?
# Why can subtracting a latent do less harm than projecting out its direction?
# ```
#
# ```{hint}
# :class: dropdown
# `curves.chosen_rows(study)` has a row for each SAE, with its `way`.
# ```
#
# ```{solution-start} ex-erasure-way
# :class: dropdown
# ```

# %% tags=["solution"]
rows = curves.chosen_rows(study)
ways = [row["way"] for row in rows]
base_ways = [row["way"] for row in rows if row["layer"] == subject.layer]
record(
    "ex-erasure-way",
    ways.count("subtracted") / len(ways),
    atol=0.02,
    mistakes={
        "the number of latents, not their share": ways.count("subtracted"),
        "the share at the base layer alone": base_ways.count("subtracted")
        / len(base_ways),
    },
)

# %% [markdown]
# Subtracting it leaves rows alone in which it is silent.
#
# ```{solution-end}
# ```
#
# ```{exercise} Level 3
# :label: ex-erasure-median
# At the base layer, and with the judging names at chance: how much more harm than the
# best supervised eraser does a latent do, by the *median* over the SAEs that get there?
# ```
#
# ```{hint}
# :class: dropdown
# The column "KL, no gender" of `curves.chosen_rows(study)`, and `numbers["best_kl"]`.
# ```
#
# ```{solution-start} ex-erasure-median
# :class: dropdown
# ```

# %% tags=["solution"]
from statistics import median

harms = [
    row["KL, no gender"]
    for row in rows
    if row["layer"] == subject.layer and row["judging names at chance"]
]
best_harm = numbers["best_kl"][0]
if harms:
    middle = median(harms)
    record(
        "ex-erasure-median",
        middle - best_harm,
        atol=1e-3,
        mistakes={
            "the difference of means, the card's number": sum(harms) / len(harms)
            - best_harm,
            "the same of the SAE whose latent harms most": max(harms) - best_harm,
            "the harm of the best supervised eraser": best_harm,
        },
    )

# %% [markdown]
# A mean over few SAEs is carried by the worst of them; the rule names the mean, and its
# interval is wide for this reason.
#
# ```{solution-end}
# ```
#
# ```{exercise} Level 3
# :label: ex-erasure-random
# The null: one random direction is projected out, eight times as strong as its own
# edit. Which probability has the right pronoun still, at the base layer?
# ```
#
# ```{hint}
# :class: dropdown
# `at_all_strengths[subject.layer]["random direction"][0].right`, from no edit to the
# strongest.
# ```
#
# ```{solution-start} ex-erasure-random
# :class: dropdown
# ```

# %% tags=["solution"]
here = at_all_strengths[subject.layer]
random, latents = here["random direction"][0], here["one latent"]
record(
    "ex-erasure-random",
    random.right[-1],
    atol=0.005,
    mistakes={
        "what the strongest edit of one latent leaves": sum(
            one.right[-1] for one in latents
        )
        / len(latents),
        "chance, which a random direction does not reach": constants["chance"],
        "the harm, not the probability": random.harm[-1],
    },
)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} Level 4
# :label: ex-erasure-auroc
# In the *next* layer, each SAE's latent is erased as strongly as it takes to bring the
# judging names to chance. By which AUROC do the answers still tell gender, in the mean
# over the SAEs whose latent gets there? Compare with the base layer.
# ```
#
# ```{hint}
# :class: dropdown
# `study.layers` has both layers. `latents` of a layer has, for each SAE,
# `matched.eraser` and `matched.reached`; `curves.gender_auroc(layer.task, eraser)` asks
# the model.
# ```
#
# ```{solution-start} ex-erasure-auroc
# :class: dropdown
# ```

# %% tags=["solution"]
auroc = {
    layer: [
        curves.gender_auroc(one.task, latent.matched.eraser)
        for latent in one.latents
        if latent.matched.reached
    ]
    for layer, one in study.layers.items()
}
means = [sum(some) / len(some) for some in auroc.values() if some]
if len(means) == 2:
    record(
        "ex-erasure-auroc",
        means[1],
        atol=0.02,
        mistakes={
            "the AUROC at the base layer": means[0],
            "the probability of the right pronoun": constants["chance"],
            "the smallest, of one SAE": min(auroc[max(auroc)]),
        },
    )

# %% [markdown]
# One half is nothing left, one is all of it. A mean answer at chance need not be an
# erased concept: the page says above which of the two it is where.
#
# ```{solution-end}
# ```
#
# ## Questions
#
# ```{include} ../_generated/teaching/erasure-questions.md
# ```
