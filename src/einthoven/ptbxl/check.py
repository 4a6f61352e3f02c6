"""Check a copy of PTB-XL for missing and damaged files."""

import csv
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from einthoven.errors import EinthovenError
from einthoven.files import explain
from einthoven.progress import progress
from einthoven.ptbxl import DATABASE, DATABASE_COLUMNS, SIMULATED_MARK, STATEMENTS_COLUMNS, STATEMENTS_TABLE
from einthoven.ptbxl.records import RATES, DamagedRecordError, read_record

SUMS = "SHA256SUMS.txt"

_SUM_LINE = re.compile(r"([0-9a-f]{64}) [ *](\S.*)")
_FILENAMES = {100: "filename_lr", 500: "filename_hr"}
_STEMS = {100: re.compile(r"records100/\d+/\d+_lr"), 500: re.compile(r"records500/\d+/\d+_hr")}
_THREADS = 4  # waiting for the disk overlaps; more threads only queue for the interpreter lock
_BATCH = 64
_SHOWN = 20


@dataclass(frozen=True)
class CheckReport:
    """The result of `check`."""

    folder: Path
    listed: int
    """Records that `ptbxl_database.csv` lists."""
    records: dict[int, int]
    """Number of intact records for each sampling rate in Hz."""
    damaged: dict[str, str]
    """Reason in a sentence for each damaged record (path below the folder, without ending) or other file."""
    hashed: bool
    """Whether the files were compared with SHA256SUMS.txt, or else with the headers' checksums."""
    simulated: bool
    """Whether the records are simulated."""

    @property
    def intact(self) -> bool:
        """Whether nothing is damaged and there are records of at least one sampling rate."""
        return not self.damaged and any(self.records.values())

    def lines(self) -> list[str]:
        """Describe the result for people.

        Returns
        -------
        list of str
            Lines of the report, with at most 20 of the damaged files.
        """
        against = SUMS if self.hashed else "the headers' checksums"
        what = "SIMULATED records" if self.simulated else "PTB-XL"
        lines = [f"{what} in {self.folder}: {self.listed:,} records listed, compared with {against}."]
        for rate, count in self.records.items():
            state = "absent" if not count else "complete" if count == self.listed else "incomplete"
            lines.append(f"{rate} Hz: {count:,} of {self.listed:,} records intact ({state}).")
        if self.damaged:
            lines.append(f"{len(self.damaged):,} damaged:")
            lines += [f"  {reason}" for reason in list(self.damaged.values())[:_SHOWN]]
            if len(self.damaged) > _SHOWN:
                lines.append(f"  and {len(self.damaged) - _SHOWN:,} more.")
        if self.intact:
            lines.append("No file is damaged.")
        elif self.simulated:
            lines.append("Simulate the records again.")
        else:
            lines.append(f"Run `einthoven data get ptb-xl {self.folder}` to fetch what is damaged or missing.")
        return lines


def check(folder: Path) -> CheckReport:
    """Read a whole copy of PTB-XL and compare it with its checksums.

    With SHA256SUMS.txt, every file of the records that are there is compared with it. Without it, both tables must
    parse and each record must agree with its own header. A record is damaged if one of its two files is missing or
    wrong. A record without both is absent, not damaged.

    Parameters
    ----------
    folder
        Folder with the copy.

    Returns
    -------
    CheckReport
        Records that are there, and files that are damaged.

    Raises
    ------
    EinthovenError
        If there is no such folder, or it cannot be read.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise EinthovenError(
            "there is no such folder; give a folder with PTB-XL (`einthoven data get ptb-xl` downloads it).", folder
        )
    damaged: dict[str, str] = {}
    try:
        sums = _own_sums(folder, damaged)
        database = _read_table(folder / DATABASE, DATABASE_COLUMNS | {"ecg_id"}, damaged)
        _read_table(folder / STATEMENTS_TABLE, STATEMENTS_COLUMNS, damaged)
        stems = _stems(folder / DATABASE, database, damaged)
        for name in sums:
            rate = rate_of(name)
            if rate:  # also if the table does not list it: a damaged table must not hide records
                stems.setdefault(name.rpartition(".")[0], rate)
            elif fault := _file_fault(folder, name, sums):
                damaged.setdefault(name, fault)
        records = _check_records(folder, stems, sums, damaged)
    except OSError as error:
        raise explain(error) from error
    simulated = (folder / SIMULATED_MARK).exists()
    return CheckReport(folder, len(database), records, dict(sorted(damaged.items())), bool(sums), simulated)


def parse_sums(text: str, source: str, title: str = "PTB-XL") -> dict[str, str]:
    """Parse a list of SHA-256 sums.

    Parameters
    ----------
    text
        Content of the list.
    source
        Path or address of the list, for error messages.
    title
        The data set. PTB-XL's list must name its table of records.

    Returns
    -------
    dict of str
        Path below the folder (with /) -> 64 hexadecimal digits.

    Raises
    ------
    EinthovenError
        If this is not the data set's list, or a path leads out of the folder.
    """
    sums = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = _SUM_LINE.fullmatch(line)
        if not match:
            raise EinthovenError(
                f"line {number} is not a SHA-256 and a path; check that this is {title}'s list, or delete the file.",
                source,
            )
        path = PurePosixPath(match[2])
        if path.is_absolute() or ".." in path.parts or PureWindowsPath(path).drive or "\\" in match[2]:
            raise EinthovenError(
                f"line {number} names a file outside the folder ({match[2]}); do not use this list, get {title}'s own.",
                source,
            )
        sums[str(path)] = match[1]
    if title == "PTB-XL" and DATABASE not in sums:
        raise EinthovenError(
            f"does not list {DATABASE}, so this is not PTB-XL's list; check the address, or delete the file.", source
        )
    return sums


def sha256(path: Path) -> str:
    """Compute the SHA-256 of a file.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def rate_of(name: str) -> int | None:
    """Return the sampling rate that a file of PTB-XL belongs to, by its folder.

    Parameters
    ----------
    name
        Path of the file below the data set's folder.

    Returns
    -------
    int or None
        Sampling rate in Hz; None for a file of no rate, such as a table.
    """
    return next((rate for rate in RATES if name.startswith(f"records{rate}/")), None)


def _own_sums(folder: Path, damaged: dict[str, str]) -> dict[str, str]:
    path = folder / SUMS
    try:
        return parse_sums(path.read_text(encoding="utf-8", errors="replace"), str(path))
    except FileNotFoundError:
        return {}
    except EinthovenError as error:
        damaged[SUMS] = str(error)
        return {}


def _read_table(path: Path, required: frozenset[str], damaged: dict[str, str]) -> list[dict[str, str]]:
    """Return the rows of a table up to the first damaged one, and add that to `damaged`."""
    rows: list[dict[str, str]] = []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            table = csv.DictReader(file, strict=True)
            missing = sorted(required - set(table.fieldnames or ()))
            if missing:
                raise ValueError(f"has no column {missing[0]!r}")
            for row in table:
                if None in row or None in row.values():
                    raise ValueError(f"line {table.line_num} has more or fewer fields than the first")
                rows.append(row)
        if not rows:
            raise ValueError("has no rows")
    except FileNotFoundError:
        damaged[path.name] = f"{path}: missing; download it again."
    except (ValueError, csv.Error) as error:  # text that is not UTF-8 is a ValueError too
        damaged[path.name] = f"{path}: {error}; download it again."
    return rows


def _stems(path: Path, database: list[dict[str, str]], damaged: dict[str, str]) -> dict[str, int]:
    """Return the records that the table `path` lists, without ending, with their rates in Hz."""
    stems: dict[str, int] = {}
    for row in database:
        for rate, column in _FILENAMES.items():
            if row[column] in stems or not _STEMS[rate].fullmatch(row[column]):
                damaged.setdefault(
                    path.name,
                    f"{path}: record {row['ecg_id']} has a wrong {column} ({row[column]!r}); download it again.",
                )
            else:
                stems[row[column]] = rate
    return stems


def _file_fault(folder: Path, name: str, sums: dict[str, str]) -> str | None:
    """Return the fault of a file of `sums` in a sentence; None if it is intact."""
    path = folder / name
    try:
        if sha256(path) != sums[name]:
            return f"{path}: its SHA-256 differs from the one in {SUMS}; download it again."
    except FileNotFoundError:
        return f"{path}: missing; download it again."
    except OSError as error:
        return str(explain(error, path))
    return None


def _record_fault(folder: Path, stem: str, rate: int, sums: dict[str, str]) -> str | None:
    """Return the fault of a record that has at least one file, in a sentence; None if it is intact."""
    header, data = f"{stem}.hea", f"{stem}.dat"
    if header in sums and data in sums:
        return _file_fault(folder, header, sums) or _file_fault(folder, data, sums)
    try:
        read_record(folder / stem, rate)
    except DamagedRecordError as error:
        return str(error)
    return None


def _check_records(
    folder: Path, stems: dict[str, int], sums: dict[str, str], damaged: dict[str, str]
) -> dict[int, int]:
    """Check every record that is there, add the damaged ones to `damaged`, and count the intact ones of each rate."""

    def faults(batch: list[str]) -> dict[str, str | None]:
        present = [s for s in batch if (folder / f"{s}.hea").exists() or (folder / f"{s}.dat").exists()]
        return {stem: _record_fault(folder, stem, stems[stem], sums) for stem in present}

    names = list(stems)
    batches = [names[start : start + _BATCH] for start in range(0, len(names), _BATCH)]
    intact = dict.fromkeys(RATES, 0)
    with progress() as bar, ThreadPoolExecutor(_THREADS) as pool:
        task = bar.add_task("Checking records", total=len(names))
        try:
            for batch, batch_faults in zip(batches, pool.map(faults, batches), strict=True):
                for stem, fault in batch_faults.items():
                    if fault:
                        damaged[stem] = fault
                    else:
                        intact[stems[stem]] += 1
                bar.advance(task, len(batch))
        except BaseException:  # Ctrl-C above all
            pool.shutdown(cancel_futures=True)
            raise
    return intact
