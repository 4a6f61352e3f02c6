"""HL7 aECG by ecgdatakit, one sequence set at a time, because ecgdatakit reads only the first of several.

It does not get representative beats and annotations, because damage in them is not a reason to refuse a rhythm.
"""

import re
from datetime import UTC, datetime
from itertools import islice, pairwise
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np
from ecgdatakit.parsing.parsers.hl7_aecg import HL7aECGParser

from einthoven.errors import RecordingError
from einthoven.readers.acquisition import device_name, make_filters
from einthoven.readers.ecgdatakit_adapter import parse, parse_number, to_tracing
from einthoven.readers.lead_names import count_standard_leads, known_lead, millivolts, numbered_lead
from einthoven.readers.redact import show_label
from einthoven.readers.tracing import Channel, Tracing, empty_lead, exact_rate, max_values, rhythms_left_out
from einthoven.recording import MIN_SECONDS, Filters, Patient

MAX_SETS = 500
"""Sequence sets of one series."""
_MAX_NAMED = 20
"""Leads without samples that the warnings of one set name."""
MAX_REPEATED_BYTES = 32 << 20
"""Bytes of what all sets share, times the number of sets: each set is parsed together with all of it."""
_HERTZ = {"": 1, "Hz": 1, "kHz": 1e3}
_PERFORMERS = (
    "performer/seriesPerformer/assignedPerson/name",
    "secondaryPerformer/seriesPerformer/assignedPerson/name",
)
_MAX_PERFORMERS = 20
_MAX_VARIABLES = 100
_LOCAL_NUMBERS = ("scale", "origin", "increment")
_NUMBER = re.compile(r"[-+]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][-+]?\d{1,3})?", re.ASCII)
_BEAT = re.compile(r"beat|median|average|template", re.IGNORECASE)
_TIMES = {"s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6}  # ecgdatakit's
_WORDS = {"sec": "s", "second": "s", "seconds": "s", "msec": "ms", "usec": "us"}


def read_aecg(root: Element) -> Tracing:
    """Read the rhythm series with the most standard leads, and the leads recorded at the same time.

    Parameters
    ----------
    root
        The root element of the file.

    Returns
    -------
    Tracing
        The channels as the file holds them.

    Raises
    ------
    RecordingError
        If no rhythm series can be read.
    """
    tracings: list[Tracing] = []
    first_error: RecordingError | None = None
    shared = [child for child in root if child.tag != "component"] + root.findall("component/series/effectiveTime")
    n_sets = sum(1 for _ in root.iter("sequenceSet"))
    if sum(len(tostring(element)) for element in shared) * n_sets > MAX_REPEATED_BYTES:
        raise RecordingError("has more sequence sets, or more data about them, than any ECG.")
    for series in root.findall("component/series"):
        if not _BEAT.search(_attribute(series.find("code"), "code")):
            try:
                tracings.append(_read_series(root, series))
            except RecordingError as error:
                first_error = first_error or error
    if not tracings:
        raise first_error or RecordingError("is refused: No rhythm series.")
    tracings = [tracing for tracing in tracings if _seconds(tracing) >= MIN_SECONDS] or tracings
    best = max(tracings, key=_rank)
    n_left_out = 0
    for other in tracings:
        times = {(channel.rate, channel.start, len(channel.values)) for channel in best.channels + other.channels}
        names = {channel.name for channel in best.channels}
        new = [channel for channel in other.channels if channel.name not in names]
        if len(times) == 1 and any(known_lead(channel.name) for channel in new):
            best.channels += new
        else:
            n_left_out += other is not best
    best.warnings += rhythms_left_out(n_left_out)
    return best


def _rank(tracing: Tracing) -> tuple[int, float]:
    return count_standard_leads(channel.name for channel in tracing.channels), _seconds(tracing)


def _seconds(tracing: Tracing) -> float:
    return max(len(channel.values) / channel.rate for channel in tracing.channels)


def _read_series(root: Element, series: Element) -> Tracing:
    """Read the sets of a series, which hold other leads or another time."""
    sets = series.findall("component/sequenceSet")
    if not 0 < len(sets) <= MAX_SETS:
        raise RecordingError(f"has a rhythm series of {len(sets)} sequence sets; no ECG has that many.")
    parts = [_read_set(root, series, sequence_set) for sequence_set in filter(_has_leads, sets)]
    if not parts:
        raise RecordingError("is refused: No ECG lead sequence in the rhythm series.")
    acquisition = parts[0].acquisition
    acquisition.device, acquisition.filters = _device(series, parts[0].patient), _filters(series)
    parts = [part for part in parts if not any(_repeats(part, other) for other in parts)]
    leads: dict[str, list[Channel]] = {}
    for part in parts:
        for channel in part.channels:
            leads.setdefault(channel.name, []).append(channel)
    warnings = list(dict.fromkeys(warning for part in parts for warning in part.warnings))
    max_samples = max_values(sum(len(piece.values) for pieces in leads.values() for piece in pieces)) // len(leads)
    channels = [_join(pieces, max_samples) for pieces in leads.values()]
    return Tracing("HL7 aECG", channels, parts[0].patient, warnings, acquisition)


def _device(series: Element, patient: Patient) -> str | None:
    """Return maker and model of the recorder; ecgdatakit gets neither, since the parts are parsed one by one."""
    author = series.find("author/seriesAuthor")
    if author is None:
        return None
    maker = author.findtext("manufacturerOrganization/name") or ""
    model = author.findtext("manufacturedSeriesDevice/manufacturerModelName") or ""
    serial = _attribute(author.find("manufacturedSeriesDevice/id"), "extension")
    performers = islice((name for path in _PERFORMERS for name in series.iterfind(path)), _MAX_PERFORMERS)
    persons = (patient.name, patient.id, *(" ".join(name.itertext()) for name in performers))
    return device_name(maker, model, (*persons, serial))


def _filters(series: Element) -> Filters | None:
    """Return the filters of a series, by its control variables."""
    limits: dict[str, float] = {}
    for variable in islice(series.iterfind("controlVariable/controlVariable"), _MAX_VARIABLES):
        kind = _attribute(variable.find("code"), "code").upper().rpartition("_FILTER_")[2]
        for part in islice(variable.iterfind("component/controlVariable"), _MAX_VARIABLES):
            value = part.find("value")
            if _attribute(part.find("code"), "code").upper().endswith(("_CUTOFF_FREQ", "_NOTCH_FREQ")):
                limits[kind] = parse_number(_attribute(value, "value")) * _HERTZ.get(_attribute(value, "unit"), 0)
    return make_filters(*map(limits.get, ("HIGH_PASS", "LOW_PASS", "NOTCH")))


def _has_leads(sequence_set: Element) -> bool:
    """Return whether a set holds leads, and not only trends such as the heart rate."""
    codes = [_attribute(code, "code") for code in sequence_set.findall("component/sequence/code")]
    return any("_ECG_LEAD_" in code.upper() or known_lead(code) or code.isdecimal() for code in codes)


def _repeats(part: Tracing, whole: Tracing) -> bool:
    """Return whether `part` is too short for a rhythm and repeats what `whole` has at the same time: a beat of it."""
    times = {channel.name: (channel.start, len(channel.values)) for channel in whole.channels}
    starts = ((channel.start, *times.get(channel.name, (0, 0))) for channel in part.channels)
    return _seconds(part) < MIN_SECONDS <= _seconds(whole) and all(
        0 <= at - start < length for at, start, length in starts
    )


def _join(pieces: list[Channel], max_samples: int) -> Channel:
    """Return one lead from its pieces, each at its time; at most `max_samples` long."""
    pieces = sorted(pieces, key=lambda piece: piece.start)
    first, last = pieces[0], pieces[-1]
    if len(pieces) == 1:
        return first
    length = last.start + len(last.values) - first.start
    overlap = any(b.start < a.start + len(a.values) for a, b in pairwise(pieces))
    if overlap or length > max_samples or {(piece.rate, piece.unit) for piece in pieces} != {(first.rate, first.unit)}:
        raise RecordingError(f"holds {show_label(first.name)} in {len(pieces)} pieces that overlap or do not fit.")
    values = np.full(length, np.nan)
    for piece in pieces:
        values[piece.start - first.start :][: len(piece.values)] = piece.values
    return Channel(first.name, values, first.rate, first.unit, first.start)


def _read_set(root: Element, series: Element, sequence_set: Element) -> Tracing:
    """Read one sequence set, from a document that holds no other."""
    empty = _adapt(sequence_set)
    document = Element(root.tag, root.attrib)
    document.extend(child for child in root if child.tag != "component")
    only_series = SubElement(SubElement(document, "component"), "series")
    only_series.extend(series.findall("effectiveTime"))
    SubElement(only_series, "component").append(sequence_set)
    record, warnings = parse(HL7aECGParser, tostring(document))
    time = record.raw_metadata["rhythm_time"]
    rate = exact_rate(time["sampling_rate_exact"])
    # The library gives its warnings no category. This one does not apply, as the exact rate is used.
    warnings = [warning for warning in warnings if "is not an integer; rounded" not in warning.text]
    warnings += [empty_lead(show_label(name)) for name in empty]
    tracing = to_tracing("HL7 aECG", record, warnings, {lead.label: rate for lead in record.leads})
    tracing.acquisition.time = tracing.acquisition.time or record.raw_metadata.get("effective_time")
    for channel in tracing.channels:
        channel.start = round(_start_seconds(time["head"], time["head_unit"]) * min(rate, 1e6))
    return tracing


def _adapt(sequence_set: Element) -> list[str]:
    """Write lead codes and the unit of the time as ecgdatakit expects them, and remove leads without samples.

    Returns the codes of some of these.
    """
    empty: dict[Element, str] = {}
    for component in sequence_set.findall("component"):
        code, increment = component.find("sequence/code"), component.find("sequence/value/increment")
        name = _attribute(code, "code")
        if not (name.startswith("TIME") or (component.findtext("sequence/value/digits") or "").strip()):
            empty[component] = name
        lead = numbered_lead(int(name)) if name.isdecimal() and len(name) < 9 else name if known_lead(name) else None
        if code is not None and lead and "_ECG_LEAD_" not in name.upper():
            code.set("code", f"MDC_ECG_LEAD_{lead}")
        for element in component.iterfind("sequence/value/*"):
            if element.tag in _LOCAL_NUMBERS:
                element.set("value", _plain_number(element.get("value")))
                element.set("unit", _plain_unit(element.get("unit", "")))
        _separate_by_blanks(component.find("sequence/value/digits"))
        _check_scale(component.find("sequence/value"))
        unit = _attribute(increment, "unit").lower()
        if increment is not None and unit == "hz":
            increment.set("value", str(1 / max(parse_number(increment.get("value")), 1e-9)))
        if increment is not None:
            increment.set("unit", "s" if unit == "hz" else _WORDS.get(unit, unit))
    sequence_set[:] = [component for component in sequence_set if component not in empty]
    return list(empty.values())[:_MAX_NAMED]


def _plain_number(text: str | None) -> str:
    """Return a number with a decimal point, regardless of the locale; "" if the text is not a finite number."""
    number = (text or "").strip().replace("−", "-").replace(",", ".")
    return number if _NUMBER.fullmatch(number) else ""


def _plain_unit(text: str) -> str:
    """Return a voltage unit by ecgdatakit's name, regardless of its spelling; other text unchanged."""
    scale = millivolts(text)
    return next((unit for unit in ("nV", "uV", "mV", "V") if millivolts(unit) == scale), text)


def _separate_by_blanks(digits: Element | None) -> None:
    """Write samples as the standard does, without commas between them; a decimal comma becomes a point."""
    if digits is not None and digits.text and "," in digits.text:
        is_decimal = len(digits.text.split()) > 1 and not re.search(r",(?:\s|$)", digits.text.strip())
        digits.text = digits.text.replace(",", "." if is_decimal else " ")


def _check_scale(value: Element | None) -> None:
    """Set the scale of a lead to 0, which means that there is none, unless both scale and origin are numbers.

    The standard requires both. ecgdatakit takes 1 for the scale and 0 for the origin instead.
    """
    if value is None or value.find("digits") is None:
        return
    scale, origin = value.find("scale"), value.find("origin")
    scale = SubElement(value, "scale") if scale is None else scale
    if not (_attribute(scale, "value") and _attribute(origin, "value")):
        scale.set("value", "0")


def _start_seconds(head: str, unit: str) -> float:
    """Return when a set begins, in s since any fixed time; 0 if the file does not state it."""
    if stamp := re.fullmatch(r"(\d{14})(\.\d+)?([+-]\d{4})?", head):
        try:
            return datetime.strptime(stamp[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp() + float(stamp[2] or 0)
        except ValueError:
            return 0.0
    return parse_number(head) * _TIMES.get(unit, 0)


def _attribute(element: Element | None, name: str) -> str:
    return "" if element is None else element.get(name, "").strip()
