"""A built site stands on its own."""

from saecore.book.link_check import problems


def test_a_site_with_local_files_only_has_no_problems(tmp_path):
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static" / "book.css").write_text("")
    (tmp_path / "other.html").write_text("<p id='a'>")
    (tmp_path / "index.html").write_text(
        '<link rel="stylesheet" href="_static/book.css?v=1"><a href="other.html#a">x</a><a href="#top">y</a>'
        '<a href="https://arxiv.org">p</a><img src="data:image/png;base64,AA=="><a href="mailto:a@b">z</a>'
    )
    assert problems(tmp_path) == []


def test_a_request_to_another_machine_and_a_broken_link_are_named(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "page.html").write_text(
        '<script src="https://unpkg.com/x.js"></script><img src="//cdn/a.png"><a href="../gone.html">x</a>'
        '<picture><source srcset="narrow.png"></picture>'
    )
    lines = problems(tmp_path)
    assert len(lines) == 4
    assert lines[0].startswith(
        "sub/page.html fetches https://unpkg.com/x.js from another machine"
    )
    assert lines[3].startswith(
        "sub/page.html points to ../gone.html, which does not exist"
    )
    assert lines[2].startswith("sub/page.html points to narrow.png")
