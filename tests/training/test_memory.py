"""Steps without page faults."""

import ctypes
import subprocess
import sys

import pytest

from saecore.training.memory import give_back_memory, keep_freed_memory

PROGRAM = """
import resource, torch
from saecore.recipes.sae import SAERecipe
from saecore.source.site import Site
from saecore.source.worlds.rows import World
from saecore.training.lockstep import Block
from saecore.training.memory import keep_freed_memory
from saecore.training.trainer import rate

assert keep_freed_memory()
torch.set_num_threads(1)
recipe = SAERecipe(Site(World()), "{architecture}", 2048, 8, rows=200 * 1024)
block, x = Block(recipe, [0], 20), torch.randn(1024, 20) / 20**0.5
with torch.no_grad():
    for step in range(140):
        if step == 20:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        block.step(x, lr=rate(recipe, step))
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / 120)
"""


def test_a_c_library_without_the_setting_is_left_alone(monkeypatch) -> None:
    keep_freed_memory.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert not keep_freed_memory()
    assert not give_back_memory()
    keep_freed_memory.cache_clear()


@pytest.mark.skipif(
    not keep_freed_memory(), reason="this C library has no such setting"
)
@pytest.mark.parametrize("architecture", ["topk", "batchtopk", "relu"])
def test_a_step_has_fewer_than_fifty_page_faults_after_twenty(architecture) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(architecture=architecture)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout) < 50


GIVEN_BACK = """
import torch
from saecore.training.memory import give_back_memory, keep_freed_memory

def own():
    for line in open("/proc/self/smaps_rollup"):
        if line.startswith("Anonymous:"):
            return int(line.split()[1]) // 1024

assert keep_freed_memory()
before = own()
blocks = [torch.ones(1 << 20) for _ in range(100)]
kept = blocks[::10]
del blocks
held = own()
assert give_back_memory()
print(before, held, own())
"""


@pytest.mark.skipif(
    not keep_freed_memory(), reason="this C library has no such setting"
)
def test_what_a_job_has_freed_goes_back_after_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", GIVEN_BACK], capture_output=True, text=True, check=True
    )
    before, held, after = map(int, done.stdout.split())
    assert held - before > 390  # ninety of the hundred blocks of 4 MB were freed
    assert after - before < 60
