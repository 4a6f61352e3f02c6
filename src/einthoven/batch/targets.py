"""Choose the file that each recording is converted to."""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from einthoven.batch.sources import ENDINGS
from einthoven.convert.formats import FORMATS, choose_format
from einthoven.convert.wfdb import record_name
from einthoven.errors import EinthovenError
from einthoven.readers.remote import is_url
from einthoven.readers.sources import SIGNALS, STDIN, shown_source

_SUFFIXES = ENDINGS | {*SIGNALS, *(format.suffix for format in FORMATS.values())}


@dataclass(frozen=True)
class Targets:
    """The file of each converted recording."""

    format: str
    """Output format: one of `einthoven.convert.formats.FORMATS`."""
    path: str
    """A file, or a folder with a file per recording."""
    base: str | None
    """The folder that contains all sources, whose layout is repeated; None if `path` is a file."""
    ambiguous: frozenset[str]
    """Sources that keep their suffix in the name, because another one has the same name without it."""

    @classmethod
    def for_sources(
        cls, path: Path, arguments: Iterable[str], sources: Sequence[str], format_: str | None
    ) -> "Targets":
        """Choose between a file and a folder, by the suffix of a path.

        Parameters
        ----------
        path
            A file if it has the suffix of a format, else a folder.
        arguments
            Paths that the user named; the layout below a folder is repeated.
        sources
            Paths of the recordings.
        format_
            Output format: one of FORMATS; None for the format of the suffix.

        Returns
        -------
        Targets
            Nothing is written yet.

        Raises
        ------
        EinthovenError
            If the format is unknown, several recordings would go to one file, or the folder lies in one of `arguments`.
        """
        known = {format.suffix for format in FORMATS.values()}
        if path.suffix.lower() in known and not path.is_dir():
            format = choose_format(path, format_)
            if len(sources) > 1:
                raise EinthovenError(
                    f"cannot hold {len(sources)} recordings; give a folder, and the format with --format.", path
                )
            name = next(name for name, other in FORMATS.items() if other is format)
            return cls(name, str(path), None, frozenset())
        if format_ is None:
            raise EinthovenError(
                f"has no suffix that names a format ({', '.join(sorted(known))}); for a folder, add --format.", path
            )
        tops = [os.path.abspath(argument) for argument in arguments if os.path.isdir(argument)]  # noqa: PTH100, PTH112
        for top in tops:
            if Path(os.path.abspath(path)).is_relative_to(top):  # noqa: PTH100
                raise EinthovenError(
                    f"lies in {top}, whose recordings are converted; choose a folder outside of it.", path
                )
        files = [source for source in sources if _is_file(source)]
        folders = tops + [os.path.dirname(os.path.abspath(file)) for file in files] or ["."]  # noqa: PTH100, PTH120
        unique = cls(format_, str(path), os.path.commonpath(folders), frozenset())
        counts = Counter(str(unique.path_for(source)).casefold() for source in sources)
        ambiguous = {source for source in sources if counts[str(unique.path_for(source)).casefold()] > 1}
        return cls(format_, str(path), unique.base, frozenset(ambiguous))

    def path_for(self, source: str) -> Path:
        """Return the file that a recording is converted to.

        Parameters
        ----------
        source
            Path of the recording.

        Returns
        -------
        Path
            Path of the file; in a folder, the source's path below `base` with the suffix of the format.
        """
        if self.base is None:
            return Path(self.path)
        inside = os.path.relpath(source, self.base) if _is_file(source) else shown_source(source).rpartition("/")[2]
        relative = Path(inside)
        name = relative.name
        if source not in self.ambiguous:
            name = name.removesuffix(".gz")
            name = name[: len(name) - len(Path(name).suffix)] if Path(name).suffix.lower() in _SUFFIXES else name
        suffix = FORMATS[self.format].suffix
        return Path(self.path, relative.parent, (record_name(name) if suffix == ".hea" else name) + suffix)


def _is_file(source: str) -> bool:
    return source != STDIN and not is_url(source)
