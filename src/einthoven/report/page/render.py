"""Render a page as SVG, PDF or PNG."""

from collections.abc import Sequence
from pathlib import Path

from einthoven.errors import EinthovenError
from einthoven.files import atomic_write
from einthoven.report.page.drawing import Drawing
from einthoven.report.page.svg import as_svg

ENDINGS = ("pdf", "png", "svg")


def render(page: Drawing | Sequence[Drawing], ending: str) -> bytes:
    """Render a page, or the pages of a report, as a file.

    Parameters
    ----------
    page
        The page, or several pages; an image holds the first one.
    ending
        File type: "pdf", "png" or "svg".

    Returns
    -------
    bytes
        Content of the file, identical for identical pages.

    Raises
    ------
    EinthovenError
        If the ending is not one of these.
    ModuleNotFoundError
        If PDF or PNG needs the extra `report`, and it is not installed.
    """
    pages = [page] if isinstance(page, Drawing) else list(page)
    if ending == "svg":
        return as_svg(pages[0]).encode()
    if ending not in ENDINGS:
        raise EinthovenError(f"A report cannot end in {ending!r}; choose {', '.join(ENDINGS)}.")
    from einthoven.report.page.pdf import as_pdf, as_png

    return as_pdf(*pages) if ending == "pdf" else as_png(pages[0])


def save(page: Drawing | Sequence[Drawing], path: Path) -> None:
    """Write a page, or the pages of a report, to a file, completely or not at all.

    Parameters
    ----------
    page
        The page, or several pages; an image holds the first one.
    path
        Path of the file, which ends in .pdf, .png or .svg.

    Raises
    ------
    EinthovenError
        If the suffix is not one of these, or the file cannot be written.
    ModuleNotFoundError
        If PDF or PNG needs the extra `report`, and it is not installed.
    """
    content = render(page, path.suffix.lower().removeprefix("."))
    with atomic_write(path) as part:
        part.write_bytes(content)
