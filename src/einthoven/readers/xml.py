"""The XML formats: HL7 aECG, GE MUSE, Philips Sierra and Mortara ELI, by ecgdatakit after a check of the XML."""

import re
from xml.parsers import expat

from ecgdatakit.models import ECGRecord
from ecgdatakit.parsing.parser import Parser
from ecgdatakit.parsing.parsers.ge_muse_xml import GEMuseXMLParser
from ecgdatakit.parsing.parsers.hl7_aecg import HL7aECGParser
from ecgdatakit.parsing.parsers.mortara_el250 import MortaraEL250Parser
from ecgdatakit.parsing.parsers.sierra_xml import SierraXMLParser

from einthoven.errors import RecordingError
from einthoven.readers.kit import parse, tracing
from einthoven.readers.tracing import Tracing

MAX_XML = 64 << 20
"""Largest XML file in bytes."""
DEEPEST = 100
"""Elements inside one another; real files stay below 30."""
MOST_ELEMENTS = 500_000

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
        root = _root(data)
    except expat.ExpatError as error:
        data = _as_utf8(data)
        try:
            root = _root(data)
        except expat.ExpatError:
            raise RecordingError(f"is damaged XML: {error}; get it again.") from error
    if root.lower() not in _FORMATS:
        raise RecordingError(
            f"is XML with the root element {root!r}; {', '.join(n for n, _ in _FORMATS.values())} are read."
        )
    name, parser = _FORMATS[root.lower()]
    record, said = parse(parser, data)
    _check_checksums(record, said)
    rate = record.raw_metadata.get("rhythm_time", {}).get("sampling_rate_exact")  # HL7 aECG's; others are whole
    if rate:
        rate = float(round(rate)) if abs(round(rate) / rate - 1) < 1e-3 else rate  # 600 Hz is written as 0.001667 s
        said = [warning for warning in said if "is not an integer; rounded" not in warning]
    return tracing(name, record, said, {lead.label: rate for lead in record.leads} if rate else None)


def _root(data: bytes) -> str:
    """Name of the root element, without namespace. Refuses entities, deep nesting and too many elements.

    Nothing is kept, so this takes little memory whatever comes.
    """
    names: list[str] = []
    depth = elements = 0

    def start(name: str, _: object) -> None:
        nonlocal depth, elements
        depth, elements = depth + 1, elements + 1
        if not names:
            names.append(name.rpartition(":")[2])
        if depth > DEEPEST or elements > MOST_ELEMENTS:
            raise RecordingError(
                f"is XML with more than {DEEPEST} levels or {MOST_ELEMENTS:,} elements; no ECG has those."
            )

    def end(_: object) -> None:
        nonlocal depth
        depth -= 1

    def entity(*_: object) -> None:
        raise RecordingError("declares XML entities, which an ECG has no use for; it is refused for safety.")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.EntityDeclHandler = start, end, entity
    parser.Parse(data, True)
    return names[0]


def _as_utf8(data: bytes) -> bytes:
    """`data` for a second try where the declared encoding is not the true one."""
    for encoding in ("utf-16", "utf-8") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8", "latin-1"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return re.sub(r"^\ufeff?\s*<\?xml[^>]*\?>", "", text, count=1).encode()
    return data


def _check_checksums(record: ECGRecord, said: list[str]) -> None:
    """Refuse a file in which some leads have a wrong checksum; where all have, its writer computes them otherwise."""
    wrong = [warning for warning in said if warning.startswith("CRC32 mismatch") and "(rhythm)" in warning]
    if 0 < len(wrong) < len(record.leads):
        raise RecordingError(f"is damaged: {wrong[0]}")
