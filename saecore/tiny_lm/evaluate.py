"""Measure the small language model: losses against n-gram models, facts, swaps,
geometry, letters.

`evaluate` returns everything as plain numbers; they are shipped beside the model as
`evaluation.json`.
"""

import argparse
import json
import math
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Int
from numpy.typing import NDArray
from torch import Tensor

from saecore.source.model.generation import sample
from saecore.source.model.language_model import OpenModel, open_model
from saecore.source.tasks.answers import accuracy, graded, summed_answers, swap
from saecore.source.tasks.facts import (
    Facts,
    choices,
    named_subjects,
    person_subjects,
    prompt_of,
    prompts,
    read_facts,
    role_subjects,
)
from saecore.source.tasks.templates import TRAINED, UNSEEN, Task
from saecore.tiny_lm.corpus import TokenStream
from saecore.tiny_lm.evaluate_stream import letter_probes, participation_ratios
from saecore.tiny_lm.material import Material, prepare
from saecore.tiny_lm.model_card import model_card
from saecore.tiny_lm.ngrams import ngram_losses

WINDOW = 128
SWAPPED: tuple[Task, ...] = ("letter", "category", "country", "profession", "pronoun")
_TASKS: tuple[Task, ...] = (*SWAPPED, "ioi")


def evaluate(
    model: OpenModel,
    material: Material,
    *,
    facts: Facts,
    texts: int = 256,
    swapped: int = 200,
    seed: int = 0,
) -> dict[str, Any]:
    """All measurements of a model that was trained on `material`.

    `texts` are sampled for the geometry, `swapped` prompts taken of each template.
    """
    written = sample(
        model, texts, WINDOW, generator=torch.Generator().manual_seed(seed)
    )
    read = torch.cat(
        [_windows(stream, rows=24) for stream in material.held_out.values()]
    )
    return {
        "losses": {
            kind: held_out_losses(model, material, kind) for kind in material.held_out
        },
        "tasks": {
            task: task_accuracies(model, task, facts=facts, words=material.words)
            for task in _TASKS
        },
        "pronouns": pronoun_accuracies(model, facts=facts),
        "swaps": {
            task: answer_swaps(
                model, task, facts=facts, words=material.words, count=swapped
            )
            for task in SWAPPED
        },
        "participation_ratio": {
            "sampled_text": participation_ratios(model, written),
            "held_out_text": participation_ratios(model, read),
        },
        "letter_probe": letter_probes(
            model, [word for word in material.words if word.islower()]
        ),
    }


# Losses


def held_out_losses(
    model: OpenModel, material: Material, kind: str, *, count: int = 400
) -> dict[str, float]:
    """Cross-entropy of the model and of n-gram models on the same held-out tokens, nats
    per token.

    Scored are the first tokens of each document, as many as fit into a training window.
    """
    documents = _documents(material.held_out[kind], count=count)
    nats = sum(
        _nats(model, documents[i : i + 32]) for i in range(0, len(documents), 32)
    )
    tokens = sum(len(document) for document in documents)
    characters = sum(
        len(material.tokeniser.decode(document.tolist())) for document in documents
    )
    joined = np.concatenate([np.pad(document, (1, 0)) for document in documents])
    vocabulary = material.tokeniser.get_vocab_size()
    base = ngram_losses(
        material.train[kind].tokens, joined, vocabulary=vocabulary, skipped=0
    )
    bits = nats / math.log(2) / characters
    return {
        "model": nats / tokens,
        **base._asdict(),
        "bits_per_character": bits,
        "tokens": tokens,
    }


def _documents(stream: TokenStream, *, count: int) -> list[NDArray[np.uint16]]:
    """The first documents of a stream, without their end marks, each cut to a training
    window.
    """
    parts = np.split(stream.tokens, np.flatnonzero(stream.tokens == 0))
    return [part[1:WINDOW] for part in parts if len(part) > 1][:count]


def _nats(model: OpenModel, documents: Sequence[NDArray[np.uint16]]) -> float:
    """The total loss of documents, each after the end mark."""
    tokens = torch.zeros(len(documents), WINDOW, dtype=torch.int64)
    for row, document in zip(tokens, documents, strict=True):
        row[1 : len(document) + 1] = torch.from_numpy(document.astype(np.int64))
    logits = model.logits(tokens)[:, :-1].flatten(0, 1)
    expected = tokens[:, 1:].flatten()
    return torch.nn.functional.cross_entropy(
        logits, expected, reduction="sum", ignore_index=0
    ).item()


def _windows(stream: TokenStream, *, rows: int) -> Int[Tensor, "row pos"]:
    """The first windows of a stream, each with the end mark before it."""
    count = min(rows, len(stream.tokens) // (WINDOW - 1))
    if not count:
        raise ValueError(
            f"A held-out text must have {WINDOW - 1} tokens or more to be scored; this "
            f"one has {len(stream.tokens)}: give more text, or generate more lines."
        )
    tokens = stream.tokens[: count * (WINDOW - 1)].astype(np.int64).reshape(count, -1)
    return torch.from_numpy(np.pad(tokens, ((0, 0), (1, 0))))


# Facts


def task_accuracies(
    model: OpenModel, task: Task, *, facts: Facts, words: Sequence[str]
) -> dict[str, Any]:
    """Accuracies in trained and in unseen templates, and of each template by itself."""
    found: dict[str, Any] = {}
    for name, unseen in (("trained", False), ("unseen", True)):
        asked = prompts(task, unseen=unseen, words=words, facts=facts)
        grades, by_template = graded(model, asked), defaultdict(list)
        for prompt, right in zip(asked, grades.right.tolist(), strict=True):
            by_template[prompt.template].append(right)
        found[name] = summed_answers(grades, asked)._asdict()
        found[f"{name}_templates"] = {
            text: sum(rights) / len(rights) for text, rights in by_template.items()
        }
    return found


def pronoun_accuracies(
    model: OpenModel, *, facts: Facts
) -> dict[str, dict[str, float]]:
    """Accuracies of he and she after first names, names never taught, roles and
    persons.
    """
    groups = {
        "first names": named_subjects(facts.names),
        "unseen names": named_subjects(facts.unseen_names),
        "roles": role_subjects(facts),
        "persons": person_subjects(facts),
    }
    tables = {"trained": TRAINED["pronoun"], "unseen": UNSEEN["pronoun"]}
    options = choices("pronoun", facts)
    return {
        name: {
            table: accuracy(
                model,
                [
                    prompt_of(s, t, options=options, facts=facts)
                    for s in group
                    for t in templates
                ],
            ).right
            for table, templates in tables.items()
        }
        for name, group in groups.items()
    }


def answer_swaps(
    model: OpenModel,
    task: Task,
    *,
    facts: Facts,
    words: Sequence[str],
    count: int = 200,
) -> dict[str, dict[str, Any]]:
    """Interchange interventions: how often the answer follows the stream at the word,
    by layer, in trained and unseen templates.
    """
    found: dict[str, dict[str, Any]] = {}
    for name, templates in (("trained", TRAINED[task]), ("unseen", UNSEEN[task])):
        asked = [
            prompt
            for template in templates
            for prompt in prompts(
                task, template=template, words=words, facts=facts, count=count
            )
        ]
        rates = {layer: swap(model, asked, layer) for layer in range(model.n_layers)}
        found[name] = {str(layer): rate._asdict() for layer, rate in rates.items()}
    return found


# The command


def main(arguments: Sequence[str] | None = None) -> int:
    """Write `evaluation.json` and the model card into a folder that `train_lm`
    wrote.
    """
    parser = argparse.ArgumentParser(
        prog="python -m saecore.tiny_lm.evaluate", description=main.__doc__
    )
    parser.add_argument(
        "--model", type=Path, required=True, help="the folder that train-lm wrote"
    )
    parser.add_argument(
        "--stories",
        nargs="+",
        type=Path,
        default=[],
        help="the same files as in training",
    )
    parser.add_argument("--wordnet", type=Path, help="the same folder as in training")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    write_evaluation(given.model, stories=given.stories, wordnet=given.wordnet)
    return 0


def write_evaluation(
    folder: Path,
    *,
    stories: Sequence[Path],
    wordnet: Path | None,
    texts: int = 256,
    swapped: int = 200,
) -> dict[str, Any]:
    """Evaluate the model in `folder` on the held-out part of the texts that it was
    trained on.
    """
    training = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    recipe, facts, model = training["recipe"], read_facts(), open_model(folder)
    material = prepare(
        stories=stories,
        wordnet=wordnet,
        facts=facts,
        vocabulary=recipe["vocabulary"],
        lines=recipe["lines"],
        seed=recipe["seed"],
    )
    measured = evaluate(model, material, facts=facts, texts=texts, swapped=swapped)
    spelled = {
        "fingerprint": model.identity.fingerprint,
        "words_spelled": len(material.words),
    }
    found = {"training": training, **spelled, **measured}
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    card = model_card(
        found,
        config=config,
        parameters=sum(p.numel() for p in model.model.parameters()),
    )
    (folder / "evaluation.json").write_text(
        json.dumps(found, indent=1) + "\n", encoding="utf-8"
    )
    (folder / "README.md").write_text(card, encoding="utf-8")
    return found


if __name__ == "__main__":
    sys.exit(main())
