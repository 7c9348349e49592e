"""The HTML around an explorer: what a page shows before its script runs, and where
there is none.
"""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template

from saecore.explorer import files as explorers
from saecore.explorer.content import Explorer, Latent, ShownDictionary
from saecore.explorer.files import ASSETS

WITHOUT_SCRIPT = 300
"""Latents in the table for readers without a script."""


def fragment(
    explorer: Explorer, *, base: str, version: str, rows: int = WITHOUT_SCRIPT
) -> str:
    """What a page has to contain: the style, the place of the explorer, its scripts,
    links to the data.

    `base` is the address of the folder that `explorers.write` filled, as seen from the
    page, and `version` what it returned. Without a script there is a table of the
    `rows` most frequent latents of the first dictionary.
    """
    style = f'<link rel="stylesheet" href="{base}/explorer.css?v={version}">'
    scripts = "".join(
        f'<script defer src="{base}/{name}?v={version}"></script>'
        for name in ("explorer.js", "catalogue.js")
    )
    table = _table(explorer.dictionaries[0], explorer.vocabulary, rows)
    return (
        f'{style}<div id="sae-explorer" class="sae-explorer" '
        f'data-version="{version}"><noscript><p>The explorer itself needs JavaScript; '
        "this table does "
        f"not.</p>{table}</noscript></div>{_downloads(explorer, base)}{scripts}"
    )


def standalone(explorer: Explorer, folder: Path, *, title: str) -> Path:
    """The explorer alone, as `folder`/explorer.html with its files in `folder`/data.
    Returns the page.
    """
    version = explorers.write(explorer, folder / "data")
    body = fragment(explorer, base="data", version=version)
    template = Template((ASSETS / "explorer.html").read_text(encoding="utf-8"))
    page = folder / "explorer.html"
    page.write_text(
        template.substitute(title=escape(title), body=body),
        encoding="utf-8",
        errors="replace",
    )
    return page


def _downloads(explorer: Explorer, base: str) -> str:
    links = ", ".join(
        f'<a download href="{base}/{one.name}.csv">{escape(one.title)}</a>'
        for one in explorer.dictionaries
    )
    return f'<p class="ex-downloads">All latents as tables (CSV): {links}.</p>'


def _table(dictionary: ShownDictionary, vocabulary: Sequence[str], rows: int) -> str:
    order = sorted(
        range(len(dictionary.latents)), key=lambda n: -dictionary.latents[n].frequency
    )[:rows]
    body = "".join(
        _row(number, dictionary.latents[number], vocabulary) for number in order
    )
    head = "".join(
        f'<th scope="col">{name}</th>'
        for name in ("latent", "active on", "fires on", "promotes", "label")
    )
    caption = f"The {len(order)} most frequent latents of {escape(dictionary.title)}"
    return (
        f'<div class="sae-scroll" tabindex="0"><table '
        f'class="sae-table"><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(number: int, latent: Latent, vocabulary: Sequence[str]) -> str:
    label = (
        f"{repr(latent.labels[0].name)[1:-1]} ({latent.labels[0].score:.2f})"
        if latent.labels
        else ""
    )
    cells = [
        f"{100 * latent.frequency:.3g} %",
        *(
            " ".join(
                repr(vocabulary[token])[1:-1]
                for token, _ in tokens[: explorers.INDEXED]
            )
            for tokens in (latent.tokens, latent.promoted)
        ),
        label,
    ]
    data = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row">{number}</th>{data}</tr>'
