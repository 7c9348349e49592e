"""Further controls, beside those of the verdict: explainers that see few fragments, and
a language model that has learnt nothing, as it is and at single words.
"""

import torch

from saecore.claims.absorption.grid import absorption_grid, untrained_words
from saecore.claims.interpretability.explainer import Explainer
from saecore.claims.interpretability.grid import untrained_saes
from saecore.claims.interpretability.headline import Study
from saecore.claims.sites import asked_words
from saecore.measures.explaining.fragments import LENGTH, Fragments
from saecore.measures.explaining.interpretability import Autointerp
from saecore.source.tasks.words import AskedWords, asked

SENTENCES = 320
"""Fragments of `LENGTH` asked words each, that stand for fragments of a text."""


def score_controls(study: Study) -> dict[str, Autointerp]:
    """Simulation scores with few fragments, of coordinates of an untrained language
    model of the same shape that reads the same texts, and of SAEs of both models at
    asked words.

    Few fragments are those that the paper's explainer sees, and as many random ones.
    """
    explained, compared = study.explainer.explained, study.compared
    few = {
        "base, few fragments": explained(compared.base[0], few_shot=True),
        "ICA, few fragments": explained(compared.bases["ICA"][0], few_shot=True),
    }
    blank = untrained_saes(study.profile, study.zoo)[0]
    (rows,) = study.explainer.rows_of(blank.site).values()
    plain = explained(compared.bases["coordinates"][0], rows=rows)
    return few | {"coordinates of an untrained model": plain} | at_asked_words(study)


def at_asked_words(study: Study) -> dict[str, Autointerp]:
    """Simulation scores at single words in a few fixed sentences, of a trained and of
    an untrained model; none where the model has too few of the words as tokens. There
    are no other words: most of these rows were trained on.
    """
    pair = {
        "trained": absorption_grid(study.profile).moderate[0],
        "untrained": untrained_words(study.profile, study.zoo)[0],
    }
    words = fragments_at_words(study.explainer, asked_words(study.profile))
    if words is None:
        return {}
    found = {}
    for name, recipe in pair.items():
        rows = study.zoo.get(recipe.site)[: words.row.numel()]
        found[f"at words, {name} model"] = study.explainer.explained(
            study.zoo.get(recipe), rows=rows, fragments=words
        )
    return found


def fragments_at_words(explainer: Explainer, source: AskedWords) -> Fragments | None:
    """Fragments made of the first asked words of a source, every other one to fit on;
    None where there are too few words.
    """
    wanted = SENTENCES * LENGTH
    words = asked(source, explainer.model)[:wanted]
    if len(words) < wanted:
        return None
    ids = [explainer.model.encode(one.before) for one in words]
    token, previous = ([i[place] for i in ids] for place in (-1, -2))
    place = [len(i) - 1 for i in ids]
    shape = (SENTENCES, LENGTH)
    return Fragments(
        *(torch.tensor(part).view(shape) for part in (token, previous, place)),
        row=torch.arange(wanted).view(shape),
        fitting=torch.arange(SENTENCES) % 2 == 0,
    )
