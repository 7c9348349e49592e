"""Pages on a model of the user's own: not every model can do what every page asks, and
the book goes on.

A page that stops becomes its claim and a note that says why. A page that was run says
at its top that its sentences were written about another model.
"""

import json
import re
from pathlib import Path
from typing import Any

from saecore import profiles
from saecore.book import notebooks
from saecore.errors import NEXT, MissedSparsity, Unsuited
from saecore.report import Claim

_NOT_RUN = "This page was not run on"
STOPS = tuple(error.__name__ for error in (Unsuited, MissedSparsity))
"""The names of the errors that speak of the model, not of a mistake."""
_ENDED_BY_HAND = ("KeyboardInterrupt", "SystemExit")

GLUED = re.compile(r"\{glue:text\}`[\w./-]+\.ipynb::(?P<name>[^`:]+)(?::[^`]*)?`")
MARKUP = re.compile(r"([\\`*_{}\[\]<>$#|~@^!:&])")


def is_own(parameters: dict[str, Any]) -> bool:
    """Whether a run is on a model of the user's own, and not on the shipped one."""
    shipped = notebooks.SHIPPED["profile"]
    return parameters.get("profile", shipped) != shipped


def why_stopped(error: str, said: str, parameters: dict[str, Any]) -> str | None:
    """Why a page is left out that ended in an error of this name, or None if the error
    is the run's.

    A folder of the user's own is not known: whatever a page stumbles over there is a
    reason, with the error's name. On the models of the book only `STOPS` are.
    """
    if is_own(parameters) and error in STOPS:
        return said
    known = parameters.get("profile", "tiny") in profiles.MODELS_OF_THE_BOOK
    if known or error in _ENDED_BY_HAND:
        return None
    return f"{error}: {said}" if said else error


def stopped_page(source: Path, *, parameters: dict[str, Any], why: str) -> Any:
    """The page of a `source` that does not suit the model of `parameters`: its title
    and claim, and in place of the rest a note that says `why`.
    """
    notebook = notebooks.read_source(source)
    note = (
        f"{_box(f'{_NOT_RUN} {code(_name(parameters))}:', _lines(why))}\n"
        "\n"
        "What the page shows on the book's own model is in "
        f"`book/notebooks/{source.stem}.ipynb` of the repository."
    )
    begun = notebook.cells[: end_of_claim(notebook)]
    notebook.cells = [*begun, *_claims_of(source.stem), _markdown(note)]
    page = notebooks.normalise(notebook, source=source, parameters=parameters)
    page.metadata["saecore"]["stopped"] = why
    return page


def adapted(notebook: Any, parameters: dict[str, Any]) -> Any:
    """A page that was run, with a note below its claim that its sentences were written
    about another model.

    A number that the text names and the run did not record becomes a dash. On the
    shipped model the page stays as it is.
    """
    if not is_own(parameters):
        return notebook
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    known = {
        output.get("metadata", {}).get("scrapbook", {}).get("name")
        for output in outputs
    }
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = GLUED.sub(
                lambda m: m[0] if m["name"] in known else "–", cell.source
            )
    said = (
        "Numbers, figures, tables and verdicts are of this run. The sentences between "
        "them were written about the book's own model, and those that say how a number "
        "came out may not hold here. A dash, an empty table or an empty figure stands "
        "for what this model cannot be asked."
    )
    note = _markdown(_box(f"This page was run on {code(_name(parameters))}.", said))
    notebook.cells.insert(end_of_claim(notebook), note)
    return notebook


def escaped(text: str) -> str:
    """A sentence as Markdown that shows it as it is, on one line and without its full
    stop.
    """
    return MARKUP.sub(r"\\\1", " ".join(text.split()).rstrip("."))


def code(text: str) -> str:
    """A name as Markdown code that shows it as it is, on one line, whatever it
    holds.
    """
    line = " ".join(text.split())
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    # without it a backtick at the end would belong to the fence
    space = " " if len(fence) > 1 else ""
    return f"{fence}{space}{line}{space}{fence}"


def reason(page: Path) -> str | None:
    """Why a stored page was not run on its model; None if it was run."""
    stored = json.loads(page.read_text(encoding="utf-8"))
    return stored.get("metadata", {}).get("saecore", {}).get("stopped")


def _name(parameters: dict[str, Any]) -> str:
    return Path(parameters["profile"]).name


def _box(head: str, text: str) -> str:
    return f":::{{important}}\n**{head}** {text.rstrip('.')}.\n:::"


def _lines(why: str) -> str:
    """A reason; the sentences of one that has several as a list."""
    first, *more = why.split(NEXT)
    return "\n".join([escaped(first), *(f"\n* {escaped(one)}." for one in more)])


def _markdown(text: str) -> Any:
    from nbformat.v4 import new_markdown_cell

    return new_markdown_cell(text)


def _claims_of(stem: str) -> list[Any]:
    """The sentence of the paper that a page is about, where it is a claim's page: it
    stands on the card, which a stopped page does not have.
    """
    claims = [Claim.read(name) for name in Claim.names()]
    return [
        _markdown(f"“{claim.sentence}” {{cite:p}}`{claim.cite}`")
        for claim in claims
        if claim.notebook == f"notebooks/{stem}"
    ]


def end_of_claim(notebook: Any) -> int:
    """The place after the cells of text that a page begins with."""
    return next(
        (i for i, cell in enumerate(notebook.cells) if cell.cell_type != "markdown"), 1
    )
