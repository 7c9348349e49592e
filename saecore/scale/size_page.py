"""The page on sizes, `book/scale.md`: written by `python -m saecore.scale.size_page`."""

import math

from saecore.report.paths import required_checkout
from saecore.report.speed import Speed, read_speed
from saecore.scale import costs
from saecore.scale.costs import SIZES, Cost, Size, cost

PAGE = "scale.md"
TEXT = """\
# What sizes need what

<!-- written by `python -m saecore.scale.size_page`; edit saecore/scale/size_page.py -->

The book trains small SAEs on two cores. This page says what larger ones take, up to the papers' full scale, and how to
run them on more than one machine.

## Hours, memory and cost

{sizes}

{costs}

*Core hours* follow from the measured TopK step of the shape that is nearest in latents times d_model ({machine};
one thread). Numbers with a tilde lie beyond the largest shape that was measured, and are extrapolated at its rate.

*GPU hours are an estimate. Nobody has measured this code on one.* The formula, per row: 2 · latents · d_model
floating-point operations for the encoder and 8 · k · d_model for the active latents, at {utilisation:.0%} of
{float32:.0f} TFLOP/s (an H100 in float32, in which training is done), and 56 · latents · d_model bytes of the optimiser
in every step of {batch:,} rows, at {utilisation:.0%} of {bandwidth:.2f} TB/s. *Reading* is one pass of the language model: 2 · parameters
operations a token, at {utilisation:.0%} of {bfloat16:.0f} TFLOP/s in bfloat16. *Dollars* are {core_price} a core hour and
{gpu_price:.0f} a GPU hour, assumed; take yours. *State* is what one SAE holds in training: {state} bytes a latent and
coordinate (two matrices, each with a gradient and two moments, in float32). *GPUs* is the number that one SAE's latents
must be spread over, if state may fill {share:.0%} of {memory:.0f} GB.

What is missing for the last two lines: the zoo stores rows before it trains on them, and the column *rows* says that
this cannot be done there. A source that reads the language model while an SAE trains would be needed. The 16-million
line takes the 8B model's d_model and token count for comparison; no paper trained it so.

## A sweep

```toml
# sweep.toml: every combination of what stands in brackets
[[sae]]
model = ["tiny", "/folder/of/another"]
layer = [1, 2]
architecture = ["topk", "batchtopk"]
width = [640, 2560]
seed = [0, 1, 2]
```

Keys are `model` (a folder, `tiny`, or `world`), `world_seed`, `layer`, every field of `SAERecipe`, `device` (`cpu` or
`cuda`) and `shards`. Snakemake runs it, in an environment of its own (`make batch-environment`):

```sh
_build/snakemake/bin/snakemake -c2                                # the book, as make book makes it
_build/snakemake/bin/snakemake -c2 --config sweep=sweep.toml      # a sweep, on this machine
_build/snakemake/bin/snakemake --profile workflow/profiles/slurm --config sweep=sweep.toml
```

The last one submits to Slurm. Each job asks for the memory, time and disk that its recipes need; the names of
partitions stand in `workflow/profiles/slurm/config.yaml`. The status command is `squeue`, so no accounting database
is needed. All machines must see one checkout and one zoo (`SAECORE_ZOO`) on a shared file system with working locks.
A job that was killed, a node that was lost and a second submission cost only what was under way: what is there is found
by its key, and what another process makes is waited for. `workflow/two_nodes.py` shows it on a Slurm of two nodes, one
of which it kills in the middle of a training.

Machines that round alike give the same bits. The plan names the kernels that a trial would choose, so that all jobs
take the same; other processors may still round otherwise.

## One SAE over several devices

`shards = 8` in a sweep spreads the latents of each SAE over eight processes. By hand:

```sh
python -m saecore batch plan plan.json --sweep sweep.toml
torchrun --standalone --nproc-per-node 8 -m saecore.scale.sharded plan.json JOB
```

TopK and BatchTopK can be trained so. Every process holds its latents' directions and their moments; rows and the
decoder's bias are everybody's. The result is that of one process up to the order of float32 sums, stands in the zoo
under the recipe's own key, and says in its note that it was sharded.
"""


def size_page(speed: Speed) -> str:
    """The page, from the figures of the benchmarks."""
    found = [(size, cost(size, speed)) for size in SIZES]
    (made,) = [speed.made[costs.SHAPES]]
    machine = f"{made['machine']['processor']}, {made['date']}"
    return TEXT.format(
        sizes=_table(
            ("what", "d_model", "latents", "rows seen", "SAEs", "state", "rows"),
            [_shape(size, one) for size, one in found],
        ),
        costs=_table(
            ("what", "core hours", "$", "GPUs", "GPU hours", "reading", "$"),
            [_hours(size, one, speed) for size, one in found],
        ),
        machine=machine,
        utilisation=costs.UTILISATION,
        float32=costs.FLOAT32_PEAK / 1e12,
        bfloat16=costs.BFLOAT16_PEAK / 1e12,
        bandwidth=costs.BANDWIDTH / 1e12,
        batch=costs.BATCH,
        core_price=costs.CORE_PRICE,
        gpu_price=costs.GPU_PRICE,
        state=costs.STATE,
        share=costs.STATE_SHARE,
        memory=costs.GPU_MEMORY / 1e9,
    )


def _shape(size: Size, one: Cost) -> list[str]:
    numbers = f"{size.d_model:,}", f"{size.width:,}", _count(size.rows)
    return [size.name, *numbers, str(size.saes), _bytes(one.state), _bytes(one.stored)]


def _hours(size: Size, one: Cost, speed: Speed) -> list[str]:
    beyond = size.width * size.d_model > costs.largest_measured(speed)
    gpu = one.gpu_hours + one.reading_hours
    return [
        size.name,
        "~" * beyond + told_number(one.core_hours),
        "~" * beyond + told_number(one.core_hours * costs.CORE_PRICE),
        str(one.devices),
        told_number(one.gpu_hours),
        told_number(one.reading_hours),
        told_number(gpu * costs.GPU_PRICE),
    ]


def _table(head: tuple[str, ...], rows: list[list[str]]) -> str:
    lines = [list(head), ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def told_number(number: float) -> str:
    """A number with two significant digits, small ones as such."""
    if number < 0.01:
        return "<0.01"
    digits = max(0, 1 - math.floor(math.log10(number)))
    rounded = round(number, 1 - math.floor(math.log10(number)))
    return f"{rounded:,.{digits}f}"


def _count(number: int) -> str:
    if number >= 10**9:
        return f"{number / 1e9:g} billion"
    return f"{number / 1e6:g} million"


def _bytes(number: float) -> str:
    units = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"))
    size, unit = next((one for one in units if number >= one[0]), units[-1])
    return f"{told_number(number / size)} {unit}"


def main() -> None:
    """Write the page."""
    page = required_checkout() / "book" / PAGE
    page.write_text(size_page(read_speed()), encoding="utf-8")


if __name__ == "__main__":
    main()
