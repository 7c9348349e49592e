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
# The first version of {cite:t}`cunningham2023sparse` said of its latents: "Ablating
# these features enables precise model editing, for example, by removing capabilities
# such as pronoun prediction, while disrupting model behaviour less than prior
# techniques." The experiment is known from its code. One number of it is judged on the
# page about [editing](editing.ipynb), at the base layer. Here are the layers, the seeds
# and the erasers that no rule names.

# %% tags=["parameters", "hide-input"]
profile = "tiny"
world_seed = 0

# %% tags=["hide-input"]
from saecore.claims import sites
from saecore.claims.editing import erasure_by_layer, figures
from saecore.report import chance, figure, record, settings, subplots, table, tolerance

tolerance(rtol=0.045, atol=0.01)
zoo, subject = sites.opened(profile, world_seed)
erasers = erasure_by_layer.erasers(zoo, subject)
constants = erasers.claim.constants

# %% tags=["hide-input"]
settings(seeds=subject.seeds, few=subject.few_seeds)
settings(candidates=constants["candidates"], strength=constants["strength"])

# %% [markdown]
# ## Erasers
#
# *In the morning Anna walked to the park with a friend.* ... She. The edit is made at
# the name, at one layer. Half of the names are there to fit and to choose erasers, the
# other half to judge them. Other text should stay as it is: the same edit is applied to
# all positions of text that has nothing to do with the task, and we measure how far the
# predictions move.
#
# * **One latent**, as in the paper's first version: of the
#   {glue:text}`erasure.ipynb::candidates:g` latents that tell gender best on their own,
#   each *subtracted* (set to zero) and *projected* out, the one after which the task is
#   worst.
# * **LEACE**: the smallest edit after which no linear probe can tell gender. There are
#   fewer rows to fit it on than dimensions, so it is also shown with a shrunk
#   covariance, the default of its authors' package.
# * **Mean difference**: the difference of the two mean rows, projected out.
# * **PCA**: the one principal axis that tells gender best, projected out.
# * **Random**: one random direction, projected out.
#
# ## As they are
#
# A panel per layer: how much harm an eraser does, and what it leaves of the task for
# names that it was not chosen on. Latents have {glue:text}`erasure.ipynb::few:d`
# points, one per seed.

# %% tags=["hide-input"]
outcomes = erasure_by_layer.as_they_are(erasers)
fig, axes = subplots(1, len(outcomes), figsize=(8.6, 3.4), sharey=True)
for ax, (layer, by_name) in zip(axes, outcomes.items()):
    points = {n: [(o.other_text, o.held_out) for o in os] for n, os in by_name.items()}
    figures.erasure_panel(ax, points, layer=layer)
    chance(ax, constants["chance"], "chance" if ax is axes[-1] else "")
axes[0].set_ylabel("probability of the right pronoun")
figures.legend_below(fig, axes[0], columns=3)
figure(
    "fig-erasure",
    fig,
    caption="Erasers on names that they were not chosen on: to the left is harmless, "
    "low (down to chance) is effective.",
    alt="A panel per layer with the task probability against the divergence on other "
    "text for seven erasers",
    data=[
        {"layer": layer, "eraser": name, "KL": o.other_text, "right": o.held_out}
        for layer, by_name in outcomes.items()
        for name, os in by_name.items()
        for o in os
    ],
    atol=0.02,
)

# %% [markdown]
# The best place in each panel is the left end at the height of chance. In the last
# layer no eraser moves the task: gender has been fetched from the name already, and an
# edit at the name comes too late, whatever makes it. In the layer before it, latents
# remove most of the task in each seed. In the first two layers it depends on the seed;
# in some a *projected* latent removes about as much as LEACE does. But this is so for
# these names alone: of the names it was chosen on it leaves far more than LEACE, as the
# table shows.

# %% tags=["hide-input"]
table(
    "erasers",
    erasure_by_layer.as_they_are_rows(outcomes),
    caption="Probability of the right pronoun under each eraser, and what else it does "
    "(latents: mean over seeds)",
)

# %% [markdown]
# ## At the same effect
#
# Erasers differ in strength, so their harm cannot be compared as they are. So each is
# made as strong as it takes to bring the task to chance on the names it was chosen on:
# $x + s\,(r(x) - x)$ with $s$ found by root search. A latent for which no $s$ up to
# {glue:text}`erasure.ipynb::strength:g` is enough is entered with that $s$: chance
# would cost more. The base layer has all {glue:text}`erasure.ipynb::seeds:d` seeds, as
# the verdict does; the last layer is left out, where nothing works.

# %% tags=["hide-input"]
brought = erasure_by_layer.at_same_effect(erasers)
fig, axes = subplots(1, len(brought), figsize=(7.8, 3.4), sharey=True)
for ax, (layer, by_name) in zip(axes, brought.items()):
    harm = {name: [o.outcome.other_text for o in os] for name, os in by_name.items()}
    figures.harm_panel(ax, harm, layer=layer)
axes[0].set_ylabel("KL on other text (nats)")
figures.legend_below(fig, axes[0], columns=4)
figure(
    "fig-same-effect",
    fig,
    caption="What each eraser does to other text, as strong as it takes to bring the "
    "task to chance. Lower is better; latents have a dot per seed.",
    alt="A panel per layer with the divergence on other text of four erasers, on a "
    "logarithmic axis",
    data=[
        {"layer": layer, "eraser": name, "KL": o.outcome.other_text}
        for layer, by_name in brought.items()
        for name, os in by_name.items()
        for o in os
    ],
    atol=2e-3,
)

# %% tags=["hide-input"]
table(
    "at_chance",
    erasure_by_layer.same_effect_rows(brought),
    caption="Every eraser at the strength at which the task is at chance, or at the "
    "strongest that is allowed",
)

# %% [markdown]
# Now plainly, for the published run. At the base layer LEACE and the mean difference
# both disturb other text far less, in the mean, than a single latent does. In most
# seeds no latent brings the task to chance, even pushed far beyond its own strength,
# and the latent of the least harm still does more than LEACE. The mean difference does
# the least harm of all. But it was fitted on few names, and at its strength much of the
# gender of *other* names is left; the table says what it costs to bring those to chance
# too.
#
# One layer later the picture is another. There every seed has a latent for gender. It
# brings both halves of the names to chance, and disturbs other text less than LEACE
# does: what the paper's first version reports. But it does so only against LEACE as the
# theorem has it. With a shrunk covariance LEACE does less harm than the latent there
# too, and the mean difference less than either. (The shrunk version was added after the
# others had been seen. The verdict is about the plain one, as fixed before; at the base
# layer it would be the same, and clearer.)
#
# The harm differs between texts by more than a factor of two. All erasers have the same
# few texts: read their order. LEACE has a handicap in this comparison. It is fitted at
# names, and here it also edits rows that were never in its fit. And it erases what a
# *linear probe* at the name can read; the model reads names in its own way, and
# held-out names keep some of it.
#
# A first run had three seeds, and the interval of a latent's harm reached under zero.
# With all seeds in, the other text was exchanged too, for a longer sample that the zoo
# keeps. Nothing else was changed.
#
# ## Exercise
#
# ```{exercise}
# :label: ex-editing-four
# One latent does not erase gender at the base layer. Do all of the candidates? Subtract
# them together.
# ```
#
# ```{solution-start} ex-editing-four
# :class: dropdown
# ```

# %% tags=["solution"]
record("exercise_four", erasure_by_layer.several_subtracted(erasers), atol=0.02)

# %% [markdown]
# ```{solution-end}
# ```
