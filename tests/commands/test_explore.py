"""The explorer's page, opened or served to this machine."""

import threading
import urllib.request
import webbrowser

import pytest

from saecore.commands.explore import opened_page, server
from saecore.report.paths import ReportError


@pytest.fixture
def page(tmp_path):
    (tmp_path / "explorer.html").write_text("<p>latents</p>")
    return tmp_path / "explorer.html"


def test_a_page_is_opened_from_the_disk_if_there_is_a_browser(page, monkeypatch):
    asked = []
    monkeypatch.setattr(webbrowser, "open", lambda uri: asked.append(uri) or True)
    assert opened_page(page, browser=True) == page.as_uri() == asked[0]
    assert opened_page(page, browser=False) == f"open {page.as_uri()}"
    monkeypatch.setattr(webbrowser, "open", lambda uri: False)
    assert opened_page(page, browser=True) == f"open {page.as_uri()}"


def test_what_is_served_is_the_folder_of_the_page_on_this_machine_alone(page, capsys):
    with server(page, 0) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        host, port = running.server_address[:2]
        assert host == "127.0.0.1"
        with urllib.request.urlopen(f"http://{host}:{port}/explorer.html") as answer:
            assert answer.read() == b"<p>latents</p>"
        running.shutdown()
    assert capsys.readouterr().err == ""


def test_a_port_that_is_taken_or_none_is_one_sentence(page):
    with server(page, 0) as running, pytest.raises(ReportError, match="free port"):
        server(page, running.server_address[1])
    with pytest.raises(ReportError, match="but 70000 is not one"):
        server(page, 70000)
