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
# (explaining-details)=
# # More about explanations: other scores, known labels, and a judge
#
# The [page on explanations](interpretability.ipynb) scores rules by how well they
# predict activations. This one looks at them from four other sides: scores that ask
# for less, labels that are known, which latents score high, and a language model of
# your choice in place of the rules.

# %% tags=["parameters", "hide-input"]
profile = "tiny"
world_seed = 0
# see "Ask a language model"
judge_url, judge_model, judge_key = "", "", "OPENAI_API_KEY"
judge_confirm = False

# %% tags=["hide-input"]
from saecore.claims import sites
from saecore.claims.interpretability import details, explainer
from saecore.claims.interpretability.compared import compared_bases
from saecore.claims.interpretability.sections import sentences
from saecore.judge import chat, judge
from saecore.measures.explaining import detection_fuzzing, scores
from saecore.report import (
    Claim,
    published,
    record,
    settings,
    show_source,
    table,
    tolerance,
)

tolerance(rtol=0.045, atol=0.02)
zoo, subject = sites.opened(profile, world_seed)
reader = explainer.explainer(zoo, subject, Claim.read("interpretability"))
compared = compared_bases(zoo, subject)
level = reader.claim.constants["confidence"]

# %% [markdown]
# ## Two scores that ask for less
#
# The simulation score asks for numbers at every token. Two scores of
# {cite:t}`paulo2024millions` ask for less. *Detection*: does the latent fire somewhere in this
# fragment? *Fuzzing*: some tokens are marked; are these the tokens where it fires? Both
# are shares of right answers on as many right cases as wrong ones, so chance is one
# half.

# %% tags=["hide-input"]
show_source(detection_fuzzing.detection_score)

# %% [markdown]
# The other bases keep their top k components here. Without that they fire in every
# fragment, and detection is not defined for them.

# %% tags=["hide-input"]
asked_less = details.less_asked(reader, compared)
columns = ("simulation", "detection", "fuzzing", "everywhere", "fires on")
table(
    "asked_less",
    [
        {"dictionary": name} | {column: one.columns()[column] for column in columns}
        for name, one in asked_less.items()
    ],
    caption="Simulation beside scores that ask for less. Everywhere: the correlation "
    "over all of the other half of the texts; fires on: share of positions",
)

# %% [markdown]
# *Everywhere* has no small-sample noise and is lower, as rules do best on the strongest
# fragments. How far does the SAE lead in the other two?

# %% tags=["hide-input"]
several = list(asked_less.values())
of_base, others = several[: len(compared.base)], several[len(compared.base) :]
sentences.say_less_asked(of_base, others, level=level)

# %% [markdown]
# ## The true version: which latent knows an attribute?
#
# The labels of tokens are known here. So explanations can be left out: for each latent
# the label that it tells best, and for each label the latent that tells it best, by F1
# of "the latent fires". The best of many is flattered by chance, so pairs are chosen on
# one half of the fragments and judged on the other. The null has the labels shuffled,
# and chooses in the same way.

# %% tags=["hide-input"]
known = details.known_attributes(reader, compared, subject)
labels = len(next(iter(known.values())).true.of_labels.f1)
rows = [{"dictionary": name} | one.columns() for name, one in known.items()]
supervised = details.told_by_supervision(reader)
table(
    "attributes",
    rows + [{"dictionary": name} | row for name, row in supervised.items()],
    caption=f"{labels} labels of tokens and single latents, judged on the other half; "
    "the last two rows are directions that were told each label",
)
of_seeds = list(known.values())[: len(compared.base)]
sentences.say_supervised(of_seeds, supervised, level=level)

# %% [markdown]
# The first number is coverage: how well the best of all latents tells a label. The
# supervised rows are the difference of mean rows with and without the label, and a
# linear probe, with thresholds from the first half; a latent has no threshold, and was
# told nothing. {cite:t}`wu2025axbench` find that SAEs of larger models do not reach
# such baselines. The other direction asks whether a latent stands for one of our
# labels. Where that is low, most latents stand for none of our few labels; a latent
# that fires often meets a frequent label by chance, as the null shows. The labels are
# ours. A latent for something that we did not label looks like a latent for nothing.
#
# ## Which latents score high?
#
# The paper correlates the score with moments of a latent's activations. The same for
# the base, over its seeds; and with the *token entropy* of {cite:t}`heap2025random`: how
# far a latent's activation is spread over tokens, nothing if it fires at one token.

# %% tags=["hide-input"]
paper = published("interpretability")["moments"]
correlations = details.score_and_moments(reader, compared, of_base)
table(
    "moments",
    [
        {"moment": name, "correlation": one.estimate, "low": one.low, "high": one.high}
        | {"paper": paper.get(name)}
        for name, one in correlations.items()
    ],
    caption="Correlation of the score with moments of the activation; "
    + paper["place"],
)

# %% [markdown]
# A latent with a large skew or kurtosis is one that is mostly silent and sometimes
# strong. A correlation whose interval holds zero has no sign that can be told from so
# few seeds.

# %% tags=["hide-input"]
sentences.say_moments(correlations)

# %% [markdown]
# ## Ask a language model
#
# A rule is a poor reader: it knows tokens, and nothing of what they mean together. So
# the same questions can be put to a language model behind any OpenAI-compatible
# endpoint, one that runs on your own machine, say. It gets the paper's task. It sees
# the top fragments of one half, writes an explanation, and predicts the top and random
# fragments of the other half.

# %%
asked = details.asked_of_judge(reader, compared.base[0], number=5)
endpoint = chat.Endpoint(
    judge_url or "http://localhost:11434/v1", judge_model, key_variable=judge_key
)
someone = judge.Judge(endpoint)
cost = someone.cost(asked.questions)
settings(judged_latents=len(asked.questions))
record("judge_requests", cost.requests)
record("judge_tokens_in", cost.tokens_in)
record("judge_tokens_out", cost.tokens_out)

# %% [markdown]
# Nothing is sent in the default run. For
# {glue:text}`explaining_details.ipynb::judged_latents:d` latents there would be
# {glue:text}`explaining_details.ipynb::judge_requests:.0f` requests, with about
# {glue:text}`explaining_details.ipynb::judge_tokens_in:,.0f` tokens, and
# {glue:text}`explaining_details.ipynb::judge_tokens_out:,.0f` tokens at most would come
# back.
#
# To ask, set `judge_url` and `judge_model` at the top of the notebook, name the
# environment variable that holds your key (or `""`), look at the cost, and run it again
# with `judge_confirm = True`. The scores then stand beside those of the rules:

# %%
if judge_url and judge_confirm:
    said = someone.judged(asked.questions, confirm=True)
    table("judged", details.judged_rows(asked, said, rules_of=of_base[0]))

# %% [markdown]
# The judge's predictions are scored as those of rules, by the correlation over the same
# kind of fragments.

# %% tags=["hide-input"]
show_source(scores.simulation)
