"""The digest of a study moves with its code and with nothing else."""

import pytest

from saecore.report.judging import study_digest as module
from saecore.report.judging.claim import Claim
from saecore.report.judging.study_digest import study_digest

HEAD = '"""Text."""\nfrom saecore.measures.two import number\nfrom torch import nn\n'


@pytest.fixture
def package(tmp_path):
    for name, code in {
        "claims/one/headline.py": HEAD + "def study():\n    return number()\n",
        "claims/one/figures.py": "def draw():\n    return 1\n",
        "measures/two.py": "from saecore.measures import deep\nnumber = deep.one\n",
        "measures/deep/__init__.py": "def one():\n    return 1\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
    return tmp_path


def digest(package):
    module._code.cache_clear()
    module._tree.cache_clear()
    return study_digest("one", package)


def test_comments_and_docstrings_do_not_move_it(package):
    before, path = digest(package), package / "claims" / "one" / "headline.py"
    path.write_text("# said\n" + path.read_text().replace("Text.", "Other text."))
    (package / "claims" / "one" / "figures.py").write_text("def draw():\n    pass\n")
    assert digest(package) == before


def test_types_do_not_move_it(package):
    before, path = digest(package), package / "claims" / "one" / "headline.py"
    code = path.read_text().replace("def study():", "def study(a: nn.Module) -> int:")
    path.write_text(code.replace("(a: nn.Module)", "()"))
    typed = "from saecore.measures.three import Kind\n"
    (package / "measures" / "three.py").write_text("Kind = int\n")
    path.write_text(path.read_text().replace("from torch", typed + "from torch"))
    assert digest(package) == before
    path.write_text(path.read_text() + "kind = Kind\n")
    assert digest(package) != before


@pytest.mark.parametrize("name", ["measures/deep/__init__.py", "measures/two.py"])
def test_code_that_it_reaches_moves_it(package, name):
    before, path = digest(package), package / name
    path.write_text(path.read_text() + "more = 2\n")
    assert digest(package) != before


def test_every_claim_has_one_of_its_own():
    found = {study_digest(name) for name in Claim.names()}
    assert len(found) == len(Claim.names())
    with pytest.raises(ValueError, match="check the spelling"):
        study_digest("nothing")
