"""The names of rhythms by their codes: PTB-XL's statements in AHA/ACC/HRS terms, and what PTB-XL has no code for."""

from collections.abc import Mapping

NAMES: Mapping[str, str] = {
    "SR": "sinus rhythm",
    "SBRAD": "sinus bradycardia",
    "STACH": "sinus tachycardia",
    "SARRH": "sinus arrhythmia",
    "SVARR": "supraventricular arrhythmia",
    "AFIB": "atrial fibrillation",
    "AFLT": "atrial flutter",
    "SVTAC": "supraventricular tachycardia",
    "PSVT": "paroxysmal supraventricular tachycardia",
    "PACE": "paced rhythm",
    "BIGU": "bigeminy",
    "TRIGU": "trigeminy",
    "2AVB": "second-degree AV block",
    "3AVB": "complete AV block",
    "WCT": "wide-complex tachycardia",
    "NCT": "narrow-complex tachycardia",
    "IVR": "wide-complex rhythm without P waves",
    "JUNCTIONAL": "junctional rhythm",
    "BRADY": "bradycardia, rhythm uncertain",
    "TACHY": "tachycardia, rhythm uncertain",
    "NO-BEATS": "no organised beats: asystole, ventricular fibrillation or artefact; look at the patient",
    "PACING-NO-CAPTURE": "pacing spikes without capture",
    "UNCERTAIN": "rhythm uncertain",
}
"""In English, by code."""

NO_P_WAVES = frozenset(
    {"AFIB", "AFLT", "3AVB", "WCT", "NCT", "IVR", "JUNCTIONAL", "SVTAC", "PSVT", "NO-BEATS", "PACING-NO-CAPTURE"}
)
"""Rhythms in which no P wave leads the beats, so that there is no PR interval; `drops_p_waves` decides of all."""
SINUS = frozenset({"SR", "SBRAD", "STACH", "SARRH"})
"""Rhythms of the sinus node in which each P wave is conducted."""
