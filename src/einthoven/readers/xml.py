"""The XML formats: HL7 aECG, GE MUSE, Philips Sierra and Mortara ELI, by ecgdatakit after a check of the XML."""

import binascii
import re
from xml.parsers import expat

import numpy as np
from ecgdatakit.models import ECGRecord
from ecgdatakit.parsing.parser import Parser
from ecgdatakit.parsing.parsers.ge_muse_xml import GEMuseXMLParser
from ecgdatakit.parsing.parsers.hl7_aecg import HL7aECGParser
from ecgdatakit.parsing.parsers.mortara_el250 import MortaraEL250Parser
from ecgdatakit.parsing.parsers.sierra_xml import SierraXMLParser

from einthoven.errors import RecordingError
from einthoven.readers.kit import parse, tracing
from einthoven.readers.tracing import Tracing

MAX_XML = 32 << 20
"""Largest XML file in bytes."""
DEEPEST = 100
"""Elements inside one another; real files stay below 30."""
MOST_ELEMENTS = 500_000
MAX_XLI = 8 << 20
"""Most bytes that Philips's compressed waveforms may grow to: 12 leads at 500 Hz for eleven minutes."""
_XLI_CODES = 1023

_DAMAGED = (expat.ExpatError, LookupError, ValueError)  # the latter two come of encodings that expat does not know

_FORMATS: dict[str, tuple[str, type[Parser]]] = {  # by the root element
    "annotatedecg": ("HL7 aECG", HL7aECGParser),
    "restingecg": ("GE MUSE XML", GEMuseXMLParser),
    "restingecgdata": ("Philips Sierra XML", SierraXMLParser),
    "ecg": ("Mortara", MortaraEL250Parser),
}


def is_xml(data: bytes) -> bool:
    """Whether `data` begins like XML in UTF-8, UTF-16 or an ASCII superset."""
    start = data[:200].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return start.startswith(b"<") and not start[:15].lower().startswith((b"<html", b"<!doctype html", b"<svg"))


def read_xml(data: bytes) -> Tracing:
    """The rhythm tracing of an XML file; never its median or representative beats."""
    if len(data) > MAX_XML:
        raise RecordingError(f"has more than {MAX_XML >> 20} MiB of XML; no ECG is that large.")
    try:
        root, waveforms = _scan(data)
    except _DAMAGED as error:
        data = _as_utf8(data)
        try:
            root, waveforms = _scan(data)
        except _DAMAGED:
            raise RecordingError(f"is damaged XML: {error}; get it again.") from error
    if root.lower() not in _FORMATS:
        raise RecordingError(
            f"is XML with the root element {root!r}; {', '.join(n for n, _ in _FORMATS.values())} are read."
        )
    name, parser = _FORMATS[root.lower()]
    if parser is SierraXMLParser:
        for pieces in waveforms:
            _check_xli("".join(pieces))
    record, said = parse(parser, data)
    _check_checksums(record, said)
    rate = record.raw_metadata.get("rhythm_time", {}).get("sampling_rate_exact")  # HL7 aECG's; others are whole
    if rate:
        rate = float(round(rate)) if abs(round(rate) / rate - 1) < 1e-3 else rate  # 600 Hz is written as 0.001667 s
        said = [warning for warning in said if "is not an integer; rounded" not in warning]
    return tracing(name, record, said, {lead.label: rate for lead in record.leads} if rate else None)


def _scan(data: bytes) -> tuple[str, list[list[str]]]:
    """Name of the root element, without namespace, and the text of each of Sierra's <parsedwaveforms>, in pieces.

    Refuses entities, deep nesting and too many elements. Nothing else is kept, so this takes little memory.
    """
    open_elements: list[str] = []
    elements = 0
    root = ""
    waveforms: list[list[str]] = []

    def start(name: str, _: object) -> None:
        nonlocal elements, root
        root = root or name.rpartition(":")[2]
        elements += 1
        open_elements.append(name)
        if len(open_elements) > DEEPEST or elements > MOST_ELEMENTS:
            raise RecordingError(
                f"is XML with more than {DEEPEST} levels or {MOST_ELEMENTS:,} elements; no ECG has those."
            )
        if name == "parsedwaveforms":
            waveforms.append([])
            parser.CharacterDataHandler = text

    def end(name: str) -> None:
        open_elements.pop()
        if name == "parsedwaveforms":
            parser.CharacterDataHandler = None

    def text(piece: str) -> None:
        if open_elements[-1] == "parsedwaveforms":
            waveforms[-1].append(piece)

    def entity(*_: object) -> None:
        raise RecordingError("declares XML entities, which an ECG has no use for; it is refused for safety.")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.EntityDeclHandler = start, end, entity
    parser.Parse(data, True)
    return root, waveforms


def _as_utf8(data: bytes) -> bytes:
    """`data` for a second try where the declared encoding is not the true one."""
    for encoding in ("utf-16", "utf-8") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8", "latin-1"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return re.sub(r"^\ufeff?\s*<\?xml[^>]*\?>", "", text, count=1).encode()
    return data


def _check_xli(waveforms: str) -> None:
    """Refuse XLI data that decompresses to more than an ECG has; ecgdatakit would do it whatever the size.

    Only the lengths of the strings behind the 10-bit codes are followed. Data that is no XLI is left to the parser.
    """
    try:
        data = binascii.a2b_base64(waveforms)
    except ValueError:
        return
    place = total = 0
    while place + 8 < len(data):
        size = int.from_bytes(data[place : place + 4], "little")
        bits = np.unpackbits(np.frombuffer(data[place + 8 : place + 8 + size], np.uint8))
        codes = bits[: len(bits) // 10 * 10].reshape(-1, 10) @ (1 << np.arange(9, -1, -1))
        lengths, last = [1] * 256, 0
        for code in codes.tolist():
            length = lengths[code] if code < len(lengths) else last + 1
            if last and len(lengths) < _XLI_CODES:
                lengths.append(last + 1)
            total, last = total + length, length
            if total > MAX_XLI:
                raise RecordingError(f"decompresses to more than {MAX_XLI >> 20} MiB; no ECG is that large.")
        place += 8 + size


def _check_checksums(record: ECGRecord, said: list[str]) -> None:
    """Refuse a file in which some leads have a wrong checksum; where all have, its writer computes them otherwise."""
    wrong = [warning for warning in said if warning.startswith("CRC32 mismatch") and "(rhythm)" in warning]
    if 0 < len(wrong) < len(record.leads):
        raise RecordingError(f"is damaged: {wrong[0]}")
