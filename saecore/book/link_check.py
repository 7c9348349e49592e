"""What must be true of a built site: it asks nothing of other machines, and its links
lead somewhere.
"""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

FETCHED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
}
FETCHED_LINKS = {
    "stylesheet",
    "icon",
    "preload",
    "shortcut icon",
    "modulepreload",
    "preconnect",
}


class _Page(HTMLParser):
    """The addresses of one page: those a browser fetches by itself, and those a reader
    may follow.
    """

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.linked: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Sort the address of a tag, if it has one, into one of the two lists."""
        found = {name: value or "" for name, value in attrs}
        if tag in FETCHED and found.get(FETCHED[tag]):
            self.fetched.append(found[FETCHED[tag]])
        elif tag == "source" and found.get("srcset"):
            self.fetched.append(found["srcset"])
        elif tag == "link" and found.get("rel", "").lower() in FETCHED_LINKS:
            self.fetched.append(found.get("href", ""))
        elif tag == "a" and found.get("href"):
            self.linked.append(found["href"])


def problems(site: Path) -> list[str]:
    """Requests to other machines and links to missing files, one sentence each."""
    pages = [
        page for page in sorted(site.rglob("*.html")) if "_static" not in page.parts
    ]
    return [line for page in pages for line in _of_page(site, page)]


def _of_page(site: Path, page: Path) -> Iterator[str]:
    parser = _Page()
    parser.feed(page.read_text(encoding="utf-8"))
    name = page.relative_to(site)
    for address in parser.fetched:
        if _elsewhere(address):
            yield (
                f"{name} fetches {address} from another machine: put a copy into "
                "book/_assets"
            )
    for address in parser.fetched + parser.linked:
        if not _elsewhere(address) and not _target(site, page, address).exists():
            yield f"{name} points to {address}, which does not exist: correct the link"


def _elsewhere(address: str) -> bool:
    return address.startswith("//") or urlsplit(address).scheme in ("http", "https")


def _target(site: Path, page: Path, address: str) -> Path:
    """The file that a local address names; the page itself for anchors, data and
    mail.
    """
    parts = urlsplit(address)
    if parts.scheme or not parts.path:
        return page
    path = unquote(parts.path)
    return (site / path.lstrip("/")) if path.startswith("/") else (page.parent / path)
