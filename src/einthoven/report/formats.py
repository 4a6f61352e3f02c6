"""Write results in one of the formats of `einthoven interpret`."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, BinaryIO

from einthoven.errors import EinthovenError
from einthoven.interpret.interpretation import Failure, Result
from einthoven.interpret.json_text import dumps, dumps_pretty
from einthoven.model.card import Card
from einthoven.report.csv_lines import csv_line
from einthoven.report.fhir import as_bundle, check_subject
from einthoven.report.rows import as_row, columns
from einthoven.report.text import as_text

if TYPE_CHECKING:
    import pyarrow as pa

ResultWriter = Callable[[Iterable[Any], BinaryIO, Card], None]
"""Writes results to a file as they arrive, for CSV also their finished lines. The card names the columns of a table."""
_ROW_GROUP = 1000  # rows in a row group of Parquet


def _text(results: Iterable[Result], file: BinaryIO, _card: Card, verbose: bool = False) -> None:
    for k, result in enumerate(results):
        file.write(("\n\n" * bool(k) + as_text(result, verbose=verbose)).encode())
        file.flush()


def _json(results: Iterable[Result], file: BinaryIO, _card: Card) -> None:
    """Write one result indented, or several as a list with one line each."""
    facts = (result.to_dict() for result in results)
    first_two = list(islice(facts, 2))
    if len(first_two) == 1:
        file.write(dumps_pretty(first_two[0]) + b"\n")
        return
    file.write(b"[")
    for k, fact in enumerate(chain(first_two, facts)):
        file.write((b",\n" if k else b"\n") + dumps(fact))
    file.write(b"\n]\n")


def _jsonl(results: Iterable[Result], file: BinaryIO, _card: Card) -> None:
    for result in results:
        file.write(dumps(result.to_dict()) + b"\n")
        file.flush()


def _csv(results: Iterable[Result | str], file: BinaryIO, card: Card) -> None:
    """Write results, or lines made from them."""
    names = list(columns(card))
    file.write(csv_line(dict(zip(names, names, strict=True)), names).encode())
    for result in results:
        line = result if isinstance(result, str) else csv_line(as_row(result), names)
        file.write(line.encode())


def table_schema(card: Card) -> "pa.Schema":
    """Return the schema of Parquet tables for one model.

    Parameters
    ----------
    card
        The card of the model's bundle.

    Returns
    -------
    pyarrow.Schema
        Schema with a field for each of `einthoven.report.rows.columns`.
    """
    import pyarrow as pa

    types = {str: pa.string(), float: pa.float64(), bool: pa.bool_()}
    return pa.schema([(name, types[kind]) for name, kind in columns(card).items()])


def _parquet(results: Iterable[Result], file: BinaryIO, card: Card) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = table_schema(card)
    with pq.ParquetWriter(file, schema) as writer:
        rows = map(as_row, results)
        while group := list(islice(rows, _ROW_GROUP)):
            writer.write_table(pa.Table.from_pylist(group, schema))


def _fhir(results: Iterable[Result], file: BinaryIO, _card: Card, subject: str | None = None) -> None:
    """Write one Bundle indented, or several with one line each."""
    bundles = (as_bundle(result, subject) for result in results)
    first_two = list(islice(bundles, 2))
    if len(first_two) == 1:
        file.write(dumps_pretty(first_two[0]) + b"\n")
        return
    for bundle in chain(first_two, bundles):
        file.write(dumps(bundle) + b"\n")


def _dicom_sr(results: Iterable[Result], file: BinaryIO, _card: Card, same_study: bool = False) -> None:
    from einthoven.report.dicom import read_recording, write
    from einthoven.report.dicom_sr import structured_report

    result, *others = results
    if others:
        raise EinthovenError("A DICOM file holds the report of one recording; interpret one file at a time.")
    if isinstance(result, Failure):
        raise EinthovenError(str(result))
    source = read_recording(result) if same_study else None
    write(structured_report(result, datetime.now(), source), file)


FORMATS: Mapping[str, ResultWriter] = {
    "text": _text,
    "json": _json,
    "jsonl": _jsonl,
    "csv": _csv,
    "parquet": _parquet,
    "fhir": _fhir,
    "dicom-sr": _dicom_sr,
}


def result_writer(
    format_: str, subject: str | None = None, same_study: bool = False, verbose: bool = False
) -> ResultWriter:
    """Return a function that writes results in a format.

    Parameters
    ----------
    format_
        Output format: one of FORMATS.
    subject
        Reference of the patient in FHIR output, as Patient/ID.
    same_study
        Whether to put a DICOM report into the patient and study of the recording.
    verbose
        Whether text output shows every criterion, met or not, and the ST table.

    Returns
    -------
    ResultWriter
        The function.

    Raises
    ------
    EinthovenError
        If the format cannot use an option, or `subject` is not Patient/ID.
    """
    if subject is not None and format_ != "fhir":
        raise EinthovenError("Only FHIR has a subject; remove --subject, or choose --format fhir.")
    if same_study and format_ != "dicom-sr":
        raise EinthovenError(
            "Only a DICOM report can join the study of its recording; remove --same-study, or choose --format dicom-sr."
        )
    if verbose and format_ != "text":
        raise EinthovenError("Only text can be verbose, other formats hold everything; remove --verbose.")
    check_subject(subject)
    if format_ == "text":
        return partial(_text, verbose=verbose)
    if format_ == "fhir":
        return partial(_fhir, subject=subject)
    return partial(_dicom_sr, same_study=same_study) if format_ == "dicom-sr" else FORMATS[format_]
