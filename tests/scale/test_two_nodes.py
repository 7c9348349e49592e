"""A sweep on a Slurm of two nodes, one of which is lost: minutes, so `make test-slow`."""

import importlib.util
import subprocess
import sys

import pytest

from tests.scale.conftest import ROOT

PROGRAM = ROOT / "workflow" / "two_nodes.py"
SPEC = importlib.util.spec_from_file_location("two_nodes", PROGRAM)
assert SPEC is not None
assert SPEC.loader is not None
two_nodes = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(two_nodes)


@pytest.mark.slow
def test_a_lost_node_changes_no_bit(snakemake):
    if lacking := two_nodes.missing():
        pytest.skip(f"no Slurm here ({', '.join(lacking)} are missing)")
    done = subprocess.run(
        [sys.executable, str(PROGRAM), "--snakemake", snakemake],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert "equal bit for bit" in done.stdout
    assert "node2 was lost while it trained saes-" in done.stdout


def test_only_processes_with_the_mark_are_ended(tmp_path):
    mark = {two_nodes.MARK: f"{tmp_path}/node1"}
    own = subprocess.Popen(["sleep", "60"], env=mark)
    other = subprocess.Popen(["sleep", "60"], env={})
    try:
        two_nodes.lose("node2", tmp_path)
        assert own.poll() is None
        two_nodes.lose("node1", tmp_path)
        assert own.wait(timeout=10) == -9
        assert other.poll() is None
    finally:
        for one in (own, other):
            one.kill()
            one.wait()


def test_ports_are_free_and_differ():
    assert len(set(two_nodes.free_ports(3))) == 3
