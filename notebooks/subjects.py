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
# (the-two-subjects)=
# # The two subjects
#
# Every claim in this book is tried on two subjects. In a **world of features** we know exactly what there is to be
# found. A **small language model** has learnt English text, and nobody knows what its features are. The first can tell
# whether a measure measures what it says; the second, whether a claim survives contact with a real model.
#
# After this page you know what each subject is, what it knows, and what it cannot stand for.

# %% tags=["parameters"]
profile = "tiny"
world_seed = 0

# %%
import json

import torch

from saecore import profiles
from saecore.measures.dictionary import geometry
from saecore.measures.probing import linear as probing
from saecore.report import figure, figures, record, show_source, table
from saecore.source.tasks import answers, facts
from saecore.source.worlds import rows as worlds
from saecore.source.model.language_model import open_model
from saecore.source.model.generation import sample
from saecore.source.tasks.vocabulary import at_word, whole_words
from saecore.claims import sites

subject, sizes = profiles.read(profile, world_seed=world_seed), profiles.WorldProfile()
zoo = sites.open_zoo(subject)

# %% [markdown]
# ## A world of features
#
# A row of the world is a sparse sum of known directions and a little noise,
#
# $$x = \sum_{f\ \mathrm{active}} a_f\, d_f + \varepsilon, \qquad \varepsilon \sim \mathcal N(0, \sigma^2 I).$$
#
# Four structures are built in, because the claims are about them: *children* that fire only where their parent does
# (absorption), *entities* that are bundles of attributes (non-atomicity), frequencies that fall by Zipf's law from
# common to rare (what a small SAE leaves out), and topics within which features are correlated.

# %%
world = worlds.World(seed=world_seed)
truth = worlds.truth(world)
kinds = list(dict.fromkeys(truth.kind))
table(
    "kinds",
    [
        {
            "kind": kind,
            "features": len(truth.of_kind(kind)),
            "rarest": float(truth.probability[truth.of_kind(kind)].min()),
            "commonest": float(truth.probability[truth.of_kind(kind)].max()),
        }
        for kind in kinds
    ],
    caption="What there is to be found, and how often it fires",
)

# %% [markdown]
# All of them live in few dimensions, so directions overlap. The table states each probability; do the rows obey it?
# Below, the share of drawn rows in which each feature fires, against the probability that the truth states.

# %%
rows = zoo.get(sites.world_site(subject, sizes))
drawn = worlds.world_latents(world, 50_000)
fires = torch.bincount(drawn.indices()[1], minlength=len(truth.probability)) / 50_000

# %% tags=["hide-input"]
fig, ax = figures.subplots(figsize=(5.0, 3.8))
for kind, color in zip(kinds, figures.COLOURS.values()):
    index = truth.of_kind(kind)
    ax.plot(truth.probability[index], fires[index], ".", color=color, label=kind, alpha=0.8)
ax.plot([1e-3, 0.3], [1e-3, 0.3], color=figures.NULL, linewidth=1)
ax.set(
    xscale="log",
    yscale="log",
    xlabel="probability by the truth",
    ylabel="share of 50,000 rows",
)
ax.legend()
figure(
    "fig-world-rates",
    fig,
    caption="Each dot is a feature of the world.",
    alt="Scatter of observed firing rates against stated probabilities; all kinds lie on the diagonal",
    data={"feature": list(truth.name), "probability": truth.probability, "observed": fires},
)

# %%
overlap = truth.directions @ truth.directions.T - torch.eye(len(truth.directions))
record("world_features", len(truth.directions), rtol=0)
record("world_d_model", world.d_model, rtol=0)
record("world_active", float(fires.sum()), unit="features per row")
record("world_overlap", float(overlap.abs().max(1).values.median()))
record("world_ratio", geometry.participation_ratio(rows[:65_536]))

# %% [markdown]
# The world has {glue:text}`subjects.ipynb::world_features:.0f` features in {glue:text}`subjects.ipynb::world_d_model:.0f`
# dimensions. On average {glue:text}`subjects.ipynb::world_active:.1f` are active, and the median feature has a cosine of
# {glue:text}`subjects.ipynb::world_overlap:.2f` with its nearest other. The variance of the rows spreads over
# {glue:text}`subjects.ipynb::world_ratio:.0f` directions (the participation ratio, $(\sum\lambda)^2/\sum\lambda^2$ over
# the eigenvalues $\lambda$ of the covariance).
#
# **What the world is not.** Its features are linear by construction, their strengths vary little, and nothing computes
# with them. A measure that fails here fails; one that succeeds here may still fail on a model.
#
# ## A small language model of real English
#
# `tiny` ships with this book. It read children's stories, dictionary lines, and generated sentences that teach it
# facts with known labels: first letters of words, categories, who was born where and worked as what, who is he and who
# is she. Its first two layers see only four tokens back. That is on purpose: what a word means must then travel through
# the residual stream at the word, where dictionaries can find it.

# %%
model = open_model(subject.folder)
shipped = {
    name: json.loads((subject.folder / f"{name}.json").read_text())
    if profile == "tiny"
    else {}
    for name in ("evaluation", "self_text")
}
generator = torch.Generator().manual_seed(1)
written = sample(model, 3, 70, generator=generator)
print("\n\n".join(model.decode(text[1:].tolist()).strip() for text in written))

# %% [markdown]
# That is text which the model wrote by itself, at temperature 1, not chosen. It shows what the model is: it writes
# short sentences that hold together, and loses the thread after a while.
#
# ### How well does it read?
#
# The loss below is in nats per token, on text that was held out of training. A trigram model counts which word follows
# which two; a model that does not clearly beat it has learnt no more than phrases. These numbers were measured when
# the model was trained, because its text is not part of the book.

# %%
losses = shipped["evaluation"].get("losses", {})
table(
    "losses",
    [{"text": kind} | found for kind, found in losses.items()],
    rtol=1e-6,
    caption="Loss on held-out text in nats per token, measured at training time",
)

# %% [markdown]
# ### What does it know?
#
# Each prompt below ends just before its answer. The answer counts if it is the likeliest among all answers of its kind.
# "Unseen" templates are sentences that were never trained on: there the model must have learnt the fact, not the phrase.

# %% tags=["hide-input"]
tasks = (
    ()
    if profile != "tiny"
    else ("letter", "category", "country", "profession", "pronoun", "ioi")
)
vocabulary = whole_words(model)
asked = {
    (task, unseen): facts.prompts(task, unseen=unseen, words=vocabulary, count=400)
    for task in tasks
    for unseen in (False, True)
}
scores = {key: answers.accuracy(model, prompts) for key, prompts in asked.items()}
table(
    "knows",
    [
        {
            "task": task,
            "trained templates": scores[task, False].right,
            "unseen templates": scores[task, True].right,
            "commonest answer": scores[task, False].baseline,
        }
        for task in tasks
    ],
    rtol=0.01,
    caption="Share of prompts answered rightly",
)

# %% [markdown]
# ### Where in the layers does it know it?
#
# A dictionary at a layer can only find what passes through that layer. So, before any claim, a causal check: replace
# the residual stream at the word by that of another word, and see whether the answer follows. If it does not, the
# answer was read elsewhere, and every ablation at this place would measure nothing.

# %%
layers = range(model.n_layers)
one_template = {
    task: facts.prompts(task, words=vocabulary, template=facts.TRAINED[task][1], count=300)
    for task in tasks[:5]
}
swaps = {
    task: [answers.swap(model, prompts, layer) for layer in layers]
    for task, prompts in one_template.items()
}

# %% tags=["hide-input"]
fig, ax = figures.subplots(figsize=(6.2, 3.6))
for (task, rates), color in zip(swaps.items(), figures.COLOURS.values()):
    ax.plot(layers, [r.follows for r in rates], "o-", color=color, label=task)
ax.axvline(subject.layer, color=figures.INK, linewidth=0.8)
ax.set(
    xlabel="layer whose residual stream is swapped at the word",
    ylabel="answers that follow the other word",
    ylim=(-0.03, 1.05),
)
ax.set_xticks(list(layers))
ax.legend(handles=ax.lines[: len(swaps)])
figure(
    "fig-swap",
    fig,
    caption="Where the answer is. The vertical line marks the site of this book's SAEs.",
    alt="Five curves, one per task: the share of answers that follow a swapped word is high in the first two layers and falls after them",
    data=[
        {"task": t, "layer": layer, "follows": r.follows, "keeps": r.keeps}
        for t, rs in swaps.items()
        for layer, r in zip(layers, rs)
    ],
    rtol=0.01,
)

# %% [markdown]
# ### Is the site rich enough?
#
# Several claims turn into artefacts on a model that is too small: where the stream has few effective dimensions, or one
# point per token, an SAE wider than the vocabulary has a latent per word and trends reverse. So three checks: the
# participation ratio, the share of the variance that the identity of the token explains, and whether a linear probe
# reads off a word's first letter (cross-fitted: no word is both learnt and judged).

# %% tags=["hide-input"]
text = zoo.get(sites.model_site(subject).source)[:192]
flat = {
    layer: stream[:, 1:].reshape(-1, model.d_model)
    for layer, stream in model.read(text, list(layers)).items()
}
probes = {}
if profile == "tiny":
    letters = [
        prompt
        for prompt in facts.prompts(
            "letter", words=vocabulary, template=facts.TRAINED["letter"][0]
        )
        if prompt.answer not in "JKQXYZ"
    ][:2000]
    spelled = at_word(model, letters, list(layers))
    probes = {
        layer: probing.cross_fitted(spelled[layer], [p.answer for p in letters])
        for layer in layers
    }
table(
    "site",
    [
        {
            "layer": layer,
            "participation ratio": geometry.participation_ratio(flat[layer]),
            "of": model.d_model,
            "effective rank": geometry.effective_rank(flat[layer]),
            "explained by the token": geometry.token_r2(flat[layer], text[:, 1:].reshape(-1)),
            **({"first letter, probe": probes[layer].accuracy} if probes else {}),
        }
        for layer in layers
    ],
    rtol=0.01,
    caption="The residual stream, layer by layer",
)

# %% tags=["hide-input"]
show_source(geometry.participation_ratio)

# %% [markdown]
# ### Is its own text good enough?
#
# The rows that SAEs are trained on come from text that the model samples itself, so the book ships a model and no text.
# Is that as good as real text? When the model was trained, the rows of both were compared, and so were two halves of
# the real text, which is the floor for any such comparison.

# %%
table(
    "self_text",
    shipped["self_text"] or [],
    rtol=1e-6,
    caption="Rows from the model's own text against rows from real text, measured at training time",
)

# %% [markdown]
# An SAE trained on the model's own text at temperature 1 must explain held-out *real* text as well as one trained on
# real text. The last column says so; shuffled tokens show that the comparison can fail.
#
# ### The bar
#
# What the model had to reach was written down before it was trained. Here it is, with what this page measured.

# %% tags=["hide-input"]
site = subject.layer
ratio = geometry.participation_ratio(flat[site])
needed = [("participation ratio of the site", model.d_model / 4, ratio)]
if profile == "tiny":
    needed += [
        (
            "nats below a trigram model on stories",
            0.0,
            losses["story"]["trigram"] - losses["story"]["model"],
        )
    ]
    needed += [
        (f"{task}, trained templates", 0.95, scores[task, False].right)
        for task in tasks[:5]
    ]
    needed += [
        (
            f"{task} follows the swap",
            0.80 if task == "category" else 0.90,
            swaps[task][site].follows,
        )
        for task in swaps
    ]
    needed += [("first letter read by a probe", 0.85, probes[site].accuracy)]
table(
    "bars",
    [
        {"what": what, "at least": least, "measured": got, "met": bool(got >= least)}
        for what, least, got in needed
    ],
    rtol=0.01,
    caption="The bar for the language model",
)

# %% [markdown]
# Read the rows that are not met, if there are any, before you read a claim that rests on them.

# %% [markdown]
# **What `tiny` is not.** It is a thousand times smaller than the models of the papers. It knows facts because generated
# lines repeat them, so its facts are cleaner than a large model's. Its spelling is memorised word by word. Words
# outside its vocabulary are strings of characters to it. And it is one model: a claim that shows here has been shown on
# one small model, nothing more. The pages say so where it matters.
