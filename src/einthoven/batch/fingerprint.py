"""Detect recordings that changed after they were read, by size and times, then by content."""

import os
import stat
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

from einthoven.readers.record_files import list_record_files
from einthoven.readers.sources import MAX_BYTES

_CHUNK = 1 << 16  # most files are smaller; a read takes longer, the more it may read
UNKNOWN = "-"
"""The fingerprint of a recording that changed while it was read; it matches no state."""


def fingerprint(source: str, since_ns: int) -> str:
    """Return the state of all files of a recording that has been read.

    Parameters
    ----------
    source
        Path of the recording.
    since_ns
        Time before the reading began, in ns since 1970.

    Returns
    -------
    str
        A digest of sizes and times, a colon, and a digest of the content. UNKNOWN if a file has changed since
        `since_ns`, because the reader may have seen other content.
    """
    files = list_record_files(Path(source))
    content = _content(files)
    states = [_state(file) for file in files]  # last, to notice a change during the digest
    changed = max((state[-1] for state in states if state), default=0)
    return UNKNOWN if changed >= since_ns else f"{_digest(states)}:{content}"


def is_unchanged(source: str, fingerprint: str) -> bool:
    """Return whether the files of a recording have the same content as before.

    Parameters
    ----------
    source
        Path of the recording.
    fingerprint
        Fingerprint of the earlier content.

    Returns
    -------
    bool
        False also if the earlier state is UNKNOWN.
    """
    states, _, content = fingerprint.partition(":")
    files = list_record_files(Path(source))
    return states == _digest(map(_state, files)) or content == _content(files)


def _state(file: Path) -> tuple[int, ...] | None:
    """Return mode, size, and the times in ns at which content and file last changed; None for a missing file."""
    try:
        status = file.stat()
    except (OSError, ValueError):
        return None
    changed = status.st_mtime_ns if os.name == "nt" else status.st_ctime_ns  # no program can set the latter
    return status.st_mode, status.st_size, status.st_mtime_ns, changed


def _digest(states: Iterable[object]) -> str:
    return blake2b(repr(list(states)).encode(), digest_size=8).hexdigest()


def _content(files: Iterable[Path]) -> str:
    digest = blake2b(digest_size=16)
    for file in files:
        try:
            status = file.stat()
            regular = stat.S_ISREG(status.st_mode)
            digest.update(b"%d %d " % (regular, status.st_size))
            if regular and status.st_size <= MAX_BYTES:  # a pipe never ends
                with file.open("rb", buffering=0) as stream:
                    while chunk := stream.read(_CHUNK):
                        digest.update(chunk)
        except (OSError, ValueError) as error:
            digest.update(type(error).__name__.encode())
    return digest.hexdigest()
