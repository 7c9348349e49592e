"""A sweep on a Slurm of two nodes, one of which is lost in the middle of a training,
against the same sweep without Slurm: the results must be equal bit for bit.

    python workflow/two_nodes.py [--snakemake PATH] [--keep FOLDER]

Controller, both nodes and munge run on this machine, from a temporary folder, under
whoever calls this; nothing is written elsewhere, and all of it ends with this process.
It needs Debian's slurmctld, slurmd, slurm-client and munge, and a snakemake with
workflow/requirements.txt. No accounting database is needed. Three minutes on two cores.
"""

import argparse
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SWEEP = ROOT / "workflow" / "small_sweep.toml"
CLIENTS = ("sbatch", "srun", "squeue", "scontrol", "sinfo", "scancel")
PROGRAMS = ("munged", "slurmctld", "slurmd", *CLIENTS)
NODES = ("node1", "node2")
LIMIT = 600
"""Seconds after which something that takes one on an idle machine is given up."""
MARK = "TWO_NODES"
"""Environment variable by which the daemons of this run, and what they start as
themselves, are told from all others.
"""
CONF = """
ClusterName=two
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmdSpoolDir={folder}/spool-%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
SlurmdTimeout=6
MinJobAge=300
KillWait=2
ReturnToService=0
NodeName=DEFAULT CPUs=1 RealMemory=6000
NodeName=node1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]}
NodeName=node2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]}
PartitionName=cpu Nodes=node1,node2 Default=YES MaxTime=60 State=UP
"""


def missing() -> list[str]:
    """The programs that are not here."""
    return [name for name in PROGRAMS if program(name) is None]


def program(name: str) -> str | None:
    """Where a program lies; daemons are often not on a user's path."""
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def free_ports(number: int) -> list[int]:
    """Ports that nobody listens on."""
    with ExitStack() as stack:
        taken = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in taken:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in taken]


def clients(folder: Path) -> dict[str, str]:
    """An environment in which Slurm's commands find this Slurm, in jobs too, where
    Snakemake takes all variables away that begin with SLURM.
    """
    (folder / "bin").mkdir()
    for name in CLIENTS:
        script = folder / "bin" / name
        conf = shlex.quote(f"{folder}/slurm.conf")
        script.write_text(f'#!/bin/sh\nSLURM_CONF={conf} exec {program(name)} "$@"\n')
        script.chmod(0o755)
    path = f"{folder}/bin:{os.environ['PATH']}:/usr/sbin:/sbin"
    return os.environ | {"PATH": path, MARK: f"{folder}/job"}


@contextmanager
def cluster(folder: Path) -> Iterator[dict[str, str]]:
    """A Slurm of two nodes; the environment of `clients`. Everything that it has
    started is ended.
    """
    user = subprocess.check_output(["id", "-un"], text=True).strip()
    conf, key = folder / "slurm.conf", folder / "munge.key"
    settings = {"host": socket.gethostname(), "ports": free_ports(3), "user": user}
    conf.write_text(CONF.format(folder=folder, **settings).lstrip())
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    (folder / "state").mkdir()
    daemons, found = os.environ | {"SLURM_CONF": str(conf)}, clients(folder)
    parts = [f"--{part}={folder}/munge.{part}" for part in ("socket", "pid", "seed")]
    parts = [part.replace("--pid", "--pid-file") for part in parts]
    parts = [part.replace("--seed", "--seed-file") for part in parts]
    logs = [f"--log-file={folder}/munge.log", f"--key-file={key}"]
    try:
        daemon(folder, "munged", "--foreground", "--force", *parts, *logs)
        wait(lambda: (folder / "munge.socket").exists(), LIMIT, "munge")
        daemon(folder, "slurmctld", "-D", "-i", env=daemons)
        for node in NODES:
            daemon(folder, "slurmd", "-D", "-N", node, env=daemons, name=node)
        wait(lambda: states(found) == {"idle"}, LIMIT, "both nodes")
        yield found
    finally:
        for node in NODES:
            lose(node, folder)
        kill(marked(f"{MARK}={folder}/".encode()))


def daemon(
    folder: Path, what: str, *arguments: str, env: dict[str, str] | None = None, name=""
) -> None:
    """Start a daemon of this run, its output in a log."""
    name = name or what
    command = [program(what) or what, *arguments]
    marked_env = (env or dict(os.environ)) | {MARK: f"{folder}/{name}"}
    with (folder / f"{name}.log").open("wb") as log:
        subprocess.Popen(
            command, env=marked_env, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )


def states(found: dict[str, str]) -> set[str]:
    """The states of the nodes, as `sinfo` tells them."""
    command = ["sinfo", "-h", "-N", "-o", "%T"]
    command[0] = shutil.which("sinfo", path=found["PATH"]) or "sinfo"
    done = subprocess.run(command, env=found, capture_output=True, text=True)
    lines = done.stdout.split()
    return set(lines) if len(lines) == len(NODES) else set()


def marked(*words: bytes) -> list[int]:
    """Processes in whose environment all of these stand."""
    pids = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            content = b"\0" + environ.read_bytes()
        except OSError:
            continue
        if all(b"\0" + word in content for word in words):
            pids.append(int(environ.parent.name))
    return pids


def kill(pids: list[int]) -> None:
    """End processes at once, as a machine does that loses its power."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def on_node(node: str, folder: Path) -> list[int]:
    """The processes of the jobs on a node."""
    job = f"{MARK}={folder}/job\0".encode()
    return marked(job, f"SLURMD_NODENAME={node}\0".encode())


def lose(node: str, folder: Path) -> None:
    """A node is gone: its daemon first, so that it can tell nobody, then its jobs."""
    kill(marked(f"{MARK}={folder}/{node}\0".encode()))
    kill(on_node(node, folder))


def wait(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Until a condition holds. Raises SystemExit if it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"two_nodes: {what} did not come within {seconds:.0f} s")
        time.sleep(0.1)


KERNELS = {"SAECORE_KERNELS": "blas", "OMP_NUM_THREADS": "1"}


def here(folder: Path) -> str:
    """The table of the sweep as one process makes it, without Slurm and Snakemake."""
    plan, table = folder / "local" / "plan.json", folder / "local" / "table.json"
    env = os.environ | KERNELS | {"SAECORE_ZOO": str(folder / "local" / "zoo")}

    def saecore(*said: str | Path) -> None:
        command = [sys.executable, "-m", "saecore", "batch", *map(str, said)]
        subprocess.run(command, check=True, env=env, cwd=ROOT, timeout=LIMIT)

    saecore("plan", plan, "--sweep", SWEEP)
    saecore("make", plan, *json.loads(plan.read_text())["jobs"])
    saecore("table", plan, "--out", table)
    return table.read_text()


def snakemake(
    program_: str, folder: Path, *, env: dict[str, str]
) -> subprocess.Popen[bytes]:
    """The sweep on Slurm, with a zoo and a working folder of its own."""
    work = folder / "slurm"
    work.mkdir(exist_ok=True)
    config = [f"sweep={SWEEP}", f"folder={work}", f"python={sys.executable}"]
    command = [program_, "-s", str(ROOT / "workflow" / "Snakefile")]
    command += [*slurm_options(), "--config", *config, "bundle=0"]
    chosen = env | KERNELS | {"SAECORE_ZOO": str(work / "zoo")}
    chosen["PATH"] = f"{chosen['PATH']}:{Path(program_).parent}"
    log = (folder / "slurm.log").open("ab")
    return subprocess.Popen(command, env=chosen, cwd=work, stdout=log, stderr=log)


def slurm_options() -> list[str]:
    """The profile of the project, asked more often than a real cluster would be."""
    profile = ["--profile", str(ROOT / "workflow" / "profiles" / "slurm")]
    often = ["--seconds-between-status-checks", "3", "--latency-wait", "5"]
    return [*profile, *often, "--slurm-init-seconds-before-status-checks", "5"]


def training(work: Path, node: str, folder: Path) -> str | None:
    """The job that trains SAEs on a node right now: it holds a lock, and nothing that
    it makes is there yet.
    """
    for pid in on_node(node, folder):
        try:
            said = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        job = next((one for one in said if one.startswith("saes-")), None)
        if job is None or "batch" not in said:
            continue
        planned = json.loads((work / SWEEP.stem / "plan.json").read_text())["jobs"][job]
        made = zip(planned["slugs"], planned["keys"], strict=True)
        names = [f"{slug}-{key[:12]}" for slug, key in made]
        saes = work / "zoo" / "saes"
        locked = all((saes / ".locks" / f"{name}.lock").exists() for name in names)
        if locked and not any((saes / name).exists() for name in names):
            return job
    return None


def lost_in_training(batch: subprocess.Popen[bytes], work: Path, folder: Path) -> str:
    """Wait for a training on node2, and lose the node in the middle of it; its job."""
    seen: list[str | None] = []

    def trains() -> bool:
        seen.append(training(work, "node2", folder))
        return seen[-1] is not None or batch.poll() is not None

    wait(trains, LIMIT, "a training on node2")
    lose("node2", folder)
    if seen[-1] is None:
        raise SystemExit(f"two_nodes: nothing was trained on node2\n{tail(folder)}")
    print(f"   node2 was lost while it trained {seen[-1]}", flush=True)
    return seen[-1]


def tail(folder: Path) -> str:
    """The end of what Snakemake said on Slurm."""
    return (folder / "slurm.log").read_text(errors="replace")[-6000:]


def finished(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait for a sweep. Raises SystemExit with the end of its log if it failed."""
    try:
        status = process.wait(timeout=LIMIT)
    finally:
        process.kill()
    if status:
        raise SystemExit(f"two_nodes: the sweep on Slurm failed:\n{tail(folder)}")


def run(snakemake_: str, folder: Path) -> str:
    """Both sweeps, compared; a line on it."""
    alone, there = here(folder), folder / "slurm"
    with cluster(folder) as found:
        batch = snakemake(snakemake_, folder, env=found)
        lost = lost_in_training(batch, there, folder)
        finished(batch, folder)
        stamps = written(there)
        again = snakemake(snakemake_, folder, env=found)
        finished(again, folder)
    table = (there / SWEEP.stem / "table.json").read_text()
    if table != alone:
        raise SystemExit("two_nodes: the results differ from those without Slurm")
    if written(there) != stamps:
        raise SystemExit("two_nodes: a second submission made something anew")
    return f"{len(json.loads(table))} artefacts, {lost} begun anew: equal bit for bit"


def written(work: Path) -> dict[str, int]:
    """When each artefact was written."""
    notes = (work / "zoo").glob("*/*/recipe.json")
    return {str(note): note.stat().st_mtime_ns for note in notes}


def main() -> None:
    """Set up, run, compare, clean up."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--snakemake", default=shutil.which("snakemake"))
    parser.add_argument("--keep", type=Path, help="leave logs and zoos here")
    options = parser.parse_args()
    if options.snakemake is None or missing():
        lacks = missing() or ["snakemake"]
        raise SystemExit(f"two_nodes: {', '.join(lacks)} must be installed")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("two_nodes: ended"))
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="two-nodes-") as scratch:
        folder = options.keep.resolve() if options.keep else Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        said = run(str(Path(options.snakemake).resolve().parent / "snakemake"), folder)
    print(f"   {said}, in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
