"""Results are kept part by part, and never half."""

import json

import pytest

from saecore.papers import results
from saecore.papers.releases import release_of


def test_parts_are_added_and_replaced(tmp_path):
    path, one = tmp_path / "a" / "gpt2.json", release_of("gpt2")
    results.store(path, one, "widths", {"novel/1536 in 768": 650}, {"seconds": 1.0})
    results.store(
        path, one, "activations", {"MSE/768": [2.7, 2.6, 2.8]}, {"seconds": 2}
    )
    results.store(path, one, "widths", {"novel/1536 in 768": 651}, {"seconds": 3.0})
    undefined = {"AUC of the cosine/1536 in 768": float("nan")}
    results.store(path.with_stem("other"), one, "activations", undefined, {})
    other = results.stored_results(path.with_stem("other"))["parts"]["activations"]
    assert other["numbers"] == dict.fromkeys(undefined)
    path.with_stem("other").unlink()
    parts = results.stored_results(path)["parts"]
    assert parts["widths"]["numbers"] == {"novel/1536 in 768": 651}
    assert parts["activations"]["numbers"]["MSE/768"] == [2.7, 2.6, 2.8]
    assert parts["widths"]["date"]
    assert [file.name for file in path.parent.iterdir()] == ["gpt2.json"]


def test_what_nobody_ran_is_empty_and_a_damaged_file_is_told(tmp_path):
    assert results.stored_results(tmp_path / "none.json") == {}
    (tmp_path / "half.json").write_text('{"parts":')
    with pytest.raises(ValueError, match="delete it and run again"):
        results.stored_results(tmp_path / "half.json")


def test_committed_results_speak_of_the_table():
    """Every number that is stored for this book belongs to a part of its release."""
    for path in results.stored_folder().glob("*.json"):
        stored = json.loads(path.read_text(encoding="utf-8"))
        one = release_of(stored["release"])
        assert path.stem == one.name
        assert set(stored["parts"]) <= set(one.parts)
