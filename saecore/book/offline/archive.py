"""The site as one zip file that opens from disk."""

import zipfile
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file in it, so that equal sites make equal archives."""


def zip_site(site: Path, target: Path) -> Path:
    """Write all files below `site` into `target`, in a folder of the archive's name.

    The archive appears only when it is whole. Raises ValueError if `site` has no
    index.html.
    """
    if not (site / "index.html").is_file():
        raise ValueError(
            f"a site must have an index.html, but {site} has none: build it"
        )
    part = target.with_suffix(".part")
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(p for p in site.rglob("*") if p.is_file()):
            name = f"{target.stem}/{path.relative_to(site).as_posix()}"
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    part.replace(target)
    return target
