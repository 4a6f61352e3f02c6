"""Refuse outputs that would overwrite an input, or each other."""

import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from einthoven.errors import EinthovenError
from einthoven.files import identity, resolve_output
from einthoven.readers.record_files import list_record_files
from einthoven.readers.sources import main_file


def refuse_overwriting(outputs: Sequence[Path], sources: Iterable[str]) -> None:
    """Refuse to write two outputs to one file, to a file of a source, or over another recording.

    Compares the identity of files, so that links, other spellings of a path, and file systems that ignore case make no
    difference.

    Parameters
    ----------
    outputs
        Paths of all files that the command will write.
    sources
        Paths of recordings. The files that a WFDB header refers to count as well.

    Raises
    ------
    EinthovenError
        For the first output that is refused. Nothing has been written.
    """
    refuse_collisions(outputs, sources)
    for output in outputs:
        resolve_output(output)


def refuse_collisions(outputs: Sequence[Path], sources: Iterable[str]) -> None:
    """Refuse to write two outputs to one file, or to a file of a source; another recording is not looked for.

    Parameters
    ----------
    outputs
        Paths of all files that the command will write.
    sources
        Paths of recordings, as for `refuse_overwriting`.

    Raises
    ------
    EinthovenError
        For the first output that is refused.
    """
    if not outputs:
        return
    by_identity: dict[tuple[object, ...], Path] = {}
    for output in outputs:
        other = by_identity.setdefault(identity(output), output)
        if other is not output and (other == output or output.exists() or _ignores_case(output)):
            raise EinthovenError(
                "two outputs would be written to this file; choose another path for one of them.", output
            )
    output_folders = {identity(output.parent) for output in outputs}
    linked = any(output.stat().st_nlink > 1 for output in outputs if output.is_file())
    for source in sources:
        first = main_file(Path(source))
        may_overlap = linked or identity(first.parent) in output_folders
        for file in list_record_files(first) if may_overlap else [first]:
            if overwritten := by_identity.get(identity(file)):
                raise EinthovenError(
                    f"this would overwrite a file of the recording {source}; choose another path.", overwritten
                )


def _ignores_case(path: Path) -> bool:
    """Return whether "a" and "A" are the same file in the folder of `path`."""
    folder = next((parent for parent in path.absolute().parents if parent.is_dir()), path.parent)
    try:
        with tempfile.NamedTemporaryFile(prefix=".einthoven-A", dir=folder) as file:
            return os.path.exists(file.name.replace(".einthoven-A", ".einthoven-a"))  # noqa: PTH110
    except OSError:  # not writable, which writing will report
        return False
