"""Text from files and names of files on a terminal, which must not obey it."""

import io
import sys
from typing import BinaryIO, TextIO

from einthoven.text import escape


def print_escaped(line: object, file: TextIO | None = None) -> None:
    """Print a line to `file`, or to standard output, so that a terminal shows what is in it and does nothing else."""
    print(escape(str(line)), file=file or sys.stdout, flush=True)


class EscapedOutput(io.BufferedIOBase):
    """A terminal's binary stream to which UTF-8 can be written as to any file, and which shows it escaped."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        """Show whole characters of UTF-8."""
        self._stream.write(escape(bytes(data).decode("utf-8", "backslashreplace"), "\n\t").encode())
        return len(data)

    def flush(self) -> None:
        """Show what was written."""
        self._stream.flush()
