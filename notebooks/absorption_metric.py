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
# (absorption-metric)=
# # Can the absorption metrics be trusted?
#
# {cite:t}`chanin2024absorption` measure absorption with a rule, SAEBench with rules of
# its own. All of them put a *probe in the place of the truth*. How many of the cases
# that a metric calls absorbed are (its **precision**), and how many of the absorbed
# ones does it find (its **recall**)?
#
# The truth is known twice: in the [world of features](subjects.ipynb), and in **real
# rows of the small language model with families planted in them**: parents, children
# that fire only with their parent, and, as a control, *independent* families with the
# same rates, where nothing can be absorbed: what a rule reads there is its null. No
# claim is judged here, so there is no verdict. [The next
# page](absorption_metric_more.ipynb) has the definitions in full, and shows ways in
# which the metrics go wrong.
#
# The author of the metric has since audited SAEBench {cite:p}`chanin2026reliable`: how
# far its metrics move when drawn again, whether they tell SAEs apart, and whether they
# go with the truth of synthetic SAEs {cite:p}`chanin2026synthetic`, SAE by SAE. What we
# could read of it (abstract, introduction and headings) does not say how absorption
# fares there. New here is the count case by case, of which words a rule is right: we
# found none, searching stored papers, pages, issues and code in November 2026.

# %% tags=["parameters", "hide-input"]
profile = "tiny"
world_seed = 0

# %% tags=["hide-input"]
from saecore.claims import sites
from saecore.claims.absorption_metric import by_hand, figures, scores, study
from saecore.claims.absorption_metric.grid import planted_grid
from saecore.claims.absorption_metric.headline import CONFIDENCE, pooled_check
from saecore.claims.absorption_metric.known import JUDGED_ROWS, PLANTED, WORLD
from saecore.measures.absorption import true_outcomes
from saecore.measures.probing.k_sparse import F1_JUMP
from saecore.report import (
    figure,
    record,
    settings,
    show_source,
    subplots,
    table,
    told,
    tolerance,
)

tolerance(rtol=0.04, atol=0.03)
zoo, subject = sites.opened(profile, world_seed)
found = study(zoo, subject)

# %% [markdown]
# {numref}`fig-metrics` is the answer: the harmonic mean F1 of precision and recall of every
# metric. Colours tell how the main latents were chosen, shapes the subject.

# %% tags=["hide-input"]
rows = scores.precision_rows(found)
fig, ax = subplots(figsize=(6.8, 4.0))
figures.draw_f1(ax, rows)
figure(
    "fig-metrics",
    fig,
    caption="Which metric to believe where children are few and frequent: decisions "
    "against the strict truth, pooled over all SAEs of a subject, with intervals over "
    "seeds (a fraction decides where it is above 0).",
    alt="Dots of F1 with intervals for eight metrics, by subject and by choice of main "
    "latents",
    data=scores.f1_rows(rows),
    rtol=0.045,
    atol=0.04,
)

# %% tags=["hide-cell"]
best = [row["F1"] for row in scores.f1_rows(rows) if row["subject"] == PLANTED]
record("best_f1", max(best), atol=0.01)

# %% [markdown]
# Which metric is for what? It depends on the children more than on the rule:
#
# * **Few and frequent children** (each takes more than some five per cent of its
#   parent): full absorption with the *best latent*. The split set takes in the
#   children's latents, and is blind to them.
# * **Many and rare children** (words of a letter): full absorption or the paper's rule
#   with the *split set*. It finds them as well, and does not call a parent absorbed
#   that is only split. [The regimes](absorption_metric_more.ipynb) side by side.
# * If you do not know, report both; the difference is what splitting may explain.
# * **How much?** The fraction of SAEBench 0.6.0, again with both. It sees partial
#   absorption, and has a threshold against noise.
# * **Not** the fraction of SAEBench 0.3.2 as a share of anything: see its null below.
#   (The published values for 42 Pythia SAEs are of this version.)
# * A silent main latent alone is no absorption, and no rule means anything without a
#   gate on the probe and on the main latents.
#
# All this is by the definition of truth that is used here. It was [changed twice after
# first trials](absorption_metric_more.ipynb), and the level of precision hangs on that.
# The best F1 on planted rows, {glue:text}`absorption_metric.ipynb::best_f1:.2f`, is
# that of a rule which needs labels of the children; full absorption comes close.
#
# ## What is really absorbed
#
# A *case* is a row with an active parent. It ends in one of four ways:
#
# | outcome | one of the parent's own latents fires | what carries at least half of the parent's usual part |
# |---|---|---|
# | **kept** | yes | |
# | **absorbed** | no | latents of a child, in a row with a child |
# | **elsewhere** | no | something else |
# | **missed** | no | nothing |
#
# Beside this strict truth there is a **graded** one: the share of the parent's usual
# part that a child's latents carry, whether or not the parent's own fire. [The next
# page](absorption_metric_more.ipynb) says what "own", "a child's", "carries" and
# "usual" mean. This is the function that decides:

# %% tags=["hide-input"]
show_source(true_outcomes.outcomes)

# %% [markdown]
# ## A case to check by hand
#
# The family of the paper's proof: the parent's latent fires with $1 - \delta$ when the
# child is there, and the child's decoder carries $\delta$ of the parent. Reconstruction
# is perfect for every $\delta$. In the row with both:

# %%
table("by_hand", by_hand.family_readings(), rtol=1e-3, atol=1e-6)

# %% [markdown]
# The rules with a yes or no see nothing before the parent's latent is wholly silent.
# The fractions see partial absorption, the newer one only from its threshold of 0.4 on.
#
# ## Two subjects
#
# First the world. Here and in planted rows a linear probe plays the part of the model:
# $m = \langle w, x \rangle + b$ is the answer that ablations move. So ablating a latent
# *is* taking its projection on the probe, exactly, and what is tested is the rule, not
# the ablation: the paper's (the most helpful latent leads the next one by 1 logit) and
# SAEBench's (the largest projection is 0.4 of the row's) differ in the comparison
# alone. A logit is that of a ridge probe here, so its size is ours; a relative lead is
# among the rules.

# %% tags=["hide-cell"]
planting = planted_grid(subject).planted
settings(
    rows=JUDGED_ROWS,
    parent_strength=planting.parent_strength,
    child_strength=planting.child_strength,
    spread=planting.magnitude_std,
    parent_rate=planting.parent_probability,
    child_rate=planting.child_probability,
    jump=F1_JUMP,
    few_seeds=subject.few_seeds,
    confidence=CONFIDENCE,
)

# %% [markdown]
# Then the planted families, directions added to the model's stream. A parent fires in
# {glue:text}`absorption_metric.ipynb::parent_rate:.0%` of the rows, a child in
# {glue:text}`absorption_metric.ipynb::child_rate:.0%` of its parent's rows. New SAEs
# were trained on these rows, and {glue:text}`absorption_metric.ipynb::rows:,d` rows are
# judged.

# %% tags=["hide-input"]
table(
    "subjects",
    scores.subject_rows(found),
    rtol=0.03,
    caption="Parents, cases and probes",
)

# %% [markdown]
# The choice of a parent's *main latents* turns out to matter more than the rule. All
# metrics are run with three:
#
# * the **best latent**: the one with the largest F1 for the parent;
# * the **split set**, as published: latents of a k-sparse probe are added as long as
#   each raises F1 by more than {glue:text}`absorption_metric.ipynb::jump:.2f`;
# * the **true** ones: the parent's own latents, which nobody has in practice.
#
# ## What the SAEs really do
#
# The bars show how cases truly end, as means over
# {glue:text}`absorption_metric.ipynb::few_seeds:d` seeds.

# %% tags=["hide-input"]
truth = scores.ending_rows(found)
fig, axes = subplots(1, 2, figsize=(9.0, 3.8))
figures.draw_ends(axes, truth)
figure(
    "fig-metric-truth",
    fig,
    caption="How cases end, by the truth. The table also has the graded share, and in "
    "how many families the published split set takes in a latent of a child.",
    alt="Stacked bars per SAE of the cases that are kept, absorbed, elsewhere and "
    "missed",
    data=truth,
    atol=0.004,
)

# %% [markdown]
# In this build wider SAEs absorb more, in the world and in real rows, and in the world
# sparser ones do too: the trends of the paper, without any metric. In planted rows k 4
# absorbs hardly more than k 8, and by the graded truth less.
#
# ## Precision and recall
#
# All settings of a subject are pooled. A case that the probe misses counts as not
# found. {numref}`fig-precision` shows four rules; the upper right is good.

# %% tags=["hide-input"]
fig, axes = subplots(1, 2, figsize=(7.6, 4.4), sharey=True)
figures.draw_precision(axes, rows)
figure(
    "fig-precision",
    fig,
    caption="Four rules with three choices of main latents; crosses are intervals over "
    "seeds. The table has all rules, and their nulls: what the same rule reads on "
    "independent families.",
    alt="Two panels of precision against recall with crosses for their intervals, by "
    "rule and by choice of main latents",
    data=rows,
)

# %% tags=["hide-cell"]
checks = {
    (key, main): pooled_check(found.tried[name], f"{main}", "SAEBench, full")
    for name, key in ((WORLD, "world"), (PLANTED, "planted"))
    for main in ("best latent", "split set")
}
for (key, main), check in checks.items():
    record(f"{key}_{main.split()[0]}_precision", check.precision, atol=0.03)
    record(f"{key}_{main.split()[0]}_recall", check.recall, atol=0.03)

# %% tags=["hide-input"]
for key, name in (("world", "In the world"), ("planted", "In planted rows")):
    told(
        checks[key, "split set"].recall,
        below=checks[key, "best latent"].recall,
        holds=f"{name} full absorption finds {{number}} of the absorbed cases with the "
        "split set, and {than} with the best latent: the same rule on the same SAEs.",
        fails=f"{name} full absorption finds as much with the split set ({{number}}) "
        "as with the best latent ({than}).",
        undecided=f"{name} full absorption finds {{number}} with the split set, and "
        "{than} with the best latent, which does not settle the order.",
        atol=0.03,
    )

# %% [markdown]
# [Why the split set loses them](absorption_metric_more.ipynb) has a closed form. The
# best latent has the opposite fault: where a parent *is* split in two, it calls the
# second half absorbed. The difference in precision between "best latent" and "true" is
# that fault. With the split set few cases are decided on planted rows, so its precision
# is known poorly.

# %% tags=["hide-cell"]
slugs = ("alarm_paper", "alarm_full", "alarm_fraction", "alarm_old_fraction")
for slug, share in zip(slugs, scores.false_alarms(found, "best latent").values()):
    record(slug, share, rtol=0.045, atol=0.01)

# %% [markdown]
# SAEBench calls the fraction `mean_absorption_fraction_score` and the rate of full
# absorption `mean_full_absorption_score`; lower is better for both. Its authors do not
# mean them for models below a billion parameters or SAEs below 16,000 latents. Here
# they are judged as rules, in worlds where the truth is known.
#
# In the independent families nothing can be absorbed. There, with the best latent, the
# paper's rule reads {glue:text}`absorption_metric.ipynb::alarm_paper:.1%`, full
# absorption {glue:text}`absorption_metric.ipynb::alarm_full:.3%`, the fraction 0.6.0
# {glue:text}`absorption_metric.ipynb::alarm_fraction:.3%`, and the fraction 0.3.2
# {glue:text}`absorption_metric.ipynb::alarm_old_fraction:.0%`: nulls of the same rules.
#
# ## What hangs on the definition of truth
#
# The truth was defined three times: twice something was [changed after first
# trials](absorption_metric_more.ipynb) had been seen. So here is precision under all
# three definitions, the first two made anew.

# %% tags=["hide-input"]
definitions = scores.definition_rows(found)
fig, axes = subplots(1, 2, figsize=(8.2, 3.9), sharey=True)
figures.draw_definitions(axes, definitions)
figure(
    "fig-definitions",
    fig,
    caption="Precision by definition of the truth, in the order in which they were "
    "tried (circle, square, diamond), with intervals over seeds. The table has recall "
    "and the true rate too.",
    alt="Two panels of precision for two rules with two choices of main latents, three "
    "marks each, one per definition of the truth",
    data=definitions,
    rtol=0.045,
    atol=0.05,
)

# %% [markdown]
# In this build the level of precision is a matter of definition: by the first two, full
# absorption with the best latent is right in little more than half of the cases that it
# names, by the last in nine of ten. What all three agree on is that the split set
# misses most of what is absorbed here.
#
# ## Fractions and graded truth
#
# A fraction is held against the graded truth: by correlation over cases, by the mean,
# and by precision and recall of "at least one half".

# %% tags=["hide-input"]
table(
    "graded",
    scores.graded_rows(found),
    caption="Metrics against the graded truth (correlation: mean over SAEs)",
)

# %% [markdown]
# In this build the 0.6.0 fraction, with the best latent, comes closest to the graded
# truth. Full absorption misses the partial half of it by design. The older fraction has
# no threshold, so whatever projects on the probe counts.
#
# ## Does the rate follow the truth from SAE to SAE?
#
# Metrics are mostly used to compare SAEs. So: one point per setting, the rate read
# against the true one (for fractions, the graded one). The line is truth.

# %% tags=["hide-input"]
points = scores.rate_points(found)
fig, axes = subplots(1, 4, figsize=(8.4, 3.3), sharey=True)
figures.draw_metric_rates(axes, points)
figure(
    "fig-tracking",
    fig,
    caption="Rates over settings: the strict true rate for rules with a yes or no, the "
    "graded share for fractions.",
    alt="Four panels of the rate a metric reads against the true rate, with a line "
    "where both are equal",
    data=points,
    atol=0.02,
)

# %% [markdown]
# With the best latent, full absorption follows the line in this build, and the paper's
# rule lies a little above it. With the split set all stay below, most of them far. The
# next figure has the rank correlation of the rates read with the true ones.

# %% tags=["hide-input"]
tracking = scores.tracking_rows(found)
fig, axes = subplots(1, 2, figsize=(8.2, 2.8), sharey=True)
figures.draw_ranks(axes, tracking)
figure(
    "fig-ranks",
    fig,
    caption="Rank correlation of rates over settings; intervals leave out one seed at "
    "a time. The table also has the ratio of the rates and their mean difference.",
    alt="Two panels of rank correlations by rule, with intervals",
    data=tracking,
    rtol=0.045,
    atol=0.05,
)

# %% [markdown]
# In this build the *order* of the settings is nearly right in the world for all of
# them, so this does not tell metrics apart. Planted rows have five settings, and most
# intervals there are wide.
#
# ## Detectors that need less
#
# Two suggestions give a number per parent. The **absorption gap**, the recall of the
# best latent without a child minus its recall with one, needs the children's labels.
# The **asymmetry** $1 - \cos(\text{encoder}, \text{decoder})$ of the best latent, which
# the paper suggests, needs none. Both against the true rate of each parent:

# %% tags=["hide-input"]
table(
    "detectors",
    scores.detector_rows(found),
    rtol=0.045,
    atol=0.04,
    caption="Numbers per parent against its true rate",
)

# %% [markdown]
# The gap knows where the children are. The asymmetry does not, and in this build it
# does about as well over all parents, and somewhat worse within one SAE. As a screen it
# deserves more use; it does not say which cases are absorbed, and other things make a
# latent asymmetric too.
#
# ## What would change our mind, and what this page cannot tell
#
# * Linear probes stand for the model here: only the rules are tested.
# * The planted families are strong, their children frequent, and a probe tells them
#   all. Rare children were only studied in [dictionaries made to
#   absorb](absorption_metric_more.ipynb): at our sizes SAEs do not learn them. So the
#   trained SAEs of this page speak for the first regime only.
# * Few seeds; intervals ({glue:text}`absorption_metric.ipynb::confidence:.0%`) are wide
#   where few cases are absorbed.
#
# ## Exercise
#
# ```{exercise} Level 3
# :label: ex-metric-lead
# With the best latent, what do precision and recall of the paper's rule become if its
# lead is taken relative to the answer (0.15 of it)?
# ```
#
# ```{solution-start} ex-metric-lead
# :class: dropdown
# ```

# %% tags=["solution"]
relative = pooled_check(
    found.tried[PLANTED], "best latent", "paper, ablation, relative lead"
)
record("exercise_precision", relative.precision.estimate, atol=0.01)
record("exercise_recall", relative.recall.estimate, atol=0.01)

# %% [markdown]
# ```{solution-end}
# ```
