"""Is a copy of PTB-XL complete and whole? And which records are damaged, by name."""

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
    """What `check` found."""

    folder: Path
    listed: int
    """Records that `ptbxl_database.csv` lists."""
    records: dict[int, int]
    """For each sampling rate in Hz, the records that are there and whole."""
    damaged: dict[str, str]
    """Every damaged record (path below the folder, no ending) or other file, and a sentence that says why."""
    hashed: bool
    """Whether SHA256SUMS.txt was there to compare with; else the headers' checksums were."""
    simulated: bool
    """Whether the records are simulated."""

    @property
    def intact(self) -> bool:
        """Whether nothing is damaged and at least one rate is there, be it in part."""
        return not self.damaged and any(self.records.values())

    def lines(self) -> list[str]:
        """The report for people; of the damaged names, the first 20."""
        against = SUMS if self.hashed else "the headers' checksums"
        what = "SIMULATED records" if self.simulated else "PTB-XL"
        lines = [f"{what} in {self.folder}: {self.listed:,} records listed, compared with {against}."]
        for rate, count in self.records.items():
            state = "none" if not count else "complete" if count == self.listed else "in part"
            lines.append(f"{rate} Hz: {count:,} of {self.listed:,} records whole ({state}).")
        if self.damaged:
            lines.append(f"Damaged: {len(self.damaged):,}.")
            lines += [f"  {reason}" for reason in list(self.damaged.values())[:_SHOWN]]
            if len(self.damaged) > _SHOWN:
                lines.append(f"  and {len(self.damaged) - _SHOWN:,} more.")
        if self.intact:
            lines.append("Everything that is there is whole.")
        elif self.simulated:
            lines.append("Not whole: simulate the records again.")
        else:
            lines.append(f"Not whole: `einthoven data get {self.folder}` fetches what is damaged or missing.")
        return lines


def check(folder: Path) -> CheckReport:
    """Read everything of the PTB-XL copy in `folder` and compare it with its checksums.

    With SHA256SUMS.txt there, every file of the records that are there is compared with it; without it, both
    tables must parse and each record must agree with its own header. A record is damaged when one of its two
    files is missing or wrong; a record without either is not there, which is no damage.
    Raises EinthovenError when `folder` is no folder or not readable.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise EinthovenError("no such folder; give the one that holds PTB-XL (`einthoven data get`).", folder)
    damaged: dict[str, str] = {}
    try:
        sums = _own_sums(folder, damaged)
        database = _read_table(folder / DATABASE, DATABASE_COLUMNS | {"ecg_id"}, damaged)
        _read_table(folder / STATEMENTS_TABLE, STATEMENTS_COLUMNS, damaged)
        stems = _stems(folder / DATABASE, database, damaged)
        for name in sums:
            rate = rate_of(name)
            if rate:  # a damaged table must not hide records
                stems.setdefault(name.rpartition(".")[0], rate)
            elif fault := _file_fault(folder, name, sums):
                damaged.setdefault(name, fault)
        records = _check_records(folder, stems, sums, damaged)
    except OSError as error:
        raise explain(error) from error
    simulated = (folder / SIMULATED_MARK).exists()
    return CheckReport(folder, len(database), records, dict(sorted(damaged.items())), bool(sums), simulated)


def parse_sums(text: str, source: str) -> dict[str, str]:
    """The SHA-256 of each file of a sums file: path below the folder (with /) -> 64 hexadecimal digits.

    Raises EinthovenError, naming `source`, for anything that is not such a list of PTB-XL and for a path that
    leads out of the folder.
    """
    sums = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = _SUM_LINE.fullmatch(line)
        if not match:
            raise EinthovenError(f"line {number} is not a SHA-256 and a path; is this PTB-XL's list?", source)
        path = PurePosixPath(match[2])
        if path.is_absolute() or ".." in path.parts or PureWindowsPath(path).drive or "\\" in match[2]:
            raise EinthovenError(f"line {number} leads out of the folder ({match[2]}); do not trust it.", source)
        sums[str(path)] = match[1]
    if DATABASE not in sums:
        raise EinthovenError(f"does not list {DATABASE}; is this PTB-XL's list?", source)
    return sums


def sha256(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def rate_of(name: str) -> int | None:
    """The sampling rate in Hz that a file of PTB-XL belongs to, by its folder; None for all others."""
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


def _read_table(path: Path, needed: frozenset[str], damaged: dict[str, str]) -> list[dict[str, str]]:
    """The rows of a table, up to the first damaged one, which is noted."""
    rows: list[dict[str, str]] = []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            table = csv.DictReader(file, strict=True)
            missing = sorted(needed - set(table.fieldnames or ()))
            if missing:
                raise ValueError(f"has no column {missing[0]!r}")
            for row in table:
                if None in row or None in row.values():
                    raise ValueError(f"line {table.line_num} has not as many fields as the first")
                rows.append(row)
        if not rows:
            raise ValueError("lists nothing")
    except FileNotFoundError:
        damaged[path.name] = f"{path}: missing; get it again."
    except (ValueError, csv.Error) as error:  # text that is not UTF-8 is a ValueError too
        damaged[path.name] = f"{path}: {error}; get it again."
    return rows


def _stems(path: Path, database: list[dict[str, str]], damaged: dict[str, str]) -> dict[str, int]:
    """The records that the rows of `path` list, without ending, with their rates in Hz."""
    stems: dict[str, int] = {}
    for row in database:
        for rate, column in _FILENAMES.items():
            if row[column] in stems or not _STEMS[rate].fullmatch(row[column]):
                damaged.setdefault(
                    path.name,
                    f"{path}: record {row['ecg_id']} has a wrong {column} ({row[column]!r}); get it again.",
                )
            else:
                stems[row[column]] = rate
    return stems


def _file_fault(folder: Path, name: str, sums: dict[str, str]) -> str | None:
    """What is wrong with a file that the sums list, in a sentence."""
    path = folder / name
    try:
        if sha256(path) != sums[name]:
            return f"{path}: its SHA-256 differs from the one in {SUMS}; get it again."
    except FileNotFoundError:
        return f"{path}: missing; get it again."
    except OSError as error:
        return str(explain(error, path))
    return None


def _record_fault(folder: Path, stem: str, rate: int, sums: dict[str, str]) -> str | None:
    """What is wrong with a record that is there at least by half, in a sentence."""
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
    """Check every record that is there, note the damaged ones, and count the whole ones of each rate."""

    def faults(batch: list[str]) -> dict[str, str | None]:
        there = [s for s in batch if (folder / f"{s}.hea").exists() or (folder / f"{s}.dat").exists()]
        return {stem: _record_fault(folder, stem, stems[stem], sums) for stem in there}

    names = list(stems)
    batches = [names[start : start + _BATCH] for start in range(0, len(names), _BATCH)]
    whole = dict.fromkeys(RATES, 0)
    with progress() as bar, ThreadPoolExecutor(_THREADS) as pool:
        task = bar.add_task("Checking records", total=len(names))
        try:
            for batch, found in zip(batches, pool.map(faults, batches), strict=True):
                for stem, fault in found.items():
                    if fault:
                        damaged[stem] = fault
                    else:
                        whole[stems[stem]] += 1
                bar.advance(task, len(batch))
        except BaseException:  # Ctrl-C above all
            pool.shutdown(cancel_futures=True)
            raise
    return whole
