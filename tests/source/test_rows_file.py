"""Rows from a file: known by content, refused where they cannot be rows."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from saecore.recipes import keys
from saecore.source import rows_file as module
from saecore.source.rows_file import RowsFile, rows_file
from saecore.source.site import Site, read_rows

ROWS = np.random.default_rng(0).normal(size=(70, 6)).astype(np.float32)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of eleven rows, so that every test crosses their borders."""
    monkeypatch.setattr(module, "BLOCK", 11)


def stored(folder: Path, rows: np.ndarray, name: str = "rows.npy") -> Path:
    """The path of a .npy file."""
    np.save(folder / name, rows)
    return folder / name


def tensors(folder: Path, **named: torch.Tensor) -> Path:
    """The path of a safetensors file."""
    save_file(named, folder / "rows.safetensors")
    return folder / "rows.safetensors"


def read(path: Path, given, tensor: str | None = None) -> torch.Tensor:
    """The rows of a file, as a source."""
    source = rows_file(path, tensor=tensor)
    return read_rows(Site(source), given(files={source: path}))


@pytest.mark.parametrize("dtype", ["<f8", "<f4", "<f2", ">f4", ">f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_numbers_of_every_size_and_order_become_float32(
    tmp_path,
    given,
    dtype,
    order,
) -> None:
    saved = np.asarray(ROWS.astype(dtype), order=order)
    found = read(stored(tmp_path, saved), given)
    assert found.dtype == torch.float32
    assert np.array_equal(found.numpy(), saved.astype(np.float32))


@pytest.mark.parametrize(
    "dtype",
    [torch.float64, torch.float32, torch.float16, torch.bfloat16],
)
def test_safetensors_become_float32_too(tmp_path, given, dtype) -> None:
    saved = torch.from_numpy(ROWS).to(dtype)
    found = read(tensors(tmp_path, rows=saved), given)
    assert found.dtype == torch.float32
    assert torch.equal(found, saved.float())


def test_of_several_tensors_one_is_named(tmp_path, given) -> None:
    one, two = torch.from_numpy(ROWS), torch.from_numpy(2 * ROWS)
    path = tensors(tmp_path, one=one, two=two)
    assert torch.equal(read(path, given, "two"), two)
    assert rows_file(path, tensor="one") != rows_file(path, tensor="two")
    with pytest.raises(
        ValueError,
        match="holds one, two and tensor=None was asked for",
    ):
        rows_file(path)
    alone = tensors(tmp_path, one=one)
    assert rows_file(alone) == rows_file(alone, tensor="one")


def test_the_key_is_that_of_the_content_wherever_the_file_lies(tmp_path) -> None:
    first = rows_file(stored(tmp_path, ROWS))
    moved = rows_file((tmp_path / "rows.npy").rename(tmp_path / "other name.npy"))
    assert keys.key(Site(first)) == keys.key(Site(moved))
    changed = ROWS.copy()
    changed[5, 2] += 1e-6
    other = rows_file(stored(tmp_path, changed))
    assert keys.key(Site(other)) != keys.key(Site(first))
    assert keys.restored(keys.canonical(Site(first))) == Site(first)
    assert (Site(first).count, Site(first).slug) == (70, f"file-{first.sha256[:8]}")


def test_a_file_that_changed_since_is_refused(tmp_path, given) -> None:
    path = stored(tmp_path, ROWS)
    source = rows_file(path)
    stored(tmp_path, ROWS + 1)
    with pytest.raises(
        ValueError,
        match=r"must hold 70 rows of length 6 with sha256 .* ask",
    ):
        read_rows(Site(source), given(files={source: path}))


def test_another_d_model_than_expected_is_refused(tmp_path, given) -> None:
    path = stored(tmp_path, ROWS)
    source = dataclasses.replace(rows_file(path), d_model=7)
    with pytest.raises(
        ValueError,
        match=r"of length 7 with .* it holds 70 of length 6",
    ):
        read_rows(Site(source), given(files={source: path}))


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1e300])
def test_a_number_that_is_not_finite_in_float32_is_refused(
    tmp_path,
    given,
    wrong,
) -> None:
    rows = ROWS.astype(np.float64)
    rows[33, 4] = wrong
    with pytest.raises(
        ValueError,
        match="must be finite in float32, but row 33 of",
    ) as error:
        read(stored(tmp_path, rows), given)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("shape", [(70,), (7, 5, 2), (0, 6), (70, 0), ()])
def test_what_is_no_array_of_rows_is_refused(tmp_path, shape) -> None:
    with pytest.raises(
        ValueError,
        match=r"must be a whole array|at least one row, but",
    ):
        rows_file(stored(tmp_path, np.zeros(shape, dtype=np.float32)))
    with pytest.raises(ValueError, match="at least one row, but"):
        rows_file(tensors(tmp_path, x=torch.zeros(shape)))


@pytest.mark.parametrize("dtype", [np.int64, np.bool_, np.complex64])
def test_what_is_no_floating_point_number_is_refused(tmp_path, dtype) -> None:
    with pytest.raises(ValueError, match="F64, F32, F16, BF16, but those of"):
        rows_file(stored(tmp_path, np.ones((70, 6), dtype=dtype)))


def test_pickled_objects_are_never_opened(tmp_path) -> None:
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("it was run",))

    rows = np.array([[Trap()]], dtype=object)
    np.save(tmp_path / "rows.npy", rows, allow_pickle=True)
    with pytest.raises(ValueError, match="whole array without pickled objects"):
        rows_file(tmp_path / "rows.npy")


@pytest.mark.parametrize("name", ["rows.npy", "rows.safetensors"])
@pytest.mark.parametrize("left", [0, 9, 200, -4])
def test_a_file_that_is_cut_short_or_empty_is_refused(tmp_path, name, left) -> None:
    path = (
        stored(tmp_path, ROWS)
        if name.endswith("npy")
        else tensors(
            tmp_path,
            x=torch.from_numpy(ROWS),
        )
    )
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(ValueError, match="must be a whole array") as error:
        rows_file(path)
    assert "\n" not in str(error.value)


def test_other_files_and_none_are_refused(tmp_path) -> None:
    (tmp_path / "rows.pt").write_bytes(b"x")
    with pytest.raises(
        ValueError,
        match=r"ends in \.npy or \.safetensors, but rows\.pt",
    ):
        rows_file(tmp_path / "rows.pt")
    with pytest.raises(ValueError, match="is no file"):
        rows_file(tmp_path / "none.npy")
    with pytest.raises(ValueError, match="without a name"):
        rows_file(stored(tmp_path, ROWS), tensor="x")


@pytest.mark.parametrize("more", [{"layer": 1}, {"sample": 1}, {"rows": 10}])
def test_a_file_has_no_layers_no_samples_and_is_taken_whole(more) -> None:
    with pytest.raises(ValueError, match="RowsFile"):
        Site(RowsFile("0" * 64, 70, 6), **more)
