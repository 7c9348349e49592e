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
# (one-width)=
# # Is one width best for all tasks?

# %% tags=["parameters", "hide-input"]
profile = "tiny"
world_seed = 0

# %% tags=["hide-input"]
from saecore import report
from saecore.claims import sites
from saecore.claims.incompleteness import figures, table_rows
from saecore.claims.incompleteness.below import tasks
from saecore.report import figure, record, table

# %% tags=["hide-input"]
zoo, subject = sites.opened(profile, world_seed)
rule = report.Claim.read("incompleteness").constants
found = tasks.usefulness(zoo, subject, level=rule["confidence"])
report.settings(words=tasks.WORDS, folds=tasks.FOLDS, few=tasks.LATENTS[1])
report.tolerance(rtol=0.04)
if found.left_out:
    print("This model lacks words of one token for:", ", ".join(found.left_out))

# %% tags=["hide-input"]
shape = {"squeeze": False, "figsize": (8.2, 4.2), "sharex": True, "sharey": "row"}
fig, axes = report.subplots(2, max(1, len(found.tasks)), **shape)
figures.scores_by_width(axes, found)
figure(
    "fig-tasks",
    fig,
    caption="Above: probes on one latent (light) and on several (dark), against width; "
    "dashed: shuffled labels. Below: targeted perturbation. ReLU, intervals over "
    "seeds.",
    alt="Ten small panels of probe accuracy and perturbation score against width for "
    "five tasks, most rising with width, those of gender not, with chance at one half "
    "and zero",
    data=table_rows.score_rows(found),
    atol=0.03,
)

# %% [markdown]
# This page belongs to the claim that [a smaller SAE misses features that a larger one
# has](incompleteness.ipynb). The paper of {cite:t}`leask2025canonical` ends with
# advice: no width is right for all tasks, so choose the width for the task.
#
# Here the tasks are facts that the language model knows: a word's category and first
# letter, a person's country and profession, and "he" or "she" (gender), each asked of
# at most {glue:text}`one_width.ipynb::words:d` words. The upper row of the figure shows
# *sparse probes*: a classifier that reads one or {glue:text}`one_width.ipynb::few:d`
# latents at the word, and is judged on words that it has not seen
# ({glue:text}`one_width.ipynb::folds:d` folds). Chance is one half for every label; the
# dashed lines are probes for shuffled labels. The lower row shows *targeted
# perturbation*. It ablates, class by class, the latents that a linear probe of the
# class reads most, and asks how much more that class's probe loses than the others'.
# The functions are `downstream.few_latents` and `downstream.perturbed`; this is how the
# page uses them:

# %% tags=["hide-input"]
report.show_source(tasks.scored)

# %% tags=["hide-input"]
paper = report.published("incompleteness")
table(
    "tasks",
    table_rows.end_rows(found, paper["probing"]),
    atol=0.01,
    caption="Means over tasks at the narrowest and the widest SAE",
)
winners = set(found.best_widths().values())
record("best_widths", len(winners), rtol=0.045)

# %% [markdown]
# In the paper these scores fall from the narrowest to the widest SAE (last column; for
# GPT-2 small). Here the means rise: the words are few, and the widest SAE is still
# narrow beside the paper's.
#
# Task by task there is one exception. In this build gender is read best from narrow
# SAEs, on one latent with intervals that are apart. Every other task does best at one
# of the two largest widths. So the paper's advice, to choose the width for the task,
# has support here, but from one task of five. (Over tasks and measures there are
# {glue:text}`one_width.ipynb::best_widths:.0f` different winners.) About gender
# targeted perturbation says nothing: with two classes the probes mirror each other and
# lose the same, so the score is zero at every width.
#
# ## What this page cannot tell
#
# * The best width of one task and measure is the highest of a few means over three
#   seeds. Neighbouring widths often overlap, so neither a single winner nor the number
#   of winners is a result.
# * The tasks are facts about single words of a small model. The paper's data sets are
#   sentences.
# * A probe shows that information can be read from a latent, not that the model uses
#   it.
#
# Back to [the claim](incompleteness.ipynb).
