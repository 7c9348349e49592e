"""A planted case: three letters, SAEs that absorb known words, and a linear model.

Rows lie on axes: one per letter, one that splits A into halves, one for each of ten
words per letter that may be absorbed, and a few that all other words share. A is told
by two latents, B and C by one each. In every SAE some words, the more the wider and the
sparser it is, silence their letter's latent and have a latent of their own that carries
the letter, wholly or by half. C is not told for some of its words.
"""

from dataclasses import replace
from typing import Any

import torch

from saecore import profiles
from saecore.claims.absorption.grid import absorption_grid
from saecore.claims.absorption.headline import study_of
from saecore.claims.absorption.setting import Parents, Setting
from saecore.measures.probing.linear import linear_probes
from saecore.report import Claim
from saecore.source.tasks.facts import Prompt
from saecore.source.tasks.labelled_words import Labelled
from saecore.zoo.sae import SAE

NAMES, EACH, OWN = ("A", "B", "C"), 40, 10
HALVES, CHILD, SHARED, D = 3, 4, 34, 44
PROFILE = replace(profiles.read("tiny"), widths=(160, 640), seeds=3, few_seeds=3)
UNKNOWN, SCALE = 8, 4.0
"""Words of C without their letter; logits per unit of a letter's axis."""


class LinearMetric:
    """g[letter] = SCALE * <row, letter>, so that effects are known."""

    def __init__(self, rows, answers):
        self.rows, self.answers = rows, answers
        self.clean = self(rows, torch.arange(len(rows)))

    def logits(self, vectors, prompt):
        return SCALE * vectors[:, : len(NAMES)]

    def __call__(self, vectors, prompt):
        logits = self.logits(vectors, prompt)
        own = logits.gather(1, self.answers[prompt, None])[:, 0]
        return own - (logits.sum(1) - own) / (len(NAMES) - 1)


def word_rows():
    """Rows [word, D] and the letter of each word."""
    random = torch.Generator().manual_seed(0)
    letter = torch.arange(len(NAMES)).repeat_interleave(EACH)
    rows = torch.zeros(len(letter), D)
    rows[torch.arange(len(letter)), letter] = 1.0
    rows[-UNKNOWN:, 2] = 0.0
    rows[:EACH, HALVES] = torch.tensor([1.0, -1.0]).repeat(EACH // 2)
    for word in range(len(letter)):
        place = word % EACH
        if place < OWN:
            rows[word, CHILD + OWN * int(letter[word]) + place] = 1.0
        else:
            rows[word, SHARED:] = 0.3 * torch.randn(D - SHARED, generator=random)
    return rows, letter


def letters():
    """The words with probes and the linear metric."""
    rows, letter = word_rows()
    words = [f"{NAMES[i]}{n}" for n, i in enumerate(letter.tolist())]
    prompts = [
        Prompt("", word, NAMES[i], NAMES, "", "")
        for word, i in zip(words, letter.tolist(), strict=True)
    ]
    labels = torch.nn.functional.one_hot(letter, len(NAMES)).bool()
    metric: Any = LinearMetric(rows, letter)
    probes = linear_probes(rows, labels)
    return Parents(Labelled(prompts, NAMES, labels), probes, metric)


def absorbed_of(recipe):
    """The words of each letter that an SAE absorbs: places among those that may be.

    One with a frozen half absorbs one word.
    """
    widths = sorted(PROFILE.widths)
    if recipe.architecture == "matryoshka":
        return [[0], [0], [0]]
    if recipe.frozen:
        return [[0], [], []]
    few = 2 + 2 * widths.index(recipe.width) + {4: 2, 8: 0, 16: -1}[int(recipe.k)]
    count = [min(OWN, few + more + recipe.seed % 2) for more in (0, 3, 0)]
    return [[(recipe.seed + n) % OWN for n in range(some)] for some in count]


def planted_sae(recipe):
    """Latents: two of A, one of B, one of C, then one for each absorbed word.

    A latent of a word carries the letter by half where the word's place is odd.
    """
    own = absorbed_of(recipe)
    encoder, decoder, bias = [], [], []

    def latent(enc, dec, b):
        encoder.append(enc)
        decoder.append(dec)
        bias.append(b)

    axes = torch.eye(D)
    silenced = [
        sum((3 * axes[CHILD + OWN * i + n] for n in places), torch.zeros(D))
        for i, places in enumerate(own)
    ]
    latent(axes[0] + axes[HALVES] - silenced[0], axes[0] + axes[HALVES], -1.0)
    latent(axes[0] - axes[HALVES] - silenced[0], axes[0] - axes[HALVES], -1.0)
    for i in (1, 2):
        random = torch.Generator().manual_seed(recipe.seed)
        noise = torch.zeros(D)
        noise[SHARED:] = 0.04 * int(recipe.k) / 4 * torch.randn(10, generator=random)
        latent(axes[i] + noise - silenced[i], axes[i], -0.2)
    for i, places in enumerate(own):
        for n in places:
            word = axes[CHILD + OWN * i + n]
            latent(2 * word, word + axes[i] * (0.5 if n % 2 else 1.0), -1.0)
    width = len(encoder)
    return SAE(
        {"architecture": "standard", "d_in": D, "d_sae": width},
        {
            "W_enc": torch.stack(encoder, 1),
            "W_dec": torch.stack(decoder),
            "b_enc": torch.tensor(bias),
            "b_dec": torch.zeros(D),
        },
    )


LETTERS = letters()


class PlantedZoo:
    """Gives planted SAEs, and random ones for those before training."""

    def get(self, recipe):
        return planted_sae(recipe)

    def untrained(self, recipe):
        sae = planted_sae(recipe)
        random = torch.Generator().manual_seed(recipe.seed)
        weight = torch.randn(D, sae.width, generator=random)
        rows = torch.nn.functional.normalize(weight.T, dim=1)
        return SAE(dict(sae.cfg), sae.weights | {"W_enc": weight, "W_dec": rows})


def planted_setting(**constants):
    """The claim on the planted case, with some constants moved."""
    claim = Claim.read("absorption").moved(**constants)
    grid = absorption_grid(PROFILE)
    zoo: Any = PlantedZoo()
    model: Any = None
    return Setting(zoo, PROFILE, model, claim, grid, LETTERS)


def planted_study(**constants):
    """The study of the planted case."""
    return study_of(planted_setting(**constants))
