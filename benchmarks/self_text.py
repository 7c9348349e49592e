"""Is text that the small language model samples as good for SAEs as the text it was
trained on?

    python benchmarks/self_text.py --stories FILE... --wordnet DIR [--out
    saecore/tiny/self_text.json]

Needs the training texts, which the project does not ship, so its result is shipped
beside the model. Rows of the site (layer 1) from two disjoint draws of real text, from
sampled text at temperatures 1 and 0.8, and from real text with its tokens shuffled are
compared with the first draw; an SAE trained on each is judged on the same held-out real
text.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from saecore.measures.dictionary.fidelity import fvu
from saecore.measures.dictionary.geometry import participation_ratio
from saecore.profiles import TINY
from saecore.recipes.sae import SAERecipe
from saecore.source.model.generation import sample
from saecore.source.model.language_model import OpenModel, open_model
from saecore.source.model.texts import SampledText
from saecore.source.site import Site
from saecore.source.tasks.facts import read_facts
from saecore.tiny_lm import corpus
from saecore.tiny_lm.corpus import TokenStream
from saecore.tiny_lm.material import Material, prepare
from saecore.training.trainer import split, train
from saecore.zoo.artefact_kinds import cfg_of
from saecore.zoo.sae import SAE

LAYER = 1
LENGTH = 128


def real_text(
    streams: Mapping[str, TokenStream],
    mixture: Mapping[str, float],
    *,
    sequences: int,
    seed: int,
) -> Tensor:
    """Windows of the training mixture."""
    random = np.random.default_rng(seed)
    kinds = [kind for kind in mixture if kind in streams]
    shares = np.array([mixture[kind] for kind in kinds])
    counts = random.multinomial(sequences, shares / shares.sum())
    rows = [
        corpus.windows(streams[kind], rows=int(count), length=LENGTH, random=random)
        for kind, count in zip(kinds, counts, strict=True)
        if count
    ]
    return torch.from_numpy(np.concatenate(rows))


def texts(
    model: OpenModel, material: Material, mixture: Mapping[str, float], sequences: int
) -> dict[str, Tensor]:
    """The texts that are compared, by name; the first is the reference."""
    real = [
        real_text(material.train, mixture, sequences=sequences, seed=seed)
        for seed in (1, 2)
    ]
    shuffled = real[0].clone()
    body = shuffled[:, 1:].reshape(-1)
    shuffled[:, 1:] = body[
        torch.randperm(len(body), generator=torch.Generator().manual_seed(3))
    ].view_as(shuffled[:, 1:])
    sampled = {
        f"sampled, temperature {t:g}": sample(
            model,
            sequences,
            LENGTH,
            temperature=t,
            generator=torch.Generator().manual_seed(4),
        )
        for t in (1.0, 0.8)
    }
    return {
        "real": real[0],
        "real, another draw": real[1],
        **sampled,
        "real, tokens shuffled": shuffled,
    }


def compared(rows: Tensor, reference: Tensor) -> dict[str, float]:
    """How the rows' mean, variance and main directions differ from the reference's."""
    x, y = rows.double(), reference.double()
    cx, cy = torch.cov(x.T), torch.cov(y.T)
    top = torch.linalg.eigh(cy).eigenvectors[:, -20:]
    return {
        "mean shift / rms": float((x.mean(0) - y.mean(0)).norm() / cy.trace().sqrt()),
        "participation ratio": participation_ratio(rows),
        "variance / reference": float(cx.trace() / cy.trace()),
        "in the reference's top 20": float((top.T @ cx @ top).trace() / cx.trace()),
    }


def sae_fvu(rows: Tensor, judged: Tensor, site: Site) -> float:
    """FVU on `judged` of a TopK SAE (width 640, k = 8, a million rows) that was trained
    on `rows`.
    """
    recipe = SAERecipe(site=site, architecture="topk", width=640, k=8, rows=1_000_000)
    trained = train(recipe, [0], split(rows))[0]
    sae = SAE(cfg_of(recipe, rows.shape[1]), trained.weights)
    return fvu(judged, sae.decode(sae.encode(judged)))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stories", nargs="+", type=Path, required=True)
    parser.add_argument("--wordnet", type=Path, required=True)
    parser.add_argument("--sequences", type=int, default=1024)
    parser.add_argument("--out", type=Path, default=TINY / "self_text.json")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    model = open_model(TINY)
    recipe = json.loads((TINY / "training.json").read_text())["recipe"]
    material = prepare(
        stories=given.stories,
        wordnet=given.wordnet,
        facts=read_facts(),
        vocabulary=recipe["vocabulary"],
        lines=recipe["lines"],
        seed=recipe["seed"],
    )
    site = Site(SampledText(model.identity), layer=LAYER)
    held = real_text(material.held_out, recipe["mixture"], sequences=256, seed=5)
    rows = {
        name: model.read(text, [LAYER])[LAYER][:, 1:].reshape(-1, model.d_model)
        for name, text in (
            texts(model, material, recipe["mixture"], given.sequences)
            | {"held out": held}
        ).items()
    }
    judged, reference = rows.pop("held out"), rows["real"]
    found = []
    for name, x in rows.items():
        found.append(
            {"rows from": name}
            | compared(x, reference)
            | {"SAE's FVU on held-out real text": sae_fvu(x, judged, site)}
        )
        print(found[-1], flush=True)
    given.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
