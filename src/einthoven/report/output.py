"""Answers into one of the formats that `einthoven interpret` writes."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from itertools import chain, islice
from typing import BinaryIO

from einthoven.interpret.card import Card
from einthoven.report.rows import as_row, columns
from einthoven.report.text import as_text

Write = Callable[[Iterable[str], BinaryIO, Card], None]
"""Writes answers (each the JSON of one, on one line) to a file as they come."""
_ROWS = 1000  # in a row group of Parquet


def _text(answers: Iterable[str], file: BinaryIO, _card: Card) -> None:
    for k, answer in enumerate(answers):
        file.write(("\n\n" * bool(k) + as_text(json.loads(answer))).encode())
        file.flush()


def _json(answers: Iterable[str], file: BinaryIO, _card: Card) -> None:
    """One answer stands alone; several are a list."""
    answers = iter(answers)
    first, second = next(answers, None), next(answers, None)
    if first is not None and second is None:
        file.write((json.dumps(json.loads(first), indent=1, ensure_ascii=False) + "\n").encode())
        return
    file.write(b"[")
    for k, answer in enumerate(chain([first, second], answers)):
        if answer is not None:
            file.write(((",\n" if k else "\n") + answer).encode())
    file.write(b"\n]\n")


def _jsonl(answers: Iterable[str], file: BinaryIO, _card: Card) -> None:
    for answer in answers:
        file.write((answer + "\n").encode())
        file.flush()


def _csv(answers: Iterable[str], file: BinaryIO, card: Card) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.DictWriter(text, list(columns(card)), lineterminator="\n")
    writer.writeheader()
    for answer in answers:
        writer.writerow(as_row(json.loads(answer)))
    text.detach()  # the file is the caller's to close


def _parquet(answers: Iterable[str], file: BinaryIO, card: Card) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {str: pa.string(), float: pa.float64(), bool: pa.bool_()}
    schema = pa.schema([(name, types[kind]) for name, kind in columns(card).items()])
    with pq.ParquetWriter(file, schema) as writer:
        rows = (as_row(json.loads(answer)) for answer in answers)
        while some := list(islice(rows, _ROWS)):
            writer.write_table(pa.Table.from_pylist(some, schema))


FORMATS: Mapping[str, Write] = {"text": _text, "json": _json, "jsonl": _jsonl, "csv": _csv, "parquet": _parquet}
