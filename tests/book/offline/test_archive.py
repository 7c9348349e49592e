"""The site as one archive."""

import zipfile

import pytest

from saecore.book.offline.archive import zip_site


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    (folder / "notebooks").mkdir(parents=True)
    (folder / "index.html").write_text("<p>first</p>")
    (folder / "notebooks" / "a.html").write_text("<p>a</p>")
    return folder


def test_it_holds_every_file_in_a_folder_of_its_own(site, tmp_path):
    made = zip_site(site, tmp_path / "out" / "book.zip")
    with zipfile.ZipFile(made) as archive:
        assert archive.namelist() == ["book/index.html", "book/notebooks/a.html"]
        assert archive.read("book/notebooks/a.html") == b"<p>a</p>"
    assert [path.name for path in made.parent.iterdir()] == ["book.zip"]


def test_equal_sites_make_equal_archives(site, tmp_path):
    first = zip_site(site, tmp_path / "one" / "book.zip").read_bytes()
    (site / "index.html").touch()
    assert zip_site(site, tmp_path / "two" / "book.zip").read_bytes() == first


def test_a_folder_that_is_no_site_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"must have an index.html"):
        zip_site(tmp_path, tmp_path / "book.zip")
    assert list(tmp_path.iterdir()) == []
