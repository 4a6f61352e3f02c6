"""Group the parts of a form into recordings: a WFDB header and the files that it names are one recording.

Worker processes load this module: nothing here may import the web framework.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from einthoven.errors import EinthovenError
from einthoven.serve.multipart import PartRanges, part_contents, split_form

if TYPE_CHECKING:
    from einthoven.interpret.interpreter import Interpreter

_FIRST_WORD = re.compile(rb"(?:\A|[\r\n])[ \t\v\f]*+(\S+)")  # visits each line once, and makes no list of lines


@dataclass(frozen=True)
class GroupParts:
    """Has a worker group the parts of a form."""

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
            Not needed.

        Returns
        -------
        dict[str, PartRanges]
            The parts of each recording by its name, in order.

        Raises
        ------
        EinthovenError
            If the form is damaged.
        """
        return group_parts(self.body, split_form(self.body, self.content_type))


def single_recording(body: bytes, content_type: str) -> tuple[str, Mapping[str, bytes]]:
    """Return the one recording of a form.

    Parameters
    ----------
    body
        The form.
    content_type
        The request's Content-Type.

    Returns
    -------
    tuple[str, Mapping[str, bytes]]
        The recording's name, and its files as `einthoven.read` takes them.

    Raises
    ------
    EinthovenError
        If the form is damaged, or holds no recording or several.
    """
    recordings = group_parts(body, split_form(body, content_type))
    if len(recordings) != 1:
        raise EinthovenError(
            f"The form holds {len(recordings)} recordings ({', '.join(list(recordings)[:5])}), not one. "
            "Send several recordings to /v1/interpret/batch."
        )
    ((name, ranges),) = recordings.items()
    return name, part_contents(body, ranges)


def group_parts(body: bytes, ranges: PartRanges) -> dict[str, PartRanges]:
    """Group parts into recordings.

    A WFDB header takes with it the files, and the headers of segments, that its lines begin with. Each file is visited
    once, and belongs to one recording.

    Parameters
    ----------
    body
        The form.
    ranges
        Its parts.

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
