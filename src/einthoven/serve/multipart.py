"""What a body holds: one file, or the parts of a form, of which those that name each other are one recording.

A part is a place in the body, so that a form is never held twice. Forms are split in worker processes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart.multipart import MultipartParser, parse_options_header

from einthoven.errors import EinthovenError

if TYPE_CHECKING:
    from einthoven.interpret.interpreter import Interpreter

PartRanges = dict[str, tuple[int, int]]
"""Names of files, each with where its content begins in the body and where it ends."""

MAX_PARTS = 1000
"""Parts of one form."""
_HEADER = 4096  # bytes that the headers of a part may have
_LONGEST = 1024  # characters of a header of the request that is parsed; RFC 2046 allows boundaries of 70

_FIRST_WORD = re.compile(rb"(?:\A|[\r\n])[ \t\v\f]*+(\S+)")  # visits each line once, and makes no list of lines


@dataclass(frozen=True)
class GroupParts:
    """Asks a worker for the recordings of a form, as `group` gives them."""

    body: bytes = field(repr=False)
    content_type: str

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return len(self.body)

    def __call__(self, interpreter: "Interpreter") -> dict[str, PartRanges]:  # noqa: ARG002
        """Raises EinthovenError if the form is damaged."""
        return group_parts(self.body, split_form(self.body, self.content_type))


@dataclass(frozen=True)
class PartView:
    """Content of a part: a place in the body, of which a worker gets a copy."""

    body: bytes = field(repr=False)
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    def __reduce__(self) -> tuple[type[bytes], tuple[bytes]]:
        return bytes, (self.body[self.start : self.stop],)


def is_form(content_type: str) -> bool:
    """Whether a body is a form of several parts."""
    return content_type.lower().startswith("multipart/")


def single_recording(body: bytes, content_type: str) -> tuple[str, Mapping[str, bytes]]:
    """The one recording that a form holds: what to call it, and its files as `einthoven.read` takes them.

    Raises EinthovenError where the form holds none or several.
    """
    recordings = group_parts(body, split_form(body, content_type))
    if len(recordings) != 1:
        raise EinthovenError(
            f"The form holds {len(recordings)} recordings ({', '.join(list(recordings)[:5])}), where one is expected; "
            "several go to /v1/interpret/batch."
        )
    ((name, files),) = recordings.items()
    return name, part_contents(body, files)


def part_contents(body: bytes, files: PartRanges) -> dict[str, bytes]:
    """Copies of these parts of the body."""
    return {name: body[start:stop] for name, (start, stop) in files.items()}


def header_option(header: str, name: bytes) -> bytes:
    """The option `name` of a header such as `form-data; name="file"`; b"" if it has none, or is too long."""
    return parse_options_header(header)[1].get(name, b"") if len(header) <= _LONGEST else b""


def split_form(body: bytes, content_type: str) -> PartRanges:
    """The parts of a form, in order.

    Raises EinthovenError where it is damaged, has too many parts, or two of one name.
    """
    boundary = header_option(content_type, b"boundary")
    if not boundary:
        raise EinthovenError("The Content-Type names no boundary; let the HTTP library write it.")
    ranges, headers, name, value = PartRanges(), dict[bytes, bytes](), bytearray(), bytearray()
    part, whole = "", False

    def begin() -> None:
        if len(ranges) == MAX_PARTS:
            raise EinthovenError(f"The form has more than {MAX_PARTS} parts; send it in pieces.")
        headers.clear()

    def header_end() -> None:
        headers[bytes(name).lower()] = bytes(value)
        name.clear()
        value.clear()

    def headers_finished() -> None:
        nonlocal part
        _, named = parse_options_header(headers.get(b"content-disposition", b""))
        given = named.get(b"filename") or named.get(b"name") or b""
        part = printable_name(given.decode("utf-8", "replace")) or f"part {len(ranges) + 1}"
        if part in ranges:
            raise EinthovenError(f"Two parts are called {part}; give each a name of its own.")
        ranges[part] = 0, 0

    def data(_: bytes, start: int, stop: int) -> None:  # offsets in `body`, which is written in one piece
        ranges[part] = ranges[part][0] or start, stop

    def end() -> None:
        nonlocal whole
        whole = True

    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": begin,
                "on_header_field": lambda data, start, stop: name.extend(data[start:stop]),
                "on_header_value": lambda data, start, stop: value.extend(data[start:stop]),
                "on_header_end": header_end,
                "on_headers_finished": headers_finished,
                "on_part_data": data,
                "on_end": end,
            },
            max_header_size=_HEADER,
        )
        parser.write(body)
        parser.finalize()
    except EinthovenError:
        raise
    except Exception as error:  # the parser's own, and what damaged bytes make it stumble over
        raise EinthovenError(f"The form is damaged ({error}).") from error
    if not whole:
        raise EinthovenError("The form breaks off: its last boundary is missing.")
    return ranges


def printable_name(name: str) -> str:
    """The name of a file without folders and signs that do not print."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(sign for sign in last if sign.isprintable())[:200]


def group_parts(body: bytes, files: PartRanges) -> dict[str, PartRanges]:
    """The recordings that parts make up, by the names of their main files, in order.

    A WFDB header takes with it the files, and the headers of segments, that its lines begin with. Each file is visited
    once, and belongs to one recording.

    Raises
    ------
    EinthovenError
        If two headers need the same file.
    """
    named = {name: _named(name, body[slice(*files[name])], files) for name in files if name.lower().endswith(".hea")}
    inner = {other for names in named.values() for other in names}
    owners = dict[str, str]()
    for header in named:
        if header not in inner:
            _take(header, named, owners)
    recordings = {name: PartRanges() for name in files if owners.get(name, name) == name}
    for name, span in files.items():
        recordings[owners.get(name, name)][name] = span
    return recordings


def _named(header: str, content: bytes, files: PartRanges) -> list[str]:
    """The other parts that the lines of a WFDB header begin with, those of segments by their stem."""
    words = (match[1].decode("utf-8", "replace") for match in _FIRST_WORD.finditer(content))
    found = (name for word in words for name in (word, f"{word}.hea") if name in files and name != header)
    return list(dict.fromkeys(found))


def _take(header: str, named: Mapping[str, list[str]], owners: dict[str, str]) -> None:
    """Make `header` the owner of itself and of all that it names, also through others."""
    owners[header] = header
    todo = list(named[header])
    while todo:
        file = todo.pop()
        owner = owners.get(file)
        if owner is None:
            owners[file] = header
            todo += named.get(file, [])
        elif owner != header:
            raise EinthovenError(f"{header} and {owner} both need {file}; send each record in a form of its own.")
