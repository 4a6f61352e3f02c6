"""Pages as files: SVG, PDF or PNG by their ending."""

from pathlib import Path

from einthoven.errors import EinthovenError
from einthoven.files import write_beside
from einthoven.report.page.drawing import Drawing
from einthoven.report.page.svg import as_svg

ENDINGS = ("pdf", "png", "svg")


def render(page: Drawing, ending: str) -> bytes:
    """The page as a file of that ending; the same page gives the same bytes.

    PDF and PNG need the extra `report` (ModuleNotFoundError). Raises EinthovenError for other endings.
    """
    if ending == "svg":
        return as_svg(page).encode()
    if ending not in ENDINGS:
        raise EinthovenError(f"a report ends in {', '.join(ENDINGS)}, not in {ending!r}.")
    from einthoven.report.page.pdf import as_pdf, as_png

    return as_pdf(page) if ending == "pdf" else as_png(page)


def save(page: Drawing, path: Path) -> None:
    """Write the page to `path`, whole or not at all. Errors as for `render`, and where the place is not writable."""
    content = render(page, path.suffix.lower().removeprefix("."))
    with write_beside(path) as part:
        part.write_bytes(content)
