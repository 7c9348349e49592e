"""Ablation and integrated gradients of all active latents: batched, along one path, and
as plain loops.

    python benchmarks/attribution.py                    about a minute on one core: the
    shipped model python benchmarks/attribution.py --sae FOLDER       a SAELens folder
    for its layer 1, such as the zoo's python benchmarks/attribution.py --prompts 400
    --k 32

The loop of ablation runs the whole model once per active latent under an edit. The loop
of integrated gradients walks a path of its own for every latent, one forward and
backward pass per step; ours walks one path per prompt for all latents (goal: at least
30 times as fast). The third loop is what the published code does: the joint path,
prompt by prompt, through the whole model. CPU seconds per prompt, one thread. The paths
are another quantity than the ablations; how well they agree is printed too.
"""

import time
from collections.abc import Callable
from pathlib import Path

import results
import torch
from torch import Tensor

import saecore
from saecore.measures.absorption.ablation import STEPS, ablated, integrated_gradients
from saecore.source.model.language_model import open_model
from saecore.source.tasks.facts import prompts, read_facts
from saecore.source.tasks.logit_difference import AnswerMetric
from saecore.sparse import Active, row_of, sparse
from saecore.zoo.sae import read

LAYER = 1


def random_dictionary(rows: Tensor, width: int, k: int) -> tuple[Active, Tensor]:
    """The k largest projections on random directions, with error: no SAE, but the same
    work.
    """
    w_dec = torch.nn.functional.normalize(
        torch.randn(width, rows.shape[1], generator=torch.Generator().manual_seed(0)),
        dim=1,
    )
    value, latent = (rows @ w_dec.T).relu().topk(k, dim=1)
    return sparse(
        torch.zeros(len(rows), width).scatter_(1, latent, value / k**0.5)
    ), w_dec


def timed(run: Callable[[], Tensor], repeats: int = 3) -> tuple[Tensor, float]:
    """Result and the least CPU seconds."""
    seconds, result = [], torch.empty(0)
    for _ in range(repeats):
        start = time.process_time()
        result = run()
        seconds.append(time.process_time() - start)
    return result, min(seconds)


def removed(
    metric: AnswerMetric, active: Active, w_dec: Tensor, entry: int
) -> tuple[int, Tensor]:
    """The row of an entry, and what its latent adds to it."""
    return int(row_of(active)[entry]), active.value[entry] * w_dec[
        active.latent[entry].long()
    ]


def ablation_loop(
    whole: AnswerMetric, active: Active, w_dec: Tensor, entries: int
) -> Tensor:
    """One forward pass per latent."""
    out = []
    for entry in range(entries):
        row, part = removed(whole, active, w_dec, entry)
        out.append(
            whole((whole.rows[row] - part)[None], torch.tensor([row]))[0]
            - whole.clean[row]
        )
    return torch.stack(out)


def path_loop(
    whole: AnswerMetric, active: Active, w_dec: Tensor, entries: int
) -> Tensor:
    """A path per latent, along which that latent alone fades."""
    out = []
    for entry in range(entries):
        row, part = removed(whole, active, w_dec, entry)
        gradients = []
        for step in range(STEPS):
            x = (whole.rows[row] - step / STEPS * part)[None].requires_grad_()
            gradients.append(
                torch.autograd.grad(whole(x, torch.tensor([row])).sum(), x)[0][0]
            )
        out.append(-part @ torch.stack(gradients).mean(0))
    return torch.stack(out)


def published_loop(
    whole: AnswerMetric, active: Active, w_dec: Tensor, rows: int
) -> Tensor:
    """The joint path prompt by prompt, its steps in one batch."""
    scale = 1 - torch.arange(STEPS) / STEPS
    out = []
    for row in range(rows):
        x = (scale[:, None] * whole.rows[row]).requires_grad_()
        m = whole(x, torch.full((STEPS,), row))
        gradient = torch.autograd.grad(m.sum(), x)[0].mean(0)
        mine = slice(int(active.crow[row]), int(active.crow[row + 1]))
        out.append(-active.value[mine] * (w_dec[active.latent[mine].long()] @ gradient))
    return torch.cat(out)


def report(
    metric: AnswerMetric,
    whole: AnswerMetric,
    active: Active,
    w_dec: Tensor,
    looped: int,
) -> dict[str, float]:
    """Times per prompt and agreement, printed; the ratios and the largest errors."""
    rows, entries = len(metric.rows), int(active.crow[looped])
    ours, ours_s = timed(lambda: ablated(metric, metric.rows, active, w_dec).entry)
    joint, joint_s = timed(
        lambda: integrated_gradients(metric, metric.rows, active, w_dec).entry
    )
    slow, slow_s = timed(lambda: ablation_loop(whole, active, w_dec, entries), 1)
    own, own_s = timed(lambda: path_loop(whole, active, w_dec, entries), 1)
    published, published_s = timed(
        lambda: published_loop(whole, active, w_dec, looped), 1
    )
    ms = {
        "ablation, batched": ours_s / rows,
        "ablation, loop": slow_s / looped,
        "one path for all latents": joint_s / rows,
        "the same, prompt by prompt": published_s / looped,
        "a path per latent, loop": own_s / looped,
    }
    print(
        f"{rows} prompts, {len(active.value) / rows:.1f} active latents each, width "
        f"{len(w_dec)}"
    )
    for name, seconds in ms.items():
        print(f"  {name:30} {1000 * seconds:9.2f} ms per prompt")
    ratio = ms["a path per latent, loop"] / ms["one path for all latents"]
    print(
        f"  ablation: {ms['ablation, loop'] / ms['ablation, batched']:.1f} times as "
        f"fast as its loop"
    )
    print(f"  one path: {ratio:.0f} times as fast as a path per latent, ", end="")
    print(
        f"{ms['the same, prompt by prompt'] / ms['one path for all latents']:.1f} "
        f"than prompt by prompt"
    )
    wrong = (
        float((ours[:entries] - slow).abs().max()),
        float((joint[:entries] - published).abs().max()),
    )
    print(f"  largest difference: ablation {wrong[0]:.1e}, path {wrong[1]:.1e} logits")
    agree(ours, joint, active, "one path and ablation")
    agree(
        slow,
        own,
        active._replace(crow=active.crow[: looped + 1]),
        "own paths and ablation",
    )
    return {
        "ablation: loop": ms["ablation, loop"] / ms["ablation, batched"],
        "one path: a path per latent": ratio,
        "one path: prompt by prompt": ms["the same, prompt by prompt"]
        / ms["one path for all latents"],
        "error": max(wrong) / float(metric.clean.abs().max()),
    }


def agree(exact: Tensor, estimate: Tensor, active: Active, name: str) -> None:
    """Correlation over all entries, and how often both name the same most helpful
    latent.
    """
    r = float(torch.corrcoef(torch.stack([exact, estimate]))[0, 1])
    sizes = torch.diff(active.crow).tolist()
    tops = [
        [int(part.argmin()) for part in x.split(sizes) if len(part)]
        for x in (exact, estimate)
    ]
    same = sum(a == b for a, b in zip(*tops, strict=True)) / len(tops[0])
    slope = float((exact * estimate).sum() / exact.square().sum())
    print(
        f"  {name}: r {r:.3f}, slope {slope:.2f}, same leading latent in {same:.2f} "
        f"of the prompts"
    )


def main() -> None:
    parser = results.options(__doc__)
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument(
        "--looped", type=int, default=8, help="prompts that the loops see"
    )
    parser.add_argument("--width", type=int, default=2560)
    parser.add_argument("--k", type=int, default=16)
    parser.add_argument(
        "--sae", type=Path, help="a SAELens folder; without it, random directions"
    )
    arguments = parser.parse_args()
    model = open_model(Path(saecore.__file__).parent / "tiny")
    asked = prompts(
        "letter", words=sorted(read_facts().categories), count=arguments.prompts
    )
    metric, whole = (
        AnswerMetric(model, asked, LAYER),
        AnswerMetric(model, asked, LAYER, whole=True),
    )
    if arguments.sae:
        sae = read(arguments.sae)
        active, w_dec = sae.encode_sparse(metric.rows), sae.W_dec
    else:
        active, w_dec = random_dictionary(metric.rows, arguments.width, arguments.k)
    found = report(metric, whole, active, w_dec, arguments.looped)
    results.write(arguments.json, found)
    if found["error"] > 1e-3:
        raise SystemExit("a batched way differs from its loop")


if __name__ == "__main__":
    main()
