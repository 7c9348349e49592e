"""A small server on this machine that answers as a test says; nothing leaves it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from saecore.judge.chat import Endpoint

KEY = "secret-of-the-test"


class Server:
    """Answers what `script` says: a text, a status, raw bytes, or a function of the
    question.
    """

    def __init__(self):
        self.seen, self.script, self.headers = [], [], []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.seen.append((self.path, asked))
                outer.headers.append(dict(self.headers))
                outer.answer(self, asked)

            def log_message(self, format, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        setattr(self.http, "handle_error", lambda *_: None)  # noqa: B010  a client that has hung up
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/v1"
        threading.Thread(
            target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    def answer(self, handler, asked):
        step = self.script[min(len(self.seen), len(self.script)) - 1]
        step = step(asked) if callable(step) else step
        status, body, extra = step if isinstance(step, tuple) else (200, step, {})
        if not isinstance(body, bytes):
            choices = [{"message": {"role": "assistant", "content": body}}]
            body = json.dumps(
                {
                    "choices": choices,
                    "usage": {"prompt_tokens": 7, "completion_tokens": 3},
                }
            ).encode()
        handler.send_response(status)
        for name, value in extra.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


@pytest.fixture
def key() -> str:
    """What must never be told."""
    return KEY


@pytest.fixture
def other_server():
    """One more, which should not be asked."""
    one = Server()
    yield one
    one.http.shutdown()
    one.http.server_close()


@pytest.fixture
def server(monkeypatch):
    """The server that is asked."""
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("JUDGE_KEY", KEY)
    one = Server()
    yield one
    one.http.shutdown()
    one.http.server_close()


@pytest.fixture
def endpoint(server) -> Endpoint:
    """The server, as it is asked."""
    return Endpoint(server.url, "small", key_variable="JUDGE_KEY", timeout=5, retries=2)
