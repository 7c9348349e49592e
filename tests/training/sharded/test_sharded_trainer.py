"""A training in shards ends in the SAE that one process would have trained."""

import pytest
import torch

from saecore.training.trainer import train
from tests.training.sharded.two_processes import RECIPES, site_rows


def test_the_finished_sae_and_its_log_are_those_of_one_process(two_processes):
    recipe = RECIPES["batchtopk"]
    (alone,) = train(recipe, [recipe.seed], site_rows())
    for part, weight in alone.weights.items():
        found = two_processes[f"trained: {part}"]
        torch.testing.assert_close(found, weight, rtol=1e-4, atol=1e-4)
    log = two_processes["log"]
    assert [line["step"] for line in log] == [line["step"] for line in alone.log]
    for name in ("fvu", "l0", "silent"):
        here = [line[name] for line in alone.log]
        assert [line[name] for line in log] == pytest.approx(here, abs=1e-5)
