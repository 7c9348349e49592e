"""The model card of the small language model, written from its training record and its
evaluation.
"""

from collections.abc import Mapping, Sequence
from typing import Any

_HEAD = """\
---
license: mit
language: en
library_name: transformers
tags: [interpretability, sparse-autoencoders, toy-model]
---
# tiny: a small language model to look into

A decoder of {parameters:.2f} million parameters (Qwen3 class, {layers} layers, d_model {d_model},
{heads} heads, SwiGLU {d_mlp}, rotary positions, tied embeddings, whole-word vocabulary of
{vocabulary} with a byte fallback). It writes short stories and knows first letters of words,
categories of things, country and profession of persons, and pronouns. It is made for one purpose:
to be a subject on which claims about sparse autoencoders can be checked in minutes on a CPU. It
opens with `transformers` and with TransformerLens:

```python
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformer_lens.model_bridge import TransformerBridge

model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
bridge = TransformerBridge.boot_transformers(folder)
```

Every text begins with `<|endoftext|>` (token 0): the tokenizer adds it, TransformerLens does with
`prepend_bos=True`. Words carry their leading space at the beginning of a text and of a line too.

The first two layers see only the three tokens before each position (sliding window of {window}).
What was taught about a word has therefore to be fetched from the word's own position by the two
full layers above; sparse autoencoders are trained on the residual stream after layer 1
(`blocks.1.hook_resid_post`).

## Recipe

{steps:,} steps of {batch} windows of {length} tokens ({tokens:.1f} million tokens in {minutes:.0f}
minutes on one CPU thread), seed {seed}; AdamW (rate {learning_rate}, cosine to 5 %, weight decay
{weight_decay}, betas .9 and .95, gradient norm at most 1), bfloat16 products. Every step and every
draw is seeded: on one thread of the same processor type the training gives the same weights again.

    saecore train-lm --stories FILE... --wordnet DIR --out DIR

| text | share of windows | distinct tokens |
|---|---|---|
{mixture}

The texts are not shipped. SHA-256 of what was read:

| file | SHA-256 |
|---|---|
{sums}

* TinyStories (Eldan & Li 2023, arXiv 2305.07759): CDLA-Sharing-1.0.
* WordNet 3.0: Copyright 2006 by Princeton University, used under the WordNet 3.0 licence, which
  asks for this notice: THIS SOFTWARE AND DATABASE IS PROVIDED "AS IS" AND PRINCETON UNIVERSITY
  MAKES NO REPRESENTATIONS OR WARRANTIES, EXPRESS OR IMPLIED. Entries that it marks as slurs,
  obscene, vulgar or disparaging, and lines with their words, were left out.
* Generated lines come from `facts.json` in this folder (hand-vetted).
"""

LIMITS = """\
## Limits

It is a toy. It knows {words:,} words by heart and cannot spell others; its facts are those of
`facts.json`, and it answers safely only in the sentence forms that it was taught (see the column of
unseen templates, where some are no better than the commonest answer). Its stories lose the thread
after a few sentences, and at temperature 1 rare words stray into them. It must not be used for
anything but the study of models.
"""


def model_card(
    evaluation: Mapping[str, Any], *, config: Mapping[str, Any], parameters: int
) -> str:
    """The card in Markdown; every number comes from `evaluation` (with its training
    record) and `config`.
    """
    training, recipe = evaluation["training"], evaluation["training"]["recipe"]
    head = _HEAD.format(
        **{name: recipe[name] for name in ("batch", "length", "seed", "learning_rate", "weight_decay")},
        **{name: recipe[name] for name in ("layers", "d_model", "heads", "d_mlp", "window")},
        vocabulary=config["vocab_size"],
        parameters=parameters / 1e6,
        steps=training["steps_done"],
        tokens=training["tokens"] / 1e6,
        minutes=training["seconds"] / 60,
        mixture=_rows([kind, f"{share:.2f}", f"{training['distinct_tokens'].get(kind, 0):,}"]
                      for kind, share in recipe["mixture"].items()),
        sums=_rows([name, f"`{digest}`"] for name, digest in training["sha256"].items()),
    )  # fmt: skip
    words = evaluation["words_spelled"]
    return "\n".join(
        [
            head,
            _losses(evaluation),
            _tasks(evaluation),
            _geometry(evaluation),
            LIMITS.format(words=words),
        ]
    )


def _losses(evaluation: Mapping[str, Any]) -> str:
    order = ("model", "trigram", "bigram", "unigram")
    rows = [
        [
            kind,
            *(f"{found[name]:.3f}" for name in order),
            f"{found['bits_per_character']:.2f}",
        ]
        for kind, found in evaluation["losses"].items()
    ]
    table = _table(["text", *order, "bits per character"], rows)
    return (
        "## Evaluation\n"
        "\n"
        "Loss on held-out text in nats per token, beside Witten-Bell n-grams:\n"
        "\n"
        f"{table}\n"
    )


def _tasks(evaluation: Mapping[str, Any]) -> str:
    rows = []
    for task, found in evaluation["tasks"].items():
        follows = evaluation["swaps"].get(task, {}).get("trained", {})
        moved = [
            f"{follows[layer]['follows']:.3f}" if follows else ""
            for layer in ("0", "1", "2", "3")
        ]
        accuracies = [f"{found[name]['right']:.3f}" for name in ("trained", "unseen")]
        rows.append([task, *accuracies, f"{found['trained']['baseline']:.3f}", *moved])
    table = _table(
        [
            "task",
            "accuracy",
            "unseen templates",
            "baseline",
            *(f"swap {i}" for i in range(4)),
        ],
        rows,
    )
    return (
        "Accuracy among the possible answers, in trained and in unseen templates; "
        "and the share of\n"
        "answers that follow when the residual stream at the word is replaced by "
        "another word's after\n"
        "layer 0 to 3:\n\n"
        f"{table}\n"
    )


def _geometry(evaluation: Mapping[str, Any]) -> str:
    ratios, probe = evaluation["participation_ratio"], evaluation["letter_probe"]
    rows = [
        [
            layer,
            *(f"{ratios[text][layer]:.0f}" for text in ratios),
            *map(_three, found.values()),
        ]
        for layer, found in probe["layers"].items()
        if layer in ratios["sampled_text"]
    ]
    names = [f"participation ratio, {text.replace('_', ' ')}" for text in ratios]
    table = _table(
        ["layer", *names, "letter probe", "letter's share of variance"], rows
    )
    return (
        "Residual stream after each layer. The probe tells the first letter at the "
        "word "
        f"({probe['letters']} letters, {probe['words']} words, cross-fitted by word; "
        f"baseline {probe['baseline']:.2f}):\n\n{table}\n"
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join([f"| {' | '.join(head)} |", "|" + "---|" * len(head), _rows(rows)])


def _rows(rows: Any) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _three(value: float) -> str:
    return f"{value:.3f}"
