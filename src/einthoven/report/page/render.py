"""Render a page as SVG, PDF or PNG."""

from pathlib import Path

from einthoven.errors import EinthovenError
from einthoven.files import write_beside
from einthoven.report.page.drawing import Drawing
from einthoven.report.page.svg import as_svg

ENDINGS = ("pdf", "png", "svg")


def render(page: Drawing, ending: str) -> bytes:
    """Render a page as a file.

    Parameters
    ----------
    page
        The page.
    ending
        "pdf", "png" or "svg".

    Returns
    -------
    bytes
        The same for the same page.

    Raises
    ------
    EinthovenError
        If the ending is another one.
    ModuleNotFoundError
        If PDF or PNG needs the extra `report`, and it is not installed.
    """
    if ending == "svg":
        return as_svg(page).encode()
    if ending not in ENDINGS:
        raise EinthovenError(f"A report cannot end in {ending!r}; choose {', '.join(ENDINGS)}.")
    from einthoven.report.page.pdf import as_pdf, as_png

    return as_pdf(page) if ending == "pdf" else as_png(page)


def save(page: Drawing, path: Path) -> None:
    """Write a page to a file, completely or not at all.

    Parameters
    ----------
    page
        The page.
    path
        Ends in .pdf, .png or .svg.

    Raises
    ------
    EinthovenError
        If the suffix is another one, or the file cannot be written.
    ModuleNotFoundError
        If PDF or PNG needs the extra `report`, and it is not installed.
    """
    content = render(page, path.suffix.lower().removeprefix("."))
    with write_beside(path) as part:
        part.write_bytes(content)
