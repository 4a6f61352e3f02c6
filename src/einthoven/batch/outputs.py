"""Outputs that would overwrite what is read, or each other."""

import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from einthoven.errors import EinthovenError
from einthoven.files import identity, resolve_output
from einthoven.readers.record_files import list_record_files
from einthoven.readers.sources import main_file


def refuse_overwriting(outputs: Sequence[Path], sources: Iterable[str]) -> None:
    """Refuse outputs that are a file of one of the `sources`, another recording, or two outputs in one file.

    Files are compared by identity, so that links, other spellings of a path and file systems that ignore case make no
    difference. A source consists of the file that is named and of the files that a WFDB header refers to.

    Raises
    ------
    EinthovenError
        For the first output that is refused. Nothing has been written then.
    """
    if not outputs:
        return
    places: dict[tuple[object, ...], Path] = {}
    for output in outputs:
        other = places.setdefault(identity(output), output)
        if other is not output and (other == output or output.exists() or _ignores_case(output)):
            raise EinthovenError(f"{output}: two results would be written to this file; choose another path for one.")
    beside = {identity(output.parent) for output in outputs}
    linked = any(output.stat().st_nlink > 1 for output in outputs if output.is_file())
    for source in sources:
        first = main_file(Path(source))
        near = linked or identity(first.parent) in beside
        for file in list_record_files(first) if near else [first]:
            if hit := places.get(identity(file)):
                raise EinthovenError(
                    f"{hit}: is a file of the recording {source}, which would be overwritten; choose another path."
                )
    for output in outputs:
        resolve_output(output)


def _ignores_case(path: Path) -> bool:
    """Whether the file system takes the names "a" and "A" for the same, where `path` is to be written."""
    folder = next((parent for parent in path.absolute().parents if parent.is_dir()), path.parent)
    try:
        with tempfile.NamedTemporaryFile(prefix=".einthoven-A", dir=folder) as file:
            return os.path.exists(file.name.replace(".einthoven-A", ".einthoven-a"))  # noqa: PTH110
    except OSError:  # nothing can be written there, which writing will say
        return False
