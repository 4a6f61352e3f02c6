"""`einthoven interpret`: interpret recordings."""

import sys
from pathlib import Path
from typing import Any

import click

from einthoven import examples
from einthoven.cli.archive import archive_options, check_archive_options
from einthoven.cli.common import FILE, interpreter_options, part_options, report_skipped, table_options
from einthoven.cli.report_options import chosen_page_options, report_options
from einthoven.onnx_session import PROVIDERS

_FORMATS = ("text", "json", "jsonl", "csv", "parquet", "fhir", "dicom-sr")
_TABLES = ("csv", "parquet")
_FORMATS_WITH_EXPLANATIONS = ("text", "json", "jsonl")


@click.command()
@click.argument("sources", nargs=-1, metavar="[FILE|FOLDER|PATTERN]...")
@click.option(
    "--sample",
    type=click.Choice(examples.names()),
    metavar="NAME",
    help=f"Interpret a simulated recording that comes with the package: {', '.join(examples.names())}.",
)
@interpreter_options
@click.option(
    "--format",
    "format_",
    type=click.Choice(_FORMATS),
    help="Output format.  [default: by the suffix of --out, or text]",
)
@click.option(
    "--out",
    "output",
    metavar="FILE|FOLDER|URL",
    help="Write the results to this file (with --engine ray, folder). If interrupted, the same command resumes.",
)
@click.option("--workers", type=click.IntRange(1), help="Number of worker processes.  [default: one per CPU]")
@click.option("--no-limits", is_flag=True, help="Allow each file any amount of CPU time and memory.")
@click.option("--list-skipped", is_flag=True, help="List the files of a folder that are not read, with the reason.")
@click.option("--force", is_flag=True, help="Also interpret unfit recordings; the result has a warning.")
@click.option(
    "--explain",
    multiple=True,
    metavar="LABEL",
    help="Show which leads and seconds support a label, such as MI. Repeat it for several labels.",
)
@click.option(
    "--previous",
    type=FILE,
    help="Compare with this earlier ECG of the same person: a recording, or the JSON of its interpretation.",
)
@click.option(
    "--verbose",
    "-v",
    is_flag=True,
    help="Text only: also show the ST segment of each lead, and criteria that are not met or could not be evaluated.",
)
@part_options
@click.option(
    "--every",
    "every_s",
    type=click.FloatRange(10),
    metavar="SECONDS",
    default=10,
    help="Interpret one segment of 10 s in each SECONDS, for recordings of hours.",
)
@click.option(
    "--follow-links",
    is_flag=True,
    help="Read signal files that are links to another folder, as git-annex and DataLad store them.",
)
@report_options
@click.option("--subject", metavar="Patient/ID", help="FHIR only: the patient that the report is about.")
@click.option(
    "--same-study", is_flag=True, help="DICOM only: add the report to the patient and the study of its recording."
)
@table_options
@click.option(
    "--provider",
    type=click.Choice(list(PROVIDERS)),
    default="cpu",
    show_default=True,
    help="What ONNX Runtime computes the model on. Only cpu was tested, and gives the same bytes everywhere.",
)
@archive_options
def interpret(
    sources: tuple[str, ...],
    sample: str | None,
    model: str,
    model_key: Path | None,
    format_: str | None,
    output: str | None,
    workers: int | None,
    no_limits: bool,
    list_skipped: bool,
    force: bool,
    prevalence: dict[str, float],
    explain: tuple[str, ...],
    previous: Path | None,
    verbose: bool,
    start_s: float | None,
    end_s: float | None,
    every_s: float,
    follow_links: bool,
    report: Path | None,
    report_format: str | None,
    subject: str | None,
    same_study: bool,
    rate: float | None,
    unit: str | None,
    leads: str | None,
    scale: str | None,
    provider: str,
    engine: str,
    address: str | None,
    manifest: str | None,
    shard_size: int,
    **page_options: Any,
) -> int:
    """Interpret 12-lead ECGs, critical values and infarcts first.

    Reads the files of most ECG devices (DICOM, SCP-ECG, HL7 aECG, vendors' XML, WFDB, EDF, MFER, ISHNE, CSV, ...) and
    recognizes them by their content, also if they are compressed (.gz, or a .zip of one recording). For a WFDB record,
    give the header or the name without suffix. For a FOLDER, the command reads all files with the suffix of an ECG
    format, and DICOM files of any name. Tables such as CSV and MATLAB files need a quoted PATTERN. A FILE may be -
    (standard input) or an address (https://, s3://, ...).

    \b
    Examples:
      einthoven interpret --sample inferior-infarct
      einthoven interpret ecg.dcm
      einthoven interpret ecg.xml --format json | jq .mi
      cat ecg.dcm | einthoven interpret -
      einthoven interpret s3://bucket/ecg.dcm
      einthoven interpret archive/ --out answers.csv
      einthoven interpret 'tables/*.csv' --rate 500 --unit uV --out answers.csv
      einthoven interpret ecg.dcm --explain MI
      einthoven interpret new.xml --previous old.xml
      einthoven interpret holter.hea --from 1:00:00 --to 2:00:00 --every 60
      einthoven interpret ecg.dcm --report page.pdf
      einthoven interpret ecg.xml --format fhir --subject Patient/1234
      einthoven interpret ecg.dcm --out report.dcm --same-study

    \b
    Exit codes:
      0  every file has a result; poor signal quality counts as a result
      1  some files failed; the output contains an error for each
      2  an error stopped the command, or the only file failed

    See docs/reference/interpretation.md for the meaning of a result. Research software, not a medical device.
    """
    names = leads.split(",") if leads else None
    key = str(model_key) if model_key else None
    page_options = chosen_page_options(page_options)
    if engine == "ray":
        local_only: dict[str, Any] = {
            "--format": format_ not in (None, "parquet"),
            "--sample": sample,
            "--list-skipped": list_skipped,
            "--follow-links": follow_links,
            "--from": start_s is not None,
            "--to": end_s is not None,
            "--every": every_s != 10,
            "--explain": explain,
        }
        local_only |= {"--previous": previous, "--verbose": verbose, "--subject": subject, "--same-study": same_study}
        local_only |= {"--report": report or report_format or page_options}
        check_archive_options(sources, output, manifest, local_only)
        from einthoven.batch.archive.run import run_archive
        from einthoven.batch.interpret import InterpretOptions
        from einthoven.limits import NO_LIMITS

        return run_archive(
            sources,
            InterpretOptions(
                model=model,
                force=force,
                prevalence=prevalence,
                rate=rate,
                unit=unit,
                leads=names,
                scale=scale,
                model_key=key,
                provider=provider,
            ),
            output or "",
            manifest=manifest,
            address=address,
            workers=workers,
            shard_size=shard_size,
            limits=NO_LIMITS if no_limits else None,
        )
    if address or manifest:
        raise click.UsageError("--address and --manifest need --engine ray.")
    out: Path | None = FILE.convert(output, None, click.get_current_context()) if output else None
    if sample:
        sources = (*sources, str(examples.path(sample)))
    if not sources:
        raise click.UsageError("Missing argument 'FILE|FOLDER|PATTERN...'; or add --sample NAME.")
    format_ = format_ or _format_by_suffix(out)
    _check_format(format_, out, explain=bool(explain and not report), previous=bool(previous))
    from einthoven.batch.patterns import is_pattern

    if workers or len(sources) > 1 or Path(sources[0]).is_dir() or is_pattern(sources[0]):
        from einthoven.batch import PRELOAD
        from einthoven.workers import prepare

        prepare(*PRELOAD)  # before this process's own imports, which take as long
    from einthoven.batch.checkpoint import checkpoint_path
    from einthoven.batch.sources import find_sources
    from einthoven.readers.sources import MAX_BYTES, STDIN

    if STDIN in sources and sys.stdin.isatty():
        raise click.UsageError("Standard input is a terminal; pipe a recording into the command, or give a FILE.")
    selection = find_sources(sources, [out, checkpoint_path(out)] if out else [])
    files = selection.files
    if previous and len(files) != 1:
        raise click.UsageError(f"--previous compares one recording with an earlier one, not {len(files)}; give one.")
    from einthoven.batch.interpret import InterpretOptions
    from einthoven.batch.pages import Pages
    from einthoven.batch.run import run_batch
    from einthoven.limits import NO_LIMITS

    if format_ == "dicom-sr" and len(files) > 1:
        raise click.UsageError(f"A DICOM file holds the report of one recording, not of {len(files)}; give one file.")
    if not report and (report_format or page_options):
        raise click.UsageError("Options for report pages need --report PATH.")
    pages = Pages.for_sources(report, files, report_format, page_options, same_study) if report else None
    options = InterpretOptions(
        model=model,
        force=force,
        prevalence=prevalence,
        rate=rate,
        unit=unit,
        leads=names,
        scale=scale,
        explain=explain,
        pages=pages,
        model_key=key,
        previous=str(previous) if previous else None,
        follow_links=follow_links,
        stdin=sys.stdin.buffer.read(MAX_BYTES + 1) if STDIN in files else b"",
        start_s=start_s,
        end_s=end_s,
        every_s=every_s,
        provider=provider,
    )
    if pages and pages.ending == "dcm" and format_ != "dicom-sr":
        same_study = False  # it concerns the pages
    code = run_batch(
        files,
        options,
        format_,
        out,
        workers,
        subject=subject,
        same_study=same_study,
        limits=NO_LIMITS if no_limits else None,
        verbose=verbose,
    )
    report_skipped(selection, list_files=list_skipped)
    return code


def _format_by_suffix(out: Path | None) -> str:
    suffix = out.suffix.lower().removeprefix(".") if out else ""
    format_ = {"ndjson": "fhir", "dcm": "dicom-sr", "txt": "text", "": "text"}.get(suffix, suffix)
    if format_ not in _FORMATS:
        raise click.UsageError(f"Unknown suffix .{suffix}; choose --format {', '.join(_FORMATS)}.")
    return format_


def _check_format(format_: str, out: Path | None, *, explain: bool, previous: bool) -> None:
    """Refuse a format that cannot hold the explanations or the comparison, or that needs a file."""
    if format_ in ("parquet", "dicom-sr") and not out:
        raise click.UsageError(f"{format_} is a binary format; add --out FILE.")
    if explain and format_ not in _FORMATS_WITH_EXPLANATIONS:
        choices = ", ".join(_FORMATS_WITH_EXPLANATIONS)
        raise click.UsageError(f"{format_} cannot hold explanations; choose --format {choices}, or add --report PATH.")
    if previous and format_ in _TABLES:
        choices = ", ".join(name for name in _FORMATS if name not in _TABLES)
        raise click.UsageError(f"{format_} cannot hold a comparison; choose --format {choices}.")
