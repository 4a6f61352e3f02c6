"""Codes of the leads, and of the measurements of each: DICOM PS3.16 CID 3001, 3687 and 3688.

FHIR has the same terms of MDC (ISO/IEEE 11073-10102) as numbers: partition << 16 | term.
"""

from collections.abc import Iterator, Mapping

from einthoven.report.codes import Code
from einthoven.signal.measurements.values import LEAD_NAMES, LeadMeasurements

_TERMS = {"I": 1, "II": 2, "III": 61, "aVR": 62, "aVL": 63, "aVF": 64}
_TERMS |= {"V1": 3, "V2": 4, "V3": 5, "V4": 6, "V5": 7, "V6": 8, "V7": 9, "V8": 66, "V9": 67, "V3R": 11, "V4R": 12}
_MEANINGS = {"aVR": "aVR, augmented voltage, right", "aVL": "aVL, augmented voltage, left"}
_MEANINGS |= {"aVF": "aVF, augmented voltage, foot"}

LEAD_CODES: Mapping[str, Code] = {
    lead: Code("MDC", f"2:{term}", _MEANINGS.get(lead, f"Lead {lead}"), f"MDC_ECG_LEAD_{lead.upper()}")
    for lead, term in _TERMS.items()
}
"""Code of each lead, by its standard name."""

_POSITIVE: Mapping[str, Code] = {
    "p_mv": Code("MDC", "2:1280", "P maximum amplitude, per lead"),
    "q_mv": Code("MDC", "2:1792", "Q amplitude, per lead"),
    "q_ms": Code("MDC", "2:7680", "Q duration, per lead"),
    "r_mv": Code("MDC", "2:2048", "R amplitude, per lead"),
    "r_ms": Code("MDC", "2:11264", "R1 duration, per lead"),
    "s_mv": Code("MDC", "2:2304", "S amplitude, per lead"),
    "s_ms": Code("MDC", "2:12032", "S1 duration, per lead"),
    "t_mv": Code("MDC", "2:2560", "T maximum amplitude, per lead"),
    "st_j_mv": Code("MDC", "2:1024", "J point Amplitude, per lead"),
    "st_j20_mv": Code("MDC", "2:14848", "Amplitude at 20 ms into ST segment, per lead"),
    "st_j40_mv": Code("MDC", "2:15104", "Amplitude at 40 ms into ST segment, per lead"),
    "st_j60_mv": Code("MDC", "2:14336", "Amplitude at 60 ms into ST segment, per lead"),
    "st_j80_mv": Code("MDC", "2:14592", "Amplitude at 80 ms into ST segment, per lead"),
}
_NEGATIVE: Mapping[str, Code] = {
    "p_mv": Code("MDC", "2:1536", "P minimum amplitude, per lead"),
    "t_mv": Code("MDC", "2:2816", "T minimum amplitude, per lead"),
}


def coded_measurements(lead: LeadMeasurements) -> Iterator[tuple[Code, float, str]]:
    """Yield the measurements of a lead.

    Parameters
    ----------
    lead
        The measurements of one lead.

    Yields
    ------
    tuple of Code, float and str
        The code, the value and its unit in UCUM: mV or ms. A wave that points down has the code of a minimum.
    """
    for name in LEAD_NAMES:
        value = getattr(lead, name)
        if value is not None:
            codes = _NEGATIVE if value < 0 and name in _NEGATIVE else _POSITIVE
            yield codes[name], value, name.rpartition("_")[2].replace("mv", "mV")
