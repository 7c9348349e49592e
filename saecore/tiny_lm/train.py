"""Train the small language model that ships with the package.

A decoder of 2.4 million parameters (Qwen3 class: rotary positions, SwiGLU) whose first
two layers see only the three tokens before each position. What a sentence says about a
word has therefore to be read from the word's own position by the two full layers above,
and that is where dictionaries are trained (residual stream after layer 1).

Everything is seeded and step-based; on one thread a rerun gives the same weights bit by
bit. About 1.5 times faster with `MALLOC_MMAP_THRESHOLD_=4000000000
MALLOC_TRIM_THRESHOLD_=8000000000` in the environment.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from saecore.source.tasks.facts import read_facts
from saecore.tiny_lm import corpus
from saecore.tiny_lm.chunked_loss import chunked_cross_entropy
from saecore.tiny_lm.corpus import TokenStream
from saecore.tiny_lm.material import Material, prepare
from saecore.tiny_lm.model_folder import checksums, write_folder
from saecore.tiny_lm.recipe import TrainingRecipe, new_model, schedule
from saecore.tiny_lm.wordnet import FILES, MissingInput


class TrainingProgress(NamedTuple):
    """Where a training stands."""

    step: int
    loss: float
    """Mean since the last report, nats per token."""
    tokens_per_second: float


def train_language_model(
    recipe: TrainingRecipe,
    material: Material,
    *,
    report: Callable[[TrainingProgress, Any], None] = lambda progress, model: None,
    every: int = 250,
) -> Any:
    """The trained model; `report` is called every so many steps."""
    model = new_model(recipe, vocabulary=material.tokeniser.get_vocab_size())
    optimiser = _optimiser(model, recipe)
    random = np.random.default_rng(recipe.seed)
    total, since = 0.0, time.perf_counter()
    for step in range(recipe.steps):
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * schedule(step, recipe)
        loss = next_token_loss(model, _batch(recipe, material.train, random))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        total += loss.item()
        if (step + 1) % every == 0:
            rate = every * recipe.batch * recipe.length / (time.perf_counter() - since)
            report(TrainingProgress(step + 1, total / every, rate), model)
            total, since = 0.0, time.perf_counter()
    return model.eval()


def next_token_loss(model: Any, tokens: Tensor) -> Tensor:
    """Mean cross-entropy of each next token, in nats, computed in bfloat16."""
    with torch.autocast("cpu", torch.bfloat16):
        hidden = model.model(tokens[:, :-1], use_cache=False).last_hidden_state
    return chunked_cross_entropy(
        hidden.flatten(0, 1), model.lm_head.weight, tokens[:, 1:].flatten()
    )


def _optimiser(model: Any, recipe: TrainingRecipe) -> torch.optim.Optimizer:
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() <= 1]
    groups = [
        {"params": matrices, "weight_decay": recipe.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(
        groups, lr=recipe.learning_rate, betas=(0.9, 0.95), fused=True
    )


def _batch(
    recipe: TrainingRecipe,
    train: Mapping[str, TokenStream],
    random: np.random.Generator,
) -> Tensor:
    kinds = [kind for kind in recipe.mixture if kind in train]
    shares = np.array([recipe.mixture[kind] for kind in kinds])
    counts = random.multinomial(recipe.batch, shares / shares.sum())
    rows = [
        corpus.windows(
            train[kind], rows=int(count), length=recipe.length + 1, random=random
        )
        for kind, count in zip(kinds, counts, strict=True)
        if count
    ]
    return torch.from_numpy(np.concatenate(rows))


@torch.no_grad()
def held_out_loss(
    model: Any, stream: TokenStream, *, length: int = 128, rows: int = 64
) -> float:
    """Held-out cross-entropy: mean loss over the first `rows` windows of a stream, each
    beginning with the end mark.
    """
    length = min(length, len(stream.tokens))
    count = min(rows, (len(stream.tokens) - 1) // (length - 1))
    tokens = (
        stream.tokens[: count * (length - 1)]
        .astype(np.int64)
        .reshape(count, length - 1)
    )
    return next_token_loss(
        model, torch.from_numpy(np.pad(tokens, ((0, 0), (1, 0))))
    ).item()


def main(arguments: Sequence[str] | None = None) -> int:
    """`saecore train-lm --stories FILE... --wordnet DIR --out DIR [--steps N] [--seed
    S]`.
    """
    parser = argparse.ArgumentParser(
        prog="saecore train-lm", description="Train the small language model."
    )
    parser.add_argument(
        "--stories", nargs="+", type=Path, default=[], help="TinyStories text files"
    )
    parser.add_argument("--wordnet", type=Path, help="folder with data.noun and so on")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--steps", type=int, default=TrainingRecipe.steps)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--every", type=int, default=1000, help="steps between reports and checkpoints"
    )
    given = parser.parse_args(arguments)
    try:
        train_to_folder(
            TrainingRecipe(steps=given.steps, seed=given.seed),
            stories=given.stories,
            wordnet=given.wordnet,
            out=given.out,
            every=given.every,
        )
    except MissingInput as missing:
        print(missing, file=sys.stderr)
        return 2
    return 0


def train_to_folder(
    recipe: TrainingRecipe,
    *,
    stories: Sequence[Path],
    wordnet: Path | None,
    out: Path,
    every: int = 1000,
) -> None:
    """Train by `recipe` on one thread and write the model's folder, also every so many
    steps on the way.
    """
    torch.set_num_threads(1)
    began = time.perf_counter()
    material = prepare(
        stories=stories,
        wordnet=wordnet,
        facts=read_facts(),
        vocabulary=recipe.vocabulary,
        lines=recipe.lines,
        seed=recipe.seed,
    )
    _say_material(material)
    files = [*stories, *(wordnet / name for name in FILES)] if wordnet else stories

    def written(model: Any, steps: int) -> None:
        seconds = round(time.perf_counter() - began)
        done = _record(recipe, material, steps=steps, seconds=seconds)
        record = done | {"sha256": checksums(files)}
        write_folder(model, material.tokeniser, out, training=record)

    def report(progress: TrainingProgress, model: Any) -> None:
        losses = ""
        if progress.step % every == 0:
            losses = _held_out_losses(model, material)
            written(model, progress.step)
            model.train()
        _say_progress(progress, recipe, time.perf_counter() - began, losses)

    model = train_language_model(recipe, material, report=report, every=min(250, every))
    written(model, recipe.steps)


def _record(
    recipe: TrainingRecipe, material: Material, *, steps: int, seconds: int
) -> dict[str, Any]:
    """What `training.json` says of a training so far."""
    return {
        "recipe": asdict(recipe),
        "steps_done": steps,
        "tokens": steps * recipe.batch * recipe.length,
        "seconds": seconds,
        "distinct_tokens": {k: len(made.tokens) for k, made in material.train.items()},
    }


def _held_out_losses(model: Any, material: Material) -> str:
    model.eval()
    return " ".join(
        f"{kind} {held_out_loss(model, part):.3f}"
        for kind, part in material.held_out.items()
    )


def _say_material(material: Material) -> None:
    for kind, made in material.train.items():
        held_out = len(material.held_out[kind].tokens)
        print(f"{kind}: {len(made.tokens):,} tokens, {held_out:,} held out", flush=True)
    size, words = material.tokeniser.get_vocab_size(), len(material.words)
    print(f"vocabulary {size}, {words} words spelled", flush=True)


def _say_progress(
    progress: TrainingProgress, recipe: TrainingRecipe, seconds: float, losses: str
) -> None:
    print(
        f"{seconds:.0f} s, step {progress.step} of {recipe.steps}, loss "
        f"{progress.loss:.3f}, {progress.tokens_per_second:.0f} tokens/s; {losses}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
