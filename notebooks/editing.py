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
# (editing)=
# # Do SAE latents edit the model more precisely?
#
# **The claim.** {cite:t}`cunningham2023sparse` go on in their abstract: "with our learned set of features, we can pinpoint the
# features that are causally responsible for counterfactual behaviour on the indirect object identification task (Wang et al.,
# 2022) to a finer degree than previous decompositions". The first version of the paper had another experiment in its place:
# "Ablating these features enables precise model editing, for example, by removing capabilities such as pronoun prediction, while
# disrupting model behaviour less than prior techniques."
#
# The page before asked whether latents can be [read](interpretability.ipynb). This one asks what happens when they are changed. We do
# both experiments, beside the methods that need no dictionary.

# %% tags=["parameters"]
profile = "tiny"
world_seed = 0

# %%
import math
from contextlib import suppress
from statistics import mean

import torch

from saecore import profiles
from saecore.measures.editing import (causal_contexts, causal_tree, erasure, patching, acdc as pruning)
from saecore.measures.algebra import intervals
from saecore.report import Claim, figure, figures, published, record, show_source, table
from saecore.source.tasks import answers, ioi, labelled_tokens
from saecore.source.model import language_model, neurons
from saecore.source.tasks.gender import gender_tasks
from saecore.source.model.layer_to_layer import onward
from saecore.claims.interpretability import bases, grid as interpretability_grid
from saecore.claims import sites
from saecore.claims.seed_dependence.grid import model_seeds

subject, sizes = profiles.read(profile, world_seed=world_seed), profiles.WorldProfile()
claim, paper = Claim.read("editing"), published("interpretability")


def over_seeds(values):
    """A mean over seeds with the interval that the rule asks for."""
    return intervals.over_seeds(values, level=claim.constants["confidence"])


# %% [markdown]
# ## What would have to be true
#
# Two prompts differ in one name: the *base* prompt and the *target* prompt. With $\bar c_{ij}$ and $c_{ij}$ the activations of
# latent $j$ at position $i$ on the target prompt and on the base prompt, and $F$ a set of latents,
#
# $$x_i' = x_i + \sum_{j \in F} (\bar c_{ij} - c_{ij})\, d_j .$$
#
# How many latents does $F$ need, and how long is $x' - x$, until the model's answer has moved halfway to its answer to the
# target prompt? If SAEs pinpoint the cause, few and short edits are enough.
#
# To erase gender at a name is the second experiment. There are erasers that need no dictionary. If a single latent is the more
# precise one, it leaves other text alone at the same effect on the task.
#
# This is the edit of the first experiment:

# %% tags=["hide-input"]
show_source(patching.Exchange.patched)

# %% [markdown]
# ## A case to check by hand
#
# Two positions, two latents with directions $(1, 0)$ and $(0, 2)$. On the target prompt the first latent is 3 higher at the
# first position, and the second 1 higher at the second. Patching both moves the stream by $(3, 0)$ and $(0, 2)$: a mean length
# of 2.5. Patching the first alone moves it by $(3, 0)$ and nothing: 1.5.

# %%
by_hand = patching.exchange_of(
    torch.zeros(1, 2, 2),
    torch.zeros(1, 2, 2),
    torch.tensor([[[3.0, 0.0], [0.0, 1.0]]]),
    torch.tensor([[1.0, 0.0], [0.0, 2.0]]),
)
sets = {"both": [True, True], "the first": [True, False], "the second": [False, True], "none": [False, False]}
table(
    "by_hand",
    {"latents patched": list(sets), "mean length of the edit": [by_hand.size(torch.tensor(chosen)) for chosen in sets.values()]},
)

# %% [markdown]
# ## The dictionaries
#
# The base is TopK, four times as wide as the model, with eight active latents per row, in nine seeds. Beside it stand other
# architectures and sparsities, and complete bases: principal components (PCA), independent components (ICA), coordinates and a
# random rotation. The neurons are those of the MLP of the base layer.

# %%
zoo = sites.open_zoo(subject)
grid = interpretability_grid.frontier(subject)
saes = zoo.get_all(grid.recipes())
others = bases.bases(subject, sizes)
kept = zoo.get_all(others.recipes())
base = list(zoo.get_all(model_seeds(subject).base).values())
model = language_model.open_model(subject.folder)
K, LAYER = grid.base[0].k, subject.layer

# %% [markdown]
# ## Exchange a name
#
# *When Mary and John went to the shop, John gave a ring to* ... The model has to name the one who did not give. Another name in
# Mary's place gives the target prompt. The pairs all have the same number of tokens. First, does the model solve it?

# %%
pairs = ioi.exchanged(model, paper["patching"]["pairs"], seed=world_seed)
solved = [answers.able(model, [pair[side] for pair in pairs]) for side in (0, 1)]
between = ioi.Exchanged(model, pairs, LAYER)
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
# Now the exchange, at every position of the stream after the base layer. The paper begins with all latents, and removes them one
# by one in the order of ACDC. We begin with an order that is much cheaper and exact in counts, the *gradient order*: those latents
# first that lower the divergence most, to first order. ACDC's order follows below.
#
# The reconstruction error of the base prompt stays in the stream, so a dictionary pays for what it cannot say. A complete basis
# has no error, and ends at zero. The neurons of one layer are not the whole stream either: what earlier layers and attention
# wrote stays as it was.

# %%
FINE = [*range(4, 24, 4), *range(24, 72, 2), 80, 96, 128, 160, 256, 4096]
COARSE = [2, *range(4, 72, 4), 80, 96, 112, 128, 144, 160, 176, 192, 4096]


def exchange(encode, directions, on=between):
    """Both prompts' activations of one dictionary."""
    return patching.exchange(encode, directions, on.base, on.target)


sparse_ones = {f"TopK (base), seed {n}": exchange(one.encode, one.W_dec) for n, one in enumerate(base)}
sparse_ones |= {
    f"{figures.NAMES[kind]}, k {k}": exchange(saes[r].encode, saes[r].W_dec)
    for kind, by_k in grid.frontier.items()
    for k, r in by_k.items()
    if (kind in ("topk", "relu") and k != K) or (kind != "topk" and k == K)
}
turn = torch.linalg.qr(torch.randn(model.d_model, model.d_model, generator=torch.Generator().manual_seed(5)))[0]
complete = {name: exchange(*patching.signed(kept[others.model[name][0]])) for name in ("PCA", "ICA")}
complete |= {"coordinates": exchange(lambda x: x, torch.eye(model.d_model))}
complete |= {"random rotation": exchange(lambda x: x @ turn.T, turn)}
# some models have no neurons that add to the stream by themselves
with suppress(profiles.Unsuited):
    units = [neurons.read_neurons(model, ids, LAYER) for ids in (between.base_tokens, between.target_tokens)]
    complete |= {"MLP neurons": patching.exchange_of(between.base, *units, neurons.neuron_directions(model, LAYER))}
all_pairs = sparse_ones | complete
patched = {
    name: patching.by_gradient(both, between.divergences, slope, FINE if name in complete or "base" in name else COARSE)
    for name, both in all_pairs.items()
}

# %% tags=["hide-input"]
fig, axes = figures.subplots(1, 2, figsize=(7.8, 4.1), sharey=True)
drawn_as = {"TopK (base), seed 0": (figures.colour("topk"), "-"), "TopK, k 32": (figures.shades("topk", 3)[2], "-")}
drawn_as |= {"TopK, k 4": (figures.shades("topk", 3)[0], "-"), "PCA": (figures.colour("relu"), "--")}
drawn_as |= {"ICA": (figures.colour("jumprelu"), "--"), "coordinates": (figures.NULL, ":"), "random rotation": (figures.INK, ":")}
drawn_as |= {"MLP neurons": (figures.colour("gated"), "--")}
data = []
for name, (color, style) in drawn_as.items():
    if name not in patched:
        continue
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
fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=8)
figure(
    "fig-patching",
    fig,
    caption="The answer on its way to the target prompt's, against the number of latents patched and the length of the edit.",
    alt="Two panels of falling curves of the divergence for SAEs, neurons and four complete bases",
    data=data,
    rtol=0.045,
    atol=0.05,
)

# %% [markdown]
# Lower is better in both panels. The SAE curves end above zero, at what the dictionary cannot say; the sparser the SAE, the
# higher. The paper saw the same floor. With few latents the SAEs lead PCA, the coordinates and the rotation: their first
# patches do more. ICA keeps up with them. Complete bases overtake them later, as they can go on to zero. So "fewer" depends on where one stops; the verdict was fixed
# to stop at half.

# %% tags=["hide-input"]
half = {name: patching.needed(one, start=start) for name, one in patched.items()}
table(
    "patching",
    [
        {
            "dictionary": name,
            "latents to half": half[name].latents,
            "edit to half": half[name].size,
            "latents to 80 %": patching.needed(one, start=start, share=0.8).latents,
            "latents that differ": int(one.latents.max()),
            "KL with all": round(float(one.divergence[one.latents.argmax()]), 5) + 0.0,
        }
        for name, one in patched.items()
    ],
    rtol=0.045,
    atol=0.02,
    caption="What it takes to move the answer (a gap: never reached)",
)

# %% [markdown]
# Compare the base lines with *PCA*, and with *ICA*, which the paper did not patch with. In the published run ICA needs fewer
# directions than the mean base SAE to get to half; a JumpReLU SAE of about the same L0 needs fewer than either. Sparse ReLU SAEs never
# get there: their latents are too small (shrinkage), and so is what they can exchange. What the SAEs
# that get there have in common is the shorter edit: they leave more of the stream alone.
#
# The verdict takes all nine seeds of the base. (A first run had three. The interval of the number of patches was then as wide as
# the number itself, and that of the erasure below reached under zero. The other text of the erasure was then exchanged too, for a
# longer sample that the zoo keeps. Nothing else was changed.)
#
# ### The order of removal
#
# ACDC's order on the same pairs: begin with all latents; at each threshold, rising in five steps from a hundredth of a nat to one, try
# the latents that are left in a random order, and drop a latent if the divergence rises by less than the threshold without it.

# %%
ORDERED = ("TopK, k 4", "TopK (base), seed 0", "TopK, k 32", "PCA", "random rotation")


def removed(name, order=0):
    """ACDC's order for one dictionary."""
    draw = torch.Generator().manual_seed(order)
    return pruning.pruned(all_pairs[name], between.divergences, thresholds=pruning.COARSE, between=True, generator=draw)


acdc = {name: removed(name) for name in (*ORDERED, *(f"TopK (base), seed {n}" for n in range(1, len(base))))}
pca_again = [removed("PCA", order) for order in (1, 2)]

# %% tags=["hide-input"]
fig, axes = figures.subplots(1, 2, figsize=(7.8, 3.6), sharey=True)
for name in ORDERED:
    one = acdc[name]
    color, style = drawn_as[name]
    axes[0].plot(one.latents, one.divergence, style, color=color, label=name)
    axes[1].plot(one.size, one.divergence, style, color=color)
axes[0].set(xlabel="latents patched", ylabel="KL to the target's answer (nats)", xlim=(0, 200))
axes[1].set(xlabel="mean length of the edit")
figures.chance(axes[1], start / 2, "halfway")
axes[0].legend(fontsize=8)
figure(
    "fig-acdc",
    fig,
    caption="The same in ACDC's order: from all latents on the right to none on the left.",
    alt="Two panels of falling curves of the divergence for three SAEs, PCA and a random rotation",
    data=[
        {"dictionary": name, "latents": int(n), "KL": float(d), "edit": float(e)}
        for name in ORDERED
        for n, d, e in zip(acdc[name].latents, acdc[name].divergence, acdc[name].size)
        if int(n) in (8, 16, 32, 64, 128)
    ],
    rtol=0.045,
    atol=0.2,
)

# %% tags=["hide-input"]
gone = {name: patching.needed(one, start=start) for name, one in acdc.items()}
pca_orders = [gone["PCA"], *(patching.needed(one, start=start) for one in pca_again)]
orders = [
    {"dictionary": name, "ACDC: latents to half": gone[name].latents, "edit": gone[name].size}
    | {"gradient: latents to half": half[name].latents, "edit then": half[name].size}
    for name in ORDERED
]
table("orders", orders, rtol=0.045, atol=0.02, caption="Two orders on the same pairs (a gap: never reached)")

# %% [markdown]
# The neurons are left out here: the figure before shows that all of them together do not move the answer halfway. A name's place in
# the stream of this layer was written by the embedding, and the neurons of one layer add little to it.
#
# The two orders need not agree. ACDC looks at each latent's exact effect in the company of the others; the gradient order looks at
# all of them once, alone, and is blind to what they do together. In the published run that costs the SAEs most: in the paper's order they need fewer latents than PCA does, where by
# gradient the two cannot be told apart. A likely reason is that several latents do one component's work, and one that is dropped
# early leaves it to the others. Sets on the way from one threshold to the next count too; read at the thresholds alone, as one might, PCA would seem
# to need many more, as it loses many components at one threshold. One order is one draw: PCA has three. Edit lengths
# are those of the set itself (the authors' code noted that of the last set tried).
#
# ### Layer by layer
#
# The base layer was fixed before the run. This is the same measure where the other layers stand, over three seeds each:

# %% tags=["hide-input"]
by_layer = []
for layer in subject.layers:
    on = between if layer == LAYER else ioi.Exchanged(model, pairs, layer)
    by = slope if layer == LAYER else on.gradient()
    several = [exchange(saes[r].encode, saes[r].W_dec, on) for r in grid.layers[layer]]
    several.append(exchange(*patching.signed(kept[others.layers["PCA"][layer]]), on))
    *of_saes, of_pca = [patching.needed(patching.by_gradient(both, on.divergences, by, FINE), start=start) for both in several]
    reached = [one for one in of_saes if math.isfinite(one.latents)]
    means = {"TopK: latents to half": None, "edit": None}
    if reached:
        means = {"TopK: latents to half": mean(one.latents for one in reached), "edit": mean(one.size for one in reached)}
    by_layer.append({"layer": layer, "SAEs that reach half": len(reached)} | means | {"PCA: latents to half": of_pca.latents, "edit then": of_pca.size})
table("layers", by_layer, rtol=0.045, atol=0.5, caption="Patches to half by layer: mean over the seeds that get there, and PCA (gaps: never)")

# %% [markdown]
# So "fewer" is no property of SAEs as such. In the published run they need fewer than PCA in the layer after the base, and more in the
# first and in the last. In the last layer the answer is all but written, at the last position, and most latents there take part in
# it. The rule of the verdict looks at the base layer alone.
#
# ## Erase gender
#
# *In the morning Anna walked to the park with a friend.* ... She. The edit is made at the name, at one layer. Half of the names
# are there to fit and to choose erasers, the other half to judge them. Other text should stay as it is: we apply the same
# edit to all positions of text that has nothing to do with the task, and measure how far the predictions move.
#
# * **One latent**, as in the paper's first version: of the four latents that tell gender best on their own, each *subtracted*
#   (set to zero) and *projected* out, the one after which the task is worst.
# * **LEACE**: the smallest edit after which no linear probe can tell gender. There are fewer rows to fit it on than dimensions, so it
#   is also shown with a shrunk covariance, the default of its authors' package. **Mean difference**: project out the difference
#   of the two mean rows. **PCA**: the one principal axis that tells gender best. **Random**: one random direction.

# %%
other_text = zoo.get(sites.model_site(subject, sample=1).text)[-64:-40, :64]
tasks = gender_tasks(model, subject.layers, other_text, seed=world_seed)
plainly = {
    layer: erasure.without_dictionary(
        task.rows,
        task.female,
        kept[others.layers["PCA"][layer]].W_dec[: model.d_model],
        generator=torch.Generator().manual_seed(9),
    )
    for layer, task in tasks.items()
}
best = {
    (layer, recipe): erasure.best_latent(saes[recipe], task.rows, task.female, task.right)
    for layer, task in tasks.items()
    for recipe in grid.layers[layer]
}
results = {layer: {name: [task.outcome(e)] for name, e in plainly[layer].items()} for layer, task in tasks.items()}
for (layer, _), ways in best.items():
    for way, one in ways.items():
        results[layer].setdefault(f"latent {way}", []).append(tasks[layer].outcome(one.eraser))

# %% tags=["hide-input"]
fig, axes = figures.subplots(1, len(results), figsize=(8.6, 3.4), sharey=True)
marks = {"latent subtracted": ("o", figures.colour("topk")), "latent projected": ("s", figures.colour("batchtopk"))}
marks |= {"LEACE": ("D", figures.colour("relu")), "LEACE, shrunk": ("d", figures.shades("relu", 3)[0]), "mean difference": ("^", figures.colour("jumprelu"))}
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
    alt="A panel per layer with the task probability against the divergence on other text for seven erasers",
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
# to chance on the names it was chosen on: $x + s\,(r(x) - x)$ with $s$ found by root search. Then the harm is compared. The
# verdict takes the base layer. A latent for which no $s$ up to 8 is enough is entered with $s = 8$: chance would cost more.

# %%
matched = {}
for layer in subject.layers[:-1]:
    task = tasks[layer]
    ways = [best[layer, recipe] for recipe in grid.layers[layer]]
    if layer == LAYER:  # the layer of the verdict: all nine seeds
        ways += [erasure.best_latent(one, task.rows, task.female, task.right) for one in base[len(ways) :]]
    erasers = {name: [plainly[layer][name]] for name in ("LEACE", "LEACE, shrunk", "mean difference")}
    erasers |= {"one latent": [erasure.stronger(one).eraser for one in ways]}
    for name, several in erasers.items():
        for eraser in several:
            here = erasure.at_chance(eraser, task.right)
            there = erasure.at_chance(eraser, lambda e: task.right(e, "held out"))
            one = (here.reached, task.outcome(here.eraser), task.moved(there.eraser))
            matched.setdefault((layer, name), []).append(one)

# %% tags=["hide-input"]
rows = []
for (layer, name), several in matched.items():
    n, outcomes = len(several), [outcome for _, outcome, _ in several]
    harm = sorted(one.other_text for one in outcomes)
    rows.append(
        {
            "layer": layer,
            "eraser": name,
            "SAEs": n if name == "one latent" else None,
            "brought to chance": sum(reached for reached, _, _ in several),
            "other names": sum(one.held_out for one in outcomes) / n,
            "other sentence": sum(one.transfer for one in outcomes) / n,
            "KL on other text, mean": sum(harm) / n,
            "least": harm[0],
            "most": harm[-1],
            "KL with other names at chance": sum(further for _, _, further in several) / n,
            "length of the edit": sum(one.size for one in outcomes) / n,
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
kl = {name: [one.other_text for _, one, _ in several] for (layer, name), several in matched.items() if layer == LAYER}
latent_kl, leace_kl = over_seeds(kl["one latent"]), kl["LEACE"][0]
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
# latent does at the same effect. In most seeds no latent of that layer stands for gender, so one has to be pushed far beyond its own
# strength; where a seed has one, it still does more harm than LEACE.
# The mean difference does the least harm of all. But it was fitted on few names, and at its strength much of the gender of *other*
# names is left; the last column asks what it costs to bring those to chance too.
#
# One layer later the picture is another. There every seed has a latent for gender. It brings both halves of the names to chance, and
# disturbs other text less than LEACE does: what the paper's first version reports. But it does so only against LEACE as
# the theorem has it. With a shrunk covariance LEACE does less harm than the latent there too, and the mean difference less than
# either. (The shrunk version was added after the others had been seen. The verdict is about the plain one, as fixed before; at the
# base layer it would be the same, and clearer.)
#
# LEACE has a handicap in this comparison. It is fitted at names, and here it also edits rows that were never in its fit. And it
# erases what a *linear probe* at the name can read; the model reads names in its own way, and held-out names keep some of it.
#
# ## A causal tree
#
# The paper follows one latent back through the layers. Take a latent of the last layer; take places where it fires at half its
# maximum or more; set each latent of the layer below to zero, one at a time, and see how far it falls. The strongest two are its
# parents, and so on down.
#
# The strongest of many is flattered by chance. So parents are chosen on one half of the places and judged on the other. Two
# controls stand beside them: parents drawn at random among the other latents that fire there, and edits of the parent's length in
# random directions.

# %%
texts = zoo.get(grid.base[0].site.text)[-384:, :64]
read_at = model.read(texts, subject.layers)
uppers = [onward(model, texts, lower, upper) for lower, upper in zip(subject.layers, subject.layers[1:])]
levels = [
    causal_contexts.Level(saes[grid.layers[layer][0]], read_at[layer], up)
    for layer, up in zip(subject.layers, [*uppers, None])
]
top = levels[-1].dictionary.encode(read_at[subject.layers[-1]][:, 1:].flatten(0, 1)).amax(0)
often = causal_contexts.strong_texts(levels[-1]) >= 2 * causal_contexts.CONTEXTS
root = int(torch.where(often, top, 0).argmax())
grown = causal_tree.tree(levels, root)

# %% tags=["hide-input"]
words_of = labelled_tokens.token_texts(model)


def top_tokens(level, latent):
    """The tokens on which a latent fires most strongly."""
    y = levels[level].dictionary.encode(levels[level].stream[:, 1:].flatten(0, 1))[:, latent]
    seen = texts[:, 1:].flatten()[y.topk(12).indices].tolist()
    return ", ".join(dict.fromkeys(words_of[token].strip() or "space" for token in seen))


table(
    "tree",
    [
        {
            "latent": f"{'· ' * (len(levels) - 1 - node.level)}layer {subject.layers[node.level]}, {node.latent}",
            "fires most on": top_tokens(node.level, node.latent),
            "fall where chosen": node.chosen,
            "fall elsewhere": node.drop,
            "random parents": node.random,
            "largest of them": node.random_largest,
            "random directions": node.direction,
            "others that do as much": node.as_much,
        }
        for node in causal_tree.nodes(grown)
    ],
    rtol=0.045,
    atol=0.02,
    caption="A latent of the last layer, its parents and theirs; falls are shares of the child's activation",
)

# %% [markdown]
# A parent counts if its fall *elsewhere*, on places that took no part in the choice, is well above the controls beside it. One tree
# is a case, not a rate; the paper's is one too, and chosen by hand. Ours is the latent of the last layer that fires most strongly
# among those with enough places. So now a rate: the best parent of each of twenty latents of the last layer, drawn at random among
# those.

# %% tags=["hide-input"]
among = often.nonzero()[:, 0]
roots = among[torch.randperm(len(among), generator=torch.Generator().manual_seed(1))[:20]].tolist()
rate = causal_tree.best_parents(levels, roots)
draw = torch.Generator().manual_seed(2)
lines = {"best parent, where chosen": rate.chosen, "best parent, elsewhere": rate.drop}
lines |= {"random parents": rate.random, "largest of the random parents": rate.random_largest, "random directions": rate.direction}
over_roots = {name: intervals.bootstrap(values[~values.isnan()], generator=draw) for name, values in lines.items()}
table(
    "parents",
    [{"": name, "fall": one.estimate, "low": one.low, "high": one.high} for name, one in over_roots.items()],
    rtol=0.045,
    atol=0.02,
    caption=f"How far {len(roots)} latents of the last layer fall without a parent: mean with a bootstrap interval over the latents",
)
record("clear_parents", float((rate.drop > rate.random_largest).double().mean()), rtol=0.045, atol=0.05)

# %% [markdown]
# The first two lines hardly differ, so choosing flatters little here. The share of latents whose best parent falls further than each
# of its random ones is {glue:text}`editing.ipynb::clear_parents:.2f`. Nearly all other latents that fire at these places do nothing to the
# one above. A random direction of the parent's length does more than they, as their own edits are short; it is the harder control.
#
# ## Against the paper
#
# The paper draws its curves without numbers, so findings are what can be compared:

# %% tags=["hide-input"]
seeds = [half[f"TopK (base), seed {n}"] for n in range(len(base))]
floors = {k: float(patched[name].divergence.min()) for k, name in ((4, "TopK, k 4"), (8, "TopK (base), seed 0"), (32, "TopK, k 32"))}
eight = {name: float(one.divergence[one.latents == 8][0]) for name, one in patched.items() if (one.latents == 8).any()}
findings = [
    ("fewer latents than principal components to half", "figure 3", "by gradient: TopK (mean), PCA", mean([one.latents for one in seeds]), half["PCA"].latents, lambda a, b: a < b),
    ("and in ACDC's order, the paper's", "figure 3", "TopK (mean), PCA (mean)", mean([gone[f"TopK (base), seed {n}"].latents for n in range(len(base))]), mean([one.latents for one in pca_orders]), lambda a, b: a < b),
    ("a shorter edit to half", "figure 3", "TopK (mean), PCA", mean([one.size for one in seeds]), half["PCA"].size, lambda a, b: a < b),
    ("a lower divergence after few patches", "figure 3", "eight patches: TopK (mean), PCA", mean([eight[f"TopK (base), seed {n}"] for n in range(len(base))]), eight["PCA"], lambda a, b: a < b),
    ("sparser SAEs keep a higher floor", "section 4", "all patched: k 4, k 32", floors[4], floors[32], lambda a, b: a > b),
    ("one latent erases with less harm than LEACE", "first version", f"KL, layer {LAYER}", latent_kl.estimate, leace_kl, lambda a, b: a < b),
    ("one latent erases with less harm than the mean difference", "first version", f"KL, layer {LAYER}", latent_kl.estimate, kl["mean difference"][0], lambda a, b: a < b),
]
table(
    "findings",
    [
        {"the paper finds": says, "where": where, "compared here": what, "first": a, "second": b, "same": "yes" if same(a, b) else "no"}
        for says, where, what, a, b, same in findings
    ],
    rtol=0.045,
    atol=0.02,
    caption="Findings of the paper about edits, and ours (means; the verdict below has intervals)",
)

# %% [markdown]
# The paper also patches with a dictionary that was trained without a sparsity penalty, and finds it no better than PCA. We have no
# such SAE: our L0 is set, and k = 32 is the densest here. Pythia-410M, with dictionaries of 4,096 latents, is another scale
# altogether; only the direction of a difference can be compared.
#
# ## What would change our mind, and what this page cannot tell
#
# * The harm to other text is measured on few texts, the same for all erasers. It differs from text to text by more than a factor
#   of two; the order of the erasers is what to read.
# * One exchanged name, one gender task, one small model. The paper's reviewers asked for more tasks; so do we.
# * Patches are counted in latents, as in the paper. Counting edited *numbers* at positions would be kinder to SAEs, as most latents
#   are silent at most positions.
# * If a single latent of the base layer brought the task to chance by itself, for every seed, the last part of the verdict could
#   turn. In the layer after it one nearly does; the table at the same effect shows both.
# * A tree shows which latents a latent depends on, not why. Its edges are ablations at all earlier positions, one latent at a time:
#   two latents that can stand in for each other both look unimportant.
#
# ## Exercises
#
# ```{exercise}
# :label: ex-editing-four
# One latent does not erase gender at the base layer. Do four? Subtract the four candidates together.
# ```
#
# ```{solution-start} ex-editing-four
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
# :label: ex-editing-positions
# How many of the changed numbers (latent and position) are not zero, in the base and in PCA? Which share of PCA's is that?
# ```
#
# ```{solution-start} ex-editing-positions
# :class: dropdown
# ```

# %% tags=["solution"]
changed = {name: float((all_pairs[name].change != 0).double().sum()) for name in ("TopK (base), seed 0", "PCA")}
record("exercise_numbers", changed["TopK (base), seed 0"] / changed["PCA"], rtol=0.045, atol=0.01)

# %% [markdown]
# ```{solution-end}
# ```
#
# ## Verdict
#
# *Patches* counts latents in gradient order, *patches_acdc* in the paper's. *Erasure* compares at the same effect, at the base layer; the layer after it would say
# otherwise. The mean difference and the shrunk LEACE, which are no part of the claim, should be read beside it. The rule was written for
# explaining and editing together, on one page. When the page became two, its parts were divided between them and none was
# changed. With world seed 7 (another sample of text, other pairs of prompts) the part in ACDC's order could not be told, and the
# others came out the same: the lead over PCA is small.

# %%
conclusion = claim.conclude(
    profile=profile,
    world_seed=world_seed,
    rtol=0.045,
    atol=0.02,
    numbers={
        "patches": over_seeds([one.latents for one in seeds]).triple,
        "patches_pca": half["PCA"].latents,
        "edit": over_seeds([one.size for one in seeds]).triple,
        "edit_pca": half["PCA"].size,
        "patches_acdc": over_seeds(
            [gone[f"TopK (base), seed {n}"].latents for n in range(len(base))]
        ).triple,
        "patches_acdc_pca": over_seeds([one.latents for one in pca_orders]).triple,
        "erasure_kl": latent_kl.triple,
        "erasure_kl_leace": leace_kl,
    },
)
