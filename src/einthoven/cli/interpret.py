"""`einthoven interpret`: recordings in, answers out."""

import sys
from pathlib import Path
from typing import Any

import click

from einthoven.cli.common import FILE, model_key_option, prevalence_option
from einthoven.cli.report_options import chosen_page_options, report_options
from einthoven.terminal import print_escaped

_FORMATS = ("text", "json", "jsonl", "csv", "parquet", "fhir", "dicom-sr")
_FORMATS_WITH_EXPLANATIONS = ("text", "json", "jsonl")
_MACHINE_FORMATS = ("json", "jsonl", "csv", "parquet")
"""Formats in which milliseconds count: intervals only when asked for, as of the service."""


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="FILE|FOLDER|PATTERN...")
@click.option("--model", default="default", show_default=True, help="Shipped bundle, or the folder of one.")
@model_key_option
@click.option("--format", "format_", type=click.Choice(_FORMATS), help="[by --out's ending, or text]")
@click.option("--out", type=FILE, help="Write there. Stopped, the same command goes on.")
@click.option("--workers", type=click.IntRange(1), help="Processes. [one for each CPU]")
@click.option("--no-limits", is_flag=True, help="Lift the limits on CPU time and memory that a file may take.")
@click.option("--force", is_flag=True, help="Interpret also what is unfit; the answer says so.")
@prevalence_option
@click.option(
    "--explain", multiple=True, metavar="LABEL", help="Which leads and seconds it rests on, such as MI; also several."
)
@click.option(
    "--intervals/--no-intervals", default=None, help="PR, QRS, QT, QTc, axis. [not in json, jsonl, csv, parquet]"
)
@report_options
@click.option("--subject", metavar="Patient/ID", help="Of FHIR: whom it is about. [nobody]")
@click.option(
    "--same-study", is_flag=True, help="Of DICOM: join patient and study of the recording. [a new, nameless one]"
)
@click.option("--rate", type=float, help="Of a table that does not say it: sampling rate in Hz.")
@click.option("--unit", help="Of a table: nV, uV, mV or V.")
@click.option("--leads", help="Of a table: names of its columns, as I,II,V1.")
def interpret(
    sources: tuple[str, ...],
    model: str,
    model_key: Path | None,
    format_: str | None,
    out: Path | None,
    workers: int | None,
    no_limits: bool,
    force: bool,
    prevalence: dict[str, float],
    explain: tuple[str, ...],
    intervals: bool | None,
    report: Path | None,
    report_format: str | None,
    subject: str | None,
    same_study: bool,
    rate: float | None,
    unit: str | None,
    leads: str | None,
    **page_options: Any,
) -> int:
    """Interpret 12-lead ECGs of any format: infarct pattern first.

    Of a WFDB record name the header, or the stem. In a folder all files with a recorder's ending are taken.

    \b
      einthoven interpret ecg.dcm
      einthoven interpret ecg.xml --format json | jq .mi
      einthoven interpret archive/ --out answers.csv
      einthoven interpret ecg.dcm --explain MI
      einthoven interpret ecg.dcm --report page.pdf
      einthoven interpret ecg.csv --rate 500 --unit uV
      einthoven interpret ecg.xml --format fhir --subject Patient/1234
      einthoven interpret ecg.dcm --out report.dcm --same-study

    What a result means: docs/how-to/interpret.md. Exit code 0: all files were interpreted, or unfit and so answered;
    1: some failed, each with its error in the output; 2: nothing could be done.

    Research software, not a medical device.
    """
    from einthoven.batch.checkpoint import checkpoint_path
    from einthoven.batch.sources import find_sources

    format_ = format_ or _format_by_suffix(out)
    if format_ in ("parquet", "dicom-sr") and not out:
        raise click.UsageError(f"{format_} is no text for a terminal or a pipe; give --out FILE.")
    if explain and format_ not in _FORMATS_WITH_EXPLANATIONS and not report:
        choices = ", ".join(_FORMATS_WITH_EXPLANATIONS)
        raise click.UsageError(f"{format_} has no place for explanations; choose {choices}, or add --report PATH.")
    selection = find_sources(sources, [out, checkpoint_path(out)] if out else [])
    files = selection.files
    if len(files) > 1 or workers:
        from einthoven.batch import PRELOAD
        from einthoven.workers import prepare

        prepare(*PRELOAD)
    from einthoven.batch.interpret import InterpretOptions
    from einthoven.batch.pages import Pages
    from einthoven.batch.run import run_batch
    from einthoven.limits import NO_LIMITS

    if format_ == "dicom-sr" and len(files) > 1:
        raise click.UsageError(f"A DICOM file holds the report of one recording, not of {len(files)}; name one.")
    if not report and (report_format or chosen_page_options(page_options)):
        raise click.UsageError("How a report looks is said, but not where it goes; add --report PATH.")
    pages = (
        Pages.for_sources(report, files, report_format, chosen_page_options(page_options), same_study)
        if report
        else None
    )
    if intervals is None:
        intervals = bool(pages) or format_ not in _MACHINE_FORMATS
    names = leads.split(",") if leads else None
    key = str(model_key) if model_key else None
    options = InterpretOptions(model, force, prevalence, rate, unit, names, explain, intervals, pages, key)
    if pages and pages.ending == "dcm" and format_ != "dicom-sr":
        same_study = False  # it concerns the pages
    code = run_batch(files, options, format_, out, workers, subject, same_study, NO_LIMITS if no_limits else None)
    if selection.skipped:
        reasons = ", ".join(f"{count} {reason}" for reason, count in selection.skipped.items())
        print_escaped(f"Files passed over: {reasons}.", sys.stderr)
    return code


def _format_by_suffix(out: Path | None) -> str:
    ending = out.suffix.lower().removeprefix(".") if out else ""
    ending = {"ndjson": "fhir", "dcm": "dicom-sr", "txt": "text", "": "text"}.get(ending, ending)
    if ending not in _FORMATS:
        raise click.UsageError(f"No format ends in .{ending}; choose --format {', '.join(_FORMATS)}.")
    return ending
