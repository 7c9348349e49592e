"""A plan whose rows lie in a file, and cost nothing; where Snakemake is."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from saecore.recipes.sae import SAERecipe
from saecore.scale.batch_plan import Machine, batch_plan, write_whole
from saecore.source.rows_file import rows_file
from saecore.source.site import Site
from saecore.zoo.store import Zoo

ROOT = Path(__file__).parents[2]
TWO = Machine("cpu", 2)


@pytest.fixture
def filed(tmp_path: Path) -> tuple[Zoo, SAERecipe]:
    """A zoo that knows a file of 1,000 rows, and an SAE of them: 30 steps."""
    drawn = torch.Generator().manual_seed(0)
    rows = torch.randn(1000, 12, generator=drawn).relu()
    np.save(tmp_path / "rows.npy", rows.numpy())
    source = rows_file(tmp_path / "rows.npy")
    zoo = Zoo(tmp_path / "zoo", workers=1, places={source: tmp_path / "rows.npy"})
    return zoo, SAERecipe(Site(source), "topk", 24, 3, rows=30 * 64, batch=64)


@pytest.fixture
def planned(filed: tuple[Zoo, SAERecipe], tmp_path: Path) -> tuple[Path, Any]:
    """A plan of two SAEs on this machine and one in two shards, written and read."""
    zoo, recipe = filed
    sharded = recipe.sweep(width=[32])[0]
    asked = [*recipe.sweep(seed=[0, 1]), sharded]
    plan = batch_plan(zoo, asked, {sharded: TWO}, bundle=0.0)
    plan |= {"pages": {}, "kernels": "blas"}
    write_whole(tmp_path / "plan.json", plan)
    return tmp_path / "plan.json", plan


@pytest.fixture
def snakemake() -> str:
    """The program; skipped aloud where there is none."""
    own = ROOT / "_build" / "snakemake" / "bin" / "snakemake"
    found = str(own) if own.is_file() else shutil.which("snakemake")
    if found is None:
        pytest.skip("no Snakemake here: `make batch-environment`")
    return found
