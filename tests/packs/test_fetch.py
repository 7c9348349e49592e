"""A small server at this machine's own address, and what may go wrong with it."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from saecore.errors import ZooError
from saecore.packs.fetch import fetched, is_address

CONTENT = bytes(range(256)) * 9000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Notes what it is asked; `most` bytes an answer, from the middle if `ranges`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str | None] = []
        self.most, self.ranges = len(CONTENT), True
        self.address = f"http://127.0.0.1:{self.server_port}/pack"


class Handler(BaseHTTPRequestHandler):
    """Gives CONTENT, from where it is asked."""

    def do_GET(self):
        server = self.server
        assert isinstance(server, Server)
        server.asked.append(self.headers.get("Range"))
        if self.path != "/pack":
            self.send_error(404)
            return
        start, sized = 0, self.headers.get("Range")
        if sized and server.ranges:
            start = int(sized.removeprefix("bytes=").removesuffix("-"))
            if start >= len(CONTENT):
                self.send_error(416)
                return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        self.wfile.write(CONTENT[start : start + server.most])

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server():
    found = Server()
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield found
    found.shutdown()


def test_a_file_is_fetched_once(server, tmp_path):
    path = fetched(server.address, tmp_path / "packs")
    assert path.read_bytes() == CONTENT
    assert fetched(f"{server.address}#sha256={DIGEST}", tmp_path / "packs") == path
    assert server.asked == [None]


@pytest.mark.parametrize("ranges", [True, False])
def test_a_break_is_gone_on_with(server, tmp_path, ranges):
    server.most, server.ranges = 1_000_000, ranges
    with pytest.raises(ZooError, match="go on where it broke off"):
        fetched(server.address, tmp_path)
    assert not list(tmp_path.glob("*.safetensors"))
    server.most = len(CONTENT)
    assert fetched(server.address, tmp_path).read_bytes() == CONTENT
    assert server.asked[0] is None
    assert server.asked[1] == "bytes=1000000-"


def test_a_whole_file_that_was_not_renamed_yet_is_fetched_again(server, tmp_path):
    path = fetched(server.address, tmp_path)
    path.rename(path.with_suffix(".part"))
    assert fetched(server.address, tmp_path).read_bytes() == CONTENT


def test_another_sha256_is_refused_and_deleted(server, tmp_path):
    with pytest.raises(ZooError, match=f"has {DIGEST}"):
        fetched(f"{server.address}#sha256={'0' * 64}", tmp_path)
    assert not list(tmp_path.iterdir())
    with pytest.raises(ZooError, match="must be sha256="):
        fetched(f"{server.address}#md5=1", tmp_path)


def test_what_is_not_there_is_said_in_a_sentence(server, tmp_path):
    with pytest.raises(ZooError, match=r"404.*look at the address"):
        fetched(f"{server.address}s", tmp_path)
    server.shutdown()
    server.server_close()
    with pytest.raises(ZooError, match="look at the address and the network"):
        fetched(server.address, tmp_path)


def test_addresses_are_told_from_paths():
    assert is_address("https://example.org/a.safetensors")
    assert not is_address("a.safetensors")
    assert not is_address("/tmp/http/a")
    assert not is_address("file:///etc/passwd")
