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
# {cite:t}`chanin2024absorption` measure absorption with a rule: a probe says that a word has a letter, the letter's
# main latents are silent, and one other latent carries the letter instead. SAEBench uses rules of its own. All of
# them work with a *probe in the place of the truth*. How often are they right? Of the cases that a metric calls
# absorbed, how many are (its **precision**)? Of the cases that are absorbed, how many does it find (its
# **recall**)? Nobody has published these numbers, because on a language model nobody knows the truth.
#
# This page asks where the truth is known, twice:
#
# * in the [world of features](subjects.ipynb), where every feature is known;
# * in **real rows of the small language model, with families planted in them**: parents, children that fire only
#   with their parent, and, as a control, *independent* families with the same rates, in which nothing can be
#   absorbed.
#
# There is no claim here to be confirmed, so there is no verdict. The page ends with a table: which metric to
# believe, and where. It is meant to be read beside [the page on absorption](absorption.ipynb).

# %% tags=["parameters"]
profile = "tiny"
world_seed = 0

# %%
import torch

from saecore import profiles
from saecore.measures.absorption import (true_by_pairs, metric_scores, metrics as metric_readings, metric_trial, true_outcomes)
from saecore.measures.algebra import classifier_scores
from saecore.report import figure, figures, record, show_source, table
from saecore.source import planted
from saecore.source.worlds import rows as worlds
from saecore.sparse import dense, sparse
from saecore.claims import sites
from saecore.claims.seed_dependence.grid import world_seeds
from saecore.claims.absorption_metric import grid as planted_grid

subject, sizes = profiles.read(profile, world_seed=world_seed), profiles.WorldProfile()
ROWS = 8192

# %% [markdown]
# ## What is really absorbed
#
# Take a row in which a parent $p$ is active with activation $c_p$. Write $d_f$ for the directions of all features
# that are active in this row, and $u_p$ for the vector that sees $p$ and none of the others: $\langle u_p, d_p
# \rangle = 1$, $\langle u_p, d_f \rangle = 0$. Latent $j$, with activation $a_j$ and decoder row $w_j$, then
# carries
#
# $$ a_j\,\langle w_j, u_p \rangle \quad\text{of}\quad c_p .$$
#
# Whose is a latent? By where its activation lies: a latent is *a child's* if most of what it does in rows with the
# parent it does where a child is active too; it is *the parent's own* if it is active mostly with the parent, and
# no child's. Every case ends in one of four ways:
#
# | outcome | one of the parent's own latents fires | what carries at least half of the parent's usual part |
# |---|---|---|
# | **kept** | yes | |
# | **absorbed** | no | latents of a child, in a row with a child |
# | **elsewhere** | no | something else |
# | **missed** | no | nothing |
#
# "Usual" is what the parent's own latents carry in rows without a child; so an SAE that shrinks everything, as ReLU
# SAEs do, is not said to miss everything. Next to this strict, yes-or-no truth there is a **graded** one: the share
# of the usual part that a child's latents carry, whether or not the parent's own still fire. Parents count only if
# their own latents fire in at least half of the rows without a child. This is the function that decides:

# %% tags=["hide-input"]
show_source(true_outcomes.outcomes)

# %% [markdown]
# ## A case to check by hand
#
# The family of the paper's proof: the parent's latent fires with $1 - \delta$ when the child is there, and the
# child's decoder carries $\delta$ of the parent. Reconstruction is perfect for every $\delta$. In the row with
# both:

# %%
both = torch.tensor([[1.0, 0.0], [1.0, 1.0]])
by_hand = []
for delta in (0.0, 0.3, 0.5, 1.0):
    latents = torch.tensor([[1.0, 0.0], [1 - delta, 1.0]])
    w_dec = torch.tensor([[1.0, 0.0], [delta, 1.0]])
    cases = true_outcomes.true_cases(both, torch.eye(2), torch.tensor([-1, 0]))
    true = true_outcomes.outcomes(sparse(latents), w_dec, cases)
    says = metric_readings.readings(
        sparse(latents),
        w_dec,
        both,
        metric_readings.Main(torch.tensor([[True, False]]), None),
        probes=torch.tensor([[4.0, 0.0]]),
        bias=torch.tensor([-2.0]),
        has=both[:, :1] > 0,
        says=both[:, :1] > 0,
    )
    by_hand.append(
        {"delta": delta, "true outcome": true_outcomes.OUTCOMES[true.outcome[1]], "true share": true.share[1]}
        | {name: says.value[name][1] for name in metric_readings.METRICS[1:7:2]}
        | {name: says.value[name][1] for name in metric_readings.GRADED}
    )
table("by_hand", by_hand)

# %% [markdown]
# The rules with a yes or no see nothing before the parent's latent is wholly silent. The fractions see partial
# absorption; the newer one only from 0.4 on, its threshold.
#
# ## Two subjects
#
# First the world. Its probes are fitted and judged out of fold, as on a language model, and play the part of the
# model: $m = \langle w, x \rangle + b$ is the answer that ablations move. This $m$ is linear, so the effect of
# taking out a latent is exactly $-a_j \langle w_j, w \rangle$, and integrated gradients give the same number: what
# is tested is the rule.

# %%
zoo = sites.open_zoo(subject)
site, features = sites.world_site(subject, sizes), worlds.truth(worlds.World(seed=world_seed))
active_features = worlds.world_latents(site.source, ROWS, start=site.n_rows - ROWS).to_dense()
world = metric_trial.subject(
    zoo.get(site)[-ROWS:].clone(), active_features, features.directions, features.parent
)

# %% [markdown]
# Then the planted families. To each row of the language model's stream is added $\mathrm{rms} \cdot (0.4\,v_p
# [\text{parent}] + 0.4\,v_c [\text{child}])$, each with a strength of its own (standard deviation 15 %), along
# orthonormal directions drawn without regard to the rows. A parent fires in one row of twenty, a child in a fifth
# of its parent's rows. New SAEs were trained on these rows.

# %%
grid, world_grid = planted_grid.planted_grid(subject), world_seeds(subject, sizes)
plants = grid.planted.truth(zoo.get(grid.site).shape[1])
scale = grid.planted.scale(zoo.get(grid.planted.site))
in_rows = metric_trial.subject(
    zoo.get(grid.site)[-ROWS:].clone(),
    grid.planted.latents(ROWS, start=grid.site.n_rows - ROWS),
    scale * plants.directions,
    plants.parent,
)
hierarchical = plants.hierarchical[in_rows.cases.parents]
table(
    "subjects",
    [
        {
            "subject": name,
            "parents": int(which.sum()),
            "children of each": int(s.child.max()) + 1,
            "rows": ROWS,
            "cases": int(s.cases.fires[:, which].sum()),
            "with a child": float(s.cases.childs[s.cases.fires & which].double().mean()),
            "probe F1, lowest": s.probes.f1[which].min(),
            "probe F1, mean": s.probes.f1[which].mean(),
        }
        for name, s, which in (
            ("world of features", world, torch.ones(len(world.cases.parents), dtype=bool)),
            ("planted, hierarchical", in_rows, hierarchical),
            ("planted, independent", in_rows, ~hierarchical),
        )
    ],
    rtol=0.03,
    caption="A case is a row with an active parent",
)


# %% [markdown]
# A metric needs the *main latents* of a parent, those that stand for it. The choice turns out to matter more than
# the rule, so all metrics are run with three:
#
# * the **best latent**: the one with the largest F1 for the parent;
# * the **split set**, as published: latents of a k-sparse probe are added as long as each raises F1 by more than
#   0.03;
# * the **true** ones: the parent's own latents by the definition above. Nobody has these in practice.

# %%
def measured(recipe, on, asked):
    """All that the page needs of one SAE: the truth, every metric's score, and numbers
    per parent.
    """
    sae = zoo.get(recipe)
    active = sae.encode_sparse(on.rows)
    found = metric_trial.trial(on, active, sae.W_dec)
    best = found.main["best latent"].latents.int().argmax(1)
    fires, truth = dense(active, sae.width)[:, best] > 0, found.truth.among(asked)
    return {
        "shares": truth.shares(),
        "scores": found.scores(asked),
        "others": found.scores(~asked),
        "true": truth.by_parent()[asked],
        "gap": true_by_pairs.gap(fires, on.cases.fires, on.cases.childs).gap[asked],
        "asymmetry": metric_readings.asymmetry(sae.W_enc, sae.W_dec)[best][asked],
        "swallowed": float((found.main["split set"].latents & truth.roles.child).any(1)[asked].double().mean()),
    }


settings = {
    "world of features": {
        f"{figures.NAMES[kind]}, width {width}, k {sizes.k}": recipes
        for kind, by_width in world_grid.widths.items()
        for width, recipes in by_width.items()
    }
    | {f"TopK, width {sizes.width}, k {k}": rs for k, rs in world_grid.ks.items() if k != sizes.k},
    "planted rows": {
        f"{figures.NAMES[rs[0].architecture]}, width {rs[0].width}, k {rs[0].k:g}": rs
        for rs in grid.settings.values()
    },
}
everyone = torch.ones(len(world.cases.parents), dtype=bool)
on = {"world of features": (world, everyone), "planted rows": (in_rows, hierarchical)}
zoo.get_all([r for by_name in settings.values() for rs in by_name.values() for r in rs])
found = {
    name: {
        setting: [measured(recipe, *on[name]) for recipe in recipes[: subject.few_seeds]]
        for setting, recipes in by_name.items()
    }
    for name, by_name in settings.items()
}

# %% [markdown]
# ## What the SAEs really do
#
# Means over three seeds. The trends of the paper are there without any metric: more absorption in wider and in
# sparser SAEs, in the world and in real rows.

# %% tags=["hide-input"]
table(
    "truth",
    [
        {"subject": name, "SAE": setting}
        | {o: sum(r["shares"][o] for r in runs) / len(runs) for o in true_outcomes.OUTCOMES}
        | {
            "graded": sum(r["scores"]["true"]["SAEBench, full"].graded.true for r in runs) / len(runs),
            "split set holds a child's latent": sum(r["swallowed"] for r in runs) / len(runs),
        }
        for name, by_setting in found.items()
        for setting, runs in by_setting.items()
    ],
    rtol=0.04,
    atol=0.004,
    caption="How cases end, by the truth; and in how many families the published split set takes in a latent of a child",
)


# %% [markdown]
# ## Precision and recall
#
# All settings of a subject are pooled, seed by seed; intervals are over seeds. A rule's decision is compared with
# the strict truth. A case that the probe misses counts as not found.

# %%
def pooled(name, main, metric, kind="strict"):
    """One metric's check over all settings of a subject, for every seed."""
    runs = list(zip(*found[name].values()))
    return metric_scores.summary(
        [
            metric_scores.pooled([getattr(r["scores"][main][metric], kind) for r in seed])
            for seed in runs
        ]
    )


# %% tags=["hide-input"]
for name in found:
    table(
        f"precision_{name.split()[0]}",
        [
            {
                "main latents": main,
                "metric": metric,
                "precision": p.precision.estimate,
                "± precision": p.precision.high - p.precision.estimate,
                "recall": p.recall.estimate,
                "± recall": p.recall.high - p.recall.estimate,
                "rate it reads": p.read.estimate,
                "true rate": p.base.estimate,
            }
            for main in metric_trial.MAINS
            for metric in metric_readings.METRICS
            for p in [pooled(name, main, metric)]
        ],
        rtol=0.04,
        atol=0.03,
        caption=f"{name.capitalize()}: decisions against the strict truth (a fraction decides where it is above 0)",
    )

# %% [markdown]
# Two things stand out in the published run. With the best latent or the true ones, full absorption and the paper's
# rule are good: most of what they report is so, and they find most of what there is. And with the published split
# set, the *same rules on the same SAEs* find little of it. The picture, for four rules:

# %% tags=["hide-input"]
shown = {
    "paper, ablation, lead 1": "o",
    "SAEBench, full": "s",
    "SAEBench, fraction 0.6.0": "^",
    "SAEBench, fraction 0.3.2": "v",
}
colours = dict(
    zip(metric_trial.MAINS, (figures.colour("topk"), figures.colour("relu"), figures.NULL))
)
fig, axes = figures.subplots(1, 2, figsize=(7.6, 3.7), sharey=True)
points = []
for ax, name in zip(axes, found):
    for main, color in colours.items():
        for metric, marker in shown.items():
            p = pooled(name, main, metric)
            points.append(
                {
                    "subject": name,
                    "main": main,
                    "metric": metric,
                    "precision": p.precision.estimate,
                    "recall": p.recall.estimate,
                }
            )
            ax.plot(p.recall.estimate, p.precision.estimate, marker, color=color, markersize=7)
    base = pooled(name, "true", "SAEBench, full").base.estimate
    figures.chance(ax, base, "by lot")
    ax.set(xlabel="recall", title=name, xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
axes[0].set(ylabel="precision")
for main, color in colours.items():
    axes[1].plot([], [], "-", color=color, label=main)
for metric, marker in shown.items():
    axes[1].plot([], [], marker, color=figures.INK, label=metric)
axes[1].legend(loc="center", fontsize=8)
figure(
    "fig-precision",
    fig,
    caption="Four rules with three choices of main latents. Upper right is good.",
    alt="Two panels of precision against recall: rules with the best latent and the true main latents lie at the upper right, with the split set at the left, and fraction 0.3.2 low",
    data=points,
    rtol=0.04,
)

# %%
for name, key in (("world of features", "world"), ("planted rows", "planted")):
    for main in ("best latent", "split set"):
        full = pooled(name, main, "SAEBench, full")
        slug = f"{key}_{main.split()[0]}"
        record(f"{slug}_precision", full.precision.estimate, rtol=0.04, atol=0.01)
        record(f"{slug}_recall", full.recall.estimate, rtol=0.04, atol=0.01)

# %% [markdown]
# In numbers, for full absorption: in the world, precision
# {glue:text}`absorption_metric.ipynb::world_best_precision:.2f` and recall
# {glue:text}`absorption_metric.ipynb::world_best_recall:.2f` with the best latent, recall
# {glue:text}`absorption_metric.ipynb::world_split_recall:.2f` with the split set. In planted rows,
# {glue:text}`absorption_metric.ipynb::planted_best_precision:.2f` and
# {glue:text}`absorption_metric.ipynb::planted_best_recall:.2f`, and recall
# {glue:text}`absorption_metric.ipynb::planted_split_recall:.2f` with the split set.
#
# ## Why the split set loses what it should find
#
# The split set is meant to collect the parts of a parent that has been *split*. But a child's latent that has
# absorbed its parent fires for the parent too, exactly where the parent's own is silent. To a probe that wants to
# tell the parent, it is the most useful latent that is left. So it is taken in, is called "main", is not silent,
# and the case is no candidate any more.
#
# When does this happen? Let the latents chosen so far find a share $r$ of the parent's rows, without false alarms,
# and let an absorbing child take a share $s$ of them. Then $F_1 = 2r/(1 + r)$, and taking the child in raises it by
#
# $$ \Delta F_1 = \frac{2 s}{(1 + r)(1 + r + s)} , $$
#
# which is above 0.03 for $s$ above about {glue:text}`absorption_metric.ipynb::share_alone:.3f` if only this child
# is missing
# ($r = 1 - s$). To test it, here are dictionaries that absorb *by construction*: one latent per feature, each child carrying its
# parent, the parent's own silent. Everything is absorbed wherever a child is active. Each family has three
# children.

# %%
made = {}
for share in (0.01, 0.02, 0.04, 0.05, 0.06, 0.08, 0.2):
    families = planted.Planted(
        grid.planted.site, pairs=4, parent_probability=0.25, child_probability=share
    )
    truth, known = families.truth(64), families.latents(ROWS).to_dense()
    noise = torch.randn(ROWS, 64, generator=torch.Generator().manual_seed(1))
    parent, latents, w_dec = truth.parent, known.clone(), truth.directions.clone()
    for child in ((parent >= 0) & truth.hierarchical).nonzero().flatten():
        w_dec[child] += truth.directions[parent[child]]
        latents[known[:, child] > 0, parent[child]] = 0
    families_on = metric_trial.subject(
        latents @ w_dec + 0.02 * noise, known, truth.directions, parent
    )
    asked = truth.hierarchical[families_on.cases.parents]
    scores = metric_trial.trial(families_on, sparse(latents), w_dec).scores(asked)
    made[share] = {main: scores[main]["SAEBench, full"].strict.recall for main in metric_trial.MAINS}

alone = next(s / 1000 for s in range(1, 500) if 2 * s / 1000 / ((2 - s / 1000) * 2) > 0.03)
record("share_alone", alone, rtol=0)

# %% tags=["hide-input"]
fig, ax = figures.subplots(figsize=(6.2, 3.2))
for main in ("best latent", "split set"):
    ax.plot(
        list(made), [recall[main] for recall in made.values()], "o-", color=colours[main], markersize=4.5
    )
    last = made[0.01][main]
    ax.annotate(
        main, (0.012, last - (0.07 if main == "best latent" else 0.16)), color=colours[main], fontsize=9.5
    )
ax.axvline(alone, color=figures.NULL, linestyle=(0, (4, 3)), linewidth=1.4)
ax.annotate("closed form", (alone, 0.05), xytext=(4, 0), textcoords="offset points", color=figures.NULL, fontsize=9)
ax.set(
    xscale="log",
    xlabel="share of its parent's rows that each child takes",
    ylabel="recall of full absorption",
    ylim=(-0.03, 1.05),
)
figures.ticks(ax.xaxis, list(made))
figure(
    "fig-share",
    fig,
    caption="Dictionaries that absorb by construction: the split set hides absorbers that take more than a few per cent of the parent.",
    alt="Recall against the share that each child takes: the best latent stays at one, the split set falls from one to zero near six per cent",
    data=[{"share": s} | recall for s, recall in made.items()],
    rtol=0.04,
)

# %% [markdown]
# A latent for one word in a hundred is far below the step and stays out of the split set. A latent that takes a
# whole group of words, or a parent with a handful of frequent children, is above it, and its absorption is booked
# as splitting. The world and the planted families, with their children of 4 to 20 %, are on the wrong side. Words
# and their first letters are mostly on the right one, but not where a few latents share a letter.
#
# The best latent has the opposite fault: where a parent *is* split in two, it calls the second half absorbed. In
# the tables above, the difference in precision between "best latent" and "true" is that fault. In these subjects it
# is the smaller one.
#
# ## Fractions and graded truth
#
# SAEBench reports fractions. Their natural counterpart is the graded truth. The table has the correlation over
# cases, the mean it should give, and precision and recall of "at least one half" against "a child's latents carry
# at least one half".

# %% tags=["hide-input"]
graded_rows = []
for name in found:
    for main in metric_trial.MAINS[:2]:
        for metric in ("SAEBench, full", *metric_readings.GRADED):
            p = pooled(name, main, metric, "mostly")
            every = [
                r["scores"][main][metric].graded for runs in found[name].values() for r in runs
            ]
            told = [g.pearson for g in every if g.pearson == g.pearson]
            graded_rows.append(
                {
                    "subject": name,
                    "main latents": main,
                    "metric": metric,
                    "correlation": sum(told) / max(len(told), 1),
                    "mean it reads": sum(g.read for g in every) / len(every),
                    "true mean": sum(g.true for g in every) / len(every),
                    "precision": p.precision.estimate,
                    "recall": p.recall.estimate,
                }
            )
table(
    "graded",
    graded_rows,
    rtol=0.04,
    atol=0.03,
    caption="Metrics against the graded truth (correlation: mean over SAEs)",
)

# %% [markdown]
# In the published run the 0.6.0 fraction, with the best latent, is the metric that comes closest to the graded
# truth. Full absorption misses the partial half of it by design. The older fraction is above zero almost
# everywhere, because it has no threshold: anything that projects on the probe, be it the child's own direction on
# which the probe leans, counts as absorbed.
#
# ## Does the rate follow the truth from SAE to SAE?
#
# Metrics are mostly used to compare SAEs. So: one point per setting, the rate it reads against the true rate.

# %% tags=["hide-input"]
def rates(name, main, metric, which):
    """What a metric reads, or the truth, as a table of settings and seeds."""
    pick = {
        "read": lambda s: s.graded.read,
        "true": lambda s: s.graded.true if metric in metric_readings.GRADED else s.strict.base,
    }[which]
    return torch.tensor(
        [[pick(r["scores"][main][metric]) for r in runs] for runs in found[name].values()]
    )


tracked = {
    (name, main, metric): metric_scores.tracking(
        rates(name, main, metric, "read"), rates(name, main, metric, "true")
    )
    for name in found
    for main in metric_trial.MAINS[:2]
    for metric in shown
}
table(
    "tracking",
    [
        {
            "subject": name,
            "main latents": main,
            "metric": metric,
            "rank correlation": t.spearman.estimate,
            "low": max(t.spearman.low, -1.0),
            "high": min(t.spearman.high, 1.0),
            "read / true": t.ratio,
            "mean error": t.error,
        }
        for (name, main, metric), t in tracked.items()
    ],
    rtol=0.045,
    atol=0.05,
    caption="Rates over settings against the true rate (fractions: against the graded one); intervals leave out one seed at a time",
)

# %% tags=["hide-input"]
fig, axes = figures.subplots(1, 4, figsize=(8.4, 2.9), sharey=True)
points = []
for ax, metric in zip(axes, shown):
    for main in ("best latent", "split set"):
        for name, marker in zip(found, ("o", "^")):
            x, y = (rates(name, main, metric, which).mean(1) for which in ("true", "read"))
            ax.plot(x, y, marker, color=colours[main], markersize=4.5, alpha=0.8)
            points += [
                {"subject": name, "main": main, "metric": metric, "true": a, "read": b}
                for a, b in zip(x.tolist(), y.tolist())
            ]
    ax.plot([0, 0.6], [0, 0.6], color=figures.NULL, linewidth=1)
    ax.set(xlabel="true rate", title=metric.replace("SAEBench, ", "").replace("paper, ", ""))
    ax.title.set_fontsize(9)
axes[0].set(ylabel="rate that the metric reads")
figure(
    "fig-tracking",
    fig,
    caption="Rates over settings (circles: world, triangles: planted rows; blue: best latent, orange: split set). The line is truth.",
    alt="Four panels of the rate a metric reads against the true rate: with the best latent points follow the line, with the split set they stay far below it",
    data=points,
    rtol=0.04,
)

# %% [markdown]
# With the best latent, the strict rules follow the line in the published run. With the split set they stay far
# below it. Yet even there the *order* of the SAEs is mostly right, and so it is for the fraction without a
# threshold: all of them rise with width and with sparsity, as absorption does. A comparison of SAEs on one subject
# is safer than a rate.
#
# ## False alarms
#
# Where nothing can be absorbed, a metric should read zero. Five controls: the independent families; an SAE before
# training; labels moved to other rows; the oracle dictionary, whose latents *are* the features; and the same with
# every parent split at random into two latents.

# %%
base, generator = world_grid.base[0], torch.Generator().manual_seed(3)
trained, fresh = zoo.get(base), zoo.untrained(base)
elsewhere = active_features[torch.randperm(ROWS, generator=generator)]
shuffled = metric_trial.subject(world.rows, elsewhere, features.directions, features.parent)
half, parents = torch.rand(ROWS, 1, generator=generator) < 0.5, world.cases.parents
in_two = torch.cat([active_features, active_features[:, parents] * half], 1)
in_two[:, parents] *= ~half
controls = {
    "untrained SAE": (world, fresh.encode_sparse(world.rows), fresh.W_dec),
    "shuffled labels": (shuffled, trained.encode_sparse(world.rows), trained.W_dec),
    "oracle": (world, sparse(active_features), features.directions),
    "oracle, parents split": (
        world,
        sparse(in_two),
        torch.cat([features.directions, features.directions[parents]]),
    ),
}

# %% tags=["hide-input"]
alarms = [
    {
        "control": "independent families",
        "labels whose probe passes": in_rows.probes.passes[~hierarchical].double().mean(),
        "main latents": main,
    }
    | {
        metric: metric_scores.pooled(
            [r["others"][main][metric].strict for runs in found["planted rows"].values() for r in runs]
        ).read
        for metric in shown
    }
    for main in metric_trial.MAINS[:2]
]
for name, (of, active, w_dec) in controls.items():
    t = metric_trial.trial(of, active, w_dec)
    right = (of.cases.fires & of.probes.decision).sum()
    f1 = classifier_scores.best(classifier_scores.pair_scores(active, of.cases.fires, width=len(w_dec))).f1
    alarms += [
        {
            "control": name,
            "labels whose probe passes": of.probes.passes.double().mean(),
            "whose best latent has F1 0.6": (f1 > 0.6).double().mean(),
            "main latents": main,
        }
        | {metric: (t.value[main][metric] > 1e-6).sum() / right for metric in shown}
        for main in metric_trial.MAINS[:2]
    ]
table(
    "alarms",
    alarms,
    rtol=0.045,
    atol=0.03,
    caption="Share of cases that metrics call absorbed where nothing is (independent families: planted rows; the others: the world)",
)

# %% [markdown]
# How to read it. The *gates* do much of the work: with shuffled labels or an untrained SAE some rules call a large
# part of the cases absorbed, but there no probe passes, or hardly a best latent; so a rate without both gates means
# nothing. The *independent families* tell what co-occurrence by chance does to a metric when everything else is in
# order. The *oracle* should read zero everywhere. Where a fraction does not, the reason is the probe: a child is
# evidence for its parent, so the probe leans towards the children's own directions, and their latents then project
# on it. Where parents are *truly split*, the best latent alone gives false alarms and the split set does not: the
# two choices fail in opposite ways.
#
# ## Detectors that need less
#
# Two suggestions do not decide case by case, but give a number per parent. The **absorption gap** is the recall of
# the best latent without a child minus its recall with one; it needs the children's labels. The **asymmetry** $1 -
# \cos(\text{encoder}, \text{decoder})$ of the best latent needs no labels at all; the paper suggests it. Both
# against the true rate of each parent:

# %%
detectors = []
for name, by_setting in found.items():
    runs = [r for rs in by_setting.values() for r in rs]
    for what in ("gap", "asymmetry"):
        fine = [~(r[what].isnan() | r["true"].isnan()) for r in runs]
        score = torch.cat([r[what][f].double() for r, f in zip(runs, fine)])
        true = torch.cat([r["true"][f] for r, f in zip(runs, fine)])
        within = [
            metric_scores.correlations(r[what][f].double(), r["true"][f])[1] for r, f in zip(runs, fine)
        ]
        within = [w for w in within if w == w]
        detectors.append(
            {
                "subject": name,
                "detector": what,
                "rank correlation over all parents": metric_scores.correlations(score, true)[1],
                "within one SAE (mean)": sum(within) / len(within),
                "AUROC for a rate above 0.1": metric_scores.rank(score, true > 0.1).auroc,
            }
        )
table("detectors", detectors, rtol=0.045, atol=0.04, caption="Numbers per parent against its true rate")

# %% [markdown]
# The gap knows where the children are, so it should do well. The asymmetry knows nothing, and in the published run
# it comes close: both over all parents and within one SAE, where width and sparsity cannot help it. As a screen
# that needs no labels it deserves more use than it gets; it does not say which cases are absorbed, or by whom, and
# other things make a latent asymmetric too.
#
# ## Which metric to believe

# %% tags=["hide-input"]
summary = []
for metric in metric_readings.METRICS:
    row = {"metric": metric}
    for name, short in (("world of features", "world"), ("planted rows", "planted")):
        for main in metric_trial.MAINS[:2]:
            p = pooled(name, main, metric)
            precision, recall = p.precision.estimate, p.recall.estimate
            row[f"{short}, {main}: F1"] = (
                2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0
            )
    summary.append(row)
table(
    "summary",
    summary,
    rtol=0.045,
    atol=0.04,
    caption="Harmonic mean of precision and recall against the strict truth",
)
best_rule = max(summary, key=lambda row: row["planted, best latent: F1"])
record("best_f1", best_rule["planted, best latent: F1"], rtol=0.04, atol=0.01)

# %% [markdown]
# Read it so:
#
# * **Is something absorbed here, yes or no?** Full absorption (or the paper's rule; with a linear answer they
#   differ little), with the *best latent* as the main one if children are few and frequent, and with the *split
#   set* if they are many and rare. If you do not know, report both: the truth lies between, because one books
#   absorption as splitting and the other splitting as absorption.
# * **How much?** The fraction of SAEBench 0.6.0, again with both. It is the one that sees partial absorption and
#   has a threshold against noise.
# * **Not** the fraction of SAEBench 0.3.2 as a share of anything: it is above zero in half the cases of an oracle.
#   It may serve to rank SAEs. The published values for 42 Pythia SAEs are values of this version.
# * A silent main latent alone is no absorption. In sparse SAEs most holes are plain misses.
# * Whatever the rule: a gate on the probe and on the main latents first.
#
# For [the page on absorption](absorption.ipynb), which uses the split set as the paper does: its rate is a *lower*
# bound wherever latents take more than some five per cent of a letter's words. Rates of wide SAEs with one latent
# per word are hardly touched; those of narrower SAEs, and of parents such as "capitalised", can be far too low. And
# a rate near zero with the split set is no evidence against absorption.
#
# ## What would change our mind, and what this page cannot tell
#
# * Probes stand for the model here, and they are linear. What an ablation does downstream in a real model is not
#   tested, only the rules.
# * The planted families are strong, and their children frequent. Rare children were only studied in dictionaries
#   made to absorb: at our sizes SAEs do not learn them. With rare children learnt, the split set should do as well
#   as the figure says; if it did not, the reading above is wrong.
# * The definition of what is absorbed has thresholds of its own: one half, everywhere. The graded truth has none,
#   and agrees.
# * This definition was changed twice after first trials had been seen: "usual" was added because ReLU's shrinkage made
#   nearly every case count as missed, and a latent now belongs to whom most of its activation serves, because clear
#   latents of a child with a few faint firings elsewhere had counted as the parent's own. The second change raised the
#   precision of most rules on planted rows by much.
# * Three seeds; intervals are wide where few cases are absorbed.
#
# ## Exercises
#
# ```{exercise}
# :label: ex-metric-jump
# How large must the F1 jump of the split set be, so that a child with a fifth of its parent's rows stays out, if it
# is the only one missing?
# ```
#
# ```{solution-start} ex-metric-jump
# :class: dropdown
# ```

# %% tags=["solution"]
share = 0.2
record("exercise_jump", 2 * share / ((2 - share) * 2), rtol=1e-6)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise}
# :label: ex-metric-lead
# With the best latent, what do precision and recall of the paper's rule become if its lead is taken relative to the
# answer (0.15 of it)?
# ```
#
# ```{solution-start} ex-metric-lead
# :class: dropdown
# ```

# %% tags=["solution"]
relative = pooled("planted rows", "best latent", "paper, ablation, relative lead")
record("exercise_precision", relative.precision.estimate, rtol=0.04, atol=0.01)
record("exercise_recall", relative.recall.estimate, rtol=0.04, atol=0.01)

# %% [markdown]
# ```{solution-end}
# ```
