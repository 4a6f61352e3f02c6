"""Answers into one of the formats that `einthoven interpret` writes."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from itertools import chain, islice
from typing import BinaryIO

import orjson

from einthoven.errors import EinthovenError
from einthoven.model.card import Card
from einthoven.report.fhir import as_bundle, check_subject
from einthoven.report.rows import as_row, columns
from einthoven.report.text import as_text

Write = Callable[[Iterable[str], BinaryIO, Card], None]
"""Writes answers (each the JSON of one, on one line) to a file as they come."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a formula begins with, also in full width."""
_ROWS = 1000  # in a row group of Parquet
_PLAIN_LIST = re.compile(r"\[((?:\n *+[^][{}\n ][^][{}\n]*+)++)\n *+\]")
"""A list of indented JSON without brackets, an item a line."""


def _text(answers: Iterable[str], file: BinaryIO, _card: Card) -> None:
    for k, answer in enumerate(answers):
        file.write(("\n\n" * bool(k) + as_text(orjson.loads(answer))).encode())
        file.flush()


def _json(answers: Iterable[str], file: BinaryIO, _card: Card) -> None:
    """One answer stands alone; several are a list."""
    answers = iter(answers)
    first, second = next(answers, None), next(answers, None)
    if first is not None and second is None:
        file.write((_indented(first) + "\n").encode())
        return
    file.write(b"[")
    for k, answer in enumerate(chain([first, second], answers)):
        if answer is not None:
            file.write(((",\n" if k else "\n") + answer).encode())
    file.write(b"\n]\n")


def _indented(text: str) -> str:
    """JSON as a person likes to read it: an item a line, but lists of plain values on one."""
    indented = json.dumps(orjson.loads(text), indent=1, ensure_ascii=False)
    return _PLAIN_LIST.sub(lambda items: "[" + re.sub(r"\n *", " ", items[1]).lstrip(" ") + "]", indented)


def _jsonl(answers: Iterable[str], file: BinaryIO, _card: Card) -> None:
    for answer in answers:
        file.write((answer + "\n").encode())
        file.flush()


def _csv(answers: Iterable[str], file: BinaryIO, card: Card) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    names = list(columns(card))
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for answer in answers:
        row = as_row(orjson.loads(answer))
        writer.writerow(_inert(row.get(name)) for name in names)
    text.detach()  # the file is the caller's to close


def _inert(cell: str | float | bool | None) -> str | float | bool | None:
    """A cell that a spreadsheet does not take for a formula (OWASP, CSV injection): text gets an apostrophe."""
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\r", "\\u000d")  # which would end the row, as Python's csv does not quote it
    return f"'{text}" if cell.startswith(_FORMULA) else text


def _parquet(answers: Iterable[str], file: BinaryIO, card: Card) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {str: pa.string(), float: pa.float64(), bool: pa.bool_()}
    schema = pa.schema([(name, types[kind]) for name, kind in columns(card).items()])
    with pq.ParquetWriter(file, schema) as writer:
        rows = (as_row(orjson.loads(answer)) for answer in answers)
        while some := list(islice(rows, _ROWS)):
            writer.write_table(pa.Table.from_pylist(some, schema))


def _fhir(answers: Iterable[str], file: BinaryIO, _card: Card, subject: str | None = None) -> None:
    """A Bundle a line; a single one as a person likes to read it, as `_json` does."""
    bundles = (json.dumps(as_bundle(orjson.loads(answer), subject), ensure_ascii=False) for answer in answers)
    first, second = next(bundles, None), next(bundles, None)
    if first is not None and second is None:
        file.write((_indented(first) + "\n").encode())
        return
    for bundle in chain([first, second], bundles):
        if bundle is not None:
            file.write((bundle + "\n").encode())


def _dicom_sr(answers: Iterable[str], file: BinaryIO, _card: Card, same_study: bool = False) -> None:
    from einthoven.report.dicom import source_of, write
    from einthoven.report.dicom_sr import structured_report

    answer, *others = map(orjson.loads, answers)
    if others:
        raise EinthovenError("A DICOM file holds the report of one recording; write each to a file of its own.")
    recording = answer["recording"]
    if "error" in answer:
        raise EinthovenError(f"{recording['source']}: {answer['error']}")
    source = source_of(answer) if same_study else None
    write(structured_report(answer, datetime.now(), source), file)


FORMATS: Mapping[str, Write] = {
    "text": _text,
    "json": _json,
    "jsonl": _jsonl,
    "csv": _csv,
    "parquet": _parquet,
    "fhir": _fhir,
    "dicom-sr": _dicom_sr,
}


def writer(format_: str, subject: str | None = None, same_study: bool = False) -> Write:
    """What writes `format_`.

    `subject` (Patient/ID) is whom FHIR is about; with `same_study` a DICOM report joins patient and study of its
    recording. Raises EinthovenError where `format_` has no use for them, or `subject` is no Patient/ID.
    """
    if subject is not None and format_ != "fhir":
        raise EinthovenError(f"A subject belongs to FHIR; {format_} names no patient.")
    if same_study and format_ != "dicom-sr":
        raise EinthovenError(f"Only a DICOM report can join the study of its recording; {format_} cannot.")
    check_subject(subject)
    if format_ == "fhir":
        return partial(_fhir, subject=subject)
    return partial(_dicom_sr, same_study=same_study) if format_ == "dicom-sr" else FORMATS[format_]
