"""The command from end to end: what it costs, what it fetches, what it writes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from saecore.__main__ import main
from saecore.papers import cost, releases

ROOT = Path(__file__).parents[2]


def test_costs_are_said_and_nothing_is_asked_of_the_hub(small, hub, capsys):
    assert main(["papers", "gemma", "--dry-run"]) == 0
    assert capsys.readouterr().out.count("GB to fetch") == 2
    assert hub.requests == []


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["llama"], "the papers' own models are gpt2, pythia, gemma"),
        (["gemma", "--part", "seeds"], "correct --part"),
    ],
)
def test_what_is_not_there_is_told(small, asked, told, capsys):
    assert main(["papers", *asked]) == 1
    assert told in capsys.readouterr().err


def test_a_gated_model_stops_after_the_parts_that_need_no_model(
    served, hub, tmp_path, capsys
):
    hub.gated.add(served["gemma"].model)
    out = tmp_path / "gemma.json"
    assert main(["papers", "gemma", "--rows", "150", "--out", str(out)]) == 1
    said = capsys.readouterr()
    assert "accepted its terms" in said.err
    assert said.err.count("\n") - said.err.count("\r") <= 12  # bars, and one sentence
    assert list(json.loads(out.read_text())["parts"]) == ["widths"]
    model = str(hub.root / served["gemma"].model)
    hub.gated.clear()
    asked = ["--part", "activations", "--rows", "150", "--model", model]
    assert main(["papers", "gemma", *asked, "--out", str(out)]) == 0
    parts = json.loads(out.read_text())["parts"]
    assert list(parts) == ["widths", "activations"]
    assert parts["activations"]["text"] == "NeelNanda/pile-10k"


def test_all_parts_of_a_release(served, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cost, "META_STEPS", 20)
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path / "zoo"))
    out = tmp_path / "gpt2.json"
    assert main(["papers", "gpt2", "--rows", "200", "--out", str(out)]) == 0
    parts = json.loads(out.read_text())["parts"]
    assert list(parts) == served["gpt2"].parts
    numbers = {n: x for part in parts.values() for n, x in part["numbers"].items()}
    assert {one.key for one in served["gpt2"].numbers} - set(numbers) == set()
    assert "1536 in 768: paper 0.572 (figure 16b), ours" in capsys.readouterr().out
    assert set(parts["widths"]["revisions"]) == {served["gpt2"].saes[0].repo}


def test_a_pair_of_seeds_by_a_process_that_is_told_of_the_hub_by_hf_endpoint(
    small, hub, tmp_path
):
    """As a user runs it."""
    program = (
        "import sys; from pathlib import Path; from saecore.papers import releases; "
        f"releases.claims_file = lambda: Path({str(releases.claims_file())!r}); "
        "from saecore.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    environment = os.environ | {
        "HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "home"), "no_proxy": "*",
        "SAECORE_ZOO": str(tmp_path / "zoo"), "HF_HUB_DISABLE_XET": "1",
    }  # fmt: skip
    out = tmp_path / "pythia.json"
    done = subprocess.run(
        [sys.executable, "-c", program, "papers", "pythia", "--out", str(out),
         "--part", "first pair"],
        env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    parts = json.loads(out.read_text())["parts"]
    assert list(parts) == ["first pair"]
    assert parts["first pair"]["numbers"]["agreement/first pair"] > 0.3
    assert len(list((tmp_path / "zoo" / "papers" / "pythia").iterdir())) == 1
    assert "paper 0.7929" in done.stdout
