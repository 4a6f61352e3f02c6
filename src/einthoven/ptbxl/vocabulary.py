"""The names of all labels, and the 71 SCP-ECG statements of PTB-XL: kinds, classes and subclasses.

Every name of a label that a person reads comes from here: cards copy it, answers copy it from the card. The names
follow the AHA/ACC/HRS terms (Mason, Hancock and Gettes, Circulation 2007, 115:1325). The codes are those of the SCP-ECG
standard (ISO 11073-91064); kinds, classes and subclasses are those that Wagner et al. published with PTB-XL
(Scientific Data 2020, 7:154). Simulated data is labelled with this table; PTB-XL brings its own scp_statements.csv.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# code, kinds (d diagnostic, f form, r rhythm), diagnostic class and subclass (- if none), name;
# in the order of the published table.
_TABLE = """
NDT     df STTC STTC      nonspecific T-wave abnormality
NST_    df STTC NST_      nonspecific ST change
DIG     df STTC STTC      digitalis effect
LNGQT   df STTC STTC      prolonged QT interval
NORM    d  NORM NORM      normal ECG
IMI     d  MI   IMI       inferior myocardial infarction
ASMI    d  MI   AMI       anteroseptal myocardial infarction
LVH     d  HYP  LVH       left ventricular hypertrophy
LAFB    d  CD   LAFB/LPFB left anterior fascicular block
ISC_    d  STTC ISC_      nonspecific ischemia
IRBBB   d  CD   IRBBB     incomplete right bundle branch block
1AVB    d  CD   _AVB      first-degree AV block
IVCD    d  CD   IVCD      nonspecific intraventricular conduction delay
ISCAL   d  STTC ISCA      anterolateral ischemia
CRBBB   d  CD   CRBBB     complete right bundle branch block
CLBBB   d  CD   CLBBB     complete left bundle branch block
ILMI    d  MI   IMI       inferolateral myocardial infarction
LAO/LAE d  HYP  LAO/LAE   left atrial enlargement
AMI     d  MI   AMI       anterior myocardial infarction
ALMI    d  MI   AMI       anterolateral myocardial infarction
ISCIN   d  STTC ISCI      inferior ischemia
INJAS   d  MI   AMI       anteroseptal subendocardial injury
LMI     d  MI   LMI       lateral myocardial infarction
ISCIL   d  STTC ISCI      inferolateral ischemia
LPFB    d  CD   LAFB/LPFB left posterior fascicular block
ISCAS   d  STTC ISCA      anteroseptal ischemia
INJAL   d  MI   AMI       anterolateral subendocardial injury
ISCLA   d  STTC ISCA      lateral ischemia
RVH     d  HYP  RVH       right ventricular hypertrophy
ANEUR   d  STTC STTC      ST/T change suggesting ventricular aneurysm
RAO/RAE d  HYP  RAO/RAE   right atrial enlargement
EL      d  STTC STTC      electrolyte or drug effect
WPW     d  CD   WPW       ventricular preexcitation (WPW pattern)
ILBBB   d  CD   ILBBB     incomplete left bundle branch block
IPLMI   d  MI   IMI       inferoposterolateral myocardial infarction
ISCAN   d  STTC ISCA      anterior ischemia
IPMI    d  MI   IMI       inferoposterior myocardial infarction
SEHYP   d  HYP  SEHYP     septal hypertrophy
INJIN   d  MI   IMI       inferior subendocardial injury
INJLA   d  MI   AMI       lateral subendocardial injury
PMI     d  MI   PMI       posterior myocardial infarction
3AVB    d  CD   _AVB      third-degree AV block
INJIL   d  MI   IMI       inferolateral subendocardial injury
2AVB    d  CD   _AVB      second-degree AV block
ABQRS   f  -    -         abnormal QRS
PVC     f  -    -         premature ventricular complex
STD_    f  -    -         ST depression
VCLVH   f  -    -         voltage criteria for LVH
QWAVE   f  -    -         Q waves
LOWT    f  -    -         low T-wave amplitude
NT_     f  -    -         nonspecific T-wave change
PAC     f  -    -         premature atrial complex
LPR     f  -    -         prolonged PR interval
INVT    f  -    -         T-wave inversion
LVOLT   f  -    -         low QRS voltage
HVOLT   f  -    -         high QRS voltage
TAB_    f  -    -         T-wave abnormality
STE_    f  -    -         ST elevation
PRC(S)  f  -    -         premature complexes
SR      r  -    -         sinus rhythm
AFIB    r  -    -         atrial fibrillation
STACH   r  -    -         sinus tachycardia
SARRH   r  -    -         sinus arrhythmia
SBRAD   r  -    -         sinus bradycardia
PACE    r  -    -         paced rhythm
SVARR   r  -    -         supraventricular arrhythmia
BIGU    r  -    -         bigeminy
AFLT    r  -    -         atrial flutter
SVTAC   r  -    -         supraventricular tachycardia
PSVT    r  -    -         paroxysmal supraventricular tachycardia
TRIGU   r  -    -         trigeminy
"""


@dataclass(frozen=True)
class Statement:
    """One SCP-ECG statement of PTB-XL; the diagnostic class and subclass are empty for form and rhythm."""

    code: str
    diagnostic: bool
    form: bool
    rhythm: bool
    diagnostic_class: str
    diagnostic_subclass: str
    name: str
    """Name of the statement in AHA/ACC/HRS terms."""


def _parse(line: str) -> Statement:
    code, kinds, superclass, subclass, name = line.split(maxsplit=4)
    return Statement(
        code=code,
        diagnostic="d" in kinds,
        form="f" in kinds,
        rhythm="r" in kinds,
        diagnostic_class=superclass.strip("-"),
        diagnostic_subclass=subclass.strip("-"),
        name=name,
    )


STATEMENTS = {statement.code: statement for statement in map(_parse, _TABLE.strip().splitlines())}
"""All statements by code, in the published order."""

SUPERCLASS_NAMES = {
    "NORM": STATEMENTS["NORM"].name,
    "MI": "myocardial infarction",
    "STTC": "ST/T change",
    "CD": "conduction disturbance",
    "HYP": "hypertrophy",
}
"""The diagnostic superclasses by label. MI is an infarct pattern of any age, not an acute infarction."""
ACUTE_NAMES = {
    "ACUTE": "acute infarct pattern",
    "INJURY": "subendocardial injury",
}
"""The acute patterns by label: an infarct of stage I or I-II or one that the report calls acute, and any INJ*."""
NAMES = {**SUPERCLASS_NAMES, **{code: statement.name for code, statement in STATEMENTS.items()}, **ACUTE_NAMES}
"""Names of superclasses, statements and acute patterns by label."""


def kinds(label: str) -> list[str]:
    """Return the kinds of a label.

    Parameters
    ----------
    label
        A superclass, a statement or an acute pattern.

    Returns
    -------
    list of str
        Some of superclass, diagnostic, form and rhythm; acute for an acute pattern; empty for a subclass.
    """
    statement = STATEMENTS.get(label)
    flags = {
        "superclass": label in SUPERCLASS_NAMES,
        "diagnostic": statement and statement.diagnostic,
        "form": statement and statement.form,
        "rhythm": statement and statement.rhythm,
        "acute": label in ACUTE_NAMES,
    }
    return [kind for kind, applies in flags.items() if applies]


def superclasses(codes: Iterable[str]) -> set[str]:
    """Return the diagnostic superclasses of a record.

    Parameters
    ----------
    codes
        The record's statements.

    Returns
    -------
    set of str
        Some of NORM, MI, STTC, CD and HYP.
    """
    return {STATEMENTS[code].diagnostic_class for code in codes} - {""}


def write_statements(path: Path) -> None:
    """Write the table in the format of PTB-XL's scp_statements.csv; columns with other standards' codes stay empty.

    Parameters
    ----------
    path
        The new file.
    """
    header = ["", "description", "diagnostic", "form", "rhythm", "diagnostic_class", "diagnostic_subclass"]
    other_standards = ["Statement Category", "SCP-ECG Statement Description", "AHA code"]
    other_standards += ["aECG REFID", "CDISC Code", "DICOM Code"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header + other_standards)
        for s in STATEMENTS.values():
            flags = ["1.0" if flag else "" for flag in (s.diagnostic, s.form, s.rhythm)]
            row = [s.code, s.name, *flags, s.diagnostic_class, s.diagnostic_subclass]
            writer.writerow(row + [""] * len(other_standards))
