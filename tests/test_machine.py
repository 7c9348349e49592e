"""Limits: the tightest one counts, whoever sets it, and no limit is none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from saecore import machine

GB = 10**9


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    """A machine of 16 GB and 8 cores, whose process is in the group a/b."""
    monkeypatch.setattr(machine, "_physical", lambda: iter([16 * GB]))
    monkeypatch.setattr(machine, "_address_space", lambda: iter(()))
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)))
    write(tmp_path, "proc/self/cgroup", "0::/a/b\n")
    return tmp_path


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def test_without_a_control_group_the_machine_is_the_limit(root):
    (root / "proc/self/cgroup").unlink()
    assert machine.memory(root) == 16 * GB
    assert machine.cores(root) == 8


def test_version_2_the_tightest_group_on_the_way_up_counts(root):
    write(root, "sys/fs/cgroup/a/b/memory.max", "max\n")
    write(root, "sys/fs/cgroup/a/memory.max", f"{2 * GB}\n")
    write(root, "sys/fs/cgroup/a/b/cpu.max", "max 100000\n")
    write(root, "sys/fs/cgroup/a/cpu.max", "350000 100000\n")
    assert machine.memory(root) == 2 * GB
    assert machine.cores(root) == 3


def test_a_container_sees_its_own_group_at_the_top(root):
    write(root, "sys/fs/cgroup/memory.max", f"{GB}\n")
    write(root, "sys/fs/cgroup/cpu.max", "50000 100000\n")
    assert machine.memory(root) == GB
    assert machine.cores(root) == 1


def test_version_1_each_controller_has_a_folder_of_its_own(root):
    write(root, "proc/self/cgroup", "4:memory:/q\n3:cpu,cpuacct:/q\n1:name=x:/\n0::/\n")
    none = 9223372036854771712
    write(root, "sys/fs/cgroup/memory/memory.limit_in_bytes", f"{none}\n")
    write(root, "sys/fs/cgroup/memory/q/memory.limit_in_bytes", f"{3 * GB}\n")
    write(root, "sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n")
    write(root, "sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n")
    write(root, "sys/fs/cgroup/cpu/q/cpu.cfs_quota_us", "200000\n")
    write(root, "sys/fs/cgroup/cpu/q/cpu.cfs_period_us", "100000\n")
    assert machine.memory(root) == 3 * GB
    assert machine.cores(root) == 2


@pytest.mark.parametrize(
    ("limit", "processes"), [(16, 8), (3.5, 3), (2.5, 2), (2, 1), (0.2, 1)]
)
def test_as_many_processes_as_fit_beside_what_is_there_and_at_least_one(
    root, limit, processes
):
    write(root, "sys/fs/cgroup/memory.max", f"{round(limit * GB)}\n")
    found = machine.side_by_side(machine.WORKER, beside=machine.PARENT, root=root)
    assert found == processes


def test_the_address_space_of_a_shell_is_a_limit():
    program = "from saecore import machine; print(machine.memory())"
    shell = [
        "sh",
        "-c",
        'ulimit -v 1000000; exec "$0" -c "$1"',
        sys.executable,
        program,
    ]
    done = subprocess.run(shell, capture_output=True, text=True, check=True)
    assert int(done.stdout) <= 1_024_000_000


@pytest.mark.parametrize(
    ("stated", "processes"), [("2147483648", 1), ("1", 1), ("", 8), ("2G", 8)]
)
def test_a_hub_states_what_its_users_have_and_two_gigabytes_are_one_process(
    root, monkeypatch, stated, processes
):
    monkeypatch.setenv("MEM_LIMIT", stated)
    write(root, "sys/fs/cgroup/memory.max", f"{16 * GB}\n")
    found = machine.side_by_side(machine.WORKER, beside=machine.PARENT, root=root)
    assert found == processes
