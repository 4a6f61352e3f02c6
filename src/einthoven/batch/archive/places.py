"""Operations of a store in any place, and their implementation for a disk; `bucket` has the one for object stores."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

from einthoven.files import atomic_write

CHUNK = 1 << 20
"""Bytes that are read at once."""


class Place(Protocol):
    """A folder on a disk or in an object store."""

    def names(self) -> Iterable[str]:
        """List the files of the folder and of all folders in it.

        Returns
        -------
        iterable of str
            Relative to the folder; none if there is no such folder.
        """

    def exists(self, name: str) -> bool:
        """Return whether there is a file.

        Parameters
        ----------
        name
            Relative to the folder; "" for the folder's own path.

        Returns
        -------
        bool
            Current answer of the store.
        """

    def open(self, name: str) -> Any:
        """Open a file for reading at any position.

        Parameters
        ----------
        name
            Relative to the folder.

        Returns
        -------
        file
            Binary.
        """

    def write(self, name: str, data: bytes) -> None:
        """Write a file whole or not at all; a reader never sees a part of it.

        Parameters
        ----------
        name
            Relative to the folder.
        data
            Content of the file.
        """

    def chunks(self, name: str) -> Iterator[bytes]:
        """Read a file from start to end.

        Parameters
        ----------
        name
            Relative to the folder.

        Yields
        ------
        bytes
            Content of the file in chunks.

        Raises
        ------
        FileNotFoundError
            If there is none.
        """


class Disk:
    """A folder on a disk.

    Parameters
    ----------
    path
        Path of the folder.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> Iterable[str]:
        """List the files of the folder and of all folders in it.

        Returns
        -------
        iterable of str
            Relative to the folder; none if there is no such folder.
        """
        for folder, _, files in os.walk(self._path):
            yield from ((Path(folder) / file).relative_to(self._path).as_posix() for file in files)

    def exists(self, name: str) -> bool:
        """Return whether there is a file.

        Parameters
        ----------
        name
            Relative to the folder; "" for the folder's own path.

        Returns
        -------
        bool
            Current answer of the store.
        """
        return (self._path / name).exists()

    def open(self, name: str) -> Any:
        """Open a file for reading at any position.

        Parameters
        ----------
        name
            Relative to the folder.

        Returns
        -------
        file
            Binary.
        """
        return (self._path / name).open("rb")

    def write(self, name: str, data: bytes) -> None:
        """Write a file whole or not at all; a reader never sees a part of it.

        Parameters
        ----------
        name
            Relative to the folder.
        data
            Content of the file.
        """
        with atomic_write(self._path / name) as part:
            part.write_bytes(data)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Read a file from start to end.

        Parameters
        ----------
        name
            Relative to the folder.

        Yields
        ------
        bytes
            Content of the file in chunks.

        Raises
        ------
        FileNotFoundError
            If there is none.
        """
        with self.open(name) as file:
            while chunk := file.read(CHUNK):
                yield chunk
