"""The names of rhythms by code: PTB-XL's statements in AHA/ACC/HRS terms, and rhythms without a code in PTB-XL."""

from collections.abc import Mapping

from einthoven.ptbxl.vocabulary import STATEMENTS
from einthoven.signal.fitness import NO_ORGANIZED_BEATS

_OF_PTBXL = (
    *("SR", "SBRAD", "STACH", "SARRH", "SVARR", "AFIB", "AFLT", "SVTAC", "PSVT"),
    *("PACE", "BIGU", "TRIGU", "2AVB", "3AVB"),
)
NAMES: Mapping[str, str] = {
    **{code: STATEMENTS[code].name for code in _OF_PTBXL},
    "WCT": "wide-complex tachycardia",
    "NCT": "narrow-complex tachycardia",
    "IVR": "wide-complex rhythm without P waves",
    "JUNCTIONAL": "junctional rhythm",
    "BRADY": "bradycardia, rhythm uncertain",
    "TACHY": "tachycardia, rhythm uncertain",
    "NO-BEATS": NO_ORGANIZED_BEATS,
    "PACING-NO-CAPTURE": "pacing spikes without capture",
    "UNCERTAIN": "rhythm uncertain",
}
"""English names by code."""

NO_P_WAVES = frozenset(
    {"AFIB", "AFLT", "3AVB", "WCT", "NCT", "IVR", "JUNCTIONAL", "SVTAC", "PSVT", "NO-BEATS", "PACING-NO-CAPTURE"}
)
"""Rhythms in which no P wave leads the beats, so that there is no PR interval; `drops_p_waves` covers all rhythms."""
SINUS = ("SR", "SBRAD", "STACH", "SARRH")
"""Rhythms of the sinus node in which each P wave is conducted."""
FIBRILLATION = ("AFIB", "AFLT")
"""Rhythms of fast atria, in which no beat comes from the sinus node."""
NO_RHYTHM = ("NO-BEATS", "PACING-NO-CAPTURE")
"""Rhythms without beats, or without beats that follow the pacemaker."""
AV_BLOCKS = ("2AVB", "3AVB")
"""Rhythms in which not every P wave is conducted."""
VENTRICULAR = ("WCT", "IVR")
"""Rhythms whose wide complexes change the ST segment."""
BRADYCARDIA_BPM, TACHYCARDIA_BPM = 60.0, 100.0
"""Sinus bradycardia below, sinus tachycardia above (Kusumoto et al. 2018 use 50 for treatment; PTB-XL's readers 60)."""
