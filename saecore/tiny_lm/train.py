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
import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from saecore.source.tasks.facts import read_facts
from saecore.tiny_lm import corpus
from saecore.tiny_lm.chunked_loss import chunked_cross_entropy
from saecore.tiny_lm.corpus import Stream
from saecore.tiny_lm.material import Material, prepare
from saecore.tiny_lm.model_folder import checksums, write_folder
from saecore.tiny_lm.wordnet import FILES, MissingInput

MIXTURE = {
    "story": 0.31,
    "wordnet": 0.08,
    "letter": 0.35,
    "person": 0.08,
    "category": 0.08,
    "pronoun": 0.04,
    "ioi": 0.06,
}
LINES = {
    "letter": 320_000,
    "person": 110_000,
    "category": 90_000,
    "pronoun": 70_000,
    "ioi": 110_000,
}


@dataclass(frozen=True)
class TrainingRecipe:
    """All sizes and rates of one training."""

    steps: int = 13_000
    seed: int = 0
    batch: int = 16  # windows per step
    length: int = 128  # tokens per window
    learning_rate: float = 3e-3  # falls along a cosine to a twentieth
    warm_up: int = 100  # steps
    weight_decay: float = 0.3
    vocabulary: int = 7000
    d_model: int = 160
    layers: int = 4  # the first half sees `window` tokens, the second half all
    heads: int = 5
    d_mlp: int = 448
    window: int = 4
    mixture: Mapping[str, float] = field(
        default_factory=lambda: dict(MIXTURE)
    )  # share of the windows
    lines: Mapping[str, int] = field(
        default_factory=lambda: dict(LINES)
    )  # generated lines of each kind


class Progress(NamedTuple):
    """Where a training stands."""

    step: int
    loss: float  # mean since the last report, nats per token
    tokens_per_second: float


def new_model(recipe: TrainingRecipe, *, vocabulary: int) -> Any:
    """An untrained model with the recipe's sizes, initialised from its seed."""
    from transformers import Qwen3Config, Qwen3ForCausalLM

    local = recipe.layers // 2
    config = Qwen3Config(
        vocab_size=vocabulary,
        hidden_size=recipe.d_model,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.heads,
        num_key_value_heads=recipe.heads,
        head_dim=recipe.d_model // recipe.heads,
        intermediate_size=recipe.d_mlp,
        max_position_embeddings=2 * recipe.length,
        use_sliding_window=True,
        sliding_window=recipe.window,
        max_window_layers=0,
        layer_types=["sliding_attention"] * local
        + ["full_attention"] * (recipe.layers - local),
        initializer_range=0.02,
        tie_word_embeddings=True,
        bos_token_id=0,
        eos_token_id=0,
    )
    config._attn_implementation = (
        "eager"  # 1.5 times faster than sdpa on one core at this size
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        return Qwen3ForCausalLM(config).train()


def train(
    recipe: TrainingRecipe,
    material: Material,
    *,
    report: Callable[[Progress, Any], None] = lambda progress, model: None,
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
            report(Progress(step + 1, total / every, rate), model)
            total, since = 0.0, time.perf_counter()
    return model.eval()


def schedule(step: int, recipe: TrainingRecipe) -> float:
    """The factor on the learning rate: a linear warm-up times a cosine from 1 to
    0.05.
    """
    cosine = 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * step / recipe.steps))
    return min(1.0, (step + 1) / recipe.warm_up) * cosine


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
    recipe: TrainingRecipe, train: Mapping[str, Stream], random: np.random.Generator
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
    model: Any, stream: Stream, *, length: int = 128, rows: int = 64
) -> float:
    """Mean loss over the first `rows` windows of a held-out stream, each beginning with
    the end mark.
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
    for kind, made in material.train.items():
        print(
            f"{kind}: {len(made.tokens):,} tokens, "
            f"{len(material.held_out[kind].tokens):,} held out",
            flush=True,
        )
    print(
        f"vocabulary {material.tokeniser.get_vocab_size()}, {len(material.words)} "
        f"words spelled",
        flush=True,
    )

    def record(steps: int) -> dict[str, Any]:
        tokens, seconds = (
            steps * recipe.batch * recipe.length,
            round(time.perf_counter() - began),
        )
        texts = {kind: len(made.tokens) for kind, made in material.train.items()}
        sums = checksums(
            [*stories, *(wordnet / name for name in FILES)] if wordnet else stories
        )
        done = {
            "steps_done": steps,
            "tokens": tokens,
            "seconds": seconds,
            "distinct_tokens": texts,
        }
        return {"recipe": asdict(recipe), **done, "sha256": sums}

    def report(progress: Progress, model: Any) -> None:
        losses = ""
        if progress.step % every == 0:
            model.eval()
            losses = " ".join(
                f"{kind} {held_out_loss(model, part):.3f}"
                for kind, part in material.held_out.items()
            )
            write_folder(model, material.tokeniser, out, training=record(progress.step))
            model.train()
        print(
            f"{time.perf_counter() - began:.0f} s, step {progress.step} of "
            f"{recipe.steps}, "
            f"loss {progress.loss:.3f}, {progress.tokens_per_second:.0f} tokens/s; "
            f"{losses}",
            flush=True,
        )

    model = train(recipe, material, report=report, every=min(250, every))
    write_folder(model, material.tokeniser, out, training=record(recipe.steps))


if __name__ == "__main__":
    sys.exit(main())
