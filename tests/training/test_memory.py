"""Steps without page faults."""

import ctypes
import dataclasses
import resource
import sys

import pytest
import torch

from saecore.training.lockstep import Block
from saecore.training.memory import keep_freed_memory
from saecore.training.trainer import rate


@pytest.fixture(autouse=True)
def asked_anew():
    keep_freed_memory.cache_clear()
    yield
    keep_freed_memory.cache_clear()


def test_a_c_library_without_the_setting_is_left_alone(monkeypatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert not keep_freed_memory()


@pytest.mark.skipif(sys.platform != "linux", reason="page faults are counted on Linux")
@pytest.mark.parametrize("architecture", ["topk", "batchtopk", "relu"])
def test_a_step_has_fewer_than_fifty_page_faults_after_twenty(recipe, architecture):
    if not keep_freed_memory():
        pytest.skip("this C library has no such setting")
    wide = dataclasses.replace(recipe, width=2048, architecture=architecture, k=8)
    block = Block(wide, [0], 20)
    x = torch.randn(1024, 20, generator=torch.Generator().manual_seed(0)) / 20**0.5
    faults = []
    with torch.no_grad():
        for step in range(40):
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
            block.step(x, lr=rate(wide, step))
            faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
    assert sum(faults[20:]) / 20 < 50
