"""Pages whose SAEs came from a pack name it."""

from typing import Any

from saecore.book import notebooks
from saecore.book.notes.unsuited_pages import end_of_claim
from saecore.places import default_root
from saecore.zoo.disk.note import NOTE


def named(notebook: Any, name: str, parameters: dict[str, Any]) -> Any:
    """A page that was run, with a note below its claim that says which packs its SAEs
    came from; as it is if none did.
    """
    from nbformat.v4 import new_markdown_cell

    if said := used_by(name, notebooks.SHIPPED | parameters):
        note = new_markdown_cell(f":::{{note}}\n{said}\n:::")
        notebook.cells.insert(end_of_claim(notebook), note)
    return notebook


def used_by(name: str, parameters: dict[str, Any]) -> str:
    """Which packs the SAEs of a page came from, in a sentence; empty if from none."""
    if not _any_pack():
        return ""
    from saecore import profiles
    from saecore.claims import by_page, sites
    from saecore.packs import used

    if name not in by_page.PAGES:
        return ""
    seed = parameters["world_seed"]
    profile = profiles.read(parameters["profile"], world_seed=seed)
    zoo = sites.open_zoo(profile)
    return used.said(used.packs_of(zoo, by_page.asked_by(name, zoo, profile)))


def _any_pack() -> bool:
    """Whether anything in the zoo came from a pack; quickly, as most zoos have none."""
    notes = default_root().glob(f"saes/*/{NOTE}")
    return any('"pack"' in note.read_text(encoding="utf-8") for note in notes)
