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
# (verdict-seeds)=
# # Does the verdict depend on the seed?
#
# Every page of this book is made on world seed 0. The seed decides which world of
# features there is, which texts are sampled, and where every SAE starts. A verdict that
# another seed would turn is worth little, so the whole book is run again.
#
# The seeds were named before the runs. The commit that fixed the rules in
# `book/claims.toml` wrote three of them into `book/seeds.toml`: 0 and 7, with which the
# book was written, and a third that is made of the digits of the file's sha256. Nobody
# can choose that one. Most rules were written, or written again, when numbers of the
# first two were known; the card of each claim says so for each part. **For these the
# run on the third seed decides**, and every card shows its verdict as soon as it is
# there.
#
# This page runs nothing. It reads what `make book-full` stored in `book/results`.

# %% tags=["parameters", "hide-input"]
profile = "tiny"
world_seed = 0

# %% tags=["hide-input"]
from saecore.report import figure, settings, subplots, table
from saecore.report.judging.registration import registration
from saecore.report.judging.run_figures import (
    claim_rows,
    draw_numbers,
    draw_verdicts,
    panel_shape,
    part_rows,
    parts_that_turned,
    runs_agree,
)
from saecore.report.judging.stored_runs import stored_parts, stored_runs

# %% tags=["hide-input"]
runs = stored_runs()
parts = stored_parts(runs)
stated = registration()
seeds = [] if stated is None else list(stated.seeds)
known = {run.name for run in runs}
named = [{"world seed": s, "run": f"world seed {s}" in known} for s in seeds]
table("named_seeds", named, rtol=0, caption="Seeds that were named, and which were run")

# %% [markdown]
# ## Claims
#
# One row per claim and subject, one column per run: a world seed, or another language
# model, which the command that made the shipped one trained with another seed.

# %% tags=["hide-input"]
table("claims_by_seed", claim_rows(runs), rtol=0, caption="Verdicts by run")
found = runs_agree(runs, parts)
settings(claims=found.claims, same=found.same, turned=found.turned)
settings(parts=found.parts, same_parts=found.same_parts, opposed=found.opposed)

# %% [markdown]
# {glue:text}`verdict_seeds.ipynb::same:d` of
# {glue:text}`verdict_seeds.ipynb::claims:d` verdicts are the same in every run that was
# made. Not the same: {glue:text}`verdict_seeds.ipynb::turned:s`. Of the parts,
# {glue:text}`verdict_seeds.ipynb::same_parts:d` of
# {glue:text}`verdict_seeds.ipynb::parts:d` are judged alike. Parts that hold in one run
# and do not hold in another: {glue:text}`verdict_seeds.ipynb::opposed:s`. The rest are
# told in one run and cannot be told in another.

# %% [markdown]
# ## Parts
#
# A claim is made of parts. Bold ones test the sentence that the claim quotes, and only
# they make its verdict. A green square with ✓ holds, a red one with ✗ does not hold, a
# grey one with ? cannot be told.

# %% tags=["hide-input"]
fig, ax = subplots(figsize=(7.2, 1.2 + 0.3 * len(parts) / max(1, len(runs))))
draw_verdicts(ax, parts, runs)
figure(
    "verdicts_by_seed",
    fig,
    alt="A square per part of a claim and run, coloured and signed by its verdict.",
    caption="The verdict of each part in each run. Bold: core parts.",
    data=part_rows(parts),
    rtol=0,
)

# %% [markdown]
# Where the squares of a row differ, a figure shows why: the number that the part is
# about in each run, black, with its interval, and grey beside it what it is compared
# with. A number that hardly moves while its verdict does stands near its bound. Where
# nothing differs, as after one run alone, there is no such figure.

# %% tags=["hide-input"]
turned = parts_that_turned(parts)
rows, across = panel_shape(turned)

# %% tags=["hide-input"]
if turned:
    fig, axes = subplots(rows, across, figsize=(9.6, 2.1 * rows), squeeze=False)
    draw_numbers(axes, turned)
    figure(
        "numbers_that_turned",
        fig,
        alt="Dots with intervals by run, a panel for each part whose verdict differs.",
        caption="Parts whose verdict is not the same in all runs.",
        data=part_rows(turned),
        rtol=0,
    )

# %% [markdown]
# ## When and from what
#
# Each folder of results names the artefacts that it was made of by their keys. The same
# keys are the same SAEs, to the bit, on processors that round alike; on others they are
# other SAEs, as from another seed ([what that moves](../reproduce.md)).

# %% tags=["hide-input"]
made = [
    {
        "run": run.name,
        "date": run.made.get("date"),
        "SAEs": len(run.made.get("keys", {}).get("saes", [])),
    }
    for run in runs
]
table("made", made, rtol=0, caption="Runs")
