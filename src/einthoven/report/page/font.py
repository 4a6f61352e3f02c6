"""The two fonts of a page, which the package contains, and the width of text.

DejaVu Sans Condensed 2.37, cut to Latin, Greek and Cyrillic:
`pyftsubset DejaVuSansCondensed.ttf --layout-features='' --no-hinting --drop-tables+=FFTM,GDEF --unicodes=U+0020-024F,
U+0370-03FF,U+0400-045F,U+0490-0491,U+1E80-1E85,U+1EF2-1EF3,U+2010-2027,U+2030-203A,U+20AC,U+2122,U+2190-2193,U+2212,
U+2260-2265,U+25A1,U+25CB,U+25CF`.
"""

import re
from functools import cache
from pathlib import Path

import numpy as np

FAMILY = "DejaVu Sans Condensed"
_BREAK = re.compile(r"(?<!\d)\s+|\s+(?!(?:%|mV|ms|mm|bpm|Hz|s|min|h)(?!\w))")  # not between a number and its unit
_MISSING = 0  # the glyph for characters that a font lacks


def font_file(bold: bool) -> Path:
    """Return the TrueType file of a font.

    Parameters
    ----------
    bold
        Whether to return the bold font.

    Returns
    -------
    Path
        Path of the font in this package.
    """
    return Path(__file__).parent / "fonts" / f"DejaVuSansCondensed{'-Bold' * bold}.ttf"


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return the width of a text.

    Parameters
    ----------
    text
        Text on one line.
    size
        Font size.
    bold
        Whether it is bold.

    Returns
    -------
    float
        Width in the unit of `size`.
    """
    widths = _widths(bold)
    return size * sum(widths.get(ord(sign), widths[_MISSING]) for sign in text)


def boxed(text: str) -> str:
    """Replace characters that the fonts lack by a box, so that their absence is visible.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    str
        Text of the same length.
    """
    return "".join(sign if ord(sign) in _widths(False) else "□" for sign in text)


def fitted(text: str, size: float, width: float, bold: bool = False) -> str:
    """Shorten a text to a width.

    Parameters
    ----------
    text
        Text on one line.
    size
        Font size.
    width
        Available width, in the unit of `size`.
    bold
        Whether it is bold.

    Returns
    -------
    str
        Text, with an ellipsis if it was shortened.
    """
    if text_width(text, size, bold) <= width:
        return text
    while text and text_width(text + "…", size, bold) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def wrapped(text: str, size: float, width: float, bold: bool = False) -> list[str]:
    """Wrap a text to a width.

    Parameters
    ----------
    text
        Words with blanks.
    size
        Font size.
    width
        Available width, in the unit of `size`.
    bold
        Whether it is bold.

    Returns
    -------
    list of str
        Lines. A number and its unit stay together. A word that is too long ends in an ellipsis.
    """
    lines: list[str] = []
    for word in filter(None, _BREAK.split(text)):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold) <= width:
            lines[-1] = longer
        else:
            lines.append(fitted(word, size, width, bold))
    return lines


@cache
def _widths(bold: bool) -> dict[int, float]:
    """Return the advance in em of each character and of _MISSING, from the OpenType tables cmap (format 4) and hmtx."""
    data = font_file(bold).read_bytes()

    def shorts(at: int, count: int) -> list[int]:
        return [int(value) for value in np.frombuffer(data, ">u2", count, at)]

    tables = {}
    for entry in range(12, 12 + 16 * shorts(4, 1)[0], 16):
        tables[data[entry : entry + 4]] = int.from_bytes(data[entry + 8 : entry + 12])
    em = shorts(tables[b"head"] + 18, 1)[0]
    advances = shorts(tables[b"hmtx"], 2 * shorts(tables[b"hhea"] + 34, 1)[0])[::2]
    cmap = tables[b"cmap"]
    subtables = [
        cmap + int.from_bytes(data[at + 4 : at + 8]) for at in range(cmap + 4, cmap + 4 + 8 * shorts(cmap + 2, 1)[0], 8)
    ]
    at = next(start for start in subtables if shorts(start, 1) == [4])
    count = shorts(at + 6, 1)[0] // 2  # of stretches of characters
    ends, starts, deltas, offsets = (shorts(at + 14 + 2 * k * count + 2 * (k > 0), count) for k in range(4))
    widths = {_MISSING: advances[0] / em}
    for k in range(count):
        for code in range(starts[k], ends[k] + 1):
            glyph = code
            if offsets[k]:
                place = at + 16 + 6 * count + 2 * k  # of the offset, from which it counts
                glyph = shorts(place + offsets[k] + 2 * (code - starts[k]), 1)[0]
            glyph = (glyph + deltas[k]) & 0xFFFF if glyph or not offsets[k] else 0
            if glyph and code != 0xFFFF:
                widths[code] = advances[min(glyph, len(advances) - 1)] / em
    return widths
