"""The XML formats, after a check of the XML: HL7 aECG, GE MUSE, Philips Sierra and Mortara ELI."""

import re
from xml.parsers import expat

from einthoven.errors import RecordingError
from einthoven.readers.aecg import read_aecg
from einthoven.readers.tracing import Tracing
from einthoven.readers.vendor_xml import VENDORS, read_vendor

MAX_XML = 32 << 20
"""Largest XML file in bytes."""
DEEPEST = 100
"""Elements inside one another; real files stay below 30."""
MOST_ELEMENTS = 500_000

_FORBIDDEN = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f]|&#0*([0-8]|1[124-9]|2\d|3[01]);|(?i:&#x0*([0-8bcef]|1[\da-f]);)")
"""Control characters, which are no XML, though names of patients hold them."""
_DAMAGED = (expat.ExpatError, LookupError, ValueError)  # the latter two come of encodings that expat does not know


def is_xml(data: bytes) -> bool:
    """Whether `data` begins like XML in UTF-8, UTF-16 or an ASCII superset."""
    start = data[:200].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return start.startswith(b"<") and not start[:15].lower().startswith((b"<html", b"<!doctype html", b"<svg"))


def read_xml(data: bytes) -> Tracing:
    """The rhythm tracing of an XML file; never its median or representative beats."""
    if len(data) > MAX_XML:
        raise RecordingError(f"has more than {MAX_XML >> 20} MiB of XML; no ECG is that large.")
    try:
        root = _scan(data)
    except _DAMAGED as error:
        data = _mended(data)
        try:
            root = _scan(data)
        except _DAMAGED:
            raise RecordingError(f"is damaged XML: {error}; get it again.") from error
    if root == "AnnotatedECG":
        return read_aecg(data)
    if root.lower() in VENDORS:
        return read_vendor(data, root)
    names = ", ".join(name for name, _ in VENDORS.values())
    raise RecordingError(f"is XML with the root element {root!r}; HL7 aECG, {names} are read.")


def _scan(data: bytes) -> str:
    """Name of the root element, without namespace. Refuses entities, deep nesting and too many elements."""
    deep = elements = 0
    root = ""

    def start(name: str, _: object) -> None:
        nonlocal deep, elements, root
        root = root or name.rpartition(":")[2]
        deep, elements = deep + 1, elements + 1
        if deep > DEEPEST or elements > MOST_ELEMENTS:
            raise RecordingError(
                f"is XML with more than {DEEPEST} levels or {MOST_ELEMENTS:,} elements; no ECG has those."
            )

    def end(_: str) -> None:
        nonlocal deep
        deep -= 1

    def entity(*_: object) -> None:
        raise RecordingError("declares XML entities, which an ECG has no use for; it is refused for safety.")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.EntityDeclHandler = start, end, entity
    parser.Parse(data, True)
    return root


def _mended(data: bytes) -> bytes:
    """`data` for a second try: in its true encoding, without control characters, each "&" that stands alone escaped."""
    for encoding in ("utf-16", "utf-8") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8", "latin-1"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        text = re.sub(r"^\ufeff?\s*<\?xml[^>]*\?>", "", text, count=1)
        text = _FORBIDDEN.sub("", text)
        return re.sub(r"&(?!#?\w+;)", "&amp;", text).encode()
    return data
