"""Codes of SNOMED CT, MDC and the AHA for labels and intervals, each taken from a published source.

The codes come from scp_statements.csv of PTB-XL 1.0.3 (Wagner et al., Sci Data 2020, 7:154; CC BY 4.0). Its "DICOM
Code" is a SNOMED-RT code, here replaced by the SNOMED CT code that DICOM PS3.16 maps it to; all are in CID 3230 "ECG
Finding". Its "aECG REFID" is an MDC code (ISO/IEEE 11073-10102), here with the number that CID 3415 "Cardiac Rhythm" or
CID 3335 "ECG Annotation" gives it; two that are in neither are omitted. Its "AHA code" is a number of the list of Mason
et al., Circulation 2007, 115:1325. Numbers from 200 are omitted: secondary statements and modifiers, which have no
meaning alone.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

System = Literal["SCT", "MDC", "AHA", "EINTHOVEN"]

# label; SNOMED CT; MDC partition:term and REFID; AHA; the meaning that DICOM gives SNOMED CT, else MDC; - for none
_TABLE = """
LNGQT   -         -        -                                148 -
NORM    164854000 -        -                                1   Normal
IMI     -         -        -                                161 -
ASMI    -         -        -                                165 -
LVH     -         -        -                                142 -
LAFB    37760005  10:8528  MDC_ECG_BEAT_BLK_ANT_L_HEMI      101 Left anterior fascicular block
IRBBB   251124007 10:8512  MDC_ECG_BEAT_RBB_BLK_INCOMP      105 Incomplete Right bundle branch block
1AVB    -         10:9632  MDC_ECG_RHY_AV_HEART_BLK_DEG_1   -   First Degree AV Block
IVCD    4554005   10:8608  MDC_ECG_BEAT_BLK_IVCD            107 Intraventricular conduction disturbance
CRBBB   59118001  10:8496  MDC_ECG_BEAT_RBB_BLK_COMP        106 Right bundle branch block
CLBBB   63467002  10:8464  MDC_ECG_BEAT_LBB_BLK_COMP        104 Left bundle branch block
LAO/LAE -         -        -                                140 -
AMI     -         -        -                                160 -
LMI     -         -        -                                163 -
LPFB    62026008  10:8544  MDC_ECG_BEAT_BLK_POS_L_HEMI      102 Left posterior fascicular block
RVH     -         -        -                                143 -
RAO/RAE -         -        -                                141 -
WPW     -         10:10112 MDC_ECG_RHY_WPW_UNK              -   Wolf-Parkinson-White syndrome
ILBBB   -         10:8480  MDC_ECG_BEAT_LBB_BLK_INCOMP      -   Incomplete left bundle branch block beat
PMI     -         -        -                                162 -
3AVB    27885002  10:9696  MDC_ECG_RHY_AV_HEART_BLK_DEG_3   88  Third degree Atrioventricular block
2AVB    195042002 10:9648  MDC_ECG_RHY_AV_HEART_BLK_DEG_2   -   Second degree Atrioventricular block
NST_    -         -        -                                145 -
PVC     -         10:8336  MDC_ECG_BEAT_V_P_C               60  Ventricular premature contraction beat
STD_    26141007  -        -                                -   ST depression
PAC     -         10:8272  MDC_ECG_BEAT_ATR_P_C             30  Atrial premature contraction (beat)
LPR     -         -        -                                82  -
TAB_    -         -        -                                147 -
STE_    76388001  -        -                                -   ST elevation
SR      -         10:9216  MDC_ECG_RHY_SINUS_RHY            20  Sinus Rhythm
AFIB    49436004  10:9472  MDC_ECG_RHY_ATR_FIB              50  Atrial Fibrillation
STACH   -         10:9264  MDC_ECG_RHY_SINUS_TACHY          21  Sinus Tachycardia
SARRH   -         10:9280  MDC_ECG_RHY_SINUS_ARRHY          23  Sinus Arrhythmia
SBRAD   -         10:9248  MDC_ECG_RHY_SINUS_BRADY          22  Sinus Bradycardia
AFLT    -         10:9456  MDC_ECG_RHY_ATR_FLUT             51  Atrial flutter
SVTAC   6456007   10:9504  MDC_ECG_RHY_SV_TACHY             55  Supraventricular tachycardia
PSVT    -         10:9520  MDC_ECG_RHY_SV_TACHY_PAROX       -   Supraventricular Paroxsysmal Tachycardia
"""


class Code(NamedTuple):
    """A code, and its meaning in words."""

    system: System
    value: str
    """Code in the notation of DICOM: an MDC term as partition:term."""
    meaning: str
    """Meaning in the words of DICOM; empty for the AHA."""
    refid: str = ""
    """Name of an MDC term; "" if no source states it."""


INTERVAL_CODES: Mapping[str, Code] = {
    "pr_ms": Code("MDC", "2:15872", "PR interval global", "MDC_ECG_TIME_PD_PR_GL"),
    "qrs_ms": Code("MDC", "2:16156", "QRS duration global", "MDC_ECG_TIME_PD_QRS_GL"),
    "qt_ms": Code("MDC", "2:16160", "QT interval global", "MDC_ECG_TIME_PD_QT_GL"),
    "qtc_bazett_ms": Code("MDC", "2:15880", "QTc global using Bazett formula"),
    "qtc_fridericia_ms": Code("MDC", "2:15892", "QTc global using Fredericia formula"),
    "qtc_framingham_ms": Code("EINTHOVEN", "qtc-framingham", "QTc after Framingham"),
    "qtc_hodges_ms": Code("EINTHOVEN", "qtc-hodges", "QTc after Hodges"),
    "p_ms": Code("MDC", "2:16184", "P duration global"),
    "p_axis_degrees": Code("MDC", "2:16128", "P Axis"),
    "qrs_axis_degrees": Code("MDC", "2:16132", "QRS axis"),
    "t_axis_degrees": Code("MDC", "2:16136", "T axis"),
}
"""Codes of intervals, from DICOM PS3.16 CID 3227, 3228 and 3229, and known REFIDs from CID 3689. Framingham and Hodges
have none there."""
CONCLUSION_CODES: Mapping[str, Code] = {
    "normal": Code("SCT", "164854000", "Normal"),
    "borderline": Code("SCT", "251135002", "Borderline Normal ECG"),
    "abnormal": Code("SCT", "102594003", "Abnormal ECG"),
}
"""Codes of conclusions, from DICOM PS3.16 CID 3677."""


def _parse(line: str) -> tuple[str, tuple[Code, ...]]:
    label, snomed, mdc, refid, aha, meaning = line.split(maxsplit=5)
    codes = (Code("SCT", snomed, meaning), Code("MDC", mdc, meaning, refid), Code("AHA", aha, ""))
    return label, tuple(code for code in codes if code.value != "-")


_CODES = dict(map(_parse, _TABLE.strip().splitlines()))


def codes_for(label: str, name: str) -> tuple[Code, ...]:
    """Return the codes of a label.

    Parameters
    ----------
    label
        Name of the label, such as "AFIB".
    name
        The label in words.

    Returns
    -------
    tuple of Code
        Codes of other standards first, Einthoven's own last.
    """
    return (*_CODES.get(label, ()), Code("EINTHOVEN", label, name))
