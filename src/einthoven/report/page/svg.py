"""Render a Drawing as SVG with its fonts, which looks the same everywhere and prints to scale."""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from functools import cache
from xml.sax.saxutils import escape, quoteattr

from einthoven.report.page.drawing import Box, Clipped, Drawing, Item, Lines, Points, Text
from einthoven.report.page.font import FAMILY, font_file


def as_svg(drawing: Drawing, *, fonts: bool = True) -> str:
    """Return a drawing as SVG.

    Parameters
    ----------
    drawing
        A page, or a part of one.
    fonts
        Put the fonts inside, so that it looks the same everywhere.

    Returns
    -------
    str
        SVG text; one unit is 1 mm.
    """
    size = f"{drawing.width:g} {drawing.height:g}"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{drawing.width:g}mm" height="{drawing.height:g}mm" '
            f'viewBox="0 0 {size}" font-family={quoteattr(f"{FAMILY}, Arial, sans-serif")}>',
            f"<title>{escape(drawing.title)}</title>",
            *([f"<style>{_fonts()}</style>"] if fonts else []),
            f'<rect width="{drawing.width:g}" height="{drawing.height:g}" fill="#ffffff"/>',
            *_items(drawing.items),
            "</svg>\n",
        ]
    )


@cache
def _fonts() -> str:
    return "".join(
        f'@font-face{{font-family:"{FAMILY}";font-weight:{"bold" if bold else "normal"};'
        f"src:url(data:font/ttf;base64,{b64encode(font_file(bold).read_bytes()).decode()})}}"
        for bold in (False, True)
    )


def _items(items: Iterable[Item]) -> Iterator[str]:
    for item in items:
        match item:
            case Lines():
                yield (
                    f'<path d="{"".join(map(_path, item.paths))}" fill="none" stroke="{item.colour}" '
                    f'stroke-width="{item.width:g}" stroke-linejoin="round" stroke-linecap="round"/>'
                )
            case Box():
                opacity = f' fill-opacity="{item.opacity:.3g}"' if item.opacity < 1 else ""
                yield f'<rect {_place(item)} fill="{item.fill}"{opacity}/>'
            case Text():
                style = ' font-weight="bold"' * item.bold + ' text-anchor="end"' * item.right
                yield (
                    f'<text x="{item.x:.2f}" y="{item.y:.2f}" font-size="{item.size:g}" fill="{item.colour}"{style}>'
                    f"{escape(item.text)}</text>"
                )
            case Clipped():  # an inner <svg> clips without an id, which would have to be unique in a web page
                box = f"{item.x:.2f} {item.y:.2f} {item.width:.2f} {item.height:.2f}"
                yield f'<svg {_place(item)} viewBox="{box}">'
                yield from _items(item.items)
                yield "</svg>"


def _place(item: Box | Clipped) -> str:
    return f'x="{item.x:.2f}" y="{item.y:.2f}" width="{item.width:.2f}" height="{item.height:.2f}"'


def _path(points: Points) -> str:
    return "M" + " ".join(f"{x:.2f} {y:.2f}" for x, y in points.tolist())
