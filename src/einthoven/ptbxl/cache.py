"""All signals of one sampling rate as one memory-mapped array, built once.

The cache is a folder. Its name has a fingerprint of the source (name, size and time of change of every record file), so
a cache that exists is complete and current. It is built under another name and then renamed.
"""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from filelock import FileLock

from einthoven.arrays import Float32Array, Int16Array
from einthoven.errors import EinthovenError
from einthoven.files import atomic_write, explain
from einthoven.progress import progress
from einthoven.ptbxl.records import RATES, SECONDS, DamagedRecordError, read_record
from einthoven.recording import LEADS

CACHE_VARIABLE = "EINTHOVEN_CACHE"
"""Environment variable that names another folder for caches than the data set's own."""


def open_signals(folder: Path, names: list[str], rate: int) -> tuple[Int16Array, Path]:
    """Open the signals of some records. The first call builds the cache.

    Parameters
    ----------
    folder
        Folder with PTB-XL.
    names
        Paths of the records below the folder, without ending.
    rate
        Sampling rate in Hz.

    Returns
    -------
    tuple of Int16Array and Path
        The signals (records, 12, samples) in uV, memory-mapped and read-only; and the folder of the cache, where more
        can be cached.

    Raises
    ------
    EinthovenError
        If a record is missing or damaged, or the cache cannot be written.
    """
    place = _cache_root(folder)
    cache = place / f"signals-{rate}-{_fingerprint(folder, names, rate)}"
    if not cache.exists():
        try:
            place.mkdir(parents=True, exist_ok=True)
            with FileLock(place / f"signals-{rate}.lock"):
                if not cache.exists():  # another process may have built it by now
                    _remove_stale(place, f"signals-{rate}-", f".signals-{rate}-")
                    _build(folder, names, rate, cache)
        except OSError as error:
            raise explain(error, place) from error
    return np.load(cache / "signals.npy", mmap_mode="r"), cache


def cached_array(cache: Path, name: str, compute: Callable[[], Float32Array]) -> Float32Array:
    """Return an array of the cache; compute and store it if it is not there.

    Parameters
    ----------
    cache
        Folder of the cache.
    name
        Name of the array.
    compute
        Computes it.

    Returns
    -------
    Float32Array
        Memory-mapped.
    """
    path = cache / f"{name}.npy"
    with FileLock(cache / f"{name}.lock"):
        if not path.exists():
            values = compute()
            with atomic_write(path) as part, part.open("wb") as file:
                np.save(file, values)
    array: Float32Array = np.load(path, mmap_mode="r")
    return array


def _cache_root(folder: Path) -> Path:
    """Return the folder for caches of this data set: inside it, or the user's cache if it is read-only."""
    if elsewhere := os.environ.get(CACHE_VARIABLE):
        root = Path(elsewhere)
    elif os.access(folder, os.W_OK):
        return folder / ".einthoven"
    else:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "einthoven"
    return root / hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]


def _fingerprint(folder: Path, names: list[str], rate: int) -> str:
    """Return a digest of the requested records and of every file's name, size and time of change."""
    top = folder / f"records{rate}"
    try:
        parts = sorted(entry.path for entry in os.scandir(top) if entry.is_dir())
    except FileNotFoundError:
        raise EinthovenError(
            f"not found; fetch the records at {rate} Hz with `einthoven data get ptb-xl {folder} --rate {rate}`.", top
        ) from None
    digest = hashlib.sha256("\n".join(names).encode())
    for part in parts:
        stats = sorted((e.name, e.stat().st_size, e.stat().st_mtime_ns) for e in os.scandir(part))
        digest.update(repr(stats).encode())
    return digest.hexdigest()[:16]


def _remove_stale(place: Path, *prefixes: str) -> None:
    """Remove caches of an older state of the source, and the remains of a build that was killed."""
    for entry in place.iterdir():
        if entry.is_dir() and entry.name.startswith(prefixes):
            shutil.rmtree(entry, ignore_errors=True)


def _build(folder: Path, names: list[str], rate: int, cache: Path) -> None:
    if rate not in RATES:
        raise EinthovenError(f"PTB-XL has no records at {rate} Hz; choose {' or '.join(map(str, RATES))}.")
    damaged: list[str] = []
    with atomic_write(cache) as part, progress() as bar:
        part.mkdir()
        shape = (len(names), len(LEADS), SECONDS * rate)
        signals = np.lib.format.open_memmap(part / "signals.npy", mode="w+", dtype=np.int16, shape=shape)
        _reserve(part / "signals.npy")
        task = bar.add_task(f"Reading {rate} Hz records once", total=len(names))
        for row, name in enumerate(names):  # one thread: more only queue for the interpreter lock
            try:
                signals[row] = read_record(folder / name, rate).T
            except DamagedRecordError as error:
                damaged.append(str(error))
            bar.advance(task)
        if damaged:
            raise EinthovenError(_damage_text(sorted(damaged), folder))
        signals.flush()


def _reserve(path: Path) -> None:
    """Reserve the disk space of a new file: a full disk is an error here, but would kill a writer of mapped memory."""
    with path.open("r+b") as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)


def _damage_text(damaged: list[str], folder: Path) -> str:
    if len(damaged) == 1:
        return damaged[0]
    return f"{damaged[0]} {len(damaged) - 1} more are damaged; `einthoven data check {folder}` lists them all."
