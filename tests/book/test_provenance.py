"""What a run was made with and what it cost, as a table."""

import subprocess

from saecore.book import provenance
from saecore.book.execute import PageCost
from saecore.recipes.keys import BUILD


def test_facts_survive_storage_and_become_a_table(tmp_path):
    facts = provenance.facts(
        tmp_path,
        profile="tiny",
        world_seed=7,
        costs={"subjects": PageCost(12.34, 10.1, 640.4)},
    )
    facts["zoo"] = {"saes": {"number": 92, "cpu_minutes": 14.24, "megabytes": 300.4}}
    path = tmp_path / "provenance.json"
    provenance.write(facts, path)
    assert provenance.read(path) == facts
    text = provenance.provenance_markdown(facts)
    assert "| subjects | 12 | 10 | 640 |" in text
    assert "| SAEs | 92 | 14.2 | 300 |" in text
    assert "world seed 7" in text
    assert f"torch {facts['packages']['torch']}" in text
    assert "commit `unknown`" in text


def test_every_kind_of_artefact_has_a_name_for_people():
    assert set(BUILD) <= set(provenance.KINDS_SHOWN)


def test_without_a_run_the_page_says_so(tmp_path):
    assert (
        provenance.provenance_markdown(provenance.read(tmp_path / "none.json"))
        == "No notebook has been run yet.\n"
    )


def test_a_commit_is_marked_when_tracked_files_differ_from_it(tmp_path):
    def git(*arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(
            ["git", "-C", str(tmp_path), *identity, *arguments],
            check=True,
            capture_output=True,
        )

    git("init")
    (tmp_path / "file").write_text("a")
    git("add", "file")
    git("commit", "-m", "first")
    clean = provenance.commit(tmp_path)
    assert len(clean) >= 7
    assert "+" not in clean
    (tmp_path / "file").write_text("b")
    assert provenance.commit(tmp_path) == clean + "+"


def test_a_copy_within_another_repository_has_no_commit(tmp_path):
    subprocess.run(["git", "init"], cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "copy").mkdir()
    assert provenance.commit(tmp_path / "copy") == ""
