"""Names of leads and units in files, as standard names and as mV."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from einthoven.recording import LEADS, SUPPLEMENTAL_LEADS

_KNOWN = {lead.lower(): lead for lead in LEADS}
_KNOWN |= {lead.lower(): lead for lead in SUPPLEMENTAL_LEADS}
_KNOWN |= {"di": "I", "dii": "II", "diii": "III", "d1": "I", "d2": "II", "d3": "III"}
_CHEST = re.compile(r"V\d", re.IGNORECASE)
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_PREFIX = re.compile(  # a dash after it separates, except one before the name alone, as in "ECG -aVR"
    r"^(mdc[_ ]+)?((?:12[- ]?)?(ecg|ekg|экг|lead|abl(eitung)?|d[eé]rivation|derivaci[oó]n|deriva[cç][aã]o|derivazione"
    r"|afleiding|avledning|odprowadzenie|отведение|导联|導聯|第|channel|chan|ch(?=[_ .:])|kanal|canal|signal|waveform)"
    r"([_ :.,/]*-[_ :.,/]+|-|[_ :.,/]*))+(?=\S)"
)
_SUFFIX = re.compile(
    r"(?<=[^\W_])(?:[-_:, ]+(ecg|ekg|lead|ref|raw|(un)?filtered|\((ecg|ekg|c\d|[nuμm]v)\))| ?(导联|導聯|誘導))$"
)
_BRACKETED = re.compile(r"\(([^()]+)\)|\[([^\[\]]+)\]")
_NUMBERED = re.compile(r"^v[-.]?0?(?=\d)")
_INVERSION = re.compile(r"inv|neg|rev", re.IGNORECASE)
_INVERTED = re.compile(r"(?:negative|neg|inverted|\((?:negative|neg|inverted)\))$")
_NUMBERS = {1: "I", 2: "II", 3: "V1", 4: "V2", 5: "V3", 6: "V4", 7: "V5", 8: "V6", 61: "III", 62: "aVR", 63: "aVL"}
_NUMBERS |= {64: "aVF", 65: "-aVR", 9: "V7", 10: "V2R", 11: "V3R", 12: "V4R", 13: "V5R", 14: "V6R", 15: "V7R"}
_NUMBERS |= {16: "X", 17: "Y", 18: "Z", 66: "V8", 67: "V9", 68: "V8R", 69: "V9R"}
_MDC = 2 << 16  # ISO 11073 counts leads in its partition 2
_MV = {"nv": 1e-6, "uv": 1e-3, "mv": 1.0, "v": 1e3, "мкв": 1e-3, "мв": 1.0}
_WORDS = {"nano": "n", "micro": "u", "milli": "m"}
_OF_TIME = re.compile(r"(?:[mun]|milli|micro|nano)?s(?:ec(?:ond)?s?)?", re.IGNORECASE)
_WITH_UNIT = re.compile(  # at the end of a name without runs of blanks
    r"(?:\[ ?(\w{1,20}) ?\]|\( ?(\w{1,20}) ?\)|[-/_:, ] ?(?:in )?((?:nano|micro|milli|[num])?_?v(?:olts?)?))$",
    re.IGNORECASE,
)
MAX_NAME_LENGTH = 100
"""Longest name of a lead or a unit in characters; DICOM allows 64. Longer ones are ignored, which saves time."""


def standard_lead(name: str) -> tuple[str, float] | None:
    """Return the standard lead that a file calls `name`, and the sign it is stored with.

    Parameters
    ----------
    name
        Name in upper or lower case, with prefixes such as "ECG ", "Lead - " or "MDC_ECG_LEAD_".

    Returns
    -------
    tuple of str and float, or None
        The name in LEADS, and -1 for an inverted lead such as "-aVR", else 1. None for V3R, V7, MLII, CM5, "ECG 1"
        and other names.
    """
    lead = known_lead(name)
    return lead if lead and lead[0] in LEADS else None


def known_lead(name: str, *, dash_separates: bool = False) -> tuple[str, float] | None:
    """Return the standard or supplemental lead that a file calls `name`, and the sign it is stored with.

    Parameters
    ----------
    name
        Name of the lead, as for `standard_lead`.
    dash_separates
        Whether the dash of "ECG -aVR" inverts nothing, as `separates_by_dash` returns.

    Returns
    -------
    tuple of str and float, or None
        The name in LEADS or SUPPLEMENTAL_LEADS, and -1 for an inverted lead, else 1. None for other names.
    """
    return _known_lead(name, dash_separates) if len(name) <= MAX_NAME_LENGTH else None


@lru_cache(1000)  # the files of a folder repeat the same names
def _known_lead(name: str, dash_separates: bool) -> tuple[str, float] | None:
    if lead := _lead_of(name, dash_separates):
        return lead
    if "," not in name or _INVERSION.search(name):
        return None
    leads = {lead for part in name.split(",") if (lead := _lead_of(part, dash_separates))}  # "lead I, 16 bit"
    return leads.pop() if len(leads) == 1 else None


def _lead_of(name: str, dash_separates: bool) -> tuple[str, float] | None:
    core, prefixed = _without_affixes(name)
    sign = 1.0
    if len(core) > 1 and core[0] == "-":
        core = _compact(core[1:])
        sign = 1.0 if prefixed and (dash_separates or core != "avr") else -1.0
    elif inverted := _INVERTED.search(core):
        core, sign = core[: inverted.start()].rstrip("-_, "), -1.0
    core = _compact(core)
    return (_KNOWN[core], sign) if core in _KNOWN else None


@lru_cache(1000)
def _without_affixes(name: str) -> tuple[str, bool]:
    """Return a name in lower case without prefix and suffix, and whether it had a prefix; any dash as "-"."""
    text = unicodedata.normalize("NFKC", name).translate(_DASHES).strip().strip("\0'\"").strip().lower()
    core = _SUFFIX.sub("", _PREFIX.sub("", text))
    bracketed = _BRACKETED.fullmatch(core)
    return (bracketed[1] or bracketed[2]) if bracketed else core, _PREFIX.match(text) is not None


def _compact(text: str) -> str:
    """Return a name without blanks, and "v1" for "v-1" and "v01"."""
    return _NUMBERED.sub("v", "".join(text.split()).replace("_", ""))


def separates_by_dash(names: Iterable[str]) -> bool:
    """Return whether a file writes its leads as "ECG -I", where the dash of "ECG -aVR" inverts nothing.

    Parameters
    ----------
    names
        Names of the leads, as in the file.

    Returns
    -------
    bool
        True if a lead other than aVR has a dash between prefix and name. Of these only aVR is in use inverted.
    """
    parts = (_without_affixes(name) for name in names if len(name) <= MAX_NAME_LENGTH)
    return any(prefixed and core[0] == "-" and _compact(core[1:]) != "avr" for core, prefixed in parts if core)


def count_standard_leads(names: Iterable[str]) -> int:
    """Count the standard leads among names.

    Parameters
    ----------
    names
        Names of leads, as in a file.

    Returns
    -------
    int
        Number of standard leads; each lead counts once.
    """
    return len({lead[0] for name in names if (lead := standard_lead(name))})


def numbered_lead(number: int) -> str | None:
    """Return the lead that SCP-ECG and ISO 11073 give a number.

    Parameters
    ----------
    number
        Number with or without the partition of ISO 11073.

    Returns
    -------
    str or None
        Standard or not, such as "V3R"; None for an unknown number.
    """
    return _NUMBERS.get(number - _MDC if number > _MDC else number)


def is_chest(name: str) -> bool:
    """Return whether a name is a V lead.

    Parameters
    ----------
    name
        Name of a lead, as in a file.

    Returns
    -------
    bool
        True for standard and other ones (V1, V3R, V7).
    """
    return bool(_CHEST.search(name))


def millivolts(unit: str) -> float | None:
    """Return the size of a unit in mV.

    Parameters
    ----------
    unit
        Name of the unit, such as "uV", "µV", "MICROVOLTS" or "mv".

    Returns
    -------
    float or None
        Size of the unit in mV; None if it is not a voltage.
    """
    return _millivolts(unit) if len(unit) <= MAX_NAME_LENGTH else None


@lru_cache(1000)
def _millivolts(unit: str) -> float | None:
    text = unicodedata.normalize("NFKC", unit).strip().lower().replace("μ", "u").replace("µ", "u")
    text = text.removeprefix("â")  # of "µ" in UTF-8, read as Latin-1
    if words := re.fullmatch(r"(?:mdc_dim_)?(nano|micro|milli|[num]?)_?v(?:olts?)?", text):
        text = f"{_WORDS.get(words[1], words[1])}v"
    return _MV.get(text)


def split_unit(name: str) -> tuple[str, str]:
    """Split a column name such as "I [mV]", "V1 (uV)" or "aVR_mV".

    Parameters
    ----------
    name
        Column name in the header of a table.

    Returns
    -------
    lead : str
        The name without the unit.
    unit : str
        "" without one.
    """
    core = name.strip(" '")
    if len(core) > MAX_NAME_LENGTH:
        return core, ""
    text = unicodedata.normalize("NFKC", core).translate(_DASHES).replace("μ", "u").replace("µ", "u")
    text = " ".join(text.split())
    if match := _WITH_UNIT.search(text):
        lead, unit = text[: match.start()].strip(" '").rstrip("-,:;/ "), match[1] or match[2] or match[3]
        if lead and (millivolts(unit) or _OF_TIME.fullmatch(unit)):
            return lead, unit
    return core, ""
