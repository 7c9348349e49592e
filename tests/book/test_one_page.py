"""One page alone: meant by the beginning of its name, and run beside others."""

import pytest

from saecore.book.one_page import completed, run_page
from saecore.report.paths import ReportError

KNOWN = ["absorption", "absorption_toys", "absorption_toys_more", "subjects"]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("absorption", "absorption"),
        ("absorption_toys", "absorption_toys"),
        ("absorption_toys_", "absorption_toys_more"),
        ("su", "subjects"),
        ("notebooks/subjects.py", "subjects"),
        ("book/notebooks/absorption.ipynb", "absorption"),
    ],
)
def test_the_beginning_of_one_name_will_do(said, meant):
    assert completed(said, KNOWN) == meant


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("absorption_", "'absorption_' is that of several: say absorption_toys or"),
        ("subject_s", "'subject_s' is that of none: say subjects$"),
        ("x", "'x' is that of none: say absorption or absorption_toys or"),
    ],
)
def test_what_is_the_beginning_of_none_or_several_is_refused_with_what_is_near(
    said, why
):
    with pytest.raises(ReportError, match=why):
        completed(said, KNOWN)


def test_a_page_is_run_with_its_parameters_and_others_stay(tmp_path):
    (tmp_path / "notebooks").mkdir()
    source = tmp_path / "notebooks" / "good.py"
    source.write_text(
        '# %% tags=["parameters"]\nworld_seed = 0\n\n# %%\nprint(7 * world_seed)\n'
    )
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "other.ipynb").write_text("{}")
    page = run_page(tmp_path, "good", folder, profile="tiny", world_seed=6)
    assert page == folder / "good.ipynb"
    assert "42" in page.read_text()
    assert (folder / "other.ipynb").read_text() == "{}"
