"""A small server on this machine that speaks the protocol of Hugging Face's hub: what a
repository holds, its files with their hashes, ranges, gates, and breaks.
"""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

COMMIT = "c0" * 20
LARGE = 2048
"""Bytes from which a file has a sha256 (LFS)."""


class Hub:
    """Serves the folders below `root`, `owner/name` for models and
    `datasets/owner/name` for data sets.
    """

    def __init__(self, root: Path) -> None:
        self.root, self.requests, self.gated, self.private = root, [], set(), set()
        self.breaks: dict[str, int] = {}
        self.lies: dict[str, bytes] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self):
                outer.answer(self, body=False)

            def do_GET(self):
                outer.answer(self, body=True)

            def log_message(self, format, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        setattr(self.http, "handle_error", lambda *_: None)  # noqa: B010  hung up
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(
            target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    def answer(self, handler, *, body):
        path = unquote(urlsplit(handler.path).path).strip("/")
        self.requests.append((handler.command, path, handler.headers.get("Range")))
        api = path.startswith("api/")
        parts = path.removeprefix("api/").removeprefix("models/").split("/")
        kind = parts[0] == "datasets"
        repo, rest = "/".join(parts[: 2 + kind]), parts[2 + kind :]
        name = repo.removeprefix("datasets/")
        if name in self.private or not (self.root / repo).is_dir():
            self.refuse(handler, 401, "RepoNotFound")
        elif name in self.gated and (not api or rest[:1] == ["tree"]):
            self.refuse(handler, 403, "GatedRepo")
        elif api:
            self.describe(handler, repo, rest, body)
        else:
            self.give(handler, repo, "/".join(rest[2:]), body)

    def describe(self, handler, repo, rest, body):
        name = repo.removeprefix("datasets/")
        if rest[:1] != ["tree"]:
            self.send(handler, {"id": name, "sha": COMMIT, "siblings": []}, body)
            return
        folder = self.root / repo / "/".join(rest[2:])
        if not folder.is_dir():
            self.refuse(handler, 404, "EntryNotFound")
            return
        every = (
            folder.rglob("*")
            if "recursive=true" in handler.path.lower()
            else folder.iterdir()
        )
        self.send(handler, [self.entry(one, repo) for one in sorted(every)], body)

    def entry(self, path, repo):
        name = str(path.relative_to(self.root / repo))
        if path.is_dir():
            return {"type": "directory", "path": name, "oid": "0" * 40}
        data = path.read_bytes()
        found = {"type": "file", "path": name, "size": len(data), "oid": "1" * 40}
        if len(data) >= LARGE:
            digest = hashlib.sha256(data).hexdigest()
            found["lfs"] = {"oid": digest, "size": len(data), "pointerSize": 130}
        return found

    def give(self, handler, repo, name, body):
        path = self.root / repo / name
        if not path.is_file():
            self.refuse(handler, 404, "EntryNotFound")
            return
        data = self.lies.get(name) or path.read_bytes()
        etag = hashlib.sha256(path.read_bytes()).hexdigest()
        begin = int((handler.headers.get("Range") or "bytes=0-")[6:].split("-")[0])
        handler.send_response(206 if begin else 200)
        handler.send_header("ETag", f'"{etag}"')
        handler.send_header("X-Repo-Commit", COMMIT)
        handler.send_header("Accept-Ranges", "bytes")
        handler.send_header("Content-Length", str(len(data) - begin))
        if begin:
            handler.send_header(
                "Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}"
            )
        handler.end_headers()
        if body:
            stop = self.breaks.pop(name, len(data))
            handler.wfile.write(data[begin:stop])
            if stop < len(data):
                handler.close_connection = True

    def refuse(self, handler, status, code):
        handler.send_response(status)
        handler.send_header("X-Error-Code", code)
        handler.send_header("X-Error-Message", code)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def send(self, handler, content, body):
        data = json.dumps(content).encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        if body:
            handler.wfile.write(data)

    def files(self, command="GET"):
        """The files whose bytes were asked for, in order."""
        return [
            path.split("/resolve/")[-1].partition("/")[2]
            for asked, path, _ in self.requests
            if asked == command and "/resolve/" in path
        ]


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A hub that is the only one, with an empty cache."""
    from huggingface_hub import constants

    one = Hub(tmp_path / "hub")
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr(constants, "ENDPOINT", one.url)
    template = f"{one.url}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    yield one
    one.http.shutdown()
    one.http.server_close()
