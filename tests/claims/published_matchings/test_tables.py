import json
import sys

import numpy as np
import pytest

from saecore.claims.published_matchings import tables as module
from saecore.claims.published_matchings.tables import stored, tables_of
from saecore.report.paths import ReportError
from tests.claims.published_matchings.planted import arrays, written


@pytest.fixture
def file(tmp_path):
    one = {
        f"{kind}_k32-sae-mlp-768__layer{layer}": np.arange(8)
        for kind in ("decoder", "encoder")
        for layer in (6, 10, 2)
    }
    one["encoder_k32-sae-mlp-768__layer10"] = np.array([1, 0, *range(2, 8)])
    return written(tmp_path / "a.npz", arrays() | one)


def test_tables_have_every_sweep_in_order(file):
    found = tables_of(file)
    layers = found["sweeps"]["layer, 768 latents"]
    assert [row["layer"] for row in layers] == [2, 6, 10]
    assert [row["agreement"] for row in layers] == [1, 1, 0.75]
    assert [row["latents"] for row in found["sweeps"]["width"]] == [8]
    assert found["nine"]["pairs"] == 35
    assert found["matchings"] == 2 * (35 + 3)


def test_the_command_writes_what_the_page_reads(file, tmp_path, monkeypatch):
    target = tmp_path / "book" / "results" / "published" / "seed_overlap.json"
    monkeypatch.setattr(module, "stored_file", lambda: target)
    with pytest.raises(ReportError, match=r"published_matchings\.tables"):
        stored()
    monkeypatch.setattr(sys, "argv", ["tables", str(file)])
    module.main()
    assert stored() == json.loads(json.dumps(tables_of(file)))


def test_the_committed_tables_are_those_of_the_published_arrays():
    found = stored()
    assert found["matchings"] == 154
    assert found["nine"]["agreement"][0] == pytest.approx(0.7977, abs=5e-4)
    assert found["nine"]["closed by decoders"][0] == pytest.approx(0.5233, abs=5e-4)
    closing = found["nine"]["closings"]
    total = sum(one["share"] * one["closed"] for one in closing)
    assert total == pytest.approx(found["nine"]["closed by decoders"][0], abs=1e-6)
