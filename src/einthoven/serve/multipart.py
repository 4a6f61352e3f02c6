"""Split forms (multipart/form-data) into parts.

A part is a place in the body, so that a form is never held twice. Worker processes split forms: nothing here may
import the web framework.
"""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from python_multipart.multipart import MultipartParser, parse_options_header

from einthoven.errors import EinthovenError

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

PartRanges = dict[str, tuple[int, int]]
"""Start and end of each part's content in the body, by file name."""

PREVIOUS = "previous"
"""Name of the fields that hold the previous ECG, or its files."""
MAX_PARTS = 1000
"""Parts of one form."""
_MAX_PART_HEADER = 4096  # bytes of a part's headers
_MAX_HEADER = 1024  # characters of a request's header that is parsed; RFC 2046 allows boundaries of 70
_MAX_NAME = 200  # characters of a file name


class FormParts(NamedTuple):
    """The parts of a form."""

    files: PartRanges
    """Parts of the recording, in order."""
    previous: PartRanges
    """Parts of the previous ECG, which may have the names of `files`."""


@dataclass(frozen=True)
class PartView:
    """A part's content as a place in the body; a worker gets a copy of the content as bytes."""

    body: bytes = field(repr=False)
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    def __reduce__(self) -> tuple[type[bytes], tuple[bytes]]:
        return bytes, (self.body[self.start : self.stop],)


def is_form(content_type: str) -> bool:
    """Return whether a body is a form.

    Parameters
    ----------
    content_type
        The request's Content-Type.

    Returns
    -------
    bool
        True for multipart/form-data and its siblings.
    """
    return content_type.lower().startswith("multipart/")


def header_option(header: str, name: bytes) -> bytes:
    """Return an option of a header such as `form-data; name="file"`.

    Parameters
    ----------
    header
        The header's value.
    name
        Name of the option, in lower case.

    Returns
    -------
    bytes
        The option's value; empty if the header has no such option or is too long.
    """
    return parse_options_header(header)[1].get(name, b"") if len(header) <= _MAX_HEADER else b""


def printable_name(name: str) -> str:
    """Return the name of a file without folders and characters that do not print.

    Parameters
    ----------
    name
        A name or path as a client sends it.

    Returns
    -------
    str
        Name of at most 200 characters; may be empty.
    """
    file_name = re.split(r"[/\\]", name)[-1]
    return "".join(character for character in file_name if character.isprintable())[:_MAX_NAME]


def part_contents(body: bytes, ranges: PartRanges) -> dict[str, bytes]:
    """Return copies of parts.

    Parameters
    ----------
    body
        The form.
    ranges
        The parts to copy.

    Returns
    -------
    dict[str, bytes]
        Content by file name.
    """
    return {name: body[start:stop] for name, (start, stop) in ranges.items()}


def split_form(body: bytes, content_type: str) -> FormParts:
    """Find the parts of a form.

    Parameters
    ----------
    body
        The form.
    content_type
        The request's Content-Type, which holds the boundary.

    Returns
    -------
    FormParts
        Places in the body.

    Raises
    ------
    EinthovenError
        If the form is damaged, has too many parts, or two parts of the same name.
    """
    boundary = header_option(content_type, b"boundary")
    if not boundary:
        raise EinthovenError("The Content-Type has no boundary. Let the HTTP library write this header.")
    form = _Form()
    try:
        parser = MultipartParser(boundary, form.callbacks, max_header_size=_MAX_PART_HEADER)
        parser.write(body)
        parser.finalize()
    except EinthovenError:
        raise
    except Exception as error:  # the parser's own errors, and those that damaged bytes cause in it
        raise EinthovenError(f"The form is damaged ({error}).") from error
    if not form.complete:
        raise EinthovenError("The form is truncated: its last boundary is missing. Send it again.")
    return FormParts(form.ranges, form.previous)


class _Form:
    """Notes the places of parts while a body is parsed, which is written to the parser in one piece."""

    def __init__(self) -> None:
        self.ranges, self.previous = PartRanges(), PartRanges()
        self.complete = False
        self._parts = self.ranges  # to which the part that is parsed belongs
        self._part = ""
        self._headers = dict[bytes, bytes]()
        self._name, self._value = bytearray(), bytearray()

    @property
    def callbacks(self) -> "MultipartCallbacks":
        """Callbacks of the parser; their offsets are offsets in the body."""
        return {
            "on_part_begin": self._part_begin,
            "on_header_field": lambda data, start, stop: self._name.extend(data[start:stop]),
            "on_header_value": lambda data, start, stop: self._value.extend(data[start:stop]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._part_data,
            "on_end": self._end,
        }

    def _part_begin(self) -> None:
        if len(self.ranges) + len(self.previous) == MAX_PARTS:
            raise EinthovenError(f"The form has more than {MAX_PARTS} parts. Send several forms.")
        self._headers.clear()

    def _header_end(self) -> None:
        self._headers[bytes(self._name).lower()] = bytes(self._value)
        self._name.clear()
        self._value.clear()

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._parts = self.previous if options.get(b"name") == PREVIOUS.encode() else self.ranges
        name = options.get(b"filename") or options.get(b"name") or b""
        self._part = printable_name(name.decode("utf-8", "replace")) or f"part {len(self._parts) + 1}"
        if self._part in self._parts:
            raise EinthovenError(f"Two parts are called {self._part}. Give each part its own name.")
        self._parts[self._part] = 0, 0

    def _part_data(self, _: bytes, start: int, stop: int) -> None:
        self._parts[self._part] = self._parts[self._part][0] or start, stop

    def _end(self) -> None:
        self.complete = True
