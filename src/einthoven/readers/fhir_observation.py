"""FHIR Observations with a SampledData for each lead, as `einthoven convert` writes them (R4, R4B and R5)."""

from typing import Any

import numpy as np

from einthoven.errors import RecordingError
from einthoven.readers.acquisition import Acquisition, parse_iso_time
from einthoven.readers.lead_names import known_lead, millivolts, numbered_lead
from einthoven.readers.tracing import MAX_AGE, Channel, Tracing, check_count
from einthoven.readers.xml_waveforms import parse_date, parse_sex
from einthoven.recording import Patient

_TERM = 0xFF
"""The bits of a code of ISO 11073 that number the lead."""
_LEADS = (2 << 16, 2 << 16 | 256)
"""The other bits of the codes of a lead, and of the voltage that it records."""
_AGE = "30525-0"
"""LOINC's code of the age."""


def is_observation(facts: dict[str, Any]) -> bool:
    """Return whether a JSON object is a FHIR Observation.

    Parameters
    ----------
    facts
        The object.

    Returns
    -------
    bool
        True for an Observation with or without a tracing.
    """
    return facts.get("resourceType") == "Observation"


def read_observation(facts: dict[str, Any]) -> Tracing:
    """Read the leads of a FHIR Observation.

    Parameters
    ----------
    facts
        The JSON object.

    Returns
    -------
    Tracing
        The channels as the file holds them.

    Raises
    ------
    RecordingError
        If it holds no tracing, or a tracing that is damaged.
    """
    parts = facts.get("component")
    components = [facts, *(parts if isinstance(parts, list) else [])]
    sampled = [item for item in components if isinstance(item, dict) and "valueSampledData" in item]
    if not sampled:
        raise RecordingError("is a FHIR Observation without SampledData, so that it holds no tracing.")
    try:
        check_count(sum(item["valueSampledData"]["data"].count(" ") for item in sampled))
        channels, patient = [_channel(item) for item in sampled], _patient(facts)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ZeroDivisionError, OverflowError) as error:
        raise RecordingError(
            f"is a FHIR Observation whose SampledData is damaged ({type(error).__name__}); get it again."
        ) from error
    return Tracing("FHIR", channels, patient, acquisition=Acquisition(parse_iso_time(facts.get("effectiveDateTime"))))


def _channel(item: dict[str, Any]) -> Channel:
    data, origin = item["valueSampledData"], item["valueSampledData"]["origin"]
    if data.get("dimensions", 1) != 1:
        raise RecordingError("is a FHIR Observation with several leads in one SampledData; one each is expected.")
    values = np.array([np.nan if text in ("E", "U", "L") else float(text) for text in data["data"].split()])
    unit = str(origin.get("code") or origin.get("unit") or "")
    physical = values * float(data.get("factor", 1)) + float(origin.get("value", 0))
    return Channel(_name(item["code"]), physical, _rate(data), unit if millivolts(unit) else "")


def _rate(data: dict[str, Any]) -> float:
    """Return the sampling rate in Hz: `period` is in ms (R4), `interval` in its unit (R5)."""
    if "period" in data:
        return float(f"{1000 / float(data['period']):.12g}")
    per_second = {"s": 1.0, "ms": 1e3, "us": 1e6}[data["intervalUnit"]]
    return per_second / float(data["interval"])


def _name(code: dict[str, Any]) -> str:
    """Return the lead that a component names, in text or by its code of ISO 11073."""
    codings = code.get("coding") or []
    texts = [code.get("text"), *(coding.get("display") for coding in codings)]
    texts = [str(text) for text in texts if text]
    texts += [str(coding.get("code")) for coding in codings]
    numbers = [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 9]
    coded = [lead for number in numbers if number & ~_TERM in _LEADS and (lead := numbered_lead(number & _TERM))]
    return next(filter(known_lead, [*texts, *coded]), texts[0] if texts else "")


def _patient(facts: dict[str, Any]) -> Patient:
    """Return the patient data that the Observation and the Patient in it state."""
    contained = [item for item in facts.get("contained") or [] if item.get("resourceType") == "Patient"]
    info = contained[0] if len(contained) == 1 else {}
    names, identifiers = info.get("name") or [{}], info.get("identifier") or [{}]
    born = parse_date(*(f"{info.get('birthDate')}--".split("-")[:3]))
    ages = [
        float(item["valueQuantity"]["value"])
        for item in facts.get("component") or []
        if item.get("valueQuantity", {}).get("code") == "a"
        and any(coding.get("code") == _AGE for coding in item["code"].get("coding") or [])
    ]
    age = ages[0] if len(ages) == 1 and 0 <= ages[0] < MAX_AGE else None
    sex, identifier, name = info.get("gender"), identifiers[0].get("value"), names[0].get("text")
    return Patient(age, parse_sex(str(sex)), id=str(identifier or ""), name=str(name or ""), birth_date=born)
