"""The XML formats, after a check of the XML: HL7 aECG, GE MUSE and CardioSoft, Philips, Schiller and Mortara."""

import re
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from einthoven.errors import RecordingError
from einthoven.readers import cardiosoft
from einthoven.readers.aecg import read_aecg
from einthoven.readers.schiller import is_schiller, read_schiller
from einthoven.readers.tracing import Tracing
from einthoven.readers.vendor_xml import VENDORS, read_vendor

MAX_XML = 32 << 20
"""Largest XML file in bytes."""
MAX_DEPTH = 100
"""Levels of nested elements; real files have fewer than 30."""
MAX_ELEMENTS = 100_000
"""Elements, and attributes; real files have fewer than 3,000. Each needs up to 500 bytes of memory."""

_FORBIDDEN = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f]|&#0*([0-8]|1[124-9]|2\d|3[01]);|(?i:&#x0*([0-8bcef]|1[\da-f]);)")
"""Control characters, which XML forbids, but which occur in names of patients."""
_WEB = (b"<html", b"<!doctype html")
_DAMAGED = (expat.ExpatError, LookupError, ValueError)
"""Errors of damaged XML; the latter two are raised for encodings that expat does not know."""


def is_xml(data: bytes) -> bool:
    """Return whether a file begins like XML.

    Parameters
    ----------
    data
        Content of the file.

    Returns
    -------
    bool
        True for XML in UTF-8, UTF-16 or an ASCII superset.
    """
    return (start := _start(data)).startswith(b"<") and not start.startswith((*_WEB, b"<svg"))


def is_web_page(data: bytes) -> bool:
    """Return whether a file begins like HTML.

    Parameters
    ----------
    data
        Content of the file.

    Returns
    -------
    bool
        True for a web page, which people save instead of a file.
    """
    return _start(data).startswith(_WEB)


def _start(data: bytes) -> bytes:
    """Return the first characters in lower case, without the bytes that UTF-8 and UTF-16 put around them."""
    return data[:200].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()


def read_xml(data: bytes) -> Tracing:
    """Read the rhythm of an XML file; never its median or representative beats.

    Parameters
    ----------
    data
        Content of the file.

    Returns
    -------
    Tracing
        The channels as the file holds them.

    Raises
    ------
    RecordingError
        If the XML is damaged, of an unknown kind, too large, or holds no rhythm.
    """
    if len(data) > MAX_XML:
        raise RecordingError(f"has more than {MAX_XML >> 20} MiB of XML; no ECG is that large.")
    if data.count(b"=") > MAX_ELEMENTS:  # before the parser makes a dictionary of them
        raise RecordingError(f"is XML with more than {MAX_ELEMENTS:,} attributes; no ECG has those.")
    try:
        root = _parse(data)
    except _DAMAGED as error:
        try:
            root = _parse(_repair(data))
        except _DAMAGED:
            where = f"at line {error.lineno}" if isinstance(error, expat.ExpatError) else "in its encoding"
            raise RecordingError(f"is damaged XML {where}; get it again.") from error
    if root.tag == "AnnotatedECG":
        return read_aecg(root)
    if root.tag == cardiosoft.ROOT:
        return cardiosoft.read_cardiosoft(root)
    if is_schiller(root):
        return read_schiller(root)
    if root.tag.lower() in VENDORS:
        return read_vendor(root)
    names = ", ".join(name for name, _ in VENDORS.values())
    raise RecordingError(
        f"is XML of an unknown kind, by its root element; HL7 aECG, {names}, GE CardioSoft and Schiller are read."
    )


def _parse(data: bytes) -> Element:
    """Return the root element, all names without namespaces, whether these are declared or not.

    Refuses entities, deep nesting and too many elements.
    """
    depth = elements = 0
    tree = TreeBuilder()

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, elements
        depth, elements = depth + 1, elements + 1
        if depth > MAX_DEPTH or elements > MAX_ELEMENTS:
            raise RecordingError(
                f"is XML with more than {MAX_DEPTH} levels or {MAX_ELEMENTS:,} elements; no ECG has those."
            )
        local = {_local_name(key): value for key, value in attributes.items() if not key.startswith("xmlns")}
        tree.start(_local_name(name), local)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        tree.end(_local_name(name))

    def entity(*_: object) -> None:
        raise RecordingError("declares XML entities, which an ECG does not need; it is refused for safety.")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.EntityDeclHandler = start, end, entity
    parser.CharacterDataHandler = tree.data
    parser.Parse(data, True)
    return tree.close()


def _local_name(name: str) -> str:
    return name.rpartition(":")[2]


def _repair(data: bytes) -> bytes:
    """Return `data` for a second try: in its true encoding, without control characters, each lone "&" escaped."""
    for encoding in ("utf-16", "utf-8") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8", "latin-1"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        text = re.sub(r"^\ufeff?\s*<\?xml[^>]*\?>", "", text, count=1)
        text = _FORBIDDEN.sub("", text)
        return re.sub(r"&(?!#?\w+;)", "&amp;", text).encode()
    return data
