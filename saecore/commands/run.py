"""`saecore run PAGE`: one page, and how many of its numbers agree with the committed
page.
"""

from pathlib import Path

from saecore.book import notebooks, one_page
from saecore.book.checking.agreement import agreement_lines, page_agreement
from saecore.claims import by_page, sites
from saecore.profiles import Profile
from saecore.report.paths import required_checkout


def ran(name: str, profile: Profile) -> int:
    """Run a page below _build/page, of which everything is trained, and say how it
    compares. 1 if a number does not agree.
    """
    root = required_checkout()
    folder = root / "_build" / "page"
    if name == "explorer":  # the one page that is no notebook
        print(f"   the page: {explorer_page(profile, folder)}")
        return 0
    asked = {"profile": profile.said, "world_seed": profile.world_seed}
    page = one_page.run_page(root, name, folder, **asked)
    lines, agrees = compared(root, page, shipped=asked == notebooks.SHIPPED)
    print("\n".join([f"   the page: {page}", *(f"   {line}" for line in lines)]))
    return 0 if agrees else 1


def compared(root: Path, page: Path, *, shipped: bool) -> tuple[list[str], bool]:
    """What to say of a page that was run, and whether all of its numbers agree."""
    committed = root / "book" / "notebooks" / page.name
    if not shipped:
        said = "not compared: the committed pages are those of tiny and world seed 0"
        return [said], True
    if not committed.is_file():
        return [f"not compared: there is no committed {committed.name} yet"], True
    found = page_agreement(committed, page)
    return agreement_lines(found), not found.off


def explorer_page(profile: Profile, folder: Path) -> Path:
    """The explorer as a page of its own; what it shows is made if it is missing."""
    from saecore.explorer.page import standalone

    shown = sites.open_zoo(profile).get(by_page.explored(profile))
    folder.mkdir(parents=True, exist_ok=True)
    return standalone(shown, folder, title=f"Latents of {profile.name}")
