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
# (interpretability)=
# # Are SAE latents easier to explain, and do they edit more precisely?
#
# **The claim.** {cite:t}`cunningham2023sparse` write in their abstract: "These autoencoders learn sets of sparsely
# activating features that are more interpretable and monosemantic than directions identified by alternative approaches".
# They go on that these features let them find what causes a behaviour of the model "to a finer degree" than other
# decompositions do.
#
# The other three claims of this book rest on that one. If a latent were no easier to read than a coordinate of the residual
# stream, nobody would ask what it misses.
#
# The claim has two halves, and this page measures both:
#
# * **Reading.** An explanation is written down, and has to predict on other texts where the latent fires. The paper lets one
#   language model write explanations and another use them. Here both are done by a short rule, so that anyone can run it.
# * **Editing.** The paper exchanges a name in a sentence, latent by latent (its third version), and erases gender before a
#   pronoun (its first). We do both, beside the methods that need no dictionary.

# %% tags=["parameters"]
profile = "tiny"
world_seed = 0

# %%
import math

import torch

from saecore import profiles
from saecore.measures import (
    causal_tree,
    erasure,
    explaining,
    fidelity,
    fragments,
    intervals,
    pair_scores,
    patching,
    rules,
)
from saecore.measures.predicates import Predicates
from saecore.report import Claim, figure, figures, panels, published, record, show_source, table
from saecore.source import answers, exchanges, language_model, next_token, token_labels, words, worlds
from saecore.source.gender_task import GenderTask
from saecore.source.onward import onward
from saecore.sparse import sparse
from saecore.zoo import bases_grid, grids, interpretability_grid
from saecore.zoo.baselines import top_k

subject, sizes = profiles.read(profile, world_seed=world_seed), profiles.WorldProfile()
claim, paper = Claim.read("interpretability"), published("interpretability")

# %% [markdown]
# ## What would have to be true
#
# Let $y_t$ be the activation of a latent at token $t$, and $\hat y_t$ what its explanation predicts. The texts are cut into
# fragments of 64 tokens, one from each text. The explanation is made on one half of the texts and scored on the other, on
# the five fragments with the largest activation and five random ones in which the latent fires at all:
#
# $$\text{score} = \operatorname{corr}_{t \in 10 \times 64}(\hat y_t,\, y_t).$$
#
# Latents that fire in fewer than 20 fragments are skipped, as in the paper, which does not say how many those are. We count
# them, and give a second mean with zero in their place.
#
# For the edits: with $\bar c_{ij}$ and $c_{ij}$ the activations of latent $j$ at position $i$ on the target prompt and on the
# base prompt, and $F$ a set of latents,
#
# $$x_i' = x_i + \sum_{j \in F} (\bar c_{ij} - c_{ij})\, d_j .$$
#
# How many latents does $F$ need, and how long is $x' - x$, until the model's answer has moved halfway to the answer to the
# target prompt? This is the function that scores explanations:

# %% tags=["hide-input"]
show_source(explaining.scores)

# %% [markdown]
# And this is what an explanation is. It may use the token, the token before it, how far into the text it stands, and labels
# of those tokens: spelling, category, gender and so on. It has at most five parts:

# %% tags=["hide-input"]
show_source(rules.fitted)

# %% [markdown]
# ## A case to check by hand
#
# A latent fires on "cat" (3) and "dog" (1). One explanation says "2 on cat and dog", another "3 on cat". On the sentence *the
# cat saw the dog* the first predicts $(0, 2, 0, 0, 2)$ and the second $(0, 3, 0, 0, 0)$. The truth is $(0, 3, 0, 0, 1)$.

# %%
truth = torch.tensor([[0.0, 3.0, 0.0, 0.0, 1.0]])
says = {
    "2 on cat and dog": torch.tensor([[0.0, 2.0, 0.0, 0.0, 2.0]]),
    "3 on cat": torch.tensor([[0.0, 3.0, 0.0, 0.0, 0.0]]),
    "1 everywhere": torch.ones(1, 5),
}
table(
    "by_hand",
    {
        "explanation": list(says),
        "score": [float(explaining.correlation(said, truth)[0]) for said in says.values()],
    },
)

# %% [markdown]
# The score does not ask whether a reader would call the explanation simple, or true. It asks whether it predicts.
#
# ## The dictionaries
#
# The base is TopK, four times as wide as the model, with eight active latents per row. Beside it stand six
# architectures at three sparsities, three widths, and every layer. The other bases are the paper's: coordinates of the
# residual stream, random directions, principal components (PCA) and independent components (ICA, scikit-learn's FastICA).
# Principal and independent components count twice, once for each sign; all of them pass a ReLU.

# %%
zoo = grids.open_zoo(subject)
grid = interpretability_grid.frontier(subject)
saes = zoo.saes(grid.recipes())
site = grid.base[0].site
others = bases_grid.bases(subject, sizes)
kept = zoo.baselines(others.recipes())
bases = {name: [kept[one] for one in recipes] for name, recipes in others.model.items()}
base = [saes[recipe] for recipe in grid.base]
more_seeds = list(zoo.saes(grids.model_seeds(subject).base).values())
model = language_model.open_model(subject.folder)
K, LAYER = grid.base[0].k, subject.layer


def over(numbers):
    """An interval over seeds."""
    return intervals.over_seeds([float(number) for number in numbers])


# %% [markdown]
# ## Fidelity: what a dictionary keeps
#
# An explanation of latents is worth what the latents keep of the model. So first: the fraction of variance unexplained (FVU),
# the number of active latents (L0), the share of latents that fire at all, and what the language model loses when it goes on
# from the reconstruction. That loss is put on a scale with two ends: 1 for the model as it is, and 0 for a stream that is zero
# everywhere, or its mean row everywhere. The text is another sample, which none of these SAEs has seen.

# %%
fresh = zoo.tokens(grids.model_site(subject, sample=1).text)[-16:]
streams = model.read(fresh, subject.layers)
clean = float(next_token.losses(model, fresh).mean())


def spliced(recipe):
    """Fidelity of one SAE on the new text, and the loss that the model recovers."""
    one, layer = saes[recipe], recipe.site.layer
    rows = streams[layer][:, 1:].flatten(0, 1)
    edits = {"spliced": fidelity.splice(one)}
    edits |= {"zero": fidelity.ablated(torch.zeros(model.d_model)), "mean": fidelity.ablated(rows.mean(0))}
    for name, edit in edits.items():
        if (layer, name) not in ends:
            ends[layer, name] = float(next_token.losses(model, fresh, edit=(layer, edit)).mean())
    loss = {name: ends[layer, name] for name in ("zero", "mean")} | {"spliced": ends.pop((layer, "spliced"))}
    return fidelity.fidelity(one, rows), fidelity.loss_recovered(clean=clean, **loss)


ends = {}
fits = {recipe: spliced(recipe) for recipe in grid.recipes() if recipe not in grid.base[1:]}

# %% tags=["hide-input"]
fig, axes = figures.subplots(1, 2, figsize=(7.8, 3.5))
lines = []
for kind, by_k in grid.frontier.items():
    found = [fits[recipe] for recipe in by_k.values()]
    points = [(f.l0, f.fvu, r.of_mean) for f, r in found]
    for ax, place in zip(axes, (1, 2)):
        ax.plot([p[0] for p in points], [p[place] for p in points], "o-", color=figures.colour(kind), label=figures.NAMES[kind])
    lines += [
        {
            "architecture": figures.NAMES[kind],
            "k asked": k,
            "L0": f.l0,
            "FVU": f.fvu,
            "live": f.live_share,
            "recovered (zero)": r.of_zero,
            "recovered (mean)": r.of_mean,
        }
        for k, (f, r) in zip(by_k, found)
    ]
for ax, name in zip(axes, ("FVU", "loss recovered (mean ablation)")):
    ax.set(xscale="log", xlabel="L0", title=name)
    figures.ticks(ax.xaxis, list(interpretability_grid.KS))
axes[0].legend(fontsize=8.5)
figure(
    "fig-frontier",
    fig,
    caption="Sparsity against fidelity on new text, by architecture (width 640, one seed).",
    alt="Two panels against L0 for six architectures: the unexplained variance falls and the recovered loss rises",
    data=lines,
    rtol=0.045,
    atol=5e-3,
)

# %% [markdown]
# The curve is smooth and has no knee, as in the paper's figure 6: no sparsity is marked out by the data. The folded table has
# the shares of live latents. Now widths and layers:

# %% tags=["hide-input"]
rows = []
for name, recipes in (
    *((f"{figures.NAMES[kind]}, width {w}", [r]) for kind, by in grid.widths.items() for w, r in by.items()),
    *((f"TopK, layer {layer}", rs[:1]) for layer, rs in grid.layers.items()),
):
    f, r = fits[recipes[0]]
    rows.append(
        {
            "SAE": name,
            "L0": f.l0,
            "FVU": f.fvu,
            "live": f.live_share,
            "nats lost": r.lost,
            "recovered (zero)": r.of_zero,
            "recovered (mean)": r.of_mean,
        }
    )
table("fidelity", rows, rtol=0.045, atol=5e-3, caption=f"Fidelity by width and by layer (k {K:g}, one seed)")
before, after = math.exp(clean), math.exp(clean + fits[grid.base[0]][1].lost)
record("perplexity", before, rtol=0.02)
record("perplexity_spliced", after, rtol=0.03)

# %% [markdown]
# With the base SAE in the stream the perplexity of the model's own text goes from
# {glue:text}`interpretability.ipynb::perplexity:.1f` to {glue:text}`interpretability.ipynb::perplexity_spliced:.1f`. The
# paper reports one such pair, which its reviewers wanted to see against sparsity; the table of the figure above is that.
#
# ## Reading: explanations and their scores
#
# One fragment of 64 tokens from each of 1,024 texts; rules are fitted on half of the texts. For every dictionary 150 latents,
# drawn once. (The paper takes the first 150 by number. Principal components are sorted by variance, so the first ones would
# not stand for all.)

# %%
TEXTS, LATENTS = 1024, 150
tokens = zoo.tokens(site.text)[-TEXTS:]
cut = fragments.drawn(tokens, generator=torch.Generator().manual_seed(world_seed))
rows_there = zoo.rows(site)[-TEXTS * (subject.length - 1) :][cut.row.flatten()]
flat = cut._replace(row=torch.arange(cut.row.numel()).view_as(cut.row))
predicates = Predicates(model.vocab_size, token_labels.token_kinds(model))


def explain(one, *, where=flat, rows=rows_there, density=None, few_shot=False):
    """Rules and scores of up to 150 latents of a dictionary."""
    draw = torch.Generator().manual_seed(3)
    chosen = torch.randperm(len(one.W_dec), generator=draw)[:LATENTS].sort().values
    y = fragments.activations(one, rows, where, chosen)
    y = y if density is None else fragments.at_density(y, density)
    found = explaining.explained(y, where, predicates, generator=draw, few_shot=few_shot)
    mixed = explaining.swapped(found.rules, ~found.scores.skipped, generator=draw)
    others = explaining.scores(mixed, y, where, predicates, generator=draw).simulation
    return found, float(others.nanmean()), chosen


read = {f"TopK (base), seed {seed}": explain(one) for seed, one in enumerate(base)}
read |= {
    figures.NAMES[kind]: explain(saes[by_k[int(K)]])
    for kind, by_k in grid.frontier.items()
    if kind != "topk"
}
read |= {f"TopK, k {k}": explain(saes[grid.frontier["topk"][k]]) for k in grid.frontier["topk"] if k != K}
read |= {
    f"{name}, draw {n}" if len(drawn) > 1 else name: explain(one)
    for name, drawn in bases.items()
    for n, one in enumerate(drawn)
}

# %% [markdown]
# The first five explanations of the base SAE, as the paper's table 1 has them. Read them against the scores: a high score and
# a rule that makes sense to you are two things.

# %% tags=["hide-input"]
first, _, numbers = read["TopK (base), seed 0"]
said = rules.described(first.rules.of(torch.arange(5)), predicates, words=token_labels.token_texts(model))
table(
    "explanations",
    {
        "latent": numbers[:5],
        "score": first.scores.simulation[:5],
        "rule": said,
    },
    rtol=0.045,
    atol=0.01,
    caption="Five latents, their rules, and the scores on the other half of the texts",
)

# %% [markdown]
# ## The scores beside every other basis
#
# Simulation is the paper's score. *Top* and *random* are its two halves. *Everywhere* is the correlation over all of the other
# half of the texts, which has no small-sample noise. *Detection* and *fuzzing* ask less of an explanation, and chance is one
# half there. *Swapped* gives every latent the explanation of another latent of the same dictionary: what any explanation
# would get.

# %% tags=["hide-input"]
SCORES = ("simulation", "top", "random", "everywhere", "detection", "fuzzing")
draw = torch.Generator().manual_seed(5)


def line(name, found, mixed):
    """One row of the table of scores."""
    s = explaining.summary(found.scores.simulation, generator=draw)
    more = {key: float(getattr(found.scores, key).nanmean()) for key in SCORES[1:]}
    return {
        "dictionary": name,
        "simulation": s.mean.estimate,
        "low": s.mean.low,
        "high": s.mean.high,
        "skipped as 0": s.with_skipped.estimate,
        "skipped": int(found.scores.skipped.sum()),
        **more,
        "swapped": mixed,
        "fires on": float(found.scores.density.mean()),
    }


scores = [line(name, found, mixed) for name, (found, mixed, _) in read.items()]
table(
    "scores",
    scores,
    rtol=0.045,
    atol=0.02,
    caption="Scores of explanations; intervals are bootstrapped over latents, gaps are scores that are not defined",
)

# %% tags=["hide-input"]
fig, ax = figures.subplots(figsize=(7.8, 3.9))
by_name = {row["dictionary"].replace(" (base), seed 0", "").replace(", draw 0", ""): row for row in scores}
names = [*map(figures.NAMES.get, grid.frontier), *bases]
shown = [by_name[name] for name in names]
tint = [figures.COLOURS.get(name.lower(), figures.INK) for name in names]
panels.columns(
    ax,
    {
        name: intervals.Interval(row["simulation"], row["low"], row["high"], math.nan, 0.95)
        for name, row in zip(names, shown)
    },
    colors=tint,
)
ax.tick_params(axis="x", rotation=35)
ax.set(ylabel="simulation score", ylim=(-0.05, 1))
figures.chance(ax, scores[0]["swapped"], "swapped")
figure(
    "fig-scores",
    fig,
    caption="The paper's score for one dictionary of each kind, with bootstrap intervals over latents.",
    alt="Dots with intervals for the simulation score: six SAE architectures on the left, other bases on the right",
    data=[{"dictionary": name, "score": row["simulation"], "low": row["low"], "high": row["high"]} for name, row in zip(names, shown)],
    rtol=0.045,
    atol=0.02,
)

# %% [markdown]
# The dots on the left are SAEs, those on the right the other bases. Where the intervals of the two groups do not meet, the
# first half of the claim stands. The two lines of *random directions* and *coordinates* tell how much of a score the residual
# stream gives away by itself: rules over tokens fit anything that depends on the token.
#
# ### Is it only sparsity?
#
# A latent that fires seldom is easier to describe by a list of tokens than one that fires half of the time. So the other bases
# get two chances more. *Top 8* keeps the eight largest components of each row, the paper's own control. *At the SAE's density*
# keeps the largest activations of each component, so that it fires as often as the mean latent of the base does.

# %% tags=["hide-input"]
density = float(first.scores.density.mean())
fair = {}
for name, drawn in bases.items():
    fair[f"{name}, top {K:g}"] = explain(top_k(drawn[0], int(K)))
    fair[f"{name}, at the SAE's density"] = explain(drawn[0], density=density)
table(
    "matched",
    [line(name, found, mixed) for name, (found, mixed, _) in fair.items()],
    rtol=0.045,
    atol=0.02,
    caption="Other bases made as sparse as the SAE",
)

# %% [markdown]
# Compare with the first line of the table before. Any row here that comes near it is a basis whose disadvantage was density,
# not direction. The paper says that the top-K control explains only a small part of the gap.
#
# ### Fewer examples, and a model that has learnt nothing
#
# The paper's explainer sees five fragments, our rules half of all texts. *Few* fits a rule on five top and five random
# fragments. And the last lines ask what {cite:t}`cunningham2023sparse` did not: an SAE trained on a language model of the
# same shape that was never trained. Its own text would be noise, so for this pair the rows are words that are asked about (as in
# [the page on absorption](absorption.ipynb)), the same words for both models.

# %%
blank_recipe = grids.untrained_words(subject, zoo)[0]
trained_recipe = grids.absorption(subject).base[0]
known = zoo.saes([trained_recipe, blank_recipe])
ROWS = 320 * fragments.LENGTH
ids = [model.encode(one.before) for one in words.asked(trained_recipe.site.source, model)[:ROWS]]
at_words = fragments.Fragments(
    *(torch.tensor(part).view(320, -1) for part in ([i[-1] for i in ids], [i[-2] for i in ids], [len(i) - 1 for i in ids])),
    torch.arange(ROWS).view(320, -1),
    torch.arange(320) % 2 == 0,
)
controls = {
    "base, few fragments": explain(base[0], few_shot=True),
    "ICA, few fragments": explain(bases["ICA"][0], few_shot=True),
    "words, trained model": explain(known[trained_recipe], where=at_words, rows=zoo.rows(trained_recipe.site)[:ROWS]),
    "words, untrained model": explain(known[blank_recipe], where=at_words, rows=zoo.rows(blank_recipe.site)[:ROWS]),
}
table(
    "controls",
    [line(name, found, mixed) for name, (found, mixed, _) in controls.items()],
    rtol=0.045,
    atol=0.02,
    caption="Fewer examples, and an untrained language model",
)

# %% [markdown]
# Look at the last two lines. In the published run the latents of the untrained model are as explainable as those of the trained
# one. So a high score does not show that an SAE has found what *the model* has learnt: it may have found the tokens. Others have
# reported the same with language models as judges (arXiv 2501.17727). What the score does show is that a direction follows
# something simple in the text.
#
# ### The true version: which latent knows an attribute?
#
# The labels of tokens are known here. So explanations can be left out: for each label, the best single latent by F1, and for
# each latent, the label that it tells best. The rows are the scoring half of the fragments; the null has the labels shuffled.

# %% tags=["hide-input"]
half = flat.half(fitting=False)
here = half.row.flatten()
kinds = token_labels.token_kinds(model)
names, member = [], []
for kind in ("gender", "part", "category", "wider category", "shape", "ending"):
    for label, owners in kinds.get(kind, {}).items():
        holds = torch.isin(half.token.flatten(), torch.tensor(list(owners)))
        if 50 <= int(holds.sum()) <= len(holds) // 2:
            names.append((kind, label))
            member.append(holds)
labels = torch.stack(member, 1)
shuffled = labels[torch.randperm(len(labels), generator=draw)]
tested = {
    **{f"TopK (base), seed {seed}": one for seed, one in enumerate(base)},
    **{f"{name}, top {K:g}": top_k(drawn[0], int(K)) for name, drawn in bases.items()},
}
known_by = {name: sparse(one.encode(rows_there[here])) for name, one in tested.items()}
told = {
    name: (
        pair_scores.pair_scores(active, labels, width=len(tested[name].W_dec)).f1,
        pair_scores.pair_scores(active, shuffled, width=len(tested[name].W_dec)).f1,
    )
    for name, active in known_by.items()
}
table(
    "attributes",
    [
        {
            "dictionary": name,
            "best latent per label, mean F1": float(f1.amax(0).mean()),
            "null": float(null.amax(0).mean()),
            "labels with F1 above 0.8": int((f1.amax(0) > 0.8).sum()),
            "best label per latent, mean F1": float(f1.amax(1).mean()),
            "its null": float(null.amax(1).mean()),
        }
        for name, (f1, null) in told.items()
    ],
    rtol=0.045,
    atol=0.02,
    caption=f"{len(names)} labels of tokens and single latents",
)

# %% [markdown]
# The first number is coverage: how well the best of all latents tells a label. The SAEs lead there, with ICA not far behind. The
# last but one is the other direction, and it is low for all: most latents stand for none of our few labels, and a latent that fires
# often meets a frequent label by chance, as its null shows.
#
# ## Editing: exchange a name
#
# *When Mary and John went to the shop, John gave a ring to* ... The model has to name the one who did not give. Another name in
# Mary's place gives the target prompt. The pairs all have the same number of tokens. First, does the model solve it?

# %%
pairs = exchanges.exchanged(model, paper["patching"]["pairs"], seed=world_seed)
solved = [answers.accuracy(model, [pair[side] for pair in pairs]) for side in (0, 1)]
between = exchanges.Exchanged(model, pairs, LAYER)
start, slope = between.divergence(between.base), between.gradient()
table(
    "task",
    {
        "": ["base prompt", "target prompt", "right, of two names", "right, of all tokens", "KL before any edit (nats)"],
        "value": [
            pairs[0].base.text,
            pairs[0].target.text,
            f"{min(one.right for one in solved):.2f}",
            f"{min(one.exact for one in solved):.2f}",
            f"{start:.2f}",
        ],
    },
)

# %% [markdown]
# Now the exchange, at every position of the stream after the base layer. The latents go in by *gradient order*: those first that
# lower the divergence most, to first order. The paper removes latents one by one from the full set (the order of ACDC), which
# needs thousands of runs; below we compare the two on fewer pairs. The reconstruction error of the base prompt stays in
# the stream, so a dictionary pays for what it cannot say. A complete basis has no error, and ends at zero.

# %%
FINE = [*range(4, 24, 4), *range(24, 72, 2), 80, 96, 128, 160, 256, 4096]
COARSE = [2, *range(4, 72, 4), 80, 96, 128, 160, 4096]


def signed(one):
    """A basis with both signs as plain coordinates: encode, directions."""
    half = len(one.W_dec) // 2
    return lambda x: (x - one.b_dec) @ one.W_enc[:, :half], one.W_dec[:half]


def curve(encode, directions, *, on=between, by=None, counts=COARSE):
    """Divergence and edit size for growing sets of latents."""
    both = patching.exchange(encode, directions, on.base, on.target)
    gain = patching.first_order_gain(both, slope if by is None else by)
    return patching.ranked(both, lambda chosen: on.divergence(both.patched(chosen)), gain, counts)


turn = torch.linalg.qr(torch.randn(model.d_model, model.d_model, generator=draw))[0]
eye = torch.eye(model.d_model)
plain = {"PCA": signed(bases["PCA"][0]), "ICA": signed(bases["ICA"][0])}
plain |= {"coordinates": (lambda x: x, eye), "random rotation": (lambda x: x @ turn.T, turn)}
patched = {
    f"TopK (base), seed {n}": curve(one.encode, one.W_dec, counts=FINE) for n, one in enumerate(more_seeds)
}
patched |= {
    f"{figures.NAMES[kind]}, k {k}": curve(saes[r].encode, saes[r].W_dec)
    for kind, by_k in grid.frontier.items()
    for k, r in by_k.items()
    if (kind == "topk") != (k == K)
}
patched |= {name: curve(*basis, counts=FINE) for name, basis in plain.items()}

# %% tags=["hide-input"]
fig, axes = figures.subplots(1, 2, figsize=(7.8, 3.6), sharey=True)
drawn_as = {"TopK (base), seed 0": (figures.colour("topk"), "-"), "TopK, k 32": (figures.shades("topk", 3)[2], "-")}
drawn_as |= {"TopK, k 4": (figures.shades("topk", 3)[0], "-"), "PCA": (figures.colour("relu"), "--")}
drawn_as |= {"ICA": (figures.colour("jumprelu"), "--"), "coordinates": (figures.NULL, ":"), "random rotation": (figures.INK, ":")}
data = []
for name, (color, style) in drawn_as.items():
    one = patched[name]
    axes[0].plot(one.latents, one.divergence, style, color=color, label=name)
    axes[1].plot(one.size, one.divergence, style, color=color)
    data += [
        {"dictionary": name, "latents": int(n), "KL": float(d), "edit": float(e)}
        for n, d, e in zip(one.latents, one.divergence, one.size)
        if int(n) in (0, 8, 16, 32, 64, 128, 160)
    ]
axes[0].set(xlabel="latents patched", ylabel="KL to the target's answer (nats)", xlim=(0, 160))
axes[1].set(xlabel="mean length of the edit")
figures.chance(axes[1], start / 2, "halfway")
axes[0].legend(fontsize=8)
figure(
    "fig-patching",
    fig,
    caption="The answer on its way to the target prompt's, against the number of latents patched and the length of the edit.",
    alt="Two panels of falling curves of the divergence for SAEs and four complete bases",
    data=data,
    rtol=0.045,
    atol=0.05,
)

# %% [markdown]
# Lower is better in both panels. The SAE curves end above zero, at what the dictionary cannot say; the sparser the SAE, the
# higher. The paper saw the same floor. With few latents the SAEs lead: their first patches do more than those of any other
# basis. Complete bases overtake them later, as they can go on to zero. So "fewer" depends on where one stops; the verdict was fixed
# to stop at half.

# %% tags=["hide-input"]
table(
    "patching",
    [
        {
            "dictionary": name,
            "latents to half": patching.needed(one, start=start).latents,
            "edit to half": patching.needed(one, start=start).size,
            "latents to 80 %": patching.needed(one, start=start, share=0.8).latents,
            "latents that differ": int(one.latents.max()),
            "KL with all": float(one.divergence[one.latents.argmax()]),
        }
        for name, one in patched.items()
    ],
    rtol=0.045,
    atol=0.02,
    caption="What it takes to move the answer (a gap: never reached)",
)

# %% [markdown]
# Compare the base lines with *PCA*, and with *ICA*, which the paper did not patch with. In the published run ICA needs fewer
# directions than the mean base SAE to get to half; a JumpReLU SAE of about the same L0 needs fewer than either. What the SAEs
# that get there have in common is the shorter edit: they leave more of the stream alone.
#
# The verdict takes all nine seeds of the base. (A first run had three, as the scores of explanations still have. The interval of
# the number of patches was then as wide as the number itself, and that of the erasure below reached under zero. The other
# text of the erasure was then exchanged too, for a longer sample that the zoo keeps. Nothing else was changed.)
#
# ### The order of removal
#
# ACDC's order, with three thresholds on eight pairs: a latent goes if the divergence rises by less than the threshold without it.
# Beside it the gradient order on the same pairs.

# %% tags=["hide-input"]
few = exchanges.Exchanged(model, pairs[:8], LAYER)
few_start, few_slope = few.divergence(few.base), few.gradient()
rows = []
for name, basis in (("TopK (base), seed 0", (base[0].encode, base[0].W_dec)), ("PCA", plain["PCA"])):
    both = patching.exchange(*basis, few.base, few.target)
    removed = patching.pruned(
        both,
        lambda chosen: few.divergence(both.patched(chosen)),
        thresholds=[0.01, 0.05, 0.2],
        generator=torch.Generator().manual_seed(0),
    )
    for order, one in (("removed one by one (ACDC)", removed), ("by gradient", curve(*basis, on=few, by=few_slope))):
        at = patching.needed(one, start=few_start)
        rows.append({"dictionary": name, "order": order, "latents to half": at.latents, "edit to half": at.size, "steps": len(one.latents)})
table("orders", rows, rtol=0.045, atol=0.02, caption="Two orders, eight pairs of prompts")

# %% [markdown]
# The two orders need not agree. ACDC looks at each latent's exact effect, but only stops at its thresholds, so its counts are
# coarse; the gradient order is exact in counts and blind to what latents do together. The comparison of dictionaries within
# one order is the one to read. Edit lengths are those of the set itself (the authors' code noted that of the last set tried).
#
# ## Editing: erase gender
#
# *In the morning Anna walked to the park with a friend.* ... She. The edit is made at the name, at one layer. Half of the names
# are there to fit and to choose erasers, the other half to judge them. Other text should stay as it is: we apply the same
# edit to all positions of text that has nothing to do with the task, and measure how far the predictions move.
#
# * **One latent**, as in the paper's first version: of the four latents that tell gender best on their own, each *subtracted*
#   (set to zero) and *projected* out, the one after which the task is worst.
# * **LEACE**: the smallest edit after which no linear probe can tell gender. **Mean difference**: project out the difference of the
#   two mean rows. **PCA**: the one principal axis that tells gender best. **Random**: one random direction.

# %%
other_text = zoo.tokens(grids.model_site(subject, sample=1).text)[-64:-40, :64]
tasks = {layer: GenderTask(model, layer, other_text, seed=world_seed) for layer in subject.layers}


def erasers(task):
    """The erasers that need no dictionary."""
    axes = kept[others.axes[task.layer]].W_dec[: model.d_model]
    fixed = torch.Generator().manual_seed(9)
    return erasure.without_dictionary(task.rows, task.female, axes, generator=fixed)


results = {}
for layer, task in tasks.items():
    results[layer] = {name: [task.outcome(e)] for name, e in erasers(task).items()}
    for recipe in grid.layers[layer]:
        for way, best in erasure.best_latent(saes[recipe], task.rows, task.female, task.right).items():
            results[layer].setdefault(f"latent {way}", []).append(task.outcome(best.eraser))

# %% tags=["hide-input"]
fig, axes = figures.subplots(1, len(results), figsize=(8.6, 3.4), sharey=True)
marks = {"latent subtracted": ("o", figures.colour("topk")), "latent projected": ("s", figures.colour("batchtopk"))}
marks |= {"LEACE": ("D", figures.colour("relu")), "mean difference": ("^", figures.colour("jumprelu"))}
marks |= {"PCA axis": ("v", figures.colour("gated")), "random direction": ("x", figures.NULL)}
for ax, (layer, by_name) in zip(axes, results.items()):
    for name, outcomes in by_name.items():
        mark, color = marks[name]
        ax.plot([max(o.other_text, 1e-5) for o in outcomes], [o.held_out for o in outcomes], mark, color=color, label=name)
    ax.set(xscale="log", title=f"layer {layer}", xlabel="KL on other text", ylim=(0, 1.05), xlim=(1e-5, 0.3))
    ax.set_xticks([1e-4, 1e-2])
    figures.chance(ax, 0.5, "chance" if ax is axes[-1] else "")
axes[0].set_ylabel("probability of the right pronoun")
named = axes[0].get_legend_handles_labels()
fig.legend(*named, loc="outside lower center", ncols=3, fontsize=8.5)
figure(
    "fig-erasure",
    fig,
    caption="Erasers on names that they were not chosen on: to the left is harmless, low (down to chance) is effective.",
    alt="A panel per layer with the task probability against the divergence on other text for six erasers",
    data=[
        {"layer": layer, "eraser": name, "KL": o.other_text, "right": o.held_out}
        for layer, by_name in results.items()
        for name, outcomes in by_name.items()
        for o in outcomes
    ],
    rtol=0.045,
    atol=0.02,
)

# %% [markdown]
# The best place in each panel is the left end at the height of chance. Where no eraser moves the task, the later layers have
# fetched gender from the name already: then an edit at the name comes too late, whatever makes it.

# %% tags=["hide-input"]
table(
    "erasers",
    [
        {
            "layer": layer,
            "eraser": name,
            "names chosen on": sum(o.chosen for o in os) / len(os),
            "other names": sum(o.held_out for o in os) / len(os),
            "other sentence": sum(o.transfer for o in os) / len(os),
            "KL on other text": sum(o.other_text for o in os) / len(os),
            "length of the edit": sum(o.size for o in os) / len(os),
        }
        for layer, by_name in results.items()
        for name, os in by_name.items()
    ],
    rtol=0.045,
    atol=0.01,
    caption="Probability of the right pronoun under each eraser, and what else it does (latents: mean over three seeds)",
)

# %% [markdown]
# ### At the same effect
#
# Erasers differ in strength, so their harm cannot be compared as they are. So each is made as strong as it takes to bring the task
# to chance on the names it was chosen on: $x + s\,(r(x) - x)$ with $s$ found by bisection. Then the harm is compared. The
# verdict takes the base layer. A latent for which no $s$ up to 8 is enough is entered with $s = 8$: chance would cost more.

# %%
def at_chance(task, several):
    """Strengths that bring the task to chance, outcomes there, and the harm when the *other* names are at chance."""
    strengths = [erasure.to_chance(e, task.right) for e in several]
    further = [erasure.to_chance(e, lambda x: task.right(x, "held out")) for e in several]
    outcomes = [task.outcome(erasure.scaled(e, min(s, 8.0))) for e, s in zip(several, strengths)]
    return strengths, outcomes, [task.moved(erasure.scaled(e, min(s, 8.0))) for e, s in zip(several, further)]


matched = {}
for layer in subject.layers[:-1]:
    of_layer = more_seeds if layer == LAYER else [saes[recipe] for recipe in grid.layers[layer]]
    plainly = erasers(tasks[layer])
    matched[layer] = {name: at_chance(tasks[layer], [plainly[name]]) for name in ("LEACE", "mean difference")}
    task = tasks[layer]
    ways = [erasure.best_latent(one, task.rows, task.female, task.right).values() for one in of_layer]
    chosen = [min(found, key=lambda one: one.right).eraser for found in ways]
    matched[layer]["one latent"] = at_chance(task, chosen)

# %% tags=["hide-input"]
rows = []
for layer, by_name in matched.items():
    for name, (strengths, outcomes, further) in by_name.items():
        n = len(outcomes)
        harm = sorted(o.other_text for o in outcomes)
        rows.append(
            {
                "layer": layer,
                "eraser": name,
                "SAEs": n if name == "one latent" else None,
                "brought to chance": sum(math.isfinite(s) for s in strengths),
                "other names": sum(o.held_out for o in outcomes) / n,
                "other sentence": sum(o.transfer for o in outcomes) / n,
                "KL on other text, mean": sum(harm) / n,
                "least": harm[0],
                "most": harm[-1],
                "KL with other names at chance": sum(further) / n,
                "length of the edit": sum(o.size for o in outcomes) / n,
            }
        )
table(
    "at_chance",
    rows,
    rtol=0.045,
    atol=0.01,
    caption="Every eraser at the strength at which the task is at chance, or at strength 8 (without the last layer, where nothing works)",
)

# %% tags=["hide-input"]
kl = {name: [o.other_text for o in outcomes] for name, (_, outcomes, _) in matched[LAYER].items()}
latent_kl, leace_kl = over(kl["one latent"]), kl["LEACE"][0]
in_order = sorted(kl, key=lambda name: sum(kl[name]) / len(kl[name]))
table(
    "least_harm",
    {"eraser": in_order, "KL on other text": [sum(kl[name]) / len(kl[name]) for name in in_order]},
    rtol=0.045,
    atol=2e-3,
    caption="From the least to the most harm, at the base layer and at the same effect",
)

# %% [markdown]
# Now plainly, for the published run. At the base layer LEACE and the mean difference both disturb other text far less than a single
# latent does at the same effect: no latent of that layer stands for gender, so one has to be pushed far beyond its own strength.
# The mean difference does the least harm of all. But it was fitted on few names, and at its strength much of the gender of *other*
# names is left; the last column asks what it costs to bring those to chance too.
#
# One layer later the picture turns. There every seed has a latent for gender. It brings both halves of the names to chance, and
# disturbs other text less than LEACE does: what the paper's first version reports. The mean difference still does less harm than
# either. So the answer depends on the layer, and the layer of the verdict was fixed before the run.
#
# LEACE has a handicap in this comparison. It is fitted at names, and here it also edits rows that were never in its fit. And it
# erases what a *linear probe* at the name can read; the model reads names in its own way, and held-out names keep some of it.
#
# ## A causal tree
#
# The paper follows one latent back through the layers. Take a latent of the last layer; take places where it fires at half its
# maximum or more; set each latent of the layer below to zero, one at a time, and see how far it falls. The strongest two are its
# parents, and so on down. Control: an edit of the same length in a random direction.

# %%
texts = tokens[:192, :64]
read_at = model.read(texts, subject.layers)
levels = [
    causal_tree.Level(
        saes[grid.layers[layer][0]],
        read_at[layer],
        onward(model, texts, layer, above) if above is not None else None,
    )
    for layer, above in zip(subject.layers, [*subject.layers[1:], None])
]
top = levels[-1].dictionary.encode(read_at[subject.layers[-1]][:, 1:].flatten(0, 1))
often = ((top > top.amax(0) / 2) & (top > 0)).sum(0)
root = int(torch.where(often >= causal_tree.CONTEXTS, top.amax(0), 0).argmax())
grown = causal_tree.tree(levels[1:], root)

# %% tags=["hide-input"]
words_of = token_labels.token_texts(model)


def top_tokens(level, latent):
    """The tokens on which a latent fires most strongly."""
    y = levels[level].dictionary.encode(levels[level].stream[:, 1:].flatten(0, 1))[:, latent]
    seen = texts[:, 1:].flatten()[y.topk(12).indices].tolist()
    return ", ".join(dict.fromkeys(words_of[token].strip() or "space" for token in seen[:12]))


table(
    "tree",
    [
        {
            "latent": f"{'· ' * (2 - node.level)}layer {subject.layers[node.level + 1]}, {node.latent}",
            "fires most on": top_tokens(node.level + 1, node.latent),
            "child falls by": node.drop,
            "random edit": node.control,
            "mean of all below": node.others,
        }
        for node in causal_tree.nodes(grown)
    ],
    rtol=0.045,
    atol=0.015,
    caption="A latent of the last layer, its parents and theirs; falls are shares of the child's activation",
)

# %% [markdown]
# A parent counts if its fall is well above both controls: the random edit beside it, and the mean over all latents that fire
# there (in the line of the child). One tree is a case, not a rate; the paper's is one too, and chosen by hand. Ours is the latent of
# the last layer that fires most strongly among those with enough contexts.
#
# ## Against the truth of worlds
#
# The paper began with toy models: does the SAE find the features that made the data? Our toy world has 128 features in 64
# dimensions, on their own or with half of them in topics that go together. The number is the mean over features of the largest
# cosine with a latent (MMCS), beside that of random directions; and the share of features that have a latent of their own at a
# cosine of 0.9.

# %% tags=["hide-input"]
toy = interpretability_grid.toy_grid(subject)
toys = zoo.saes(toy.recipes())
rows = []
for name, cells, correlated in (("independent", toy.independent, False), ("correlated", toy.correlated, True)):
    truth_of = worlds.truth(interpretability_grid.toy_world(correlated=correlated, seed=world_seed)).directions
    for width in interpretability_grid.TOY_WIDTHS:
        chance = torch.randn(width, truth_of.shape[1], generator=torch.Generator().manual_seed(width))
        found = {k: fidelity.recovery(toys[cells[width, k]], truth_of) for k in interpretability_grid.TOY_KS}
        rows.append(
            {"features": name, "width": width}
            | {f"MMCS, L0 {k}": one.of_features for k, one in found.items()}
            | {"random": fidelity.mmcs(truth_of, chance).forward}
            | {f"own latent, L0 {k}": one.share for k, one in found.items()}
        )
table("toys", rows, rtol=0.045, atol=0.02, caption="Recovery of known features by ReLU SAEs")

# %% [markdown]
# Read each line from left to right: too sparse an SAE misses features, and too dense a one may mix them. The paper's heat map has
# such a ridge. 4.6 features are active in a row, and in the published run the best L0 lies somewhat above. Half as many latents
# as features cannot find them all. Now the [world of features](subjects.ipynb) with its hierarchies, by
# architecture, where the other bases can be asked too:

# %% tags=["hide-input"]
world = grids.world_seeds(subject, sizes)
features = worlds.truth(worlds.World(seed=world_seed)).directions
world_saes = zoo.saes([r for rs in world.architectures.values() for r in rs])
rows = []
for kind, recipes in world.architectures.items():
    found = [fidelity.recovery(world_saes[r], features) for r in recipes]
    share = over([one.share for one in found])
    rows.append(
        {"dictionary": figures.NAMES[kind], "MMCS": sum(one.of_features for one in found) / len(found)}
        | {"own latent": share.estimate, "low": share.low, "high": share.high}
    )
for name, recipe in others.world.items():
    one = fidelity.recovery(kept[recipe], features)
    rows.append({"dictionary": name, "MMCS": one.of_features, "own latent": one.share})
random = torch.randn(sizes.width, features.shape[1], generator=torch.Generator().manual_seed(0))
rows.append({"dictionary": "random directions", "MMCS": fidelity.mmcs(features, random).forward, "own latent": 0.0})
table("world", rows, rtol=0.045, atol=0.02, caption="Recovery of the features of the world (three seeds)")

# %% [markdown]
# ## Against the paper

# %% tags=["hide-input"]
score = over([float(read[f"TopK (base), seed {n}"][0].scores.simulation.nanmean()) for n in range(len(base))])
theirs = paper["scores"]["score"]
table(
    "against_paper",
    {
        "": ["mean score of five latents (layer 1)", "lowest", "highest", "perplexity", "perplexity, stream rebuilt"],
        "paper": [sum(theirs) / 5, min(theirs), max(theirs), paper["perplexity"]["clean"], paper["perplexity"]["spliced"]],
        "ours": [
            float(first.scores.simulation[:5].mean()),
            float(first.scores.simulation[:5].min()),
            float(first.scores.simulation[:5].max()),
            before,
            after,
        ],
    },
    rtol=0.045,
    atol=0.02,
    caption=f"{paper['source']}; {paper['scores']['place']}; {paper['perplexity']['place']}",
)

# %% [markdown]
# Our scores are higher. That is no merit of our SAE: the rules are fitted to half of all texts and predict numbers, while the
# paper's explanations are sentences that a language model turns into numbers, and our model is small and its texts are simple.
# Scores can be compared within a table, not between the two.
#
# ## What would change our mind, and what this page cannot tell
#
# * A rule over tokens favours latents that follow tokens. A latent for something subtle in the context scores low here, though a
#   reader might name it at once. An optional judge (`saecore.source.judge`) takes explanations from a language model instead.
# * An untrained model's SAE is the control to watch. If its latents score as high, the score is about tokens.
# * A few seeds of one dictionary on one small model. Intervals over latents say nothing about other models.
# * The harm to other text is measured on few texts, the same for all erasers. It differs from text to text by more than a factor
#   of two; the order of the erasers is what to read.
# * One exchanged name, one gender task. The paper's reviewers asked for more tasks; so do we.
# * The comparison with complete bases counts latents after a ReLU or with a sign, as the paper does. Counting edited *numbers* at
#   positions would be kinder to SAEs, as most latents are silent at most positions.
# * If a single latent of the base layer brought the task to chance by itself, for every seed, the last part of the verdict could
#   turn. In the layer after it one nearly does; the table at the same effect shows both.
#
# ## Exercises
#
# ```{exercise}
# :label: ex-interpretability-top
# Which share of the base latents (seed 0) has a score above 0.9? And of the independent components?
# ```
#
# ```{solution-start} ex-interpretability-top
# :class: dropdown
# ```

# %% tags=["solution"]
high = {
    "TopK (base), seed 0": float((first.scores.simulation > 0.9).float().mean()),
    "ICA": float((read["ICA, draw 0"][0].scores.simulation > 0.9).float().mean()),
}
record("exercise_sae", high["TopK (base), seed 0"], rtol=0.045, atol=0.02)
record("exercise_ica", high["ICA"], rtol=0.045, atol=0.01)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise}
# :label: ex-interpretability-two
# One latent does not erase gender at the base layer. Do four? Subtract the four candidates together.
# ```
#
# ```{solution-start} ex-interpretability-two
# :class: dropdown
# ```

# %% tags=["solution"]
task = tasks[LAYER]
four = erasure.subtracted(base[0], erasure.candidates(base[0], task.rows, task.female))
record("exercise_four", task.right(four, "held out"), rtol=0.045, atol=0.02)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise}
# :label: ex-interpretability-own
# Write an explanation of your own for one of the five latents above, as a list of tokens with values, and score it with
# `explaining.scores`.
# ```
#
# ## Verdict
#
# *Bases* is judged against the best of coordinates, random directions and principal components. *Patches* counts latents in
# gradient order. *Erasure* compares at the same effect, at the base layer; the layer after it would say otherwise. The mean difference,
# which is no part of the claim, should be read beside both.

# %%
def interval_of(name):
    """The score of a basis: over its draws, or bootstrapped over its directions."""
    drawn = [found.scores.simulation for key, (found, _, _) in read.items() if key.startswith(name)]
    if len(drawn) > 1:
        return over([float(one.nanmean()) for one in drawn])
    return intervals.bootstrap(drawn[0][~drawn[0].isnan()], generator=draw)


strongest = max((interval_of(name) for name in bases if name != "ICA"), key=lambda i: i.estimate)
needs = [patching.needed(patched[f"TopK (base), seed {n}"], start=start) for n in range(len(more_seeds))]
pca_needs = patching.needed(patched["PCA"], start=start)
conclusion = claim.conclude(
    profile=profile,
    world_seed=world_seed,
    rtol=0.045,
    atol=0.02,
    numbers={
        "score": score.triple,
        "score_bases": strongest.triple,
        "score_ica": interval_of("ICA").triple,
        "score_swapped": over([read[f"TopK (base), seed {n}"][1] for n in range(len(base))]).triple,
        "patches": over([one.latents for one in needs]).triple,
        "patches_pca": pca_needs.latents,
        "edit": over([one.size for one in needs]).triple,
        "edit_pca": pca_needs.size,
        "erasure_kl": latent_kl.triple,
        "erasure_kl_leace": leace_kl,
    },
)
