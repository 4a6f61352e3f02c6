"""Print text from files so that a terminal does not execute control characters in it."""

import io
import sys
from typing import BinaryIO, TextIO

from einthoven.text import escape


def print_escaped(line: object, file: TextIO | None = None) -> None:
    """Print a line with escaped control characters.

    Parameters
    ----------
    line
        Converted to str.
    file
        Text stream; None for standard output.
    """
    print(escape(str(line)), file=file or sys.stdout, flush=True)


class EscapedOutput(io.BufferedIOBase):
    """A binary stream that writes UTF-8 to a terminal, with escaped control characters.

    Parameters
    ----------
    stream
        The terminal's binary stream.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def writable(self) -> bool:
        """Return True.

        Returns
        -------
        bool
            True.
        """
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        """Write UTF-8 that ends with a whole character.

        Parameters
        ----------
        data
            The text.

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
