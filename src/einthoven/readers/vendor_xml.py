"""GE MUSE, Philips Sierra and Mortara ELI by ecgdatakit, which gets only the rhythm, in the form that it expects."""

import binascii
from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np
from ecgdatakit.models import ECGRecord
from ecgdatakit.parsing.parser import Parser
from ecgdatakit.parsing.parsers.ge_muse_xml import GEMuseXMLParser
from ecgdatakit.parsing.parsers.mortara_el250 import MortaraEL250Parser
from ecgdatakit.parsing.parsers.sierra_xml import SierraXMLParser

from einthoven.errors import RecordingError
from einthoven.readers.ecgdatakit_adapter import parse, parse_number, to_tracing
from einthoven.readers.lead_names import count_standard_leads, millivolts
from einthoven.readers.tracing import MULTIPLEXED, Tracing, rhythms_left_out
from einthoven.recording import LEADS, RecordingWarning

VENDORS: dict[str, tuple[str, type[Parser]]] = {  # by the root element in lower case
    "restingecg": ("GE MUSE XML", GEMuseXMLParser),
    "restingecgdata": ("Philips Sierra XML", SierraXMLParser),
    "ecg": ("Mortara", MortaraEL250Parser),
}
MAX_XLI = 1 << 20
"""Largest size in bytes of Philips's decompressed waveforms: 12 leads at 500 Hz for 87 s."""
MAX_NUMBERS = 4 << 20
"""Largest size in bytes of a waveform that is written as a list of numbers."""
_NUMBERS = frozenset("0123456789+-,; \t\r\n")
_XLI_CODES = 1023
_XLI_BLOCK = 10 << 10
"""Bytes of XLI data that are processed at a time."""
_MICROVOLT = 1e-3
_NOT_NEEDED = {
    *("RestingECGMeasurements", "OriginalRestingECGMeasurements", "Diagnosis", "OriginalDiagnosis", "QRSTimesTypes"),
    *("MeasurementMatrix", "PharmaData", "IntervalMeasurements", "AmplitudeMeasurements", "TYPICAL_CYCLE"),
    *("repbeats", "interpretations", "internalmeasurements", "measurements", "reportinfo"),
}
"""Measurements, texts and representative beats: damage in them is not a reason to refuse a rhythm."""


def read_vendor(root: Element) -> Tracing:
    """Read the rhythm of a vendor's XML.

    Parameters
    ----------
    root
        The root element, one of VENDORS.

    Returns
    -------
    Tracing
        The channels as the file holds them.

    Raises
    ------
    RecordingError
        If the file is damaged, contradictory or not plausible as an ECG.
    """
    name, parser = VENDORS[root.tag.lower()]
    for parent in (root, *root.iter("waveforms")):
        parent[:] = [child for child in parent if child.tag not in _NOT_NEEDED]  # remove() would take quadratic time
    n_left_out = _choose_rhythm(root)
    _adapt(root)
    parsed = _sierra_waveforms(root) if parser is SierraXMLParser else None
    waveforms = "" if parsed is None else parsed.text or ""
    _check_numbers(root)
    if parsed is not None:
        _adapt_waveforms(parsed)
        if parsed.get("compression") or parsed.get("compressmethod"):
            _check_xli(waveforms)
    record, warnings = parse(parser, tostring(root))
    if parsed is not None:
        _check_sierra(parsed, waveforms, record)
    _check_checksums(record, warnings)
    tracing = to_tracing(name, record, warnings + rhythms_left_out(n_left_out))
    tracing.acquisition.time = (
        tracing.acquisition.time or root.get("ACQUISITION_TIME_XML") or root.get("ACQUISITION_TIME")
    )
    for lead, channel in zip(record.leads, tracing.channels, strict=True):
        delay = parse_number(lead.annotations.get("LeadTimeOffset")) / 1000  # MUSE writes ms
        channel.start += round(delay * min(channel.rate, 1e6)) if abs(delay) > MULTIPLEXED else 0
    return tracing


def _choose_rhythm(root: Element) -> int:
    """Leave one waveform in MUSE's `root`: the rhythm with the most standard leads, the longest of these.

    Leads without samples are removed too. Returns how many more rhythms there were.
    """
    rhythms = [
        waveform for waveform in root.findall("Waveform") if _text(waveform, "WaveformType").lower() in ("", "rhythm")
    ]

    def size(waveform: Element) -> tuple[int, int]:
        leads = waveform.findall("LeadData")
        standard = count_standard_leads(_text(lead, "LeadID") for lead in leads if _text(lead, "WaveFormData"))
        return standard, max((len(_text(lead, "WaveFormData")) for lead in leads), default=0)

    best = max(rhythms, key=size, default=None)
    root[:] = [child for child in root if child.tag != "Waveform" or child is best]
    if best is not None:
        best[:] = [child for child in best if child.tag != "LeadData" or _text(child, "WaveFormData")]
    return max(len(rhythms) - 1, 0)


def _adapt(root: Element) -> None:
    """Write MUSE's units (UV, not "µV") and Sierra's ages (years, not months) as ecgdatakit expects them."""
    for unit in root.iter("LeadAmplitudeUnits"):
        if millivolts(unit.text or "") == _MICROVOLT:
            unit.text = "UV"
    for age in root.iter("age"):
        if not _text(age, "years") and (months := parse_number(_text(age, "months"))):
            SubElement(age, "years").text = str(int(months / 12))


def _sierra_waveforms(root: Element) -> Element | None:
    """Return the one element of waveforms, in the expected spelling and without elements inside."""
    found = [element for element in root.iter() if element.tag.lower() == "parsedwaveforms"]
    if len(found) > 1:
        raise RecordingError(f"holds {len(found)} sets of waveforms; one is expected.")
    for parsed in found:
        parsed.tag, parsed.text = "parsedwaveforms", "".join(parsed.itertext())
        parsed[:] = []
    return found[0] if found else None


def _adapt_waveforms(parsed: Element) -> None:
    """Write the attributes of Sierra's waveforms as ecgdatakit expects them."""
    for name, value in parsed.attrib.items():
        match name:
            case "dataencoding":
                parsed.set(name, value.capitalize())
            case "leadlabels":
                parsed.set(name, value.replace(",", " "))
            case "resolution":
                parsed.set(name, value.replace(",", "."))


def _check_numbers(root: Element) -> None:
    """Refuse long lists of numbers, since ecgdatakit creates two objects for each; such waveforms use Base64."""
    for element in root.iter():
        own = "".join([element.text or "", *(child.tail or "" for child in element)])
        for text in (own, element.get("DATA", "")):
            if len(text) > MAX_NUMBERS and _NUMBERS.issuperset(text[:200]):
                raise RecordingError(f"holds more than {MAX_NUMBERS >> 20} MiB of numbers; no ECG is that large.")


def _check_sierra(parsed: Element, waveforms: str, record: ECGRecord) -> None:
    """Refuse waveforms of another length than declared, whose leads would be cut at the wrong samples."""
    names, labels = [lead.label for lead in record.leads], parsed.get("leadlabels", "").split()
    if record.recording.acquisition.signal.compression.upper() == "XLI":
        if {*LEADS[:6]} <= {*names} and names[:6] != list(LEADS[:6]):  # four of them are stored as differences
            raise RecordingError("compresses the limb leads in another order than I, II, III, aVR, aVL, aVF.")
        return
    plain = parsed.get("dataencoding") == "Plain"
    n_values = len(waveforms.split()) if plain else len(binascii.a2b_base64(waveforms.encode("ascii", "ignore"))) // 2
    samples = len(record.leads[0].samples)
    if n_values not in (samples * len(names), samples * len(labels)):
        raise RecordingError(f"holds {n_values} values where {len(names)} leads of {samples} samples are declared.")


def _check_xli(waveforms: str) -> None:
    """Refuse XLI data that decompresses to more than an ECG has; ecgdatakit does not limit the size.

    Only the lengths of the strings behind the 10-bit codes are followed. Data that is not XLI is left to the parser.
    """
    try:
        data = binascii.a2b_base64(waveforms)
    except ValueError:
        return
    if 8 * len(data) // 10 > MAX_XLI:
        raise RecordingError(f"decompresses to more than {MAX_XLI >> 20} MiB; no ECG is that large.")
    offset = total = 0
    while offset + 8 < len(data):
        size = int.from_bytes(data[offset : offset + 4], "little")
        total += sum(_xli_lengths(data[offset + 8 : offset + 8 + size], MAX_XLI - total))
        if total > MAX_XLI:
            raise RecordingError(f"decompresses to more than {MAX_XLI >> 20} MiB; no ECG is that large.")
        offset += 8 + size


def _xli_lengths(chunk: bytes, max_bytes: int) -> Iterator[int]:
    """Yield the number of bytes that each code of an XLI chunk represents, until they exceed `max_bytes` together."""
    lengths, last = [1] * 256, 0
    for start in range(0, len(chunk), _XLI_BLOCK):
        bits = np.unpackbits(np.frombuffer(chunk[start : start + _XLI_BLOCK], np.uint8))
        codes = bits[: len(bits) // 10 * 10].reshape(-1, 10) @ (1 << np.arange(9, -1, -1))
        for code in codes.tolist():
            length = lengths[code] if code < len(lengths) else last + 1
            if last and len(lengths) < _XLI_CODES:
                lengths.append(last + 1)
            last, max_bytes = length, max_bytes - length
            yield length
            if max_bytes < 0:
                return


def _check_checksums(record: ECGRecord, warnings: list[RecordingWarning]) -> None:
    """Refuse a file if some leads have a wrong checksum; if all have, its writer computes them differently."""
    wrong = [warning.text for warning in warnings if warning.code == "wrong-checksum"]
    if 0 < len(wrong) < len(record.leads):
        raise RecordingError(f"is damaged: {wrong[0]}")


def _text(element: Element, name: str) -> str:
    return (element.findtext(name) or "").strip()
