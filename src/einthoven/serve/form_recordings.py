"""Group the parts of a form into recordings: a WFDB header and the files that it names are one recording.

Worker processes load this module: nothing here may import the web framework.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from einthoven.errors import EinthovenError
from einthoven.serve.multipart import PREVIOUS, PartRanges, part_contents, split_form

if TYPE_CHECKING:
    from einthoven.interpret.interpreter import Interpreter

_FIRST_WORD = re.compile(rb"(?:\A|[\r\n])[ \t\v\f]*+(\S+)")  # visits each line once, and makes no list of lines


@dataclass(frozen=True)
class GroupParts:
    """Job in which a worker groups the parts of a form."""

    body: bytes = field(repr=False)
    content_type: str

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return len(self.body)

    def __call__(self, interpreter: "Interpreter") -> dict[str, PartRanges]:  # noqa: ARG002
        """Return the recordings of the form, as `group_parts` does.

        Parameters
        ----------
        interpreter
            Interpreter of the worker, not used.

        Returns
        -------
        dict[str, PartRanges]
            The parts of each recording by its name, in order.

        Raises
        ------
        EinthovenError
            If the form is damaged, or has a previous ECG.
        """
        parts = split_form(self.body, self.content_type)
        if parts.previous:
            raise EinthovenError(
                f"A batch has no field {PREVIOUS!r}: send each recording with its previous ECG to /v1/interpret."
            )
        return group_parts(self.body, parts.files)


class NamedFiles(NamedTuple):
    """A recording of a form."""

    name: str
    """Name of the main file of the recording."""
    files: Mapping[str, bytes]
    """Content of the files by name, for `einthoven.read`."""


def single_recording(body: bytes, content_type: str) -> tuple[NamedFiles, NamedFiles | None]:
    """Return the one recording of a form, and the previous one.

    Parameters
    ----------
    body
        The form.
    content_type
        The request's Content-Type.

    Returns
    -------
    recording : NamedFiles
        The recording to interpret.
    previous : NamedFiles or None
        The previous ECG in fields of that name.

    Raises
    ------
    EinthovenError
        If the form is damaged, or holds no recording or several.
    """
    parts = split_form(body, content_type)
    recordings = group_parts(body, parts.files)
    if len(recordings) != 1:
        raise EinthovenError(
            f"The form holds {len(recordings)} recordings ({', '.join(list(recordings)[:5])}), not one. "
            "Send several recordings to /v1/interpret/batch."
        )
    previous = group_parts(body, parts.previous)
    if len(previous) > 1:
        raise EinthovenError(f"The fields {PREVIOUS!r} hold {len(previous)} recordings, not one.")
    named = [
        NamedFiles(name, part_contents(body, ranges))
        for found in (recordings, previous)
        for name, ranges in found.items()
    ]
    return named[0], named[1] if previous else None


def group_parts(body: bytes, ranges: PartRanges) -> dict[str, PartRanges]:
    """Group parts into recordings.

    A WFDB header takes with it the files, and the headers of segments, that its lines begin with. Each file is visited
    once, and belongs to one recording.

    Parameters
    ----------
    body
        The form.
    ranges
        Ranges of the parts of the form.

    Returns
    -------
    dict[str, PartRanges]
        The parts of each recording by the name of its main file, in order.

    Raises
    ------
    EinthovenError
        If two headers need the same file.
    """
    references = {
        name: _references(name, body[slice(*ranges[name])], ranges) for name in ranges if name.lower().endswith(".hea")
    }
    inner = {other for names in references.values() for other in names}
    owners = dict[str, str]()
    for header in references:
        if header not in inner:
            _claim_files(header, references, owners)
    recordings = {name: PartRanges() for name in ranges if owners.get(name, name) == name}
    for name, part in ranges.items():
        recordings[owners.get(name, name)][name] = part
    return recordings


def _references(header: str, content: bytes, ranges: PartRanges) -> list[str]:
    """Return the other parts that the lines of a WFDB header begin with; those of segments by their stem."""
    words = (match[1].decode("utf-8", "replace") for match in _FIRST_WORD.finditer(content))
    names = (name for word in words for name in (word, f"{word}.hea") if name in ranges and name != header)
    return list(dict.fromkeys(names))


def _claim_files(header: str, references: Mapping[str, list[str]], owners: dict[str, str]) -> None:
    """Make `header` the owner of itself and of all files that it names, also through other headers."""
    owners[header] = header
    pending = list(references[header])
    while pending:
        file = pending.pop()
        owner = owners.get(file)
        if owner is None:
            owners[file] = header
            pending += references.get(file, [])
        elif owner != header:
            raise EinthovenError(f"{header} and {owner} both need {file}. Send each record in its own form.")
