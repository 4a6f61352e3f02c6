"""Whether a recording is still the one that was read: by size and times, and by content where these differ."""

import os
import stat
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

from einthoven.readers.record_files import list_record_files
from einthoven.readers.sources import MAX_BYTES

_CHUNK = 1 << 20
UNKNOWN = "-"
"""The fingerprint of a recording that changed while it was read: equal to none."""


def fingerprint(source: str, since_ns: int) -> str:
    """The state of all files of `source`, as two digests without a blank: of their sizes and times, of their content.

    Call it after `source` was read. It is UNKNOWN if a file has changed since `since_ns`, in ns since 1970, as the
    content that is found then may not be the content that was read.
    """
    files = list_record_files(Path(source))
    content = _content(files)
    states = [_state(file) for file in files]  # last, so that it also shows a change while the content was digested
    changed = max((state[-1] for state in states if state), default=0)
    return UNKNOWN if changed >= since_ns else f"{_digest(states)}:{content}"


def is_unchanged(source: str, fingerprint: str) -> bool:
    """Whether the files of `source` have the content that they had when their `fingerprint` was taken."""
    states, _, content = fingerprint.partition(":")
    files = list_record_files(Path(source))
    return states == _digest(map(_state, files)) or content == _content(files)


def _state(file: Path) -> tuple[int, ...] | None:
    """Size, and in ns the time of the last change of the content and of the file; None if it is not there."""
    try:
        found = file.stat()
    except (OSError, ValueError):
        return None
    changed = found.st_mtime_ns if os.name == "nt" else found.st_ctime_ns  # which nobody can set
    return found.st_mode, found.st_size, found.st_mtime_ns, changed


def _digest(states: Iterable[object]) -> str:
    return blake2b(repr(list(states)).encode(), digest_size=8).hexdigest()


def _content(files: Iterable[Path]) -> str:
    digest = blake2b(digest_size=16)
    for file in files:
        try:
            found = file.stat()
            regular = stat.S_ISREG(found.st_mode)
            digest.update(b"%d %d " % (regular, found.st_size))
            if regular and found.st_size <= MAX_BYTES:  # a pipe never ends
                with file.open("rb", buffering=0) as opened:
                    while chunk := opened.read(_CHUNK):
                        digest.update(chunk)
        except (OSError, ValueError) as error:
            digest.update(type(error).__name__.encode())
    return digest.hexdigest()
