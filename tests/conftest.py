"""A small world whose rows cost nothing: sparse sums of planted directions, in place of
`world_rows`. And the processes under another one.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis.configuration import set_hypothesis_home_dir
from xdist.scheduler import LoadFileScheduling

from saecore.profiles import TINY
from saecore.recipes.sae import SAERecipe
from saecore.source.model.language_model import OpenModel, open_model
from saecore.source.site import Site, read_rows
from saecore.source.worlds import rows as worlds
from saecore.source.worlds.rows import World
from saecore.zoo.store import Zoo

# not into the checkout, where `make` writes nothing but _build and .venv
set_hypothesis_home_dir(Path(__file__).parents[1] / "_build" / "hypothesis")


class ByFolder(LoadFileScheduling):
    """Tests of one folder go to one worker, which makes their shared fixtures once."""

    def _split_scope(self, nodeid: str) -> str:
        return super()._split_scope(nodeid).rpartition("/")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """`--dist loadfile` by folders; another `--dist` is xdist's own."""
    if config.getvalue("dist") == "loadfile":
        return ByFolder(config, log)
    return None


def planted_rows(
    world: World, n: int, *, sample: int = 0, start: int = 0
) -> torch.Tensor:
    """n rows of 2 d_model features, a few active at a time, off centre and of a scale
    other than 1. `start` is for larger samples than ours.
    """
    assert start == 0
    fixed = torch.Generator().manual_seed(1000 + world.seed)
    drawn = torch.Generator().manual_seed(77 * sample + 5)
    directions = torch.randn(2 * world.d_model, world.d_model, generator=fixed)
    directions /= directions.norm(dim=1, keepdim=True)
    chance = 4.0 / torch.arange(3, len(directions) + 3)
    active = torch.rand(n, len(directions), generator=drawn) < chance.clamp(max=0.4) / 4
    strength = 1 + 0.3 * torch.rand(n, len(directions), generator=drawn)
    noise = torch.randn(n, world.d_model, generator=drawn)
    return 3 * ((active * strength) @ directions + 0.02 * noise) + 0.5


@pytest.fixture
def cheap_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of worlds are the planted ones above."""
    monkeypatch.setattr(worlds, "world_rows", planted_rows)


@pytest.fixture
def planted():
    """`planted_rows`."""
    return planted_rows


@pytest.fixture
def site() -> Site:
    """6,000 rows of length 32."""
    return Site(World(d_model=32), rows=6000)


@pytest.fixture
def recipe(site: Site) -> SAERecipe:
    """TopK, 64 latents, 3 active, 120 steps."""
    return SAERecipe(
        site,
        "topk",
        64,
        3,
        rows=120 * 256,
        batch=256,
        warmup=10,
        silent_after=2560,
    )


@pytest.fixture
def zoo(tmp_path) -> Zoo:
    """An empty zoo that trains in this process."""
    return Zoo(tmp_path / "zoo", workers=1)


class Processes:
    """The processes under another one, by Linux's /proc."""

    @staticmethod
    def parents() -> dict[int, int]:
        """Every process that runs (no zombies), and its parent."""
        found = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if state not in "ZX":
                found[int(stat.parent.name)] = int(parent)
        return found

    def under(self, pid: int) -> set[int]:
        """The children of a process and theirs."""
        known, found, fresh = self.parents(), set(), {pid}
        while fresh:
            fresh = {child for child, parent in known.items() if parent in fresh}
            found |= fresh
        return found

    def wait(self, condition: Callable[[], bool], seconds: float, what: str) -> None:
        """Until the condition holds; a failed test if it does not in time."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                pytest.fail(f"{what} did not happen within {seconds} s")
            time.sleep(0.05)

    def gone(self, pids: set[int], seconds: float = 3.0) -> None:
        """All of them have ended in time."""
        self.wait(lambda: not pids & self.parents().keys(), seconds, "the end of all")


@pytest.fixture
def processes() -> Processes:
    """`Processes`; skips where there is no /proc."""
    if not Path("/proc/self/stat").exists():
        pytest.skip("processes are counted in /proc")
    return Processes()


SIZES = {
    "gpt2": {"n_embd": 32, "n_layer": 3, "n_head": 2, "n_positions": 64},
    "gemma2": {
        "hidden_size": 32,
        "num_hidden_layers": 3,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
        "intermediate_size": 64,
        "sliding_window": 4,
    },
    "gpt_neox": {
        "hidden_size": 32,
        "num_hidden_layers": 3,
        "num_attention_heads": 2,
        "intermediate_size": 64,
    },
}


@pytest.fixture(scope="module")
def shipped():
    return open_model(TINY)


@pytest.fixture(scope="module")
def untrained(shipped):
    """kind -> a random model of that family."""

    def made(kind):
        from transformers import AutoConfig, AutoModelForCausalLM

        config = AutoConfig.for_model(
            kind, vocab_size=7000, bos_token_id=0, eos_token_id=0, **SIZES[kind]
        )
        torch.manual_seed(0)
        model = AutoModelForCausalLM.from_config(config).eval().requires_grad_(False)
        for weight in model.parameters():
            weight.mul_(4)  # so that what is said depends on the edit clearly
        return OpenModel(model, shipped.tokenizer, identity=shipped.identity)

    return made


class Given:
    """What a source is given, without a zoo: one open model, and the tokens of any
    text.
    """

    def __init__(self, model: Any = None, tokens: Any = None, files=None) -> None:
        self._model, self.tokens, self.files = model, tokens, files or {}

    def get(self, recipe):
        """The tokens of a text, or the rows of a site, read on the spot."""
        if recipe.folder == "tokens":
            return self.tokens
        return read_rows(recipe, self)

    def model(self, model, dtype="float32"):
        """The one model."""
        return self._model

    def file(self, what):
        """A file of the mapping."""
        return self.files[what]


@pytest.fixture
def given():
    """`Given`."""
    return Given
