"""The fastest product of rows and weights is the plain one."""

import pytest
import torch

from saecore import linear as kernels
from saecore.linear import linear


def problem():
    generator = torch.Generator().manual_seed(0)
    latents = torch.randn(9, 7, generator=generator).relu()
    latents[4] = 0
    return (
        latents,
        torch.randn(7, 5, generator=generator),
        torch.randn(9, 5, generator=generator),
    )


def test_linear_is_a_plain_affine_map_whichever_kernel_serves_it() -> None:
    _, directions, rows = problem()
    bias = torch.arange(7.0)
    torch.testing.assert_close(
        linear(rows, directions, bias), rows @ directions.T + bias
    )
    double = linear(rows.double(), directions.double(), bias.double())
    torch.testing.assert_close(double, rows.double() @ directions.double().T + bias)


def test_both_kernels_of_linear_agree() -> None:
    _, directions, rows = problem()
    bias = torch.arange(7.0)
    try:
        found = kernels._onednn(rows, directions, bias)
    except (RuntimeError, AttributeError, NotImplementedError):
        pytest.skip("this build of torch has no oneDNN")
    torch.testing.assert_close(found, rows @ directions.T + bias)


@pytest.fixture
def asked_anew():
    """The trial is made once in a process; here its answer is forgotten."""
    kernels.onednn_is_better.cache_clear()
    yield
    kernels.onednn_is_better.cache_clear()


@pytest.mark.parametrize(
    ("said", "names", "onednn"),
    [
        ("blas", ("blas",), False),
        ("onednn", ("onednn",), True),
        ("blas,bfloat16", ("blas", "bfloat16"), False),
    ],
)
def test_kernels_may_be_named(asked_anew, monkeypatch, said, names, onednn) -> None:
    monkeypatch.setenv(kernels.CHOICE, said)
    assert kernels.named_kernels() == names
    assert kernels.onednn_is_better() is onednn


@pytest.mark.parametrize("said", ["mkl", "bfloat16", "blas,onednn"])
def test_kernels_that_are_none_are_refused(monkeypatch, said) -> None:
    monkeypatch.setenv(kernels.CHOICE, said)
    with pytest.raises(ValueError, match="SAECORE_KERNELS is blas or onednn"):
        kernels.named_kernels()
