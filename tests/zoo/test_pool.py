"""A pool of processes: the bits of one, and nothing left when the parent ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from saecore.errors import ZooError
from saecore.recipes.sae import SAERecipe
from saecore.source.rows_file import rows_file
from saecore.source.site import Site
from saecore.training.trainer import split, train
from saecore.zoo import pool, store
from saecore.zoo.plan import Job
from saecore.zoo.store import Zoo

ROOT = Path(__file__).parents[2]
FOREVER = """
import sys
from saecore.recipes.sae import SAERecipe
from saecore.source.site import Site
from saecore.source.rows_file import rows_file
from saecore.zoo import store
from saecore.errors import ZooError

store.ALONE_BELOW = 0.0
root, path = sys.argv[1:]
source = rows_file(path)
zoo = store.Zoo(root, workers=2, places={source: path})
recipe = SAERecipe(Site(source), "topk", 64, 3, rows=10**9, batch=256)
try:
    zoo.get_all(recipe.sweep(data_seed=[0, 1]))
except KeyboardInterrupt:
    sys.exit("stopped")
except ZooError as error:
    sys.exit(str(error))
"""


@pytest.fixture
def file(tmp_path, planted, site) -> Path:
    """6,000 rows of length 32."""
    np.save(tmp_path / "rows.npy", planted(site.source, 6000).double().numpy())
    return tmp_path / "rows.npy"


@pytest.fixture
def endless(tmp_path, file, processes):
    """A process whose two workers train without an end; and all workers it had."""
    program = [sys.executable, "-c", FOREVER, str(tmp_path / "zoo"), str(file)]
    parent = subprocess.Popen(
        program,
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    part, locks = tmp_path / "zoo" / "rows", tmp_path / "zoo" / "saes" / ".locks"

    def training() -> bool:
        return any(part.glob("file-*")) and len(list(locks.glob("*"))) == 2

    processes.wait(training, 60, "a training")
    workers = processes.under(parent.pid)
    assert len(workers) == 2
    yield parent, workers
    parent.kill()
    parent.wait()


def test_rows_from_a_file_give_the_saes_of_the_same_rows_in_one_process_and_in_several(
    tmp_path, file, monkeypatch
) -> None:
    source = rows_file(file)
    recipe = SAERecipe(Site(source), "topk", 64, 3, rows=60 * 256, batch=256, warmup=10)
    wanted = recipe.sweep(data_seed=[0, 1])
    rows = split(torch.from_numpy(np.load(file)).float())
    expected = {one: train(one, [one.seed], rows)[0].weights for one in wanted}
    here = Zoo(tmp_path / "here", workers=1, places={source: file}).get_all(wanted)
    monkeypatch.setattr(store, "ALONE_BELOW", 0.0)
    monkeypatch.setattr(Zoo, "do", lambda *_: pytest.fail("nothing is made here"))
    there = Zoo(tmp_path / "there", workers=2, places={source: file}).get_all(wanted)
    for one in wanted:
        for name, weight in expected[one].items():
            assert torch.equal(here[one].weights[name], weight)
            assert torch.equal(there[one].weights[name], weight)
        assert here[one].metadata["hook_name"] == "file"


def test_a_file_whose_place_nobody_said_is_asked_for(tmp_path, file) -> None:
    with pytest.raises(ZooError, match=r"the file of RowsFile.* pass places="):
        Zoo(tmp_path / "zoo").get(Site(rows_file(file)))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_at_once_when_their_parent_is_killed(
    endless,
    processes,
    how,
) -> None:
    parent, workers = endless
    parent.send_signal(how)
    parent.wait(timeout=10)
    processes.gone(workers)


@pytest.mark.parametrize("group", [True, False], ids=["group", "parent alone"])
def test_an_interrupt_is_one_sentence_and_ends_all(endless, processes, group) -> None:
    parent, workers = endless
    if group:
        os.killpg(parent.pid, signal.SIGINT)
    else:
        parent.send_signal(signal.SIGINT)
    assert parent.communicate(timeout=10)[1] == "stopped\n"
    assert parent.returncode == 1
    processes.gone(workers)


def test_a_worker_that_is_killed_is_an_error_that_says_to_ask_again(endless) -> None:
    parent, workers = endless
    os.kill(min(workers), signal.SIGKILL)
    said = parent.communicate(timeout=20)[1]
    assert "one ended with code -9" in said
    assert "ask again" in said


def test_a_job_that_fails_in_a_worker_says_why_and_nothing_else(
    tmp_path,
    file,
    capfd,
) -> None:
    source = rows_file(file)
    np.save(file, np.full((6000, 32), np.nan))
    start = pool.Start(tmp_path / "zoo", {source: file}, 1)
    with pytest.raises(ZooError, match="must hold 6000 rows of length 32 with sha256"):
        pool.in_processes(start, [Job((Site(source),), frozenset())], print)
    assert capfd.readouterr().err == ""
