"""Print text from files, and names of files, on a terminal without letting it obey them."""

import io
import sys
from typing import BinaryIO, TextIO

from einthoven.text import escape


def print_escaped(line: object, file: TextIO | None = None) -> None:
    """Print a line in which everything that is not printable is escaped.

    Parameters
    ----------
    line
        Any object; its text is printed.
    file
        Where to; standard output by default.
    """
    print(escape(str(line)), file=file or sys.stdout, flush=True)


class EscapedOutput(io.BufferedIOBase):
    """A binary stream to a terminal: takes UTF-8 like a file, and shows it escaped.

    Parameters
    ----------
    stream
        The terminal's stream.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def writable(self) -> bool:
        """Return True.

        Returns
        -------
        bool
            Always True.
        """
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        """Show text.

        Parameters
        ----------
        data
            Whole characters of UTF-8.

        Returns
        -------
        int
            Number of bytes in `data`.
        """
        self._stream.write(escape(bytes(data).decode("utf-8", "backslashreplace"), "\n\t").encode())
        return len(data)

    def flush(self) -> None:
        """Flush the terminal's stream."""
        self._stream.flush()
