"""How the package is laid out: what imports what, how long things are, and what is kept
out.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from saecore.report import Claim

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "saecore").rglob("*.py"))
HEAVY = {
    "sae_lens",
    "transformers",
    "transformer_lens",
    "sklearn",
    "matplotlib",
    "seaborn",
    "datasets",
    "wandb",
    "openai",
}
HOMES = {
    "sae_lens": {"source/worlds/rows.py", "others/saelens.py"},
    "transformer_lens": set(),
    "openai": {"judge/chat.py"},
    "matplotlib": {"report/figures.py"},
    "seaborn": {"report/panels.py"},
}
"""The only files that may import these, inside their functions."""


def name(module: Path) -> str:
    return str(module.relative_to(ROOT / "saecore"))


def tree(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


def imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom) and node.module:
        return {node.module.split(".")[0]}
    return set()


def loaded_by(module: str) -> set[str]:
    """The top-level packages that are loaded after importing `module` in a fresh
    process.
    """
    program = (
        f"import sys, {module}; print(*{{name.split('.')[0] for name in sys.modules}})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return set(done.stdout.split())


def test_importing_saecore_loads_nothing_heavy():
    assert (
        loaded_by("saecore") & (HEAVY | {"torch", "numpy", "scipy", "pandas"}) == set()
    )


def test_importing_the_report_or_the_command_line_loads_no_array_library():
    assert (
        loaded_by("saecore.report, saecore.__main__")
        & (HEAVY | {"torch", "numpy", "pandas"})
        == set()
    )


def under(*folders: str) -> list[str]:
    """The dotted names of all modules in these folders, at any depth."""
    modules = [m for m in MODULES if name(m).split("/")[0] in folders]
    return [
        ".".join(m.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for m in modules
    ]


@pytest.mark.parametrize(
    "folders",
    [("measures",), ("source", "recipes", "training", "zoo", "others"), ("claims",)],
    ids="-".join,
)
def test_importing_a_floor_loads_no_model_library(folders):
    assert under(*folders)
    assert loaded_by(", ".join(under(*folders))) & HEAVY == set()


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_heavy_libraries_are_imported_inside_functions_and_only_where_they_belong(
    module,
):
    parsed = tree(module)
    for node in parsed.body:
        assert imported(node) & HEAVY == set(), (
            f"{name(module)} imports {imported(node)} at its top"
        )
    for node in ast.walk(parsed):
        for package in imported(node) & set(HOMES):
            assert name(module) in HOMES[package], f"{name(module)} imports {package}"


def test_only_files_that_exist_are_allowed_to_import_them():
    allowed = set().union(*HOMES.values())
    assert allowed - {name(module) for module in MODULES} == set()


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_seeds_are_imported_from_their_home(module):
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.ImportFrom) and "stable_seed" in {
            alias.name for alias in node.names
        }:
            assert node.module == "saecore.seeding"


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_files_are_below_300_lines_and_functions_below_60(module):
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 300
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.FunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= 60, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_every_file_says_what_it_is_and_annotations_are_not_postponed(module):
    assert ast.get_docstring(tree(module)), "a file begins with what it is"
    text = module.read_text(encoding="utf-8")
    assert "from __future__ import annotations" not in text, (
        "it would switch off the check of shapes"
    )


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_no_global_seeding_no_pickle_and_no_leftovers(module):
    text = module.read_text(encoding="utf-8")
    if name(module) == "others/dictionary_learning.py":  # its ae.pt: tensors alone
        allowed = 'torch.load(path, map_location="cpu", weights_only=True)'
        assert text.count(allowed) == 1
        text = text.replace(allowed, "")
    for pattern in (
        r"\bpickle\b",
        r"torch\.load\(",
        r"\bTODO\b",
        r"\bFIXME\b",
        r"raise NotImplementedError",
        r"\bnp\.random\.seed\b",
    ):
        assert not re.search(pattern, text), pattern
    assert module.stem not in {"utils", "helpers", "common", "misc"}


WITHOUT_MODULE = {
    "book/test_glued_numbers.py": "numbers in the prose of the pages",
    "book/test_accessibility.py": "the site in a browser, and what axe says of it",
    "book/test_site_extensions.py": "what our Sphinx extensions do to a page",
    "book/test_names_on_pages.py": "names that the pages show",
    "book/test_page_limits.py": "how long a page's cells are",
    "explorer/test_explorer_in_chromium.py": "the explorer in a browser",
    "faults/test_damaging.py": "the faults harness: damaged artefacts",
    "faults/test_drift.py": "the faults harness: numbers of pages that move",
    "faults/test_environment.py": "the faults harness: unkind machines",
    "faults/test_kills.py": "the faults harness: killed and racing runs",
    "faults/test_mutations.py": "the faults harness: mutants of the source",
    "faults/test_moments.py": "the faults harness: moments of kills",
    "faults/test_users.py": "the faults harness: users who share a zoo",
    "measures/absorption/test_closed_form_in_trained.py": "theory against toys",
    "measures/absorption/test_published_rule.py": "our rule against the authors' code",
    "measures/seeds/test_published_seeds.py": "our matching against published ones",
    "others/test_own_sae_page.py": "the page on SAEs of one's own, run",
    "scale/test_snakefile.py": "the Snakefile and its profile",
    "scale/test_two_nodes.py": "a sweep on a Slurm of two nodes",
    "recipes/test_drawn.py": "recipes and keys that Hypothesis draws",
    "zoo/test_names_drawn.py": "names of models that Hypothesis draws",
    "source/model/test_own_folders.py": "language models of the user's own",
    "source/model/test_resume_users.py": "all that go on from a layer, alike",
    "training/test_cuda.py": "training on CUDA, where there is one",
    "teaching/test_lessons_on_pages.py": "lessons beside the pages",
    "test_book.py": "the book as a whole",
    "test_doctests.py": "examples in docstrings",
    "test_environment.py": "what is installed, and what it is told",
    "test_layout.py": "how the package is laid out",
    "test_wheel.py": "the package without its checkout",
    "test_workflows.py": "what is published, and how",
    "test_names.py": "one name, one thing",
    "test_pyright.py": "types of the whole project",
    "tiny_lm/test_shipped.py": "the model that ships with the package",
}
"""Tests of no module of their own, and what they are about."""


def place_of_test(module: str) -> str:
    """The mirrored place: `zoo/store.py` is tested in `zoo/test_store.py`."""
    path = Path(module)
    return str(path.with_name(f"test_{path.stem.strip('_')}.py"))


def test_every_module_has_the_test_of_its_stem():
    modules = {name(module) for module in MODULES if module.stem != "__init__"}
    tests = {
        str(path.relative_to(ROOT / "tests"))
        for path in (ROOT / "tests").rglob("test_*.py")
    }
    untested = {module for module in modules if place_of_test(module) not in tests}
    assert untested == set()
    without_module = tests - {place_of_test(module) for module in modules}
    without_module -= {f"claims/{name}/test_constants.py" for name in Claim.names()}
    assert without_module == set(WITHOUT_MODULE)


def test_every_test_file_tests_something():
    for path in (ROOT / "tests").rglob("test_*.py"):
        text = path.read_text(encoding="utf-8")
        assert "def test_" in text, f"{path.name} has no test"
        assert re.search(r"\bassert|pytest\.raises|check\(", text), path.name


def tracked() -> list[Path]:
    try:
        done = subprocess.run(
            ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a copy without git has no tracked files")
    return [ROOT / line for line in done.stdout.splitlines() if (ROOT / line).is_file()]


def test_no_tracked_text_names_a_folder_of_somebodys_machine():
    text_files = [
        p
        for p in tracked()
        if p.suffix
        in {".py", ".md", ".toml", ".yml", ".cff", ".ipynb", ".json", ".css", ""}
    ]
    private = re.compile(r"/(?:home|root|Users|work)/\w+")
    found = {
        str(path.relative_to(ROOT)): match.group()
        for path in text_files
        if (match := private.search(path.read_text(encoding="utf-8", errors="ignore")))
    }
    assert found == {}
