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
# (how-fast)=
# # How fast is it?
#
# This page shows what `make bench` measured: the code of this book beside the libraries that others train SAEs with,
# and beside what the processor can do at most. It measures nothing itself; it reads the figures that are stored in
# `book/results/bench`. They depend on the machine; ratios depend on it less than times.

# %% tags=["parameters", "hide-input"]
profile = "tiny"
world_seed = 0

# %% tags=["hide-input"]
from saecore.report import figure, record, subplots, table
from saecore.report.speed import (
    details,
    figures,
    judge_goals,
    read_goals,
    read_speed,
    summary,
)

speed = read_speed()
found = judge_goals(read_goals(), speed.numbers)

# %% [markdown]
# ## Goals, and what was measured
#
# The goals were written down before they were measured, in `book/goals.toml`. A row holds a few numbers; it shows the
# one that is furthest from being met. A number beside a peer is a ratio: how many of our steps the peer's step takes.

# %% tags=["hide-input"]
table("goals", summary(found), rtol=0, caption="Goals of speed and memory")

# %% tags=["hide-input"]
table("all_goals", details(found), rtol=0, caption="Every number that has a goal")

# %% [markdown]
# Every ratio compares medians of CPU time, user and system, over at least seven rounds. In each round every candidate
# takes one step on the same rows, in one process, on one thread. Lines are random, and learning rates so small that the
# share of active latents stays what it is. Batches hold 2,048 rows.
#
# SAELens is at its defaults, and *at its fastest*, whatever that is here: without its rescaling by decoder norms, with
# sparse activations, and with PyTorch's float32 matmul precision at "medium" if that helps. sparsify takes its default
# optimiser or Adam, whichever is quicker. Plain PyTorch is dense arrays, autograd and Adam; *at its fastest* it has the
# precision "medium" too. That our fast ways give what the slow ways give is not shown here: tests hold it, at every
# change.

# %% tags=["hide-input"]
table("machines", speed.where(), rtol=0, caption="On what and when")

# %% [markdown]
# ## Time against width
#
# A dense step multiplies five matrices of the size of the whole layer. A sparse one needs one such product, the
# encoder's; all else can be done on the active latents. The dashed line is the time of that product at the best rate
# that any float32 product reached in the same run: nothing that computes every pre-activation in float32 is faster.

# %% tags=["hide-input"]
best = speed.numbers["roofline/best"] / 1e9
record("best_product", best, unit="billion operations per second", rtol=0)

# %% tags=["hide-input"]
fig, ax = subplots(figsize=(6.4, 4.2))
figures.draw_curves(ax, figures.step_times(speed), "width", "ms")
ax.set(xlabel="width", ylabel="CPU milliseconds per step")
figure(
    "fig-time",
    fig,
    caption="A TopK step, d_model 128, k 32, 2,048 rows.",
    alt="Time per step against width on logarithmic axes: a line for ours, one for "
    "each peer, and a dashed one for the encoder's product alone",
    data=figures.step_times(speed),
    rtol=0,
)

# %% [markdown]
# ## Lines and seeds
#
# Small steps have costs that do not depend on their size, so a row is dearer in a small batch. Several seeds of one
# shape can be trained side by side as one computation, which shares those costs.

# %% tags=["hide-input"]
fig, (left, right) = subplots(1, 2, figsize=(8.0, 3.6))
figures.draw_curves(left, figures.row_times(speed), "rows in a batch", "us")
figures.draw_seeds(right, figures.seed_times(speed))
left.set(xlabel="rows in a batch", ylabel="CPU microseconds per row")
right.set(ylabel="the same, per SAE")
figure(
    "fig-rows-seeds",
    fig,
    caption="First a TopK step, 128 to 2,048, by batch; then ours, by seeds.",
    alt="Two panels: time per row against rows in a batch, a line for ours and for "
    "each peer; time per row and SAE against seeds side by side, a line per shape",
    data=[*figures.row_times(speed), *figures.seed_times(speed)],
    rtol=0,
)

# %% [markdown]
# ## Memory
#
# The peak that three steps add to weights and Adam's moments, each candidate in a process of its own. The goal allows
# three times the weights and moments, and 32 MB.

# %% tags=["hide-input"]
fig, ax = subplots(figsize=(6.4, 3.8))
figures.draw_curves(ax, figures.step_memory(speed), "width", "mb")
ax.set(xlabel="width", ylabel="MB beyond weights and Adam")
figure(
    "fig-memory",
    fig,
    caption="A TopK step, d_model 128, k 32, 2,048 rows.",
    alt="Memory of a step against width on logarithmic axes: a line for ours, one for "
    "each peer, and a dashed one for what the goal allows",
    data=figures.step_memory(speed),
    rtol=0,
)

# %% [markdown]
# ## The SAEs of this book
#
# How much of a step is the encoder's product at its best rate? The rest is selection, decoding, gradients and Adam, and
# what starting them costs. In a small SAE that rest is the larger part.

# %% tags=["hide-input"]
fig, ax = subplots(figsize=(6.4, 3.8))
figures.draw_roofline(ax, figures.roofline_shares(speed))
ax.set(ylabel="share of the step")
figure(
    "fig-shares",
    fig,
    caption="Batches of 1,024 rows; one SAE alone.",
    alt="Share of a step that the encoder needs at the best product, by shape: a dot "
    "per architecture, below a dashed line at 1",
    data=figures.roofline_shares(speed),
    rtol=0,
)

# %% tags=["hide-input"]
table("trainings", figures.trainings(speed), rtol=0, caption="Whole trainings")

# %% [markdown]
# Whole trainings run on the language model's rows, with their batches drawn and thresholds calibrated. *System* is the
# share of their CPU time that the operating system took, mostly to hand out memory; page faults are counted per step,
# from the twenty-first step on.
#
# ## What was not measured
#
# No GPU: all times here are of one core, and of no graphics processor. No two threads: an SAE is trained on one, several
# SAEs run side by side. Peers' evaluation, logging and reading of activations are left out, as are ours.

# %% tags=["hide-input"]
table("left_out", speed.left_out(), rtol=0, caption="Left out, and why")
