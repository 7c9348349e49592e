"""A network that answers, refuses, or swallows what is asked."""

import socket
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from saecore.commands import network


class Missing(BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_error(404)

    def log_message(self, format, *args):
        pass


@pytest.fixture
def silent():
    """The address of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"


def test_any_answer_is_one():
    with HTTPServer(("127.0.0.1", 0), Missing) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        assert network.address_answers(f"http://127.0.0.1:{running.server_port}/x")
        running.shutdown()


def test_a_server_that_says_nothing_costs_the_limit_and_no_more(silent):
    begun = time.monotonic()
    assert not network.address_answers(silent, seconds=0.3)
    assert time.monotonic() - begun < 2


def test_a_name_that_is_looked_up_for_ever_costs_the_limit(monkeypatch):
    stuck = threading.Event()
    monkeypatch.setattr(network, "_answers", lambda *a: stuck.wait(30))
    begun = time.monotonic()
    assert not network.address_answers("http://x/", seconds=0.2)
    assert time.monotonic() - begun < 2
    stuck.set()


def test_a_refused_connection_is_no_answer():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert not network.address_answers(f"http://127.0.0.1:{port}/")
    assert not network.address_answers("no address")


def test_the_index_is_asked_through_pip_with_a_limit(monkeypatch, silent):
    begun = time.monotonic()
    with monkeypatch.context() as set_:
        set_.setenv("PIP_INDEX_URL", silent)
        set_.setenv("PIP_CONFIG_FILE", "/dev/null")
        for name in ("PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX", "PIP_FIND_LINKS"):
            set_.delenv(name, raising=False)
        assert not network.index_answers(seconds=1)
    assert time.monotonic() - begun < 6
    done = subprocess.CompletedProcess([], 0)
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: done)
    assert network.index_answers()


def test_the_hub_is_the_one_that_its_client_asks():
    assert network.hub().startswith("http")
