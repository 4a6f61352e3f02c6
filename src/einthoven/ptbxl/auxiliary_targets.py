"""Auxiliary targets from PTB-XL: words of the reports, likelihoods, heart axis, infarction stage, age and sex.

A network that also predicts these during training learns better features from the same signals (Caruana, Multitask
Learning, Machine Learning 1997, 28:41). Reports are in German, English or Swedish. Each term is searched in all three
languages, so that the network does not learn who wrote the report.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from einthoven.arrays import Float32Array
from einthoven.errors import EinthovenError
from einthoven.ptbxl import DATABASE
from einthoven.ptbxl.annotations import STATEMENT

REPORT_TERMS: Mapping[str, str] = {
    # location
    "inferior": r"inferi|injas|injal",
    "anterior": r"anterior",
    "anteroseptal": r"antero-? ?septal|asmi|injas",
    "anterolateral": r"anterolat|injal",
    "lateral": r"\blateral",
    "high lateral": r"hochlat|high lat",
    "inferolateral": r"inferolat",
    "septal": r"\bseptal",
    "posterior": r"posterior",
    # infarct and ischaemia
    "infarct": r"infar[ck]t|asmi|\bimi\b",
    "ischaemia": r"isch",
    "old": r"\bold\b|\balt\b|äldre|chron",
    "age undetermined": r"alter +unbest|age undeterm|uncertain|unbest\.",
    "acute": r"akut|acute|recent|frisch|evident",
    "possible": r"mögl|moeglich|possib|may|cannot|misstänkt|nicht auszu|consider|övervägas|suggest|verdacht"
    r"|wahrsch|prob|likely|sannolikt",
    # waves
    "ST depression": r"st.{0,12}(?:senk|depress|sänk)|depressed",
    "ST elevation": r"st.{0,12}(?:hebung|elev|höj)|elevated",
    "T inverted": r"invert|inversion|neg",
    "T flat": r"flat|flach",
    "T abnormal": r"t.{0,8}abnorm|t.?wave|t-(?:förändr|veränd)",
    "R progression": r"progress|r-?verlust|r-?reduk|förlopp|poor r",
    "Q waves": r"\bq\b|\bqs\b",
    "QT": r"\bqt",
    "low voltage": r"niederspann|low.{0,20}volt|låg",
    "transition zone": r"transition|übergang|verschoben|displaced",
    "nonspecific": r"unspez|non.?specif|ospecif",
    "digitalis": r"digital",
    "electrolytes": r"electrol|kal[ai]+em",
    # hypertrophy and axis
    "hypertrophy": r"hypertro|lvh|rvh",
    "strain": r"strain|belastung|belastning",
    "atrial enlargement": r"sinistro|enlarge|p-?mitral|p-?pulm|p.?sin",
    "left axis": r"linkstyp|left axis|\blt\b|vänster.{0,6}axel|\bllt\b",
    "extreme left axis": r"ueberdreh|überdreh",
    "right axis": r"rechtstyp|right axis|steiltyp|höger",
    "normal axis": r"lagetyp normal|normale lage|\bmlt\b",
    # conduction
    "left bundle": r"linksschenkel|lbbb|left bundle|vänster.{0,20}skänkel",
    "right bundle": r"rechtsschenkel|rbbb|right bundle|höger.{0,20}skänkel",
    "incomplete": r"unvollst|incompl|inkompl|partiell",
    "fascicle": r"hemiblock|fascic|bifas|lafb",
    "intraventricular delay": r"intraventr|ivc[bd]",
    "AV block": r"\bav.?block|pr.{0,12}(?:prolong|verl|1st)",
    "pacemaker": r"pacem|schrittm|paced",
    # rhythm
    "fibrillation": r"vorhofflim|fibrill|förmaksflim",
    "flutter": r"flutter|flattern|fladder",
    "ventricular beats": r"ventric.{0,20}(?:premature|extra)|\bves\b|ventrikuläre ex|ventricular prem",
    "supraventricular beats": r"supraventri|\bsves\b|atrial prem",
    "tachycardia": r"tachy|rapid",
    "bradycardia": r"brady",
    "sinus arrhythmia": r"sinus.?arrhyth",
    # the whole ECG
    "normal": r"normales ekg|normal ecg|normalt ekg|within normal",
    "otherwise normal": r"sonst normal|otherwise normal",
    "borderline": r"borderline|grenzbef|upper limit",
}
"""Terms of reports, and a pattern that finds each in lower-case text."""
AGES = range(30, 100, 10)  # years
AXES = ("MID", "LAD", "ALAD", "RAD", "ARAD")
STAGES = ("Stadium I", "Stadium II", "Stadium II-III", "Stadium III", "unknown")
COLUMNS = ("report", "age", "sex", "heart_axis", "infarction_stadium1", "extra_beats", "scp_codes")
UNCERTAIN_STATEMENTS = ("ALMI", "AMI", "ASMI", "ILMI", "IMI", "ISCAL", "ISC_", "LAO/LAE", "LVH", "NORM")
"""Statements that are certain in some records and not in others."""
CERTAIN = 80
"""A statement is certain at this likelihood in %. 0 means that none was stated, and counts as certain."""


def auxiliary_targets(table: pd.DataFrame, folder: Path) -> Float32Array:
    """Read the auxiliary targets of all records.

    Parameters
    ----------
    table
        PTB-XL's table of records, with the columns COLUMNS.
    folder
        Folder of the copy, for errors.

    Returns
    -------
    NDArray
        Targets of shape (records, auxiliary targets): 1 or 0, NaN if unknown.

    Raises
    ------
    EinthovenError
        If the table lacks one of COLUMNS.
    """
    if missing := [column for column in COLUMNS if column not in table.columns]:
        raise EinthovenError(
            f"has no column {missing[0]!r}, which auxiliary targets need; "
            "get PTB-XL's own table, or train with auxiliary_weight = 0.",
            folder / DATABASE,
        )
    return np.stack([values.to_numpy(np.float32) for values in _columns(table)], axis=1)


def _columns(table: pd.DataFrame) -> Iterator["pd.Series[float]"]:
    text = table.report.fillna("").astype(str).str.lower()
    for pattern in REPORT_TERMS.values():
        yield text.str.contains(pattern).astype(float).where(text.str.len() > 3)
    for age in AGES:
        yield (table.age >= age).astype(float).where(table.age.notna())
    yield table.sex.astype(float)
    for axis in AXES:
        yield (table.heart_axis == axis).astype(float).where(table.heart_axis.notna())
    for stage in STAGES:
        yield (table.infarction_stadium1 == stage).astype(float)
    yield table.extra_beats.notna().astype(float)
    likelihoods = [dict(STATEMENT.findall(codes)) for codes in table.scp_codes]
    for name in UNCERTAIN_STATEMENTS:
        likelihood = pd.Series([float(stated.get(name, -1)) for stated in likelihoods], table.index)
        yield ((likelihood >= CERTAIN) | (likelihood == 0)).astype(float)
