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
# (attribute-edit)=
# # Einstein: attributes and edits
#
# **The claim.** The authors of the meta-SAEs write in a post of August 2024: "We
# demonstrate that meta-latents allow for more precise causal interventions on model
# behavior than SAE latents on a targeted knowledge editing task."

# %% tags=["parameters", "hide-input"]
profile = "tiny"
world_seed = 0

# %% tags=["hide-input"]
from saecore.claims import sites
from saecore.claims.attribute_edit import (
    entity_edits,
    figures,
    person_edits,
    shares,
    study,
)
from saecore.claims.non_atomicity.entities import bundles
from saecore.measures.meta import attribute_swaps
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
from saecore.report.judging.real_model import gate_rows, real_model

# %% tags=["hide-input"]
tolerance(rtol=0.045, atol=0.03)
zoo, subject = sites.opened(profile, world_seed)
found = study(zoo, subject)
numbers, level = found.numbers["model"], found.claim.constants["confidence"]
conclusion = found.claim.conclude(
    profile=profile, world_seed=world_seed, numbers=numbers
)

# %% [markdown]
# {cite:t}`bussmann2024meta` show one case: rebuilt from other meta-latents, the decoder
# row of "Tokyo" makes the model say that people there speak French, while the city
# stays in Japan. Here every attribute is exchanged for many pairs of people, beside
# random meta-latents, and success is counted as a share of what exchanging the *whole*
# decoder row achieves. If not even that turns an answer, the latent does not carry the
# attribute, and nothing can be said of its parts.

# %% tags=["hide-input"]
edited = {"persons (language model)": found.persons.names.edits}
edited["entities (world)"] = found.entities.edits
by = {name: shares.by_attribute(one, level=level) for name, one in edited.items()}
fig, axes = subplots(1, 2, figsize=(10, 3.8))
for ax, (name, one) in zip(axes, by.items(), strict=True):
    figures.draw_success(ax, one, name)
axes[0].set_ylabel("turned, as a share of the whole row's")
axes[0].legend(loc="lower left", bbox_to_anchor=(0, 1.08), ncols=3, fontsize=9)
figure(
    "fig-edits",
    fig,
    caption="Success of edits over that of the whole row (dashed), by attribute.",
    alt="Two panels: for each attribute the edit of its own "
    "meta-latents lies above that "
    "of as many others, and both lie far below that of all meta-latents",
    data=[
        {"subject": name} | row
        for name, one in by.items()
        for row in shares.figure_rows(one)
    ],
)

# %% [markdown]
# The same rule in the [world of features](subjects.ipynb), where an entity *is* a
# bundle of attributes:

# %% tags=["hide-input"]
in_world = found.claim.conclude(
    profile="world", world_seed=world_seed, numbers=found.numbers["world"]
)

# %% [markdown]
# ```{include} ../_generated/teaching/attribute_edit-box.md
# ```
#
# ## Which latent is a person's?
#
# The small language model was taught the country, the profession and the gender of
# {glue:text}`attribute_edit.ipynb::all_people:d` famous people, and answers questions
# about them ([the two subjects](subjects.ipynb)). A person's latent is the one with the
# best F1 on half of the question templates; the person *has* a latent if F1 is above
# {glue:text}`attribute_edit.ipynb::f1:.1f` on the other half.
#
# Two kinds of SAE were tried: SAEs of all tokens of sampled text, and SAEs trained at
# persons' names alone, with {glue:text}`attribute_edit.ipynb::person_k:d` active
# latents.

# %%
about, names = found.persons.about, found.persons.names
model = found.persons.model
text = person_edits.person_edits(model, about, model.grid.base, ways=("row",))
settings(person_k=model.grid.names[0].sae.k, all_people=len(about.persons))
settings(f1=found.claim.constants["f1"])
table(
    "latents",
    person_edits.latent_rows(about, {"text": text, "names": names}),
    caption="Latents of people, and whether the whole row carries an answer",
)

# %% tags=["hide-input"]
whole = shares.over_entities(text.edits.table("row", "turned"), level=level)
told(
    whole,
    above=0.5,
    holds="**The SAEs of text would do as well:** whole rows turn {number} there.",
    fails="**The SAEs of text are no test:** whole rows turn {number} there, so their "
    "parts can show nothing. These SAEs have taken Einstein apart already.",
    undecided="**Whether the SAEs of text are a test** cannot be told: {number}.",
)

# %% [markdown]
# So the rule names the SAEs of names. Their width and k were chosen on an earlier
# build, among two widths and k of 2, 4 and 8; with larger k more latents carried an
# answer together, and the edit hardly worked. That is why the third world seed, and not
# this page, is to judge.
#
# ## How an edit is made
#
# Half of the people decide which meta-latents stand for an attribute; pairs of the
# *other* half exchange them. So nobody is edited by a choice that was fitted to them.

# %% tags=["hide-input"]
show_source(attribute_swaps.exchanges, docstring=False)

# %% [markdown]
# (The post rebuilds the row from its meta-latents and scales it to norm 1; we add the
# exchanged part to the row as it is, and leave the meta-SAE's error where it was.)
#
# ## What an edit does

# %%
known = {name: number for name, number in numbers.items() if number is not None}
for name, (value, *ends) in known.items():
    record(name, value, interval=tuple(ends))

# %%
table(
    "edits",
    shares.edit_rows({"SAE of names": names.edits, "no SAE": found.persons.means}),
    caption="Share of answers that turn to the other person's, and of "
    "the other answers "
    "that stay (mean over seeds)",
)

# %% tags=["hide-input"]
if "success_excess" in known:
    told(
        known["success_excess"],
        above=0,
        holds="**The attribute's own meta-latents turn it more often** than as many "
        "others do, by {number} of the ceiling.",
        fails="**The attribute's own meta-latents turn it no more often** than others: "
        "{number} of the ceiling.",
        undecided="**Whether the attribute's own meta-latents turn it more "
        "often** than "
        "others cannot be told: {number} of the ceiling.",
    )
if "precision_excess" in known:
    told(
        known["precision_excess"],
        above=0,
        holds="**The edit is more precise** than exchanging the latent: of the answers "
        "that turned, it left the others alone more often, by {number}.",
        fails="**The edit is not more precise** than exchanging the latent: {number}.",
        undecided="**Whether the edit is more precise** cannot be told: {number}.",
    )

# %% [markdown]
# An edit that does little is easily precise. So compare rows of the table that turn
# about as many answers: half of the whole row is the simplest such edit.
#
# ## Does it need the SAE?
#
# With one latent for each name, a meta-SAE takes apart little more than the *mean row
# of each name*. The control does that without any SAE: the mean row of each person,
# taken apart by the same kind of meta-SAE (trained for a quarter as long, as there are
# fewer rows), its parts exchanged in the same pairs.

# %% tags=["hide-input"]
if "means_excess" in known:
    told(
        known["means_excess"],
        above=0,
        holds="**The SAE helps:** edits succeed more often with it, by {number}.",
        fails="**The SAE does not help:** edits succeed as often without it: {number}.",
        undecided="**Whether the SAE helps cannot be told:** the difference is "
        "{number}.",
    )

# %% [markdown]
# ## One person in full
#
# "Stands for" is the attribute that the other half of the people gives the meta-latent;
# "alike" says how many of its other users share the person's value of it. The last
# column is blind: the people whose latents use it most.

# %%
table(
    "hero",
    person_edits.taken_person(about, names, "Einstein"),
    rtol=0.04,
    atol=0.05,
    caption="One person's latent taken apart (SAE of names, first seed)",
)

# %% [markdown]
# Read the column "alike" before the story. In this build some parts are what one hopes
# for, users from one country; others "stand for" an attribute although few of their
# users share Einstein's value, and one is used by people who have nothing in common
# with him. The labels are statistics over all values of an attribute; a name for a part
# would need more.
#
# ## Against the truth: entities in the world
#
# The "name" of an entity is the bundle itself; the "answer" is the attribute whose
# direction has the largest product with it after the edit. The rule is put to TopK
# SAEs, as on the language model. In ReLU SAEs the penalty shrinks latents, so that the
# whole row turns less.

# %%
true = bundles(found.world)
relu = entity_edits.entity_edits(found.world, true, "relu")
by_kind = {"TopK": found.entities, "ReLU": relu}
table(
    "world_latents",
    entity_edits.entity_rows({"topk": found.entities, "relu": relu}),
    caption="Entities of the world with a latent of their own (mean over seeds)",
)
table(
    "world_edits",
    shares.edit_rows({kind: one.edits for kind, one in by_kind.items()}),
    caption="Entities of the world: attributes exchanged (mean over seeds)",
)

# %% [markdown]
# ## On a real model
#
# SmolLM2-135M is not asked. It [answers after worked examples](subjects.ipynb), and
# what it does not know no latent can carry, nor an edit move:

# %% tags=["hide-input"]
real = real_model("attribute_edit")
gates = {row["task"]: row for row in gate_rows(real)}
record("real_country", gates["country"]["right"], rtol=0)
record("real_profession", gates["profession"]["right"], rtol=0)

# %% [markdown]
# Of the questions where a person came from it gets
# {glue:text}`attribute_edit.ipynb::real_country:.2f` right, of those on professions
# {glue:text}`attribute_edit.ipynb::real_profession:.2f`. Seven of ten were asked for.
# The post edited a latent of a far larger model.
#
# ## What this page cannot tell
#
# * The model is small and was taught these facts in a few dozen templates; its
#   questions differ in one word.
# * Which SAE is asked decides a lot: SAEs of names were made for this test. In a large
#   SAE of text, as in the post, an entity may or may not have a latent that carries its
#   facts. The ceiling says which.
# * Meta-latents are chosen by labels. The post enumerated all subsets and showed those
#   that worked.
#
# ## Exercises
#
# Levels go from 1 (read) to 4 (experiment). The notebook that Colab opens has no
# solutions, and a cell for each answer that says whether it is right, and if not, which
# usual mistake it is.
#
# ```{exercise} Level 1
# :label: ex-edit-predict
# Predict before you run the page: of the answers that turn when the *whole* decoder row
# of a person is exchanged for another person's, which share turns when only the
# attribute's own meta-latents are exchanged?
# ```
#
# ```{hint}
# :class: dropdown
# As many other meta-latents are the null, all of them the upper end.
# ```
#
# ```{solution-start} ex-edit-predict
# :class: dropdown
# ```

# %% tags=["solution"]
if "success" in known:
    record(
        "ex-edit-predict",
        known["success"],
        mistakes={
            "what as many other meta-latents turn, the null": known["success_null"][0],
            "what the whole row turns, the ceiling": known["whole"][0],
        },
    )

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} Level 2
# :label: ex-edit-hand
# By hand: forty pairs of people. Exchanging the whole row turns the answer in thirty,
# exchanging the attribute's meta-latents in seven, as many others in one. What is the
# *success* of the edit beyond its null?
# ```
#
# ```{hint}
# :class: dropdown
# Both are shares of the ceiling.
# ```
#
# ```{solution-start} ex-edit-hand
# :class: dropdown
# ```

# %% tags=["solution"]
pairs, turned_by_row, turned_by_own, turned_by_others = 40, 30, 7, 1
beyond = (turned_by_own - turned_by_others) / turned_by_row
record(
    "ex-edit-hand",
    beyond,
    rtol=0.01,
    atol=0,
    mistakes={
        "the success, beside no null": turned_by_own / turned_by_row,
        "a share of all pairs, also of those that no row turns": (
            turned_by_own - turned_by_others
        )
        / pairs,
        "the ratio of the two edits": turned_by_others / turned_by_own,
    },
)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} Level 2
# :label: ex-edit-null
# In the table of edits (SAE of names): how many percentage points more countries does
# the attribute's own edit turn than as many other meta-latents? Give a share.
# ```
#
# ```{hint}
# :class: dropdown
# Two rows of the same column. No ceiling is asked for.
# ```
#
# ```{solution-start} ex-edit-null
# :class: dropdown
# ```

# %% tags=["solution"]
compared = shares.edit_rows(
    {"SAE of names": names.edits, "no SAE": found.persons.means}
)
row_of = {(row["rows of"], row["exchanged"]): row for row in compared}
own, others, row, half = (
    row_of["SAE of names", words]
    for words in (
        "meta-latents of the attribute",
        "as many others",
        "the whole row",
        "half of the row",
    )
)
if "success_excess" in known:
    turned = own["country turned"] - others["country turned"]
    record(
        "ex-edit-null",
        turned,
        atol=0.003,
        mistakes={
            "what the edit turns, beside no null": own["country turned"],
            "the same as a share of what the whole row turns": turned
            / row["country turned"],
            "the difference from the whole row, which is the ceiling": own[
                "country turned"
            ]
            - row["country turned"],
        },
    )

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} Level 3
# :label: ex-edit-little
# An edit that does little is easily precise. Half of the whole row turns about as many
# answers as the attribute's own meta-latents do. How much more often do the latter
# leave the other answers alone, of the answers that turned?
# ```
#
# ```{hint}
# :class: dropdown
# The last column of the table of edits.
# ```
#
# ```{solution-start} ex-edit-little
# :class: dropdown
# ```

# %% tags=["solution"]
if "precision_excess" in known:
    name = "kept, if it turned"
    record(
        "ex-edit-little",
        own[name] - half[name],
        atol=0.01,
        mistakes={
            "the difference from the whole row, which turns far more": own[name]
            - row[name],
            "the precision, beside nothing": own[name],
            "the difference over all answers, turned or not": own["others kept"]
            - half["others kept"],
        },
    )

# %% [markdown]
# The lead beside the whole row mixes two things: which parts are exchanged, and how
# much is.
#
# ```{solution-end}
# ```
#
# ```{exercise} Level 4
# :label: ex-edit-without
# Is an SAE needed? The mean row of each name is taken apart in the same way. By how
# much is the success with the SAE larger than without it?
# ```
#
# ```{hint}
# :class: dropdown
# Each success is a share of its own ceiling, and the ceilings differ. `known` has all
# four numbers.
# ```
#
# ```{solution-start} ex-edit-without
# :class: dropdown
# ```

# %% tags=["solution"]
if "means_excess" in known:
    by_sae, by_means = known["success"][0], known["success_means"][0]
    raw = by_sae * known["whole"][0] - by_means * known["whole_means"][0]
    record(
        "ex-edit-without",
        known["means_excess"],
        atol=0.005,
        mistakes={
            "the difference in answers turned, not in shares of each ceiling": raw,
            "the success without an SAE": by_means,
            "the success with the SAE": by_sae,
        },
    )

# %% [markdown]
# The interval says whether the sign is known. An edit that works without an SAE says
# nothing about SAEs.
#
# ```{solution-end}
# ```
#
# ## Questions
#
# ```{include} ../_generated/teaching/attribute_edit-questions.md
# ```
