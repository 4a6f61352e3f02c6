"""`einthoven convert`: write recordings in a standard format."""

import sys
from pathlib import Path

import click

from einthoven.cli.common import FILE, PATH, part_options, report_skipped, table_options

_FORMATS = ("dicom", "wfdb", "wfdb-flac", "aecg", "edf", "csv", "npy", "parquet", "fhir")


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="[FILE|FOLDER|PATTERN]...")
@click.option(
    "--out",
    type=PATH,
    required=True,
    metavar="PATH",
    help="A file with the suffix of a format, or a folder with a file per recording, which keeps the layout of the "
    "folders. If interrupted, the same command resumes.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(_FORMATS),
    help="Output format; needed for a folder.  [default: by the suffix of --out]",
)
@click.option(
    "--anonymize",
    "--anonymise",
    is_flag=True,
    help="Leave out name, ID, birth date and time; ages over 89 become 90. In a folder, the names of the files are "
    "replaced too, and the layout is not kept.",
)
@click.option(
    "--pseudonym-key",
    type=FILE,
    help="Anonymize, but keep the recordings of a patient linked: the ID becomes a pseudonym (HMAC with the secret in "
    "this file), and dates move back by the same number of days, 1 to 1461, for all recordings of a patient.",
)
@click.option("--list", "list_path", type=FILE, help="Also write a CSV table: source, output, what is not kept, error.")
@click.option("--workers", type=click.IntRange(1), help="Number of worker processes.  [default: one per CPU]")
@click.option("--no-limits", is_flag=True, help="Allow each file any amount of CPU time and memory.")
@click.option("--list-skipped", is_flag=True, help="Name each file of a folder that is not converted, and why.")
@click.option(
    "--follow-links",
    is_flag=True,
    help="Read signal files that are links to another folder, as git-annex and DataLad store them.",
)
@part_options
@table_options
def convert(
    sources: tuple[str, ...],
    out: Path,
    format_: str | None,
    anonymize: bool,
    pseudonym_key: Path | None,
    list_path: Path | None,
    workers: int | None,
    no_limits: bool,
    list_skipped: bool,
    follow_links: bool,
    start_s: float | None,
    end_s: float | None,
    rate: float | None,
    unit: str | None,
    leads: str | None,
    scale: str | None,
) -> int:
    """Convert recordings to a standard format.

    Reads what `einthoven interpret` reads, and writes DICOM (.dcm: the 12-lead, general or ambulatory ECG that fits),
    WFDB (.hea and .dat; with --format wfdb-flac compressed), HL7 aECG (.xml), EDF+ (.edf), CSV, NPY, Parquet, or a FHIR
    Observation (.json). The sampling rate stays, no sample is clipped, and each lead gets the finest resolution that
    its amplitude allows. What a format cannot hold, such as the filters in WFDB, is listed at the end.

    \b
    Examples:
      einthoven convert ecg.xml --out ecg.dcm
      einthoven convert archive/ --out converted --format dicom
      einthoven convert 'tables/*.csv' --rate 500 --unit uV --out x --format wfdb
      einthoven convert holter.hea --from 1:00:00 --to 1:05:00 --out part.dcm
      einthoven convert archive/ --out shared --format edf --anonymize
      einthoven convert archive/ --out shared --format edf --pseudonym-key k.txt

    A file that holds another recording is never replaced.

    \b
    Exit codes:
      0  every file is converted
      1  some files failed; each is named on stderr
      2  an error stopped the command, or the only file failed

    See docs/how-to/convert.md for what each format keeps.
    """
    from einthoven.batch.sources import find_sources
    from einthoven.batch.targets import Targets
    from einthoven.readers.sources import MAX_BYTES, STDIN

    if STDIN in sources and sys.stdin.isatty():
        raise click.UsageError("Standard input is a terminal; pipe a recording into the command, or give a FILE.")

    selection = find_sources(sources)
    targets = Targets.for_sources(out, sources, selection.files, format_)
    from einthoven.batch.convert import ConvertOptions, run_convert
    from einthoven.convert.anonymize import read_key
    from einthoven.limits import NO_LIMITS

    key = read_key(pseudonym_key) if pseudonym_key else None
    options = ConvertOptions(
        targets=targets,
        anonymous=anonymize or bool(key),
        key=key,
        rate=rate,
        unit=unit,
        leads=leads.split(",") if leads else None,
        scale=scale,
        follow_links=follow_links,
        start_s=start_s,
        end_s=end_s,
        stdin=sys.stdin.buffer.read(MAX_BYTES + 1) if STDIN in selection.files else b"",
    )
    code = run_convert(selection.files, options, list_path, workers, NO_LIMITS if no_limits else None)
    report_skipped(selection, list_files=list_skipped)
    return code
