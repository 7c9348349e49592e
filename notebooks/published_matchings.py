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
# (published-matchings)=
# # What do the published matchings say?
#
# The other pages train SAEs of their own. {cite:t}`paulo2025seeds` also published the
# raw material of their figures: for 77 pairs of SAEs, which latent of one goes with
# which of the other, by decoders and by encoders. Two questions can be asked of them
# that need no cosine and no weights. Do encoder and decoder give a latent the same
# partner? The paper reports it. And does a latent that goes from seed to seed come home
# again? The paper does not.
#
# After this page you can say why "found in all nine seeds" is not one fact but many.
#
# The arrays are in the [authors' repository](https://github.com/EleutherAI/sae_overlap)
# (Apache-2.0). The tables here were made from them, without unpickling anything, by
# `python -m saecore.claims.published_matchings.tables ARRAYS.npz`; this page runs
# nothing else.

# %% tags=["parameters", "hide-input"]
profile = "tiny"
world_seed = 0

# %% tags=["hide-input"]
import torch

from saecore.claims.published_matchings import figures
from saecore.claims.published_matchings.tables import stored
from saecore.measures.seeds.many_seeds import alone
from saecore.report import figure, published, record, settings, subplots, table

found = stored()
sweeps, nine = found["sweeps"], found["nine"]
settings(matchings=found["matchings"], pairs=nine["pairs"], latents=nine["latents"])
settings(triples=nine["triples"])

# %% [markdown]
# ## One partner or two?
#
# The paper solves two assignment problems for each pair of SAEs, one for decoder rows
# and one for encoder columns. Where both give latent $i$ the same partner, they
# **agree**. By chance one in as many latents would.

# %% tags=["hide-input"]
fig, axes = subplots(1, 2, figsize=(7.8, 3.3), sharey=True)
figures.draw_agreement(axes, sweeps)
figure(
    "fig-agreement",
    fig,
    caption="Share of latents to which encoder and decoder matchings give one partner: "
    "Pythia-160M, MLP outputs, TopK 32. First layer 6, then two widths. One pair of "
    "SAEs a point.",
    alt="First agreement falls from 1 at 32 latents to .70 at 131,072; then it is "
    "near .95 and .92 at all layers but the first, where it is .31 and .15",
    data=[row | {"sweep": name} for name, rows in sweeps.items() for row in rows],
    rtol=0,
)

# %% tags=["hide-input"]
others = ("k", "length", "model", "architecture (GPT-2)")
table(
    "other_pairs",
    [{"sweep": name} | row for name in others for row in sweeps[name]],
    rtol=0,
    caption="The same for the authors' other pairs, by their own names",
)

# %% [markdown]
# Agreement falls with width and with the number of active latents, and rises with
# training. At layer 0 it nearly vanishes. One ReLU pair (`standard_0.003`) agrees on a
# hundredth of its latents: the shares of such a pair are shares of arbitrary partners.
#
# ## Do they close?
#
# Nine seeds of one SAE were published, and all their pairs but one. Go from a latent of
# seed $r$ to its partner in $s$, and from there on to $t$. If features were things that
# an SAE finds or does not, we'd arrive where the matching of $r$ and $t$ leads directly.
# That is **triple consistency**,
#
# $$\frac{1}{m} \sum_i \left[\, p_{st}(p_{rs}(i)) = p_{rt}(i) \,\right],$$
#
# the mean over all {glue:text}`published_matchings.ipynb::triples:d` ordered triples of
# seeds with all their pairs.

# %%
agreement, decoders, encoders = (
    nine[name] for name in ("agreement", "closed by decoders", "closed by encoders")
)
record("agreement", agreement[0], rtol=0)
record("closed", decoders[0], rtol=0)
record("closed_encoders", encoders[0], rtol=0)
record("cubed", agreement[0] ** 3, rtol=0)

# %% tags=["hide-input"]
table(
    "nine_seeds",
    [
        dict(zip(("share", "low", "high"), values, strict=True), what=what)
        for what, values in (
            ("encoder and decoder agree", agreement),
            ("triangles of decoders close", decoders),
            ("triangles of encoders close", encoders),
        )
    ],
    rtol=0,
    caption="Nine seeds, 32,768 latents (95 % jackknife intervals over seeds)",
)

# %% [markdown]
# {glue:text}`published_matchings.ipynb::agreement:.0%` of the latents have one partner,
# and {glue:text}`published_matchings.ipynb::closed:.0%` of the triangles close. That is
# no contradiction: if each matching led astray independently for a fifth of the latents,
# {glue:text}`published_matchings.ipynb::agreement:.2f`³ =
# {glue:text}`published_matchings.ipynb::cubed:.2f` of the triangles would close. But
# then those on whose way all matchings agree should close nearly always.

# %% tags=["hide-input"]
fig, ax = subplots(figsize=(5.6, 3.4))
figures.draw_closings(ax, nine["closings"])
figure(
    "fig-closings",
    fig,
    caption="Triangles that close, by how many of their three matchings have encoder "
    "and decoder agree. Areas: the share of all triangles.",
    alt="Four marks that rise from .02 with no agreeing matching to .78 with three",
    data=nine["closings"],
    rtol=0,
)

# %%
record("all_agree", nine["closings"][3]["share"], rtol=0)
record("close_where_all_agree", nine["closings"][3]["closed"], rtol=0)

# %% [markdown]
# They do not. In {glue:text}`published_matchings.ipynb::all_agree:.0%` of the triangles
# all three agree, and of these
# {glue:text}`published_matchings.ipynb::close_where_all_agree:.0%` close. So encoder and
# decoder can agree on a partner that a third seed does not confirm. Agreement says that
# a pair was matched in one way; it does not say that the two latents are the same
# feature. Whoever counts features over many seeds must say which pairs count: those of
# a base seed, as the paper does, or groups in which all pairs agree.
#
# ## In how many seeds?

# %% tags=["hide-input"]
paper = published("seed_dependence")["nine_seeds"]
curve = alone(torch.tensor(paper["share"], dtype=torch.float64)).tolist()
fig, axes = subplots(1, 2, figsize=(7.8, 3.3))
figures.draw_alone(axes[0], curve, paper["alone"])
figures.draw_agrees_with(axes[1], nine["agrees with"])
figure(
    "fig-published-nine",
    fig,
    caption="First: latents of a base seed whose cosines exceed 0.7 in no other of so "
    "many SAEs, exact from the published histogram (line) and as published (circles). "
    "Then: with how many of eight other seeds a latent's matchings agree.",
    alt="First a curve that falls from 1 to .35 and runs through the circles, then "
    "bars that rise from nothing at 0 to .41 at 8",
    data={"SAEs": list(range(1, 10)), "alone": curve, "agrees": nine["agrees with"]},
    rtol=0,
)

# %%
gaps = [a - b for a, b in zip(curve[1:], paper["alone"], strict=True)]
record("largest_gap", max(map(abs, gaps)), rtol=0)
record("agrees_with_all", nine["agrees with"][-1], rtol=0)
record("agrees_with_none", nine["agrees with"][0], rtol=0)

# %% [markdown]
# The authors averaged twenty random draws of other seeds; the exact mean needs none,
# and differs by {glue:text}`published_matchings.ipynb::largest_gap:.3f` at most. By the
# cosine a third of the latents are in one seed alone. By agreement hardly any are
# ({glue:text}`published_matchings.ipynb::agrees_with_none:.1%`), and
# {glue:text}`published_matchings.ipynb::agrees_with_all:.0%` agree with all eight
# others. Most orphans of the paper do have a partner that encoder and decoder agree on.
# It is only not close enough, or not the same in every seed.
#
# ## What this page cannot tell
#
# * Cosines were not published with the matchings, so the shares of {doc}`the claim
#   <seed_dependence>` cannot be computed again from them.
# * Dead latents were matched too, to arbitrary partners. They neither agree nor close.
# * One pair of SAEs for each setting but the nine seeds; intervals are for these alone.
# * Seeds 1 and 2 were not matched with each other in what was published.
#
# ## Exercises
#
# ```{exercise} Level 3
# :label: ex-published-cubed
# Let each matching lead a latent to its true partner with probability $q$, and else to
# a random one. Which $q$ explains the triangles that close? Would it explain those that
# close where all three agree?
# ```
#
# ```{solution-start} ex-published-cubed
# :class: dropdown
# ```

# %% tags=["solution"]
record("exercise_q", decoders[0] ** (1 / 3), rtol=0)

# %% [markdown]
# ```{solution-end}
# ```
#
# $q^3$ of the triangles would close, so $q$ is the cube root, which is near the share
# that agrees. If agreement meant that a matching is true, triangles in which all three
# agree would all close.
