"""`saecore explore`: the explorer of latents alone, opened from the disk or served."""

import functools
import http.server
import webbrowser
from pathlib import Path

from saecore.report.paths import ReportError

LOOPBACK = "127.0.0.1"
"""Served to this machine alone."""


def opened_page(page: Path, *, browser: bool) -> str:
    """Open the explorer, which needs no server, and say where it is."""
    address = page.resolve().as_uri()
    shown = browser and webbrowser.open(address)
    return address if shown else f"open {address}"


def server(page: Path, port: int) -> http.server.ThreadingHTTPServer:
    """A server of the explorer's folder. Raises ReportError if the port is taken."""
    handler = functools.partial(_Quiet, directory=str(page.parent))
    try:
        return http.server.ThreadingHTTPServer((LOOPBACK, port), handler)
    except (OSError, OverflowError) as error:
        raise ReportError(
            f"the explorer is served on a free port, but {port} is not one ({error}): "
            "name another, or 0 for any"
        ) from None


def served(page: Path, port: int, *, browser: bool) -> None:
    """Serve the explorer until Ctrl-C."""
    with server(page, port) as running:
        address = f"http://{LOOPBACK}:{running.server_address[1]}/{page.name}"
        print(f"   the explorer: {address} (Ctrl-C ends it)", flush=True)
        if browser:
            webbrowser.open(address)
        running.serve_forever()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Files without a line per request."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""
