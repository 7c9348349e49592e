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
# # How many features are there, and are the shared ones true?
#
# [Two seeds share few of their latents](seed_dependence.ipynb): that page has the claim
# of {cite:t}`paulo2025seeds` and its verdict. Here are the questions that follow. If
# every seed finds others, how many are there? Who are the orphans, the latents that the
# other seed does not share? And in the [world of features](subjects.ipynb), where all
# features are known: are the shared latents the true ones?
#
# After this page you can read an estimate of a number of features, and say what an
# orphan is.

# %% tags=["parameters", "hide-input"]
profile = "tiny"
world_seed = 0

# %% tags=["hide-input"]
from saecore.claims import sites
from saecore.claims.seed_dependence import figures, orphan_latents, world_truth
from saecore.claims.seed_dependence.base import base_seeds
from saecore.claims.seed_dependence.grid import model_seeds, world_seeds
from saecore.claims.seed_dependence.nine_seeds import seed_census
from saecore.measures.dictionary.recovery import TRUE_FROM
from saecore.profiles import WorldProfile
from saecore.report import Claim, figure, record, settings, subplots, table, tolerance

tolerance(rtol=0.03)
claim = Claim.read("seed_dependence")
zoo, subject = sites.opened(profile, world_seed)
model = base_seeds(zoo, model_seeds(subject), claim)
world = base_seeds(zoo, world_seeds(subject, WorldProfile()), claim)
features = world_truth.world_features(world)
settings(features=len(features.directions), base_seeds=len(model.saes))
settings(held_out=orphan_latents.HELD_OUT, true_from=TRUE_FROM)

# %% [markdown]
# ## Seeds as visits to a lake
#
# {glue:text}`how_many_features.ipynb::base_seeds:d` seeds are as many visits to a lake:
# how many fish are in it, given how many were caught once, twice, ...? Latents that are
# shared between seeds are joined into one feature. Ecologists have a lower bound that
# needs no model, Chao's: it adds to the features seen a guess at the unseen, from how
# many were seen once and how many twice.
#
# The table has the counts for both subjects. For the world, the true number is known:
# it has {glue:text}`how_many_features.ipynb::features:d` features.

# %%
counted = {"language model": seed_census(model), "world": seed_census(world)}
record("world_chao", counted["world"].at_least)
record("world_again", counted["world"].again)

# %% tags=["hide-input"]
table(
    "world_census",
    [{"subject": name} | found._asdict() for name, found in counted.items()],
    caption="How many features the dictionaries of all seeds hold between them",
)

# %% [markdown]
# The last columns are Chao's bound, and the share of features whose latents are all
# shared with each other, so that no chain of detours was needed to join them.
#
# On the world Chao's bound says "at least
# {glue:text}`how_many_features.ipynb::world_chao:.0f`". The count of what was found
# twice or more says {glue:text}`how_many_features.ipynb::world_again:.0f`. So where the
# bound lies above the truth, it is because one-offs that are no features were counted
# as if they were. It is a lower bound *if* one-offs are features; do not read it on the
# language model as a number of features.
#
# ## Who are the orphans?
#
# The paper finds that the rarest latents are mostly orphans. Here is the share of
# shared latents by how often they fire, on
# {glue:text}`how_many_features.ipynb::held_out:,d` rows of text that no SAE was trained
# on.

# %%
orphans = orphan_latents.firing_orphans(model)
record("shared_live", orphans.live)
record("shared_mass", orphans.firings)

# %% tags=["hide-input"]
bins = orphans.by_frequency
table(
    "frequency",
    {
        "fires from": bins.edge[:-1],
        "to": bins.edge[1:],
        "latents": bins.latents,
        "shared": bins.share,
        "low": bins.low,
        "high": bins.high,
        "share of all firings": bins.mass,
    },
    caption="Shared latents by firing count on held-out rows (intervals over latents)",
)

# %% [markdown]
# Counting live latents only, the share is
# {glue:text}`how_many_features.ipynb::shared_live:.2f`; weighting each latent by how
# often it fires, {glue:text}`how_many_features.ipynb::shared_mass:.2f`. Where the
# second number is the larger one, what an SAE *does* most of the time depends less on
# the seed than its list of latents suggests. In this build frequent latents are shared
# more often, as in the paper, but even of the most frequent about half are orphans.
#
# Is an orphan at least present in pieces? Each direction is rebuilt from one, two, four
# latents of the other seed, and, as the null, from those of a covariance-matched
# dictionary.

# %%
steps = {"from one": 1, "from two": 2, "from four": 4}
pieces = orphan_latents.in_pieces(model, counts=list(steps.values()))
table(
    "pieces",
    [{"latents": name} | dict(zip(steps, found)) for name, found in pieces.items()],
    caption="Mean share of a decoder direction's squared norm that few latents of the "
    "other seed explain",
)

# %% [markdown]
# Orphans are rebuilt far better from the other seed than from the null, if less well
# than shared latents. The two dictionaries describe much the same space; they cut it up
# differently.
#
# ## Are the shared latents true?
#
# In the world, a latent counts as *true* if the one-to-one matching pairs it with a
# feature at a cosine of at least
# {glue:text}`how_many_features.ipynb::true_from:.1f`. (At 0.7 an even mixture of two
# features would count.) A feature may bring others along: a child always fires with its
# parent, an entity with its attributes. So a latent that points at the sum is as true
# as one that points at the feature's own direction, and counts.
#
# If shared latents are the real ones, the first column below should be near one and the
# second near zero.

# %%
truth = world_truth.truth_by_setting(world, true_from=TRUE_FROM)
base = world_truth.recovered(world, world.grid.base, true_from=TRUE_FROM)
record("recovered", base.share)

# %% tags=["hide-input"]
table(
    "truth",
    [{"SAE": n} | world_truth.truth_row(found) for n, found in truth.items()],
    caption="Is being shared a sign of being true? (world of features)",
)

# %% [markdown]
# The figure shows the first two columns with their intervals.

# %% tags=["hide-input"]
fig, ax = subplots(figsize=(7.0, 3.4))
figures.draw_truth(ax, truth)
figure(
    "fig-truth",
    fig,
    caption="How many shared latents, and how many orphans, are features of the world "
    "(intervals over latents).",
    alt="For each kind of SAE the share of true features among shared latents and "
    "among orphans, with intervals",
    data=figures.truth_data(truth),
)

# %% [markdown]
# In the published run most shared latents are true, and at the larger widths nearly
# all. Whether orphans are false depends on the width. Where the SAE is narrower than
# the world, many orphans are true features that the other seed happened to leave out;
# where it is wide enough, few are. "Orphan" means "not real" only for an SAE that has
# room for everything: one SAE of the base setting recovers
# {glue:text}`how_many_features.ipynb::recovered:.2f` of the features.
#
# Back to [the claim](seed_dependence.ipynb), or to
# [what "shared" means](seed_definitions.ipynb).
