"""What files call leads and units, as standard names and as mV."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from einthoven.recording import LEADS

_STANDARD = {lead.lower(): lead for lead in LEADS}
_STANDARD |= {"di": "I", "dii": "II", "diii": "III", "d1": "I", "d2": "II", "d3": "III"}
_CHEST = re.compile(r"V\d", re.IGNORECASE)
_PREFIX = re.compile(
    r"^(mdc[_ ]+)?((ecg|ekg|lead|abl(eitung)?|d[eé]rivation|derivaci[oó]n|deriva[cç][aã]o|channel)(-|[_ :.]*))+(?=\S)"
)
_SUFFIX = re.compile(r"(?<=[^\W_])[-_: ]+(ecg|ekg|lead|ref|\((ecg|ekg|c\d|[nuμm]v)\))$")
_INVERTED = re.compile(r"(?:neg|\(?inverted\)?)$")
_NUMBERS = {1: "I", 2: "II", 3: "V1", 4: "V2", 5: "V3", 6: "V4", 7: "V5", 8: "V6", 61: "III", 62: "aVR", 63: "aVL"}
_NUMBERS |= {64: "aVF", 65: "-aVR", 9: "V7", 10: "V2R", 11: "V3R", 12: "V4R", 13: "V5R", 14: "V6R", 15: "V7R"}
_NUMBERS |= {16: "X", 17: "Y", 18: "Z", 66: "V8", 67: "V9", 68: "V8R", 69: "V9R"}
_MDC = 2 << 16  # ISO 11073 counts leads in its partition 2
_MV = {"nv": 1e-6, "uv": 1e-3, "mv": 1.0, "v": 1e3}
_WORDS = {"nano": "n", "micro": "u", "milli": "m"}
_OF_TIME = re.compile(r"(?:[mu]|milli|micro)?s(?:ec(?:ond)?s?)?", re.IGNORECASE)
_WITH_UNIT = re.compile(  # at the end of a name without runs of blanks
    r"(?:\[ ?(\w{1,20}) ?\]|\( ?(\w{1,20}) ?\)|[/_, ] ?((?:nano|micro|milli|[num])?_?v(?:olts?)?))$", re.IGNORECASE
)
MAX_NAME_LENGTH = 100
"""Characters of the longest name of a lead or a unit; DICOM allows 64. Longer ones are none, and cost nothing."""


def standard_lead(name: str) -> tuple[str, float] | None:
    """The standard lead that a file calls `name`, and the sign it is stored with (-1 for "-aVR"); None for others.

    Takes any case, prefixes such as "ECG ", "Lead " or "MDC_ECG_LEAD_", and DI for I. V3R, V7, MLII, CM5, "ECG 1"
    and so on are no standard leads.
    """
    return _standard_lead(name) if len(name) <= MAX_NAME_LENGTH else None


@lru_cache(1000)  # a folder's files say the same again and again
def _standard_lead(name: str) -> tuple[str, float] | None:
    text = unicodedata.normalize("NFKC", name).strip().strip("\0'\"").strip().lower()
    sign = 1.0
    bare = _SUFFIX.sub("", _PREFIX.sub("", text))
    if len(bare) > 1 and bare[0] in "-−–":
        bare, sign = bare[1:], -1.0
    elif inverted := _INVERTED.search(bare):
        bare, sign = bare[: inverted.start()], -1.0
    bare = "".join(bare.split()).replace("_", "")
    return (_STANDARD[bare], sign) if bare in _STANDARD else None


def count_standard_leads(names: Iterable[str]) -> int:
    """How many standard leads are among `names`, each counted once."""
    return len({lead[0] for name in names if (lead := standard_lead(name))})


def numbered_lead(number: int) -> str | None:
    """The lead that SCP-ECG and ISO 11073 call `number`, with or without the partition; None for others."""
    return _NUMBERS.get(number - _MDC if number > _MDC else number)


def is_chest(name: str) -> bool:
    """Whether `name` is a V lead, standard or not (V1, V3R, V7)."""
    return bool(_CHEST.search(name))


def millivolts(unit: str) -> float | None:
    """How many mV one `unit` is ("uV", "µV", "MICROVOLTS", "mv"); None for what is no voltage."""
    return _millivolts(unit) if len(unit) <= MAX_NAME_LENGTH else None


@lru_cache(1000)
def _millivolts(unit: str) -> float | None:
    text = unicodedata.normalize("NFKC", unit).strip().lower().replace("μ", "u").replace("µ", "u")
    if words := re.fullmatch(r"(?:mdc_dim_)?(nano|micro|milli|[num]?)_?v(?:olts?)?", text):
        text = f"{_WORDS.get(words[1], words[1])}v"
    return _MV.get(text)


def split_unit(name: str) -> tuple[str, str]:
    """A column name such as "I [mV]", "V1 (uV)" or "aVR_mV" as lead name and unit; the unit is "" without one."""
    bare = name.strip(" '")
    if len(bare) > MAX_NAME_LENGTH:
        return bare, ""
    text = " ".join(unicodedata.normalize("NFKC", bare).replace("μ", "u").replace("µ", "u").split())
    if match := _WITH_UNIT.search(text):
        lead, unit = text[: match.start()].strip(" '"), match[1] or match[2] or match[3]
        if lead and (millivolts(unit) or _OF_TIME.fullmatch(unit)):
            return lead, unit
    return bare, ""
