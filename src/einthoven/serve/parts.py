"""What a body holds: one file, or the parts of a form, of which those that name each other are one recording."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from python_multipart.multipart import MultipartParser, parse_options_header

from einthoven.errors import EinthovenError

MOST = 1000
"""Parts of one form."""
_HEADER = 4096  # bytes that the headers of a part may have


@dataclass
class Part:
    """A part of a form."""

    name: str = ""
    """Of the file, else of the field; without folders."""
    content: bytearray = field(default_factory=bytearray, repr=False)


def is_form(content_type: str) -> bool:
    """Whether a body is a form of several parts."""
    return content_type.lower().startswith("multipart/")


def one_recording(body: bytes, content_type: str) -> tuple[str, bytes | Mapping[str, bytes]]:
    """The one recording that a form holds: what to call it, and its files as `einthoven.read` takes them.

    Raises EinthovenError where the form holds none or several.
    """
    recordings = group(split(body, content_type))
    if len(recordings) != 1:
        raise EinthovenError(
            f"The form holds {len(recordings)} recordings ({', '.join(list(recordings)[:5])}), where one is expected; "
            "several go to /v1/interpret/batch."
        )
    return next(iter(recordings.items()))


def split(body: bytes, content_type: str) -> list[Part]:
    """The parts of a form. Raises EinthovenError where it is damaged, or has too many."""
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary:
        raise EinthovenError("The Content-Type names no boundary; let the HTTP library write it.")
    parts, headers, name, value = list[Part](), dict[bytes, bytes](), bytearray(), bytearray()
    whole = False

    def begin() -> None:
        if len(parts) == MOST:
            raise EinthovenError(f"The form has more than {MOST} parts; send it in pieces.")
        parts.append(Part())
        headers.clear()

    def header_end() -> None:
        headers[bytes(name).lower()] = bytes(value)
        name.clear()
        value.clear()

    def headers_finished() -> None:
        _, named = parse_options_header(headers.get(b"content-disposition", b""))
        given = named.get(b"filename") or named.get(b"name") or b""
        parts[-1].name = plain(given.decode("utf-8", "replace")) or f"part {len(parts)}"

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
                "on_part_data": lambda data, start, stop: parts[-1].content.extend(memoryview(data)[start:stop]),
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
    return parts


def plain(name: str) -> str:
    """The name of a file without folders and signs that do not print."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(sign for sign in last if sign.isprintable())[:200]


def group(parts: list[Part]) -> dict[str, bytes | Mapping[str, bytes]]:
    """The recordings that parts make up, by the names of their main files, in order.

    A WFDB header takes with it the files, and the headers of segments, that its lines begin with.
    """
    files = dict[str, bytes]()
    for part in parts:
        if part.name in files:
            raise EinthovenError(f"Two parts are called {part.name}; give each a name of its own.")
        files[part.name] = bytes(part.content)
    named = {name: _named(files[name], files) for name in files if name.lower().endswith(".hea")}
    inner = {other for names in named.values() for other in names}
    recordings = dict[str, bytes | Mapping[str, bytes]]()
    for name, content in files.items():
        if name in named and name not in inner:
            recordings[name] = {file: files[file] for file in _all(name, named)}
        elif name not in inner:
            recordings[name] = content
    return recordings


def _named(header: bytes, files: Mapping[str, bytes]) -> list[str]:
    """The other parts that the lines of a WFDB header begin with, those of segments by their stem."""
    words = {line.split()[0].decode("utf-8", "replace") for line in header.splitlines() if line.split()}
    return [
        name for name in files if (name in words or name.removesuffix(".hea") in words) and files[name] is not header
    ]


def _all(name: str, named: Mapping[str, list[str]]) -> dict[str, None]:
    """A header and all that it names, also through others."""
    found, todo = dict[str, None](), [name]
    while todo:
        file = todo.pop()
        if file not in found:
            found[file] = None
            todo += named.get(file, [])
    return found
