"""The store: what was asked for is there, whole, as read back; what is damaged, missed
or too large is not.
"""

import dataclasses
import errno
import json
import os
import shutil
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from saecore import machine
from saecore.errors import MissedSparsity, ZooError
from saecore.places import default_root
from saecore.source.model import generation
from saecore.source.model.language_model import LanguageModel, OpenModel
from saecore.source.model.texts import SampledText
from saecore.source.site import Site
from saecore.source.worlds import rows as worlds
from saecore.source.worlds import world as world_of_features
from saecore.zoo import artefact, artefact_kinds, store
from saecore.zoo.artefact import DiskFull, folder_of
from saecore.zoo.disk.note import checksum, note_digest
from saecore.zoo.plan import jobs
from saecore.zoo.store import Zoo

ARCHITECTURES = ("topk", "batchtopk", "matryoshka", "relu", "gated", "jumprelu")


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many SAEs were trained, call by call."""
    calls: list[int] = []
    real = artefact_kinds.train

    def counted(recipe, seeds, rows, **options):
        calls.append(len(seeds))
        return real(recipe, seeds, rows, **options)

    monkeypatch.setattr(artefact_kinds, "train", counted)
    return calls


def folders(zoo: Zoo, kind: str = "saes") -> list[str]:
    return sorted(
        path.name
        for path in (zoo.root / kind).glob("*")
        if not path.name.startswith(".")
    )


def test_an_sae_is_trained_once_and_then_read(zoo, recipe, trainings) -> None:
    first = zoo.get_all([recipe, recipe])[recipe]
    again = Zoo(zoo.root).get(recipe)
    assert trainings == [1]
    assert all(
        torch.equal(first.weights[name], again.weights[name]) for name in first.weights
    )
    assert folders(zoo) == [f"{recipe.slug}-{recipe.key[:12]}"]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_sae_lens_opens_the_folder_and_computes_the_same(
    zoo, recipe, architecture, monkeypatch
) -> None:
    sae_lens = pytest.importorskip("sae_lens")
    monkeypatch.setattr(
        artefact_kinds, "TOLERANCE", 9.0
    )  # a short training is no matter here
    asked = dataclasses.replace(recipe, architecture=architecture, rows=60 * 256)
    ours = zoo.get(asked)
    peer = sae_lens.SAE.load_from_disk(str(folder_of(zoo.root, asked)))
    x = zoo.split(asked.site).check[:100]
    with torch.no_grad():
        torch.testing.assert_close(ours.encode(x), peer.encode(x), rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(ours(x), peer(x), rtol=1e-5, atol=1e-5)
    assert (ours.encode(x) > 0).any()


def test_the_note_holds_the_recipe_the_checksums_and_how_training_went(
    zoo, recipe
) -> None:
    zoo.get_all([recipe])
    note = json.loads((folder_of(zoo.root, recipe) / "recipe.json").read_text())
    assert note["key"] == recipe.key
    assert set(note["files"]) == {"cfg.json", "sae_weights.safetensors"}
    assert {"l0", "fvu", "silent", "seconds", "peak_memory", "log"} <= set(note["made"])
    assert note["made"]["l0"] == pytest.approx(3, rel=0.1)
    assert 0 < note["made"]["fvu"] < 1


def test_many_recipes_in_one_call_are_bitwise_those_of_single_calls(
    zoo, recipe, tmp_path, trainings
) -> None:
    wanted = recipe.sweep(seed=[0, 1, 2]) + recipe.sweep(
        architecture=["batchtopk"], data_seed=[0, 1]
    )
    together = zoo.get_all(wanted)
    assert sorted(trainings) == [1, 1, 3]
    for one in wanted:
        alone = Zoo(tmp_path / "alone", workers=1).get(one)
        for name, weight in alone.weights.items():
            assert torch.equal(weight, together[one].weights[name])


def test_several_processes_give_the_bits_of_one(
    zoo, recipe, tmp_path, monkeypatch
) -> None:
    wanted = recipe.sweep(data_seed=[0, 1], seed=[0, 1])
    expected = zoo.get_all(wanted)
    other = Zoo(tmp_path / "other", workers=2)
    other.get(recipe.site)
    monkeypatch.setattr(store, "ALONE_BELOW", 0.0)
    monkeypatch.setattr(
        Zoo, "do", lambda *_: pytest.fail("this process should not train")
    )
    found = other.get_all(wanted)
    for one in wanted:
        assert all(
            torch.equal(w, expected[one].weights[name])
            for name, w in found[one].weights.items()
        )


@pytest.mark.parametrize("paths", [None, "", f"{os.pathsep}{os.sep}nowhere"])
def test_modules_in_the_working_folder_are_not_run_by_other_processes(
    recipe, tmp_path, monkeypatch, paths
) -> None:
    for name in ("saecore", "safetensors"):
        (tmp_path / f"{name}.py").write_text(f"open('{name} ran', 'w')\n")
    monkeypatch.chdir(tmp_path)
    if paths is None:
        monkeypatch.delenv("PYTHONPATH", raising=False)
    else:
        monkeypatch.setenv("PYTHONPATH", paths)
    monkeypatch.setattr(store, "ALONE_BELOW", 0.0)
    zoo, quick = (
        Zoo(tmp_path / "zoo", workers=2),
        dataclasses.replace(recipe, rows=20 * 256),
    )
    zoo.get(recipe.site)
    monkeypatch.setattr(
        Zoo, "do", lambda *_: pytest.fail("this process should not train")
    )
    assert len(zoo.get_all([quick, dataclasses.replace(quick, width=48)])) == 2
    assert not list(tmp_path.glob("* ran"))


def test_a_refusal_in_another_process_arrives_here(
    recipe, tmp_path, monkeypatch
) -> None:
    zoo = Zoo(tmp_path / "zoo", workers=2)
    monkeypatch.setattr(store, "ALONE_BELOW", 0.0)
    bad = dataclasses.replace(recipe, architecture="relu", rows=3 * 256)
    with pytest.raises(MissedSparsity, match="relu-w64-k3"):
        zoo.get_all([recipe, bad])
    assert folders(zoo) == [f"{recipe.slug}-{recipe.key[:12]}"]


def test_an_sae_that_missed_its_sparsity_is_refused_and_the_others_are_kept(
    zoo, recipe, trainings
) -> None:
    bad = dataclasses.replace(recipe, architecture="relu", rows=3 * 256)
    with pytest.raises(
        MissedSparsity, match="must be within 10 % of k, but relu-w64-k3"
    ):
        zoo.get_all([bad, recipe])
    assert folders(zoo) == [f"{recipe.slug}-{recipe.key[:12]}"]
    assert not list((zoo.root / "saes").glob(".*part"))


def cut(path):
    path.write_bytes(path.read_bytes()[:-7])


def flip(path):
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)


DAMAGES = {
    "weights cut short": lambda f: cut(f / "sae_weights.safetensors"),
    "one bit flipped": lambda f: flip(f / "sae_weights.safetensors"),
    "weights gone": lambda f: (f / "sae_weights.safetensors").unlink(),
    "configuration changed": lambda f: (f / "cfg.json").write_text("{}"),
    "note cut short": lambda f: cut(f / "recipe.json"),
    "note gone": lambda f: (f / "recipe.json").unlink(),
    "note of another recipe": lambda f: (f / "recipe.json").write_text(
        '{"key": "0", "files": {}}'
    ),
    "folder empty": lambda f: [path.unlink() for path in f.iterdir()],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_folder_is_made_again_and_said_so(
    zoo, recipe, capsys, damage
) -> None:
    quick = dataclasses.replace(recipe, rows=20 * 256)
    before = zoo.get(quick)
    DAMAGES[damage](folder_of(zoo.root, quick))
    after = Zoo(zoo.root, workers=1).get(quick)
    assert (
        f"{quick.slug}-{quick.key[:12]} is damaged and will be made again"
        in capsys.readouterr().err
    )
    assert all(
        torch.equal(before.weights[name], after.weights[name])
        for name in before.weights
    )
    assert folders(zoo) == [f"{quick.slug}-{quick.key[:12]}"]


def test_an_array_of_the_wrong_shape_is_made_again_even_if_its_checksum_is_right(
    zoo, site, capsys
) -> None:
    zoo.get(site)
    folder = folder_of(zoo.root, site)
    np.save(folder / "rows.npy", np.zeros((5, 32), dtype=np.float32))
    note = json.loads((folder / "recipe.json").read_text())
    note["files"]["rows.npy"] = checksum(folder / "rows.npy")
    note["digest"] = note_digest(note)
    (folder / "recipe.json").write_text(json.dumps(note))
    assert Zoo(zoo.root).get(site).shape == (6000, 32)
    assert "should hold an array of shape" in capsys.readouterr().err


def test_rows_are_mapped_and_changes_to_them_do_not_reach_the_disk(
    zoo, site, planted
) -> None:
    rows = zoo.get(site)
    torch.testing.assert_close(rows, planted(site.source, 6000))
    rows[0] = 7.0
    torch.testing.assert_close(zoo.get(site)[0], planted(site.source, 6000)[0])


def test_what_an_interrupted_run_left_is_removed_and_its_sae_made(
    zoo, recipe, monkeypatch
) -> None:
    def killed(*_):
        raise KeyboardInterrupt

    zoo.get(recipe.site)
    folder = folder_of(zoo.root, recipe)
    stale = folder.parent / f".{folder.name}.1.part"
    stale.mkdir(parents=True)
    (stale / "cfg.json").write_text("half")
    with monkeypatch.context() as patched:
        patched.setattr(artefact, "_note", killed)
        with pytest.raises(KeyboardInterrupt):
            zoo.get_all([recipe])
    assert not folder.exists()
    zoo.get_all([recipe])
    assert folder.exists()
    assert not list(folder.parent.glob(".*part"))


def test_a_full_disk_is_one_sentence_and_leaves_nothing(zoo, site, monkeypatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(
        DiskFull,
        match=r"needs room on its disk.* 1 MB are needed, 32 MB have to stay free, and 0 MB",
    ) as error:
        zoo.get(site)
    assert "\n" not in str(error.value)
    assert folders(zoo, "rows") == []


def test_a_disk_that_fills_up_while_writing_leaves_nothing_either(
    zoo, recipe, monkeypatch
) -> None:
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    zoo.get(recipe.site)
    monkeypatch.setattr(artefact, "_note", full)
    with pytest.raises(DiskFull, match="filled up while it was written"):
        zoo.get_all([recipe])
    assert folders(zoo) == []
    assert not list((zoo.root / "saes").glob(".*part"))


def test_what_another_process_is_making_is_waited_for_and_not_made_twice(
    zoo, recipe, trainings, capsys
) -> None:
    zoo.get(recipe.site)
    other = Zoo(zoo.root, workers=1)
    with artefact.locked(folder_of(zoo.root, recipe)):
        waiting = threading.Thread(target=other.get_all, args=([recipe],))
        waiting.start()
        while "waiting for another process" not in capsys.readouterr().err:
            time.sleep(0.02)
        rows = zoo.split(recipe.site)
        trained = artefact_kinds.train(recipe, [0], rows)[0]
        folder = folder_of(zoo.root, recipe)
        assert artefact_kinds.write_sae(folder, recipe, trained, rows) is None
    waiting.join()
    assert trainings == [1]


class Writer(OpenModel):
    """A language model that writes counted tokens and whose stream is twice the
    token.
    """

    def __init__(self) -> None:
        self.n_layers, self.d_model = 2, 4

    def read(self, tokens, layers, kind="resid_post", *, batch=64):
        return {
            layer: (2.0 * tokens + layer)[..., None].expand(-1, -1, 4)
            for layer in layers
        }


def counted_tokens(
    model, sequences, length, *, temperature, generator, banned, progress
):
    """What such a model writes."""
    progress(sequences)
    first = int(generator.initial_seed() % 1000)
    return torch.arange(sequences * length).view(sequences, length) + first


@pytest.fixture
def written(monkeypatch, zoo) -> Site:
    """A site of such a model."""
    monkeypatch.setattr(Zoo, "model", lambda self, model, dtype="float32": Writer())
    monkeypatch.setattr(generation, "sample", counted_tokens)
    return Site(
        SampledText(LanguageModel("writer", "0"), sequences=6, length=5), layer=1
    )


def test_text_and_its_rows_are_artefacts_too(zoo, written) -> None:
    tokens, rows = zoo.get(written.text), zoo.get(written)
    assert tokens.dtype == torch.int64
    torch.testing.assert_close(rows[:, 0], 2.0 * tokens[:, 1:].flatten() + 1)
    assert [held.kind for held in zoo.list()] == ["rows", "tokens"]
    stored = np.load(folder_of(zoo.root, written.text) / "tokens.npy")
    assert stored.dtype == np.int32


def test_another_sample_is_other_text(zoo, written) -> None:
    other = dataclasses.replace(written, sample=1)
    assert not torch.equal(zoo.get(written.text), zoo.get(other.text))
    assert not torch.equal(zoo.get(written), zoo.get(other))


def test_a_language_model_whose_folder_is_unknown_is_asked_for(zoo) -> None:
    text = SampledText(LanguageModel("nobody", "f" * 64), sequences=2, length=4)
    with pytest.raises(ZooError, match=r"language model nobody .* pass places="):
        zoo.get(text)


def test_the_list_restores_every_recipe(zoo, recipe) -> None:
    zoo.get_all([recipe])
    (folder_of(zoo.root, recipe).parent / "alien").mkdir()
    held = zoo.list()
    assert [one.recipe for one in held] == [recipe.site, recipe]
    assert all(one.size > 1000 for one in held)
    assert held[1].made["l0"] == pytest.approx(3, rel=0.1)


def test_the_untrained_sae_is_not_stored(zoo, recipe) -> None:
    null = zoo.untrained(recipe)
    x = zoo.split(recipe.site).check
    assert float((null.encode(x) > 0).sum(1).float().mean()) == 3.0
    assert not (zoo.root / "saes").exists()


def test_groups_share_all_but_the_seed_and_the_dearest_come_first(recipe) -> None:
    wide = dataclasses.replace(recipe, width=640)
    wanted = [*recipe.sweep(seed=[0, 1]), *wide.sweep(seed=[0, 1], data_seed=[1])]
    planned = jobs(wanted, there=lambda one: one == recipe.site)
    assert [[(one.width, one.seed) for one in job.make] for job in planned] == [
        [(640, 0), (640, 1)],
        [(64, 0), (64, 1)],
    ]


def test_worlds_rows_are_those_of_the_world(monkeypatch, zoo, site) -> None:
    asked = []
    monkeypatch.setattr(
        worlds,
        "world_rows",
        lambda world, n, *, sample, start: (
            asked.append((world, n, sample, start)) or torch.ones(n, 32)
        ),
    )
    monkeypatch.setattr(world_of_features, "AT_A_TIME", 4096)
    zoo.get(dataclasses.replace(site, sample=3))
    assert asked == [(site.source, 4096, 3, 0), (site.source, 1904, 3, 4096)]


def test_on_a_small_machine_fewer_processes_make_things(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(machine, "cores", lambda root=None: 8)
    monkeypatch.setattr(machine, "memory", lambda root=None: 3_000_000_000)
    assert Zoo(tmp_path).workers == 2
    large = tmp_path / "model"
    large.mkdir()
    with (large / "model.safetensors").open("wb") as file:
        file.truncate(700_000_000)  # a hole: it takes no room
    assert Zoo(tmp_path, places={"a model": large}).workers == 1
    assert Zoo(tmp_path, workers=5).workers == 5


def test_what_cannot_be_read_for_want_of_rights_is_not_made_again(
    zoo, site, monkeypatch, trainings
) -> None:
    zoo.get(site)

    def denied(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(store, "read_note", denied)
    monkeypatch.setattr(store, "verified", denied)
    with pytest.raises(ZooError, match=r"must be readable.*Permission denied"):
        Zoo(zoo.root).find(site)


def test_what_lies_elsewhere_is_left_out_of_the_list(zoo, site, recipe) -> None:
    zoo.get_all([recipe])
    held = zoo.list()
    kind = zoo.root / "saes"
    shutil.copytree(kind / held[1].name, kind / "under another name")
    (kind / "link").symlink_to(held[1].name)
    (kind / "pipe").mkdir()
    os.mkfifo(kind / "pipe" / "recipe.json")
    (kind / "loop").mkdir()
    (kind / "loop" / "recipe.json").symlink_to("recipe.json")
    assert zoo.list() == held


def test_a_home_of_nobody_is_one_sentence(monkeypatch) -> None:
    monkeypatch.setenv("SAECORE_ZOO", "~nobody of this name/zoo")
    with pytest.raises(ZooError, match="must be a folder, but '~nobody of this"):
        default_root()
