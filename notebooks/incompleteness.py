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
# (incompleteness)=
# # Does a smaller SAE miss features that a larger one has?
#
# **The claim.** {cite:t}`leask2025canonical` put latents of a large SAE into a smaller
# one. Some lower the error: the smaller SAE lacked them.

# %% tags=["parameters", "hide-input"]
profile = "tiny"
world_seed = 0

# %% tags=["hide-input"]
import torch

from saecore import report
from saecore.claims import sites
from saecore.claims.incompleteness import (
    against_paper,
    figures,
    grid,
    moved_rate,
    singles,
    study,
    table_rows,
    together,
    world_truth,
)
from saecore.claims.incompleteness.below import missing
from saecore.claims.incompleteness.below import sentences as said
from saecore.measures.dictionary import nulls
from saecore.measures.stitching import insertion, novelty
from saecore.report import by_setting, figure, record, settings, table, told

# %% tags=["hide-input"]
zoo, subject = sites.opened(profile, world_seed)
found, paper = study(zoo, subject), report.published("incompleteness")
report.tolerance(rtol=0.03)
run = {"profile": profile, "world_seed": world_seed, "atol": 0.01}
verdict = found.claim.conclude(numbers=found.numbers["model"], **run)
run["profile"] = "world"
in_world = found.claim.conclude(numbers=found.numbers["world"], **run)

# %% tags=["hide-input"]
rule, model, world = found.claim.constants, found.model, found.world
_, narrow, wide = model.base
report.settings(narrow=narrow, wide=wide, l0=grid.STITCHED_L0, cosine=rule["cosine"])
report.settings(fdr=rule["false_discovery_rate"], least=rule["least_firings"])
shares = singles.novel_shares(model)
fig, axes = report.subplots(1, 2, figsize=(8.2, 3.6), sharey=True)
figures.novel_columns(axes, shares)
figure(
    "fig-novel",
    fig,
    caption="Share of latents that surely lower a smaller SAE's error when inserted "
    "alone: those of a wider SAE, and those of an equally wide one of another seed.",
    alt="Two panels of points with intervals by pair of widths; the points of wider "
    "SAEs lie above those of equal widths, and after a refit the latter are near zero",
    data=by_setting(
        shares.wider,
        key=("SAE", "from", "to"),
        name="novel",
        control=shares.control,
        refit=shares.refit,
        **{"refit control": shares.refit_control},
    ),
    atol=0.01,
)

# %% tags=["hide-input"]
last = list(shares.refit_excess.values())[-2]  # the last step of ReLU
points = found.intervals["model"]
told(points["refit_excess"], above=0, atol=0.01, **said.REFIT)
told(last, above=0, atol=0.01, **said.LAST_DOUBLING)

# %% [markdown]
# If the claim is true, no width gives *the* list of a model's features. The first card
# is about a small language model, the second about a [world of
# features](subjects.ipynb) that we know. Parts that test the quoted sentence decide;
# the others are shown.
#
# On the left of {numref}`fig-novel`, latents of a wider SAE (coloured) lower the error of a
# smaller one; so do some of an equally wide SAE (grey), the control. On the right the
# smaller SAE's decoder was fitted anew first, on other rows than those that judge: the
# grey points should come close to zero, and what is left above them is news.
#
# The paper calls the method *stitching*. We found no code for it, in the authors'
# repositories or elsewhere. Two pages go deeper: [families, walks and other
# details](stitching_details.ipynb), and [is one width best for all
# tasks?](one_width.ipynb)
#
# ```{include} ../_generated/teaching/incompleteness-box.md
# ```
#
# ## What would have to be true
#
# Let $r$ be what the smaller SAE leaves of a row $x$. A latent of the larger SAE has
# the activation $a$ on that row (from *its* encoder) and the decoder row $d$. Inserting
# it changes the mean squared error by
#
# $$\Delta = \mathbb{E}\,\|r - a\,d\|^2 - \mathbb{E}\,\|r\|^2
# = \mathbb{E}[a^2]\,\|d\|^2 - 2\,\mathbb{E}[a\,\langle d, r\rangle].$$ (eq-change)
#
# All the $\Delta$ follow from the same sums over active entries, at about the cost of
# one decoding. (The paper moves the bias along, its equation 5; for a single latent we
# keep that of the smaller SAE.) The code, as it runs:

# %% tags=["hide-input"]
report.show_source(insertion.insertions)
report.show_source(insertion.inserted)
report.show_source(novelty.novelty)

# %% [markdown]
# A latent is **novel** if its $\Delta$ in {eq}`eq-change` is negative, **redundant** if positive, at a
# false discovery rate of {glue:text}`incompleteness.ipynb::fdr:.2f` over the latents
# that fire on {glue:text}`incompleteness.ipynb::least:.0f` rows or more; else it is
# undecided. Intervals are over seeds and over groups of texts, and a lead over the
# control is judged by the interval of the difference.
#
# ## A case to check by hand
#
# Half of the rows are $(1, 0)$, half $(0, 1)$. The smaller SAE has one latent, which
# reconstructs the first kind. Three latents are offered: a copy of it, the direction
# $(0, 1)$, and the diagonal. Then the smaller SAE *shrinks*: its activation is 0.4
# instead of 1.

# %%
rows = torch.eye(2).repeat(20, 1)
offered = torch.tensor([[1.0, 0], [0, 1], [0.5**0.5, 0.5**0.5]])
large = nulls.Weights(offered.T, offered)


def inserted(amplitude):
    """The offered latents, put into an SAE that gives so much of the first kind."""
    small = nulls.Weights(amplitude * rows[:1].T, rows[:1])
    return insertion.insertions(small, large, rows)


# %% tags=["hide-input"]
by_hand = {"latent": ["copy", "new direction", "diagonal"]}
for name, amplitude in (("", 1.0), (", if shrunken", 0.4)):
    one = inserted(amplitude)
    effect = one.effect.round(decimals=6) + 0.0  # no minus zero
    by_hand |= {f"effect{name}": effect, f"best factor{name}": one.scale}
table("by_hand", by_hand, rtol=1e-3, atol=1e-6)

# %% [markdown]
# The copy raises the error, unless the smaller SAE shrinks. The *best factor* $s$ is
# what the inserted activation should be multiplied by: $\Delta =
# \mathbb{E}[a^2]\|d\|^2\,(1 - 2s)$. So the sign of $\Delta$ asks one question only:
# **is the best factor above one half?** A latent with $s = 0.4$ does add something, but
# counts as redundant.
#
# ## Every latent alone
#
# ReLU is the paper's architecture, here at an L0 near
# {glue:text}`incompleteness.ipynb::l0:d` for all widths; TopK is added for contrast,
# and the world's SAEs stand below.

# %% tags=["hide-input"]
table(
    "saes",
    table_rows.size_rows({"model": model, "world": world}),
    caption="The SAEs on held-out rows, means over seeds",
)

# %% [markdown]
# The base pair of the rule has the widths {glue:text}`incompleteness.ipynb::narrow:d`
# and {glue:text}`incompleteness.ipynb::wide:d`. Below, each dot is a latent. To the
# right lie those that resemble one of the smaller SAE; above the line those that raise
# the error.

# %% tags=["hide-input"]
alone = singles.single_insertions(model)
fig, axes = report.subplots(1, 2, figsize=(7.6, 3.7), sharey=True)
figures.effects_by_cosine(axes, alone, cosine=rule["cosine"])
axes[0].set(title=f"from width {wide}")
axes[1].set(title=f"control: from width {narrow}, other seed")
figure(
    "fig-single",
    fig,
    caption="Every latent inserted alone into the narrowest ReLU SAE. Dotted: the "
    "paper's threshold of the cosine.",
    alt="Two scatter plots of the change of the error against the largest cosine; most "
    "latents of the wider SAE with a low cosine lower the error, in the control few "
    "latents have a low cosine",
    data=table_rows.effects_data(alone),
    atol=0.02,
)

# %% tags=["hide-input"]
for name in ("novel", "novel_control", "auc", "auc_null", "auc_refit"):
    record(name, points[name], atol=0.01)

# %% [markdown]
# Of the latents of the wider SAE, {glue:text}`incompleteness.ipynb::novel:.2f` are
# novel to the narrowest; of those of an equally wide SAE of another seed,
# {glue:text}`incompleteness.ipynb::novel_control:.2f` are, too. This control belongs
# beside every number.
#
# How sure is "surely"? Move the false discovery rate; both shares and the verdict follow.

# %% tags=["hide-input"]
report.slider(
    "by_rate",
    found.claim,
    moved_rate.moved_rate(model),
    numbers=found.numbers["model"],
    caption="The verdict by the rate of false discoveries that “novel” allows for",
    atol=0.01,
)

# %% [markdown]
# A laxer rate calls more latents novel, in the control as well; what counts is the
# difference.
#
# The cosine alone tells the sign of the effect with an AUC of
# {glue:text}`incompleteness.ipynb::auc:.2f`
# ({glue:text}`incompleteness.ipynb::auc_refit:.2f` after the refit). With random
# dictionaries of the same covariance it is {glue:text}`incompleteness.ipynb::auc_null:.2f`:
# latents along directions in which the rows vary most are close to some row of *any*
# such dictionary, and are seldom news.
#
# ## New information or a wrong amplitude?
#
# Why should an equally wide SAE have news? Partly because ReLU SAEs *shrink*: the
# penalty on activations makes reconstructions too small, and a copy repairs that. If
# the smaller SAE's decoder and bias are fitted anew by least squares, its activations
# kept, no copy can gain by amplitude: the right panel of {numref}`fig-novel`. The table
# has the factors that would be best:

# %% tags=["hide-input"]
amplitude = singles.amplitude(model)
for kind, share in amplitude.shrinkage.items():
    record(f"shrinkage_{kind}", share, atol=0.003)
for name in ("refit_novel", "refit_control"):
    record(name, points[name], atol=0.01)
names = "factor below 0", "0 to 1/2", "1/2 to 1", "above 1", "gain with any direction"
several = amplitude.factors.items()
columns = {n: {k: f[place] for k, f in several} for place, n in enumerate(names)}
first = columns.pop(names[0])
table(
    "amplitude",
    by_setting(first, key=("SAE", "inserted"), name=names[0], **columns),
    atol=0.01,
    caption="Share of the latents by the factor that would be best for them, and share "
    "that gains with the best decoder row, on rows not fitted on (one pair of seeds)",
)

# %% [markdown]
# The narrowest ReLU SAE's own latents are too small by a share of
# {glue:text}`incompleteness.ipynb::shrinkage_relu:.2f` on average; those of TopK,
# without such a penalty, are not in this build. After the refit,
# {glue:text}`incompleteness.ipynb::refit_control:.3f` of the latents of the equally
# wide SAE are still novel, against {glue:text}`incompleteness.ipynb::refit_novel:.2f`
# of those of the wider one. What another seed adds is mostly amplitude; what a wider SAE
# adds is more than that.
#
# The last column of the table is a warning: with the *best* decoder row for each, most latents of
# another seed lower the error, too.
#
# Or was the narrow SAE only not trained to its end?

# %% tags=["hide-input"]
longer = singles.trained_longer(model)
for name, share in zip(("fvu_short", "fvu_long"), longer.unexplained):
    record(name, share, rtol=0.02)
told(longer.refit, above=points["refit_control"], atol=0.01, **said.LONGER)

# %% [markdown]
# (Its unexplained variance goes from
# {glue:text}`incompleteness.ipynb::fvu_short:.3f` to
# {glue:text}`incompleteness.ipynb::fvu_long:.3f`.)
#
# ## What was missing
#
# Which features does the narrow SAE lack? These latents of the wider one lower its
# error most, with its decoder refit. Each links to its place in the
# [explorer](../explorer.md).

# %% tags=["hide-input"]
lacking = missing.missing(zoo, subject, model)
table(
    "missing",
    missing.missing_rows(lacking),
    rtol=0.04,
    atol=0.02,
    caption=f"Novel latents of width {wide} for width {narrow}: where they are "
    "strongest (the token itself in brackets), and what one of them changes",
)
for name, share in zip(("there_narrow", "there_wide"), lacking.error_there):
    record(name, share, atol=0.01)

# %% [markdown]
# Where a novel latent fires, the narrow SAE's error is
# {glue:text}`incompleteness.ipynb::there_narrow:.2f` times that elsewhere, and the wide
# SAE's, which has the latent, {glue:text}`incompleteness.ipynb::there_wide:.2f` times
# (means over novel latents; 1.24 and 1.18 in the paper's figure 11). So these are hard
# tokens for both.
#
# ## All together
#
# Do novel latents help together? The paper inserts all with a cosine below
# {glue:text}`incompleteness.ipynb::cosine:.1f` in random order. *Greedy* always takes
# the latent that helps most given those already in. {numref}`fig-together` has both:

# %% tags=["hide-input"]
all_in = together.together(model)
fig, axes = report.subplots(1, 2, figsize=(7.6, 3.6))
figures.stitching_curves(axes, all_in)
figure(
    "fig-together",
    fig,
    caption="Latents below the paper's cosine inserted in random order (solid), and "
    "all that help in greedy order (dotted). Grey: the control. TopK is cut off.",
    alt="Curves of the change of the error; for ReLU all fall below zero, for TopK the "
    "random orders rise steeply and the greedy ones fall",
    data=table_rows.curves_data(all_in),
    atol=0.5,
)

# %% tags=["hide-input"]
table(
    "together",
    table_rows.together_rows(all_in),
    atol=1.0,
    caption="Singly and together: changes of the error",
)
for name in ("all_novel", "all_novel_control"):
    record(name, points[name], atol=0.005)
told(points["all_novel_excess"], below=0, atol=0.005, **said.ALL_TOGETHER)

# %% [markdown]
# Over all seeds, the latents below the cosine change the error of the narrowest ReLU
# SAE by a share of {glue:text}`incompleteness.ipynb::all_novel:.3f` (control:
# {glue:text}`incompleteness.ipynb::all_novel_control:.3f`). That is far less than the
# sum of their effects, in the paper too. The table says why, doubling by doubling. With
# $u$ the sum of what the inserted latents add to a row, the error changes by
# $\mathbb{E}\|u\|^2 - 2\,\mathbb{E}\langle u, r\rangle$, and $\mathbb{E}\|u\|^2$ is
# more than the sum over single latents: they add the same thing again.

# %% tags=["hide-input"]
doubled = together.doublings(model)
table(
    "doublings",
    table_rows.doubling_rows(doubled, paper["together"]["change"]),
    atol=1.0,
    caption="All latents below the cosine at each doubling (ReLU), in % of the error",
)

# %% tags=["hide-input"]
final = list(doubled.values())[-1].novel
told(final.factor, above=0.5, atol=0.01, **said.OVERCOUNTED)
record("last_at_factor", final.at_factor, atol=0.005)

# %% [markdown]
# At their best common factor they would change the error by
# {glue:text}`incompleteness.ipynb::last_at_factor:.3f`; a better bias hardly helps. So
# the news is there, but raw insertion counts it many times: novel latents share much of
# what they add.
#
# For **TopK** the random order is a disaster, in the control as well. Its latents are
# *co-adapted*: two seeds cut the same subspace along other axes, and a low cosine means
# "another basis", not "something new". So a cosine alone cannot carry the claim.
#
# ## Against the truth: the world of features
#
# In the world a latent of the larger SAE is *really new* if it is a feature of which
# the smaller SAE has no latent. (It is a feature if the two are paired one to one at a
# cosine of at least {glue:text}`incompleteness.ipynb::from_cosine:.1f`, the feature
# alone or with what it brings along.) Three ways to call a latent novel are judged: the
# effect, the effect after a refit, and the cosine.

# %% tags=["hide-input"]
truth = world_truth.world_truth(world, found.known)
report.settings(from_cosine=truth.from_cosine)
record("shrinkage_world", truth.shrinkage)

# %% tags=["hide-input"]
fig, axes = report.subplots(1, 2, figsize=(7.6, 3.4), sharex=True, sharey=True)
figures.called_by_way(axes, truth, widths=world.base[1:])
figure(
    "fig-lacked",
    fig,
    caption="Three ways to call a latent novel, judged by the truth: precision "
    "(filled) and recall (open), base pair of the world. Dashed: precision of "
    "calling all latents novel.",
    alt="Two panels of points with intervals; for ReLU the plain effect has high "
    "recall and low precision, the refit effect higher precision and lower recall",
    data=table_rows.truth_rows(truth),
    rtol=0.045,
    atol=0.02,
)

# %% tags=["hide-input"]
in_truth = found.intervals["world"]
for name in ("truth_precision", "truth_base"):
    record(name, in_truth[name], atol=0.01)
told(in_truth["truth_excess"], above=0, atol=0.01, **said.TRUTH)

# %% [markdown]
# Of the latents called novel after the refit,
# {glue:text}`incompleteness.ipynb::truth_precision:.2f` are really new, of all latents
# {glue:text}`incompleteness.ipynb::truth_base:.2f`. The plain effect calls most latents
# novel: the narrowest ReLU SAE's own are too small by a share of
# {glue:text}`incompleteness.ipynb::shrinkage_world:.2f`, and many copies help. So
# "novel" means "a feature that the smaller SAE lacks" only after amplitudes are taken
# care of, and then it misses some.
#
# ## Against the paper
#
# The paper's SAEs are for GPT-2 small, with widths 768 to 98,304. "Novel" here is by
# the cosine.

# %% tags=["hide-input"]
table(
    "against_paper",
    [line._asdict() for line in against_paper.against_paper(found, paper)],
    rtol=0.04,
    atol=0.02,
    caption=f"Ours: the language model. Paper: {paper['source']}",
)

# %% [markdown]
# Each line pairs like with like: doublings with doublings, at the same threshold. The
# base pair of the rule is four times apart, so it has no line.

# %% [markdown]
# ## On a real model
#
# SmolLM2-135M {cite:p}`allal2025smollm2` was trained by others, on two trillion
# tokens of the world's text. It is too large to be asked anew with every run of this
# page: what follows reads what one run stored. The rules are those above, fixed
# before this model was asked. ReLU SAEs with one, two and four latents per dimension.

# %% tags=["hide-input"]
from saecore.report.judging import real_model as stored

real = stored.real_model("incompleteness")
settings(**real.glued("novel", "novel_control", "refit_novel", "refit_control", "auc"))
stored.show_statements("fig-real-novel", real, in_world, verdict)

# %% [markdown]
# The verdict on SmolLM2: **{glue:text}`incompleteness.ipynb::real_verdict:s`**. Of
# the latents of the SAE with four per dimension
# {glue:text}`incompleteness.ipynb::real_novel:.2f` are novel to the one with one per
# dimension, and of those of another seed of the same width
# {glue:text}`incompleteness.ipynb::real_novel_control:.2f`. With amplitudes fitted
# anew it is {glue:text}`incompleteness.ipynb::real_refit_novel:.3f` by
# {glue:text}`incompleteness.ipynb::real_refit_control:.3f`. That is less than half of
# what the small model shows, with a control as large as there. The largest cosine
# still tells most novel latents from redundant ones (area under the curve
# {glue:text}`incompleteness.ipynb::real_auc:.2f`).
#
# {glue:text}`incompleteness.ipynb::real_made:s`. The command that makes it again:
# `saecore results incompleteness --profile smollm2`
#
# ## What would change our mind, and what this page cannot tell
#
# * If, with the smaller SAE refit, another seed brought as many novel latents as a
#   wider SAE does, "incomplete" would only mean "not the same". {numref}`fig-novel` shows
#   how near the largest widths come to that.
# * The sign of the effect asks whether a latent is worth *all* of what it adds. A
#   latent that is half right counts as redundant.
# * The smaller SAE may have the same information in another basis. Only the world says
#   what is a feature, and its features are of our making.
# * Wide and narrow SAEs [fail on the same tokens](stitching_details.ipynb): part of
#   what lacks is in neither.
#
# ## Exercises
#
# Levels go from 1 (read) to 4 (experiment). The notebook that Colab opens has no
# solutions, and a cell for each answer that says whether it is right, and if not, which
# usual mistake it is.
#
# ```{exercise} Level 1
# :label: ex-stitch-predict
# Predict before you run the page: latents of a wider SAE are put, one at a time, into a
# smaller one whose decoder was fitted anew. Which share of them surely lowers its
# error, *beyond* what latents of an equally wide SAE of another seed do?
# ```
#
# ```{hint}
# :class: dropdown
# If the smaller SAE lacked nothing, the two shares would be alike.
# ```
#
# ```{solution-start} ex-stitch-predict
# :class: dropdown
# ```

# %% tags=["solution"]
record(
    "ex-stitch-predict",
    points["refit_excess"],
    atol=0.01,
    mistakes={
        "the share without a refit and without a control": found.numbers["model"][
            "novel"
        ][0],
        "the share of the control, without a refit": found.numbers["model"][
            "novel_control"
        ][0],
        "the share of the control": found.numbers["model"]["refit_control"][0],
    },
)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} Level 2
# :label: ex-stitch-hand
# By hand: the smaller SAE of the case above gives 0.25 instead of 1. By how much does
# the *copy* change the mean squared error?
# ```
#
# ```{hint}
# :class: dropdown
# $\Delta = \mathbb{E}[a^2]\|d\|^2 - 2\,\mathbb{E}[a\langle d, r\rangle]$; the copy
# fires on half of the rows, and $r$ is what is left there.
# ```
#
# ```{solution-start} ex-stitch-hand
# :class: dropdown
# ```

# %% tags=["solution"]
copied = float(inserted(0.25).effect[0])
record(
    "ex-stitch-hand",
    copied,
    rtol=0.01,
    atol=0,
    mistakes={
        "the change without the factor of two": 0.5 - 0.5 * 0.75,
        "the change on rows where the copy fires, not over all rows": 2 * copied,
        "the change if nothing were missing": float(inserted(1.0).effect[0]),
    },
)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} Level 2
# :label: ex-half
# By how much does an SAE have to shrink before inserting a perfect copy of one of its
# latents lowers the error?
# ```
#
# ```{solution-start} ex-half
# :class: dropdown
# ```
#
# The best factor of the copy is the share that is missing, so it must exceed one half:

# %% tags=["solution"]
tried = {a: float(inserted(a).effect[0]) for a in (0.3, 0.49, 0.51, 0.7)}
effects = [{"amplitude": a, "effect of the copy": e} for a, e in tried.items()]
table("exercise_half", effects, rtol=1e-3, atol=1e-6)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} Level 3
# :label: ex-stitch-null
# Of the latents of the wider SAE that are novel after the refit, how many would another
# seed of the small width have brought? Give the control's share as a part of the wider
# SAE's.
# ```
#
# ```{hint}
# :class: dropdown
# Both shares stand in the text on amplitudes.
# ```
#
# ```{solution-start} ex-stitch-null
# :class: dropdown
# ```

# %% tags=["solution"]
part = float(points["refit_control"].estimate / points["refit_novel"].estimate)
record(
    "ex-stitch-null",
    part,
    atol=0.002,
    mistakes={
        "the same part before the refit": points["novel_control"].estimate
        / points["novel"].estimate,
        "the control's share itself": points["refit_control"].estimate,
        "the control after the refit beside the wider SAE before it": points[
            "refit_control"
        ].estimate
        / points["novel"].estimate,
    },
)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} Level 3
# :label: ex-greedy
# How many novel latents does the narrowest ReLU SAE need for half of the greedy gain?
# ```
#
# ```{hint}
# :class: dropdown
# `all_in["relu", f"from {wide}"].gains` has the gain of each latent in greedy order;
# all are below zero.
# ```
#
# ```{solution-start} ex-greedy
# :class: dropdown
# ```

# %% tags=["solution"]
joined = all_in["relu", f"from {wide}"]
gain = joined.gains.cumsum(0)
half_way = int((gain > gain[-1] / 2).sum()) + 1
record(
    "ex-greedy",
    half_way,
    rtol=0.045,
    atol=2,
    mistakes={
        "half of the latents of the greedy order": len(gain) / 2,
        "all latents of the greedy order": len(gain),
        "the number that is left when half of the gain is reached": len(gain)
        - half_way,
    },
)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} Level 4
# :label: ex-stitch-double
# The latents of the wider SAE that lower the error alone are inserted all at once
# (ReLU). Which part of the sum of their single effects is what they do together?
# ```
#
# ```{hint}
# :class: dropdown
# `joined.at_once` and `joined.sum_of_effects`, for `joined = all_in["relu", f"from
# {wide}"]`.
# ```
#
# ```{solution-start} ex-stitch-double
# :class: dropdown
# ```

# %% tags=["solution"]
alone, at_once = joined.sum_of_effects, joined.at_once
record(
    "ex-stitch-double",
    at_once / alone,
    atol=0.01,
    mistakes={
        "the same part for the control": all_in["relu", "control"].at_once
        / all_in["relu", "control"].sum_of_effects,
        "the change of the error, not its part of the sum": at_once,
        "how many times larger the sum is": alone / at_once,
    },
)

# %% [markdown]
# They write the same news many times. A negative part means that together they raise
# the error.
#
# ```{solution-end}
# ```
#
# ## Questions
#
# ```{include} ../_generated/teaching/incompleteness-questions.md
# ```
