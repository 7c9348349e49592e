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
# (how-many-features)=
# # Who are the orphans, and are the shared latents true?
#
# [Two seeds share few of their latents](seed_dependence.ipynb): that page has the claim
# of {cite:t}`paulo2025seeds` and its verdict. Here are the questions that follow. Who
# are the orphans, the latents that the other seed does not share? Do they fire rarely,
# are they nonsense, does the SAE need them? And in the [world of
# features](subjects.ipynb), where all features are known: are the shared latents the
# true ones?
#
# After this page you can say what an orphan is, and what "two seeds agree" is worth.

# %% tags=["parameters", "hide-input"]
profile = "tiny"
world_seed = 0

# %% tags=["hide-input"]
from saecore.claims import sites
from saecore.claims.seed_dependence import world_truth
from saecore.claims.seed_dependence.base import base_seeds
from saecore.claims.seed_dependence.figures import features as figures
from saecore.claims.seed_dependence.grid import model_seeds, world_seeds
from saecore.claims.seed_dependence.nine_seeds import seed_census
from saecore.claims.seed_dependence.orphans import error, firing, pieces, scores, spans
from saecore.claims.seed_dependence.sentences import SEED_SENTENCES
from saecore.measures.dictionary.recovery import TRUE_FROM
from saecore.profiles import WorldProfile
from saecore.report import (
    Claim,
    figure,
    record,
    settings,
    subplots,
    table,
    told,
    tolerance,
)

# %% tags=["hide-input"]
tolerance(rtol=0.03)
claim = Claim.read("seed_dependence")
zoo, subject = sites.opened(profile, world_seed)
model = base_seeds(zoo, model_seeds(subject), claim)
world = base_seeds(zoo, world_seeds(subject, WorldProfile()), claim)
features = world_truth.world_features(world)
held = firing.on_held_out_rows(model)
settings(features=len(features.directions), base_seeds=len(model.saes))
settings(held_out=len(held.rows), true_from=TRUE_FROM)
settings(brings=int(world_truth.bringing(features).sum()))

# %% [markdown]
# ## Do orphans fire rarely?
#
# The paper finds that the rarest latents are mostly orphans, and a second group of them
# that fires often. Here are the latents of all
# {glue:text}`how_many_features.ipynb::base_seeds:d` seeds, in ten groups of equal size
# by how often they fire on {glue:text}`how_many_features.ipynb::held_out:,d` rows of
# text that no SAE was trained on: which share of the other seeds shares them, and which
# share of the group is in no other seed at all.

# %% tags=["hide-input"]
rates = firing.by_rate(held)
fig, ax = subplots(figsize=(5.6, 3.4))
figures.draw_shared_by_rate(ax, rates)
figure(
    "fig-rates",
    fig,
    caption="Latents of all seeds by how often they fire (intervals over seeds).",
    alt="Two curves against the firing rate: the share of other seeds that share a "
    "latent, and the share of latents that no other seed has",
    data=figures.firing_rate_data(rates),
)

# %%
shares = firing.weighted(held)
record("shared_live", shares.live)
record("shared_mass", shares.firings)

# %% [markdown]
# Among live latents the share is
# {glue:text}`how_many_features.ipynb::shared_live:.2f`; of all firings, shared latents
# carry {glue:text}`how_many_features.ipynb::shared_mass:.2f`. In this build the most
# frequent latents are shared most and the rarest least, with no order in between, and
# a quarter of the most frequent are in no other seed: being rare is not what makes an
# orphan.
#
# ## Can orphans be explained?
#
# The paper asks a judge model. We ask the book's own
# [scorer](interpretability.ipynb): a rule of a few parts, fitted on half of the texts,
# predicts a latent on the other half. Each shared latent is set beside an orphan of the
# same SAE that fires about as often.

# %%
read = scores.orphan_scores(held, subject)
for kind in ("shared", "orphans"):
    record(f"score_{kind}", getattr(read, kind)["simulation"])
    record(f"detection_{kind}", getattr(read, kind)["detection"])

# %% tags=["hide-input"]
told(read.difference["simulation"], below=0, **SEED_SENTENCES["scores"])

# %% [markdown]
# The scores are {glue:text}`how_many_features.ipynb::score_shared:.2f` (shared) and
# {glue:text}`how_many_features.ipynb::score_orphans:.2f` (orphans), where 1 is a perfect
# prediction; "it fires here" is told with a balanced accuracy of
# {glue:text}`how_many_features.ipynb::detection_shared:.2f` and
# {glue:text}`how_many_features.ipynb::detection_orphans:.2f`.
#
# ## What do orphans add?
#
# Set one latent to zero and look how much more of the variance is left unexplained.
# Again each shared latent is matched in firing with an orphan of its SAE; then all
# matched ones are taken out at once.

# %%
added = error.added_error(held)
pairs = {"each alone": ("shared", "orphans", "difference")}
pairs["together"] = tuple(f"{name}_together" for name in pairs["each alone"])
pairs["all there are"] = ("all_shared", "all_orphans")

# %% tags=["hide-input"]
columns = ("shared", "orphans", "difference")
table(
    "added",
    [
        {"taken out": how}
        | {c: getattr(added, n).estimate for c, n in zip(columns, names, strict=False)}
        for how, names in pairs.items()
    ],
    caption="Rise of the variance left unexplained without latents (first two rows: "
    "matched in firing)",
)
told(added.difference, below=0, **SEED_SENTENCES["added alone"])
told(added.difference_together, below=0, **SEED_SENTENCES["added together"])

# %% [markdown]
# {cite:t}`gerasimov2026unstable` write that unstable features have a weak effect on the
# reconstruction one by one, in large models. Part of such a difference may be how often
# they fire; here that is held fixed.
#
# ## Is their span shared?
#
# They also write that unstable features lie in low-rank subspaces that do come back:
# seeds would agree on the space and disagree on the axes. Two tests. First the leading
# axes of all orphans of one seed, beside those of the orphans of another, of its shared
# latents, of Gaussian latents of its covariance, and random ones. An overlap of 1 is the
# same subspace. Then an orphan with its nearest other orphans, and the latents of the
# other seed that these are paired with. Were latents only turned within small
# subspaces, the overlap would leap from the first point to the next ones, and for
# neighbours far above groups at random.

# %% tags=["hide-input"]
spanned = spans.orphan_spans(model)
fig, axes = subplots(1, 2, figsize=(7.6, 3.5), sharey=True)
figures.draw_spans(axes, spanned)
figure(
    "fig-spans",
    fig,
    caption="How much the spans of orphans of two seeds overlap.",
    alt="First overlap of leading axes against their number for four kinds of partner, "
    "then overlap of the spans of small groups against their size for three kinds",
    data=figures.span_rows(spanned),
)

# %% tags=["hide-input"]
told(spanned.returning, above=0, **SEED_SENTENCES["axes"])
told(spanned.excess, above=0, **SEED_SENTENCES["spans"])
told(spanned.turned, above=0.1, **SEED_SENTENCES["turned"])

# %% [markdown]
# In pieces: each direction rebuilt from one, two, four latents of the other seed, and
# from those of a null.

# %%
steps = {"from one": 1, "from two": 2, "from four": 4}
rebuilt = pieces.in_pieces(model, counts=list(steps.values()))
table(
    "pieces",
    [{"latents": name} | dict(zip(steps, found)) for name, found in rebuilt.items()],
    caption="Mean share of a decoder direction's squared norm that few latents of the "
    "other seed explain",
)

# %% [markdown]
# ## Are the shared latents true?
#
# In the world, a latent is a feature by its *own direction* if the one-to-one matching
# pairs it with one at a cosine of at least
# {glue:text}`how_many_features.ipynb::true_from:.1f`. (At 0.7 an even mixture of two
# features would count.) But
# {glue:text}`how_many_features.ipynb::brings:d` of the
# {glue:text}`how_many_features.ipynb::features:d` features never fire alone: a child
# always brings its parent, an entity its attributes. A latent that points at the sum is
# a *composite*: the feature has [absorbed](absorption_toys.ipynb) what it brings.
# Whether that counts as true is a matter of taste, so both are shown.

# %%
truth = world_truth.truth_by_setting(world, true_from=TRUE_FROM)
base = truth[f"TopK, width {WorldProfile().width}"]
for name, share in base.recovered.items():
    record(f"recovered_{name.split()[0]}", share)
for name, share in base.shared_are.items():
    record(f"shared_{name.split()[0]}", share)

# %% tags=["hide-input"]
fig, axes = subplots(1, 2, figsize=(7.8, 4.0), sharey=True)
figures.draw_truth(axes, truth)
figure(
    "fig-truth",
    fig,
    caption="First features recovered, then how often a latent is shared, by what it "
    "is (intervals over seeds).",
    alt="For each kind of SAE the share of features recovered by their own direction "
    "and either way; and the share of latents that are shared, by kind of latent",
    data=figures.truth_data(truth),
)

# %% tags=["hide-input"]
table(
    "truth",
    [{"SAE": name} | world_truth.truth_row(found) for name, found in truth.items()],
    caption="What shared latents are, and how often each kind is shared (world)",
)

# %% [markdown]
# One SAE of the base setting recovers
# {glue:text}`how_many_features.ipynb::recovered_own:.2f` of the features by their own
# direction, and {glue:text}`how_many_features.ipynb::recovered_either:.2f` if
# composites count. Of the latents that two seeds share,
# {glue:text}`how_many_features.ipynb::shared_own:.2f` are features by their own
# direction, {glue:text}`how_many_features.ipynb::shared_composite:.2f` composites, and
# {glue:text}`how_many_features.ipynb::shared_neither:.2f` neither.

# %% tags=["hide-input"]
told(base.agreement, above=0, **SEED_SENTENCES["composites"])
told(base.shared_if["neither"], below=0.5, **SEED_SENTENCES["neither"])

# %% [markdown]
# Being an orphan does not mean "not real": where an SAE is narrower than the world,
# many orphans are features that the other seed happened to leave out.
#
# ## Exercise: how an estimate of a number fails
#
# ```{exercise} Level 3
# :label: ex-chao
# Seeds are like visits to a lake: how many fish are in it, given how many were caught
# once, twice, ...? Ecologists have a lower bound that needs no model, Chao's: it adds
# to the features seen a guess at the unseen, from those seen once and twice. Join
# latents that are shared between seeds into one feature. What does the bound say on
# the world? And why may it not be read as a number of features of the language model?
# ```
#
# ```{solution-start} ex-chao
# :class: dropdown
# ```

# %% tags=["solution"]
counted = {"language model": seed_census(model), "world": seed_census(world)}
record("world_chao", counted["world"].at_least)
record("world_again", counted["world"].again)
table(
    "world_census",
    [{"subject": name} | found._asdict() for name, found in counted.items()],
    caption="How many features the dictionaries of all seeds hold between them",
)

# %% [markdown]
# "At least {glue:text}`how_many_features.ipynb::world_chao:.0f`", for
# {glue:text}`how_many_features.ipynb::features:d` features: one-off latents that are no
# features count as fish caught once. It is a lower bound
# *if* one-offs are features, and that is what was asked. The count of what was found
# twice or more, {glue:text}`how_many_features.ipynb::world_again:.0f`, is the useful
# number.
#
# ```{solution-end}
# ```
#
# Back to [the claim](seed_dependence.ipynb), or to
# [what "shared" means](seed_definitions.ipynb).
