"""GE CardioSoft and CASE: `CardiologyXML`, as in UK Biobank."""

import re
from xml.etree.ElementTree import Element

from einthoven.readers.acquisition import Acquisition, device_name, make_filters
from einthoven.readers.lead_names import millivolts
from einthoven.readers.tracing import MAX_AGE, Channel, Tracing
from einthoven.readers.xml_waveforms import (
    attribute_of,
    choose_strip,
    hertz,
    make_channel,
    parse_date,
    parse_sex,
    parse_time,
    positive_number,
    text_of,
)
from einthoven.recording import Filters, Patient

ROOT = "CardiologyXML"
"""Name of the root element."""
_UNITS = ("units", "unit")
_RESOLUTION = re.compile(r"(\w{1,12}?) ?(?:per|/)? ?(?:lsb|bit|unit|count)?", re.IGNORECASE)
_YEARS = {"": 1.0, "years": 1.0, "year": 1.0, "months": 1 / 12, "month": 1 / 12, "weeks": 7 / 365, "days": 1 / 365}


def read_cardiosoft(root: Element) -> Tracing:
    """Read the strip with the most standard leads; never the median beats.

    Parameters
    ----------
    root
        The root element.

    Returns
    -------
    Tracing
        The channels as the file holds them.

    Raises
    ------
    RecordingError
        If the file holds no strip, or the strip is damaged.
    """
    channels, warnings = choose_strip([_read_strip(strip) for strip in root.iter("StripData")])
    return Tracing("GE CardioSoft XML", channels, _patient(root), warnings, _acquisition(root))


def _read_strip(strip: Element) -> list[Channel]:
    rate = hertz(text_of(strip, "SampleRate"), attribute_of(strip.find("SampleRate"), *_UNITS))
    scale = positive_number(text_of(strip, "Resolution"))
    unit = _unit(attribute_of(strip.find("Resolution"), *_UNITS))
    waveforms = strip.findall("WaveformData")
    total = positive_number(text_of(strip, "ChannelSampleCountTotal"))
    declared = (total, total / max(len(waveforms), 1))  # of each lead, or of all
    return [
        make_channel(name, "".join(waveform.itertext()), declared, rate, scale if unit else 0, unit)
        for waveform in waveforms
        for name in [attribute_of(waveform, "lead", "name", "leadid")]
    ]


def _unit(text: str) -> str:
    """Return the voltage of a resolution such as "uVperLsb"; "" if it states none."""
    match = _RESOLUTION.fullmatch(text.strip())
    return match[1] if match and millivolts(match[1]) is not None else ""


def _patient(root: Element) -> Patient:
    info = root.find("PatientInfo")
    if info is None:
        return Patient()
    age, years = info.find("Age"), positive_number(text_of(info, "Age"))
    years *= _YEARS.get("" if age is None else age.get("units", "").strip().lower(), 0.0)
    pacemaker = {"yes": True, "no": False}.get(text_of(info, "PaceMaker").lower())
    name = " ".join(filter(None, (text_of(info, "Name/GivenName"), text_of(info, "Name/FamilyName"))))
    born = parse_date(*(text_of(info, f"BirthDateTime/{part}") for part in ("Year", "Month", "Day")))
    sex = parse_sex(text_of(info, "Gender"))
    return Patient(years if 0 < years < MAX_AGE else None, sex, pacemaker, text_of(info, "PID"), name, born)


def _acquisition(root: Element) -> Acquisition:
    day = parse_date(*(text_of(root, f"ObservationDateTime/{part}") for part in ("Year", "Month", "Day")))
    time = parse_time(day, *(text_of(root, f"ObservationDateTime/{part}") for part in ("Hour", "Minute", "Second")))
    patient = _patient(root)
    device = device_name("GE", text_of(root, "ClinicalInfo/DeviceInfo/Desc"), (patient.name, patient.id))
    return Acquisition(time, device, _filters(root.find("FilterSetting")))


def _filters(setting: Element | None) -> Filters | None:
    notches = [hz for hz in (50, 60) if text_of(setting, f"Filter{hz}Hz").lower() == "yes"]
    return make_filters(
        text_of(setting, "HighPass"), text_of(setting, "LowPass"), notches[0] if len(notches) == 1 else None
    )
