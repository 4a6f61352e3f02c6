"""Patterns such as 'archive/**/*.hea', in which links to folders make no circles."""

import glob
import os
import re
from collections.abc import Iterator
from pathlib import Path

from einthoven.files import identity

_ANY_DEPTH = re.compile(r"(?:^|(?<=[{0}]))\*\*(?:[{0}]+\*\*)*(?:[{0}]+|$)".format("/" if os.sep == "/" else r"/\\"))


def is_pattern(argument: str) -> bool:
    """Whether `argument` has a sign that stands for others."""
    return bool(glob.has_magic(argument))


def expand(pattern: str) -> list[str]:
    """The paths that match, as `glob.glob(pattern, recursive=True)` gives them, except that `**` visits a folder once.

    Python's own follows links to folders, each of which may lead back to where it lies.
    """
    return list(dict.fromkeys(_expand(pattern)))


def _expand(pattern: str) -> Iterator[str]:
    top, *rest = _ANY_DEPTH.split(pattern, maxsplit=1)
    if not rest:
        yield from glob.iglob(pattern)  # noqa: PTH207 (Path.glob wants a root apart from the pattern)
        return
    visited = set[tuple[object, ...]]()
    for folder in glob.iglob(top) if top else [""]:  # noqa: PTH207
        for inner in _folders(folder, visited):
            yield from _expand(os.path.join(glob.escape(inner), rest[0] or "*"))  # noqa: PTH118


def _folders(top: str, visited: set[tuple[object, ...]]) -> Iterator[str]:
    """`top` and the folders below it that are not hidden, through links too, unless they were `visited`."""
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        if (place := identity(Path(folder))) in visited:
            continue
        try:
            names = sorted(entry.name for entry in os.scandir(folder or ".") if entry.is_dir())
        except OSError:  # no folder, or not readable
            continue
        visited.add(place)
        yield folder
        waiting += [os.path.join(folder, name) for name in reversed(names) if not name.startswith(".")]  # noqa: PTH118
