"""A column of text and bars, filled from the top."""

from collections.abc import Iterable, Sequence

from einthoven.interpret.answer import Finding
from einthoven.report.page.drawing import Box, Item, Lines, Text, segment
from einthoven.report.page.font import fitted, text_width, wrapped
from einthoven.report.summary import format_percent

GREY, PRESENT, ABSENT = "#555555", "#1d3f66", "#a9b8c9"
TEXT_SIZE = 2.6
"""Size in mm of ordinary text."""
NOTE_SIZE = 2.3
"""Size in mm of bullets."""
_BAR_WIDTH, _BAR_HEIGHT = 17.0, 1.9  # mm
_LEADING = 1.32  # distance of lines, in sizes of the font
_EMPTY, _TICK = "#e8ebef", "#c0392b"
_NARROW = 12.0  # mm, of a bar between two texts
_PERCENT_WIDTH = 9.5  # mm
_CLOSING = 2.6  # mm at the bottom for the number of omitted items


class TextColumn:
    """A column of text and bars that is filled from the top. Items without room are counted in `omitted`.

    Parameters
    ----------
    x, y
        Upper left corner in mm.
    width
        Width of the column in mm.
    bottom
        Lower edge in mm.
    """

    def __init__(self, x: float, y: float, width: float, bottom: float) -> None:
        self.x, self.y, self.width, self.bottom = x, y, width, bottom
        self.items: list[Item] = []
        self.omitted = 0

    def heading(self, text: str) -> None:
        """Add a small title above a thin line, if there is room for an item below it.

        Parameters
        ----------
        text
            Title, shown in capitals.
        """
        if self.room > 2.8 + 1.2 + _LEADING * TEXT_SIZE and self._reserve(2.8):
            self.items.append(Text(self.x, self.y, text.upper(), 2.1, bold=True, colour=GREY))
            self.items.append(Lines([segment(self.x, self.y + 0.9, self.x + self.width, self.y + 0.9)], 0.12, GREY))
            self.y += 1.2

    def subheading(self, text: str) -> None:
        """Add a small grey title, if there is room for an item below it.

        Parameters
        ----------
        text
            Title, shown unchanged.
        """
        if self.room > 3.0 + 1.5 * TEXT_SIZE and self._reserve(3.0):
            self.items.append(Text(self.x, self.y, text, 2.0, colour=GREY))

    def text(
        self, text: str, size: float = TEXT_SIZE, bold: bool = False, colour: str = "#000000", indent: float = 0.0
    ) -> None:
        """Add a text, on as many lines as it needs, if there is room for all of them.

        Parameters
        ----------
        text
            The text.
        size
            Font size in mm.
        bold
            Whether it is bold.
        colour
            Text colour in hexadecimal.
        indent
            Indentation of all lines, in mm.
        """
        lines = wrapped(text, size, self.width - indent, bold)
        step = _LEADING * size
        if self._reserve(step * len(lines)):
            self.y -= step * (len(lines) - 1)
            for line in lines:
                self.items.append(Text(self.x + indent, self.y, line, size, bold, colour))
                self.y += step
            self.y -= step

    def labelled(
        self, label: str, text: str, gutter: float, size: float, colour: str = "#000000", bold: bool = True
    ) -> None:
        """Add a text next to a small label; a text without room for all of its lines is shortened.

        Parameters
        ----------
        label
            Label, shown in capitals.
        text
            The text.
        gutter
            Width in mm of the column of labels.
        size
            Font size of the text in mm.
        colour
            Colour of the label and the text.
        bold
            Whether the text is bold.
        """
        lines = wrapped(text, size, self.width - gutter, bold)
        room = int(self.room / (_LEADING * size) + 1e-6)
        if len(lines) > room > 0:
            lines[room - 1] = fitted(f"{lines[room - 1]} {lines[room]}…", size, self.width - gutter, bold)
            lines = lines[:room]
        for k, line in enumerate(lines):
            if self._reserve(_LEADING * size):
                if not k:
                    grey = GREY if colour == "#000000" else colour
                    self.items.append(Text(self.x, self.y, label.upper(), 2.1, True, grey))
                self.items.append(Text(self.x + gutter, self.y, line, size, bold, colour))

    def bullets(self, sentences: Iterable[str]) -> None:
        """Add sentences, each with a dash.

        Parameters
        ----------
        sentences
            The sentences.
        """
        for sentence in sentences:
            self.text(f"– {sentence}", NOTE_SIZE)

    def pairs(self, pairs: Sequence[tuple[str, str]], label: float, abreast: int = 1) -> None:
        """Add names and values.

        Parameters
        ----------
        pairs
            Names with their values.
        label
            Width in mm of the column of names.
        abreast
            Number of pairs on a line.
        """
        width = self.width / abreast
        for k, (name, value) in enumerate(pairs):
            if k % abreast or self._reserve(_LEADING * TEXT_SIZE):
                x = self.x + k % abreast * width
                self.items.append(Text(x, self.y, name, TEXT_SIZE, colour=GREY))
                self.items.append(Text(x + label, self.y, fitted(value, TEXT_SIZE, width - label), TEXT_SIZE))

    def table(self, rows: Sequence[Sequence[str]], widths: Sequence[float], size: float = NOTE_SIZE) -> None:
        """Add rows of cells, the first of each row to the left and the others to the right.

        Parameters
        ----------
        rows
            The first row is a grey header. A cell that ends in "*" is bold.
        widths
            Widths of the columns in mm.
        size
            Font size in mm.
        """
        for k, row in enumerate(rows):
            if not self._reserve(_LEADING * size):
                continue
            right = self.x
            for j, (cell, width) in enumerate(zip(row, widths, strict=True)):
                right += width
                bold = cell.endswith("*")
                colour = GREY if (not k or not j) and not bold else "#000000"
                x = self.x if not j else right
                self.items.append(Text(x, self.y, cell, size, bold, colour, right=bool(j)))

    def bar(self, finding: Finding) -> None:
        """Add a finding: name, probability as number and bar, threshold as tick and number.

        Parameters
        ----------
        finding
            The finding.
        """
        if not self._reserve(1.5 * TEXT_SIZE):
            return
        present = finding.reported
        x = self.x + self.width - _BAR_WIDTH - _PERCENT_WIDTH
        ticks = () if finding.threshold is None else (finding.threshold,)
        name = fitted(finding.title, TEXT_SIZE, x - self.x - _PERCENT_WIDTH - 4)
        self.items += [
            Text(self.x, self.y, "●" if present else "○", TEXT_SIZE, colour=PRESENT if present else ABSENT),
            Text(self.x + 3, self.y, name, TEXT_SIZE),
            Text(x - 1, self.y, format_percent(finding.probability), TEXT_SIZE, right=True),
            Text(self.x + self.width, self.y, format_percent(finding.threshold), 2.3, colour=GREY, right=True),
            *(() if finding.probability is None else self._gauge(x, finding.probability, ticks, present)),
        ]

    def probability(
        self, text: str, probability: float, ticks: Sequence[float], indent: float = 0.0, note: str = ""
    ) -> None:
        """Add a text with a bar.

        Parameters
        ----------
        text
            The text.
        probability
            Length of the bar, from 0 to 1.
        ticks
            Thresholds, from 0 to 1.
        indent
            Indentation of the text, in mm.
        note
            The thresholds in words, to the right of the bar.
        """
        if self._reserve(1.5 * TEXT_SIZE):
            bar = self.x + indent + text_width(text, NOTE_SIZE) + 1.5
            end = bar + _NARROW + 1.5
            self.items += [
                Text(self.x + indent, self.y, text, NOTE_SIZE),
                *self._gauge(bar, probability, ticks, probability >= max(ticks), _NARROW),
                Text(end, self.y, fitted(note, 2.1, self.x + self.width - end), 2.1, colour=GREY),
            ]

    def _gauge(
        self, x: float, probability: float, ticks: Sequence[float], present: bool, width: float = _BAR_WIDTH
    ) -> list[Item]:
        top = self.y - _BAR_HEIGHT
        return [
            Box(x, top, width, _BAR_HEIGHT, _EMPTY),
            Box(x, top, width * probability, _BAR_HEIGHT, PRESENT if present else ABSENT),
            Lines(
                [segment(x + width * at, top - 0.5, x + width * at, top + _BAR_HEIGHT + 0.5) for at in ticks],
                0.3,
                _TICK,
            ),
        ]

    def bar_titles(self, left: str) -> None:
        """Add a heading with titles for the columns of `bar`.

        Parameters
        ----------
        left
            Title of the names.
        """
        self.heading(left)
        x, y = self.x + self.width, self.y - 1.2
        self.items += [
            Text(x - _BAR_WIDTH - _PERCENT_WIDTH - 1, y, "probability", 2.1, colour=GREY, right=True),
            Text(x, y, "threshold", 2.1, colour=GREY, right=True),
        ]

    def space(self, mm: float = 1.6) -> None:
        """Leave space.

        Parameters
        ----------
        mm
            Height in mm.
        """
        self.y += mm

    def close(self) -> None:
        """State at the bottom how many items were omitted, if any."""
        if self.omitted:
            text = f"… and {self.omitted} more, in the JSON result"
            self.items.append(Text(self.x, self.bottom - 0.2, text, 2.1, colour=GREY))

    @property
    def room(self) -> float:
        """Height in mm that is left."""
        return self.bottom - _CLOSING - self.y

    def _reserve(self, height: float) -> bool:
        """Move down by `height` if there is room, and return whether there is."""
        if height > self.room:
            self.omitted += 1
            return False
        self.y += height
        return True


def badge(x: float, y: float, text: str) -> list[Item]:
    """Return white text on a dark box.

    Parameters
    ----------
    x
        Right edge in mm.
    y
        Upper edge in mm.
    text
        The text.

    Returns
    -------
    list of Item
        Box and text.
    """
    width = text_width(text, TEXT_SIZE, bold=True) + 3
    return [
        Box(x - width, y, width, 4.4, "#333333"),
        Text(x - 1.5, y + 3.2, text, TEXT_SIZE, True, "#ffffff", right=True),
    ]
