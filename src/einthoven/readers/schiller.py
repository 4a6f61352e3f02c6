"""Schiller SEMA and AT recorders: `SchillerEDI` XML."""

import re
from itertools import islice
from xml.etree.ElementTree import Element

from einthoven.errors import RecordingError
from einthoven.readers.acquisition import Acquisition, device_name
from einthoven.readers.lead_names import millivolts
from einthoven.readers.redact import show_label
from einthoven.readers.tracing import Channel, Tracing
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
from einthoven.recording import Patient

_BEAT = re.compile(r"average|median|beat|template", re.IGNORECASE)
_ENCODINGS = ("", "COMMASEPARATE", "COMMASEPARATED")
_MAX_STRIPS = 100


def is_schiller(root: Element) -> bool:
    """Return whether XML is of a Schiller recorder.

    Parameters
    ----------
    root
        The root element.

    Returns
    -------
    bool
        True for `com.xiriuz.sema.xml.schillerEDI.SchillerEDI`, in any package.
    """
    return root.tag.lower().rpartition(".")[2] == "schilleredi"


def read_schiller(root: Element) -> Tracing:
    """Read the rhythm with the most standard leads; never the average beats.

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
        If the file holds no rhythm, or the rhythm is damaged.
    """
    rhythms = (wave for wave in root.iter("wavedata") if not _BEAT.search(text_of(wave, "type")))
    channels, warnings = choose_strip([_read_rhythm(wave) for wave in islice(rhythms, _MAX_STRIPS)])
    return Tracing("Schiller XML", channels, _patient(root), warnings, _acquisition(root))


def _read_rhythm(wave: Element) -> list[Channel]:
    rate, exponent = wave.find("resolution/samplerate"), text_of(wave, "resolution/samplerate/exponent")
    if exponent not in ("", "1"):
        raise RecordingError("states its sampling rate with an exponent other than 1, which is not read.")
    unit = text_of(rate, "units") or text_of(rate, "unit")
    hz = hertz(text_of(rate, "value") or text_of(wave, "resolution/samplerate"), unit)
    step = wave.find("resolution/yres/unitperbit")
    scale = positive_number(text_of(wave, "resolution/yres/unitperbit"))
    voltage = text_of(wave, "resolution/yres/units") or text_of(wave, "resolution/yres/unit")
    voltage = voltage or attribute_of(step, "units", "unit")
    return [_read_channel(channel, hz, scale, voltage) for channel in wave.findall("channel")]


def _read_channel(channel: Element, rate: float, scale: float, unit: str) -> Channel:
    name = text_of(channel, "name") or attribute_of(channel, "name", "lead")
    if text_of(channel, "datastype").upper() not in _ENCODINGS:
        raise RecordingError(f"stores {show_label(name)} in an encoding that is not read; export it as numbers.")
    samples = text_of(channel, "data") or (channel.text or "")
    declared = (positive_number(text_of(channel, "samplecount")),)
    return make_channel(name, samples, declared, rate, scale if millivolts(unit) is not None else 0, unit)


def _patient(root: Element) -> Patient:
    data = root.find("patdata")
    born = text_of(data, "birthdate")
    name = " ".join(filter(None, (text_of(data, "firstname"), text_of(data, "lastname"))))
    return Patient(
        sex=parse_sex(text_of(data, "gender")),
        id=text_of(data, "id"),
        name=name,
        birth_date=parse_date(born[:4], born[4:6], born[6:8]),
    )


def _acquisition(root: Element) -> Acquisition:
    day, time = text_of(root, "examdescript/startdatetime/date"), text_of(root, "examdescript/startdatetime/time")
    start = parse_time(parse_date(day[:4], day[4:6], day[6:8]), time[:2], time[2:4], time[4:6])
    hardware = root.find("examdescript/aquiringdevice/hardware")
    if hardware is None:
        hardware = root.find("aquiringdevice/hardware")
    patient = _patient(root)
    return Acquisition(
        start, device_name(text_of(hardware, "vendor"), text_of(hardware, "model"), (patient.name, patient.id))
    )
