"""The 71 SCP-ECG statements of PTB-XL: what each is, and which tasks it belongs to.

The codes are those of the SCP-ECG standard (ISO 11073-91064); flags, classes and subclasses are those that
Wagner et al. published with PTB-XL (Scientific Data 2020, 7:154). The descriptions are our own. Simulated
data is labelled with this table; for the real data set its own scp_statements.csv holds.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# code, kinds (d diagnostic, f form, r rhythm), diagnostic class and subclass (- where none), description;
# in the order of the published table.
_TABLE = """
NDT     df STTC STTC      T wave changes without diagnostic meaning
NST_    df STTC NST_      unspecific changes of the ST segment
DIG     df STTC STTC      ST-T changes as under digitalis
LNGQT   df STTC STTC      QT interval too long
NORM    d  NORM NORM      normal tracing
IMI     d  MI   IMI       infarct pattern, inferior
ASMI    d  MI   AMI       infarct pattern, anteroseptal
LVH     d  HYP  LVH       hypertrophy of the left ventricle
LAFB    d  CD   LAFB/LPFB block of the left anterior fascicle
ISC_    d  STTC ISC_      ST-T changes as in ischemia, no territory given
IRBBB   d  CD   IRBBB     right bundle branch block, incomplete
1AVB    d  CD   _AVB      AV block of the first degree
IVCD    d  CD   IVCD      unspecific delay of conduction in the ventricles
ISCAL   d  STTC ISCA      ST-T changes as in ischemia, anterolateral
CRBBB   d  CD   CRBBB     right bundle branch block, complete
CLBBB   d  CD   CLBBB     left bundle branch block, complete
ILMI    d  MI   IMI       infarct pattern, inferolateral
LAO/LAE d  HYP  LAO/LAE   left atrium overloaded or enlarged
AMI     d  MI   AMI       infarct pattern, anterior
ALMI    d  MI   AMI       infarct pattern, anterolateral
ISCIN   d  STTC ISCI      ST-T changes as in ischemia, inferior
INJAS   d  MI   AMI       injury pattern, anteroseptal
LMI     d  MI   LMI       infarct pattern, lateral
ISCIL   d  STTC ISCI      ST-T changes as in ischemia, inferolateral
LPFB    d  CD   LAFB/LPFB block of the left posterior fascicle
ISCAS   d  STTC ISCA      ST-T changes as in ischemia, anteroseptal
INJAL   d  MI   AMI       injury pattern, anterolateral
ISCLA   d  STTC ISCA      ST-T changes as in ischemia, lateral
RVH     d  HYP  RVH       hypertrophy of the right ventricle
ANEUR   d  STTC STTC      ST-T changes as over a ventricular aneurysm
RAO/RAE d  HYP  RAO/RAE   right atrium overloaded or enlarged
EL      d  STTC STTC      ST-T changes as from electrolytes or a drug
WPW     d  CD   WPW       pre-excitation (Wolff-Parkinson-White)
ILBBB   d  CD   ILBBB     left bundle branch block, incomplete
IPLMI   d  MI   IMI       infarct pattern, inferior, posterior and lateral
ISCAN   d  STTC ISCA      ST-T changes as in ischemia, anterior
IPMI    d  MI   IMI       infarct pattern, inferior and posterior
SEHYP   d  HYP  SEHYP     hypertrophy of the septum
INJIN   d  MI   IMI       injury pattern, inferior
INJLA   d  MI   AMI       injury pattern, lateral
PMI     d  MI   PMI       infarct pattern, posterior
3AVB    d  CD   _AVB      AV block of the third degree
INJIL   d  MI   IMI       injury pattern, inferolateral
2AVB    d  CD   _AVB      AV block of the second degree
ABQRS   f  -    -         QRS complex not normal
PVC     f  -    -         premature beat from a ventricle
STD_    f  -    -         ST segment depressed
VCLVH   f  -    -         voltages as in left ventricular hypertrophy
QWAVE   f  -    -         Q waves
LOWT    f  -    -         T waves of low amplitude
NT_     f  -    -         unspecific changes of the T wave
PAC     f  -    -         premature beat from an atrium
LPR     f  -    -         PR interval too long
INVT    f  -    -         T waves inverted
LVOLT   f  -    -         QRS voltages low
HVOLT   f  -    -         QRS voltages high
TAB_    f  -    -         T wave not normal
STE_    f  -    -         ST segment elevated
PRC(S)  f  -    -         premature beats of any origin
SR      r  -    -         sinus rhythm
AFIB    r  -    -         atrial fibrillation
STACH   r  -    -         sinus tachycardia
SARRH   r  -    -         sinus arrhythmia
SBRAD   r  -    -         sinus bradycardia
PACE    r  -    -         paced rhythm
SVARR   r  -    -         supraventricular arrhythmia
BIGU    r  -    -         every second beat premature
AFLT    r  -    -         atrial flutter
SVTAC   r  -    -         supraventricular tachycardia
PSVT    r  -    -         supraventricular tachycardia in attacks
TRIGU   r  -    -         every third beat premature
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
    description: str


def _parse(line: str) -> Statement:
    code, kinds, superclass, subclass, description = line.split(maxsplit=4)
    return Statement(
        code=code,
        diagnostic="d" in kinds,
        form="f" in kinds,
        rhythm="r" in kinds,
        diagnostic_class=superclass.strip("-"),
        diagnostic_subclass=subclass.strip("-"),
        description=description,
    )


STATEMENTS = {statement.code: statement for statement in map(_parse, _TABLE.strip().splitlines())}
"""All statements by code, in the published order."""


_SUPERCLASSES = {
    "MI": "infarct pattern, acute or old",
    "STTC": "ST-T changes",
    "CD": "conduction disturbance",
    "HYP": "hypertrophy",
}


def described(label: str) -> dict[str, object]:
    """A label's `description` in English and its `kinds`: superclass, diagnostic, form, rhythm; none for a subclass."""
    statement = STATEMENTS.get(label)
    if not statement:
        return {"description": _SUPERCLASSES.get(label, label), "kinds": ["superclass"] * (label in _SUPERCLASSES)}
    kinds = {
        "superclass": label == "NORM",
        "diagnostic": statement.diagnostic,
        "form": statement.form,
        "rhythm": statement.rhythm,
    }
    return {"description": statement.description, "kinds": [kind for kind, is_so in kinds.items() if is_so]}


def superclasses(codes: Iterable[str]) -> set[str]:
    """The diagnostic superclasses (NORM, MI, STTC, CD, HYP) that a record with these statements has."""
    return {STATEMENTS[code].diagnostic_class for code in codes} - {""}


def write_statements(path: Path) -> None:
    """Write the table as PTB-XL's scp_statements.csv; columns with other standards' codes stay empty."""
    header = ["", "description", "diagnostic", "form", "rhythm", "diagnostic_class", "diagnostic_subclass"]
    other_standards = ["Statement Category", "SCP-ECG Statement Description", "AHA code"]
    other_standards += ["aECG REFID", "CDISC Code", "DICOM Code"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header + other_standards)
        for s in STATEMENTS.values():
            flags = ["1.0" if flag else "" for flag in (s.diagnostic, s.form, s.rhythm)]
            row = [s.code, s.description, *flags, s.diagnostic_class, s.diagnostic_subclass]
            writer.writerow(row + [""] * len(other_standards))
