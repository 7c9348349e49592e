"""`saecore doctor`: can the book be made here, and what to do if it cannot; `saecore
version`: what is installed.
"""

import importlib
import json
import platform
import sys
from collections.abc import Iterable
from importlib import metadata, util

from saecore import __version__
from saecore.commands import checks, network
from saecore.commands.checks import Check
from saecore.profiles import Profile


def examined(profile: Profile, *, beyond: bool = True) -> list[Check]:
    """Every check, those of the network only if what lies `beyond` is asked."""
    from saecore.zoo.store import default_root

    found = [
        checks.check_python(),
        environment(),
        checks.check_pins(),
        checks.check_cores(),
    ]
    found += [
        checks.check_memory(),
        checks.check_disk(default_root()),
        gpu(),
        trained(profile),
    ]
    return found + (outside() if beyond else [])


def environment() -> Check:
    """Whether this Python's packages are its own."""
    if sys.prefix != sys.base_prefix:
        return Check("environment", "ok", sys.prefix)
    do = "`make environment` prepares one of its own in .venv"
    return Check("environment", "note", f"{sys.prefix}, shared with others", do)


def gpu() -> Check:
    """A GPU if there is one; none is needed."""
    if util.find_spec("torch") is None:
        return Check("GPU", "problem", "torch is missing", "run `make environment`")
    cuda = importlib.import_module("torch").cuda
    if not cuda.is_available():
        return Check("GPU", "ok", "none; none is needed")
    return Check("GPU", "ok", f"{cuda.get_device_name()}; the pages use the CPU")


def trained(profile: Profile) -> Check:
    """How much of what the notebooks ask for is in the zoo."""
    from saecore.commands.listing import as_lines, asked_artefacts

    try:
        found = asked_artefacts(profile)
    except ImportError as error:
        return Check("SAEs", "problem", str(error), "run `make environment`")
    missing = any(one.state == "missing" for one in found)
    do = "`saecore zoo` trains them and first says how long that takes" * missing
    return Check("SAEs", "note" if missing else "ok", as_lines(found)[-1], do)


def outside() -> list[Check]:
    """Whether packages can be installed and language models fetched."""
    index, hub = network.index_answers(), network.address_answers(network.hub())
    none = "does not answer"
    return [
        Check("package index", "ok", "answers")
        if index
        else Check("package index", "note", none, "only an installation needs it"),
        Check("model hub", "ok", "answers")
        if hub
        else Check("model hub", "note", none, "no page needs it: a model ships here"),
    ]


def checked_text(found: Iterable[Check]) -> str:
    """A line per check, below it what to do."""
    lines = []
    for one in found:
        lines.append(f"{one.state:<8}{one.about + ':':<15}{one.found}")
        lines += [f"{'':<23}{one.do}"] * bool(one.do)
    return "\n".join(lines)


def checked_json(found: Iterable[Check]) -> str:
    """The same for programs."""
    return json.dumps([one._asdict() for one in found], indent=1, ensure_ascii=False)


def versions() -> dict[str, str]:
    """saecore, Python, and what the numbers rest on."""
    from saecore.book.provenance import PACKAGES

    named = {name: metadata.version(name) for name in PACKAGES if _there(name)}
    return {"saecore": __version__, "python": platform.python_version(), **named}


def _there(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True
