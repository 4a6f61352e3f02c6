"""Expand patterns such as 'archive/**/*.hea', without endless loops through linked folders."""

import glob
import os
import re
from collections.abc import Iterator
from pathlib import Path

from einthoven.files import identity

_ANY_DEPTH = re.compile(r"(?:^|(?<=[{0}]))\*\*(?:[{0}]+\*\*)*(?:[{0}]+|$)".format("/" if os.sep == "/" else r"/\\"))


def is_pattern(argument: str) -> bool:
    """Return whether an argument contains a wildcard.

    Parameters
    ----------
    argument
        A path or a pattern.

    Returns
    -------
    bool
        True for *, ? and [.
    """
    return bool(glob.has_magic(argument))


def expand(pattern: str) -> list[str]:
    """Return the paths that match a pattern, as `glob.glob(pattern, recursive=True)`, but visit each folder once.

    Python's own function follows links to folders, which may lead back to a parent folder.

    Parameters
    ----------
    pattern
        Pattern with *, ?, [] or **.

    Returns
    -------
    list of str
        Paths, each once.
    """
    return list(dict.fromkeys(_expand(pattern)))


def _expand(pattern: str) -> Iterator[str]:
    top, *rest = _ANY_DEPTH.split(pattern, maxsplit=1)
    if not rest:
        yield from glob.iglob(pattern)  # noqa: PTH207 (Path.glob needs a root separate from the pattern)
        return
    visited = set[tuple[object, ...]]()
    for folder in glob.iglob(top) if top else [""]:  # noqa: PTH207
        for inner in _folders(folder, visited):
            yield from _expand(os.path.join(glob.escape(inner), rest[0] or "*"))  # noqa: PTH118


def _folders(top: str, visited: set[tuple[object, ...]]) -> Iterator[str]:
    """Yield `top` and all folders below it that are neither hidden nor `visited`, links included."""
    stack = [top]
    while stack:
        folder = stack.pop()
        if (folder_identity := identity(Path(folder))) in visited:
            continue
        try:
            names = sorted(entry.name for entry in os.scandir(folder or ".") if entry.is_dir())
        except OSError:  # not a folder, or not readable
            continue
        visited.add(folder_identity)
        yield folder
        stack += [os.path.join(folder, name) for name in reversed(names) if not name.startswith(".")]  # noqa: PTH118
