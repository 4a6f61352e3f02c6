"""Render a Drawing as PDF or PNG; both need the extra `report`. `ecg_grid` draws the grid, for all formats."""

import io
from functools import cache

import pypdfium2 as pdfium
from PIL.Image import Dither, Quantize
from reportlab.lib.colors import HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from einthoven.report.page.drawing import Box, Clipped, Drawing, Item, Lines, Text
from einthoven.report.page.font import FAMILY, boxed, font_file

_POINT = 72 / 25.4  # points in a mm
DPI = 200
"""Resolution of PNG: a small square of the ECG paper is 7.9 pixels wide."""
_ROUND = 1


def as_pdf(*pages: Drawing) -> bytes:
    """Render pages as PDF with embedded fonts.

    Parameters
    ----------
    *pages
        Pages, at least one.

    Returns
    -------
    bytes
        Content of the file, identical for identical pages.
    """
    _register_fonts()
    file = io.BytesIO()
    canvas = Canvas(file, pageCompression=1, invariant=1, lang="en")
    canvas.setTitle(pages[0].title)
    canvas.setCreator("Einthoven")
    canvas.setViewerPreference("PrintScaling", "None")  # so that 1 mm is 1 mm on paper
    for page in pages:
        canvas.setPageSize((page.width * _POINT, page.height * _POINT))
        canvas.scale(_POINT, _POINT)
        canvas.setLineJoin(_ROUND)
        canvas.setLineCap(_ROUND)
        for item in page.items:
            _draw(canvas, item, page.height)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def as_png(drawing: Drawing) -> bytes:
    """Render a page as PNG with a resolution of DPI.

    Parameters
    ----------
    drawing
        The page.

    Returns
    -------
    bytes
        Content of the file, identical for identical pages.
    """
    document = pdfium.PdfDocument(as_pdf(drawing))
    try:
        image = document[0].render(scale=DPI / 72).to_pil().convert("RGB")
        image = image.quantize(256, Quantize.MAXCOVERAGE, dither=Dither.NONE)  # a third of the size, no hue off by 5 %
    finally:
        document.close()
    file = io.BytesIO()
    image.save(file, "PNG", dpi=(DPI, DPI))
    return file.getvalue()


@cache
def _register_fonts() -> None:
    for bold in (False, True):
        pdfmetrics.registerFont(TTFont(_font(bold), str(font_file(bold))))


def _font(bold: bool) -> str:
    return FAMILY + " Bold" * bold


def _draw(canvas: Canvas, item: Item, height: float) -> None:
    """Draw `item` on a page `height` mm high; PDF counts y from the bottom."""
    match item:
        case Lines():
            path = PDFPathObject()
            for points in item.paths:
                (x, y), *rest = points.tolist()
                path.moveTo(x, height - y)
                for x, y in rest:
                    path.lineTo(x, height - y)
            canvas.setLineWidth(item.width)
            canvas.setStrokeColor(HexColor(item.colour))
            canvas.drawPath(path, stroke=1, fill=0)
        case Box():
            canvas.setFillColor(HexColor(item.fill))
            canvas.setFillAlpha(item.opacity)
            canvas.rect(item.x, height - item.y - item.height, item.width, item.height, stroke=0, fill=1)
            canvas.setFillAlpha(1)
        case Text():
            canvas.setFillColor(HexColor(item.colour))
            canvas.setFont(_font(item.bold), item.size)
            (canvas.drawRightString if item.right else canvas.drawString)(item.x, height - item.y, boxed(item.text))
        case Clipped():
            canvas.saveState()
            frame = PDFPathObject()
            frame.rect(item.x, height - item.y - item.height, item.width, item.height)
            canvas.clipPath(frame, stroke=0, fill=0)
            for inner in item.items:
                _draw(canvas, inner, height)
            canvas.restoreState()
