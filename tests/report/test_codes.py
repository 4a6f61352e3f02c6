import csv
from pathlib import Path

import pytest
from pydicom.sr._cid_dict import cid_concepts
from pydicom.sr._snomed_dict import mapping
from pydicom.sr.codedict import codes

from einthoven.ptbxl.vocabulary import STATEMENTS
from einthoven.recording import LEADS, SUPPLEMENTAL_LEADS
from einthoven.report.codes import CONCLUSION_CODES, INTERVAL_CODES, codes_for
from einthoven.report.lead_codes import LEAD_CODES, coded_measurements
from einthoven.signal.measurements.values import GLOBAL_NAMES, LEAD_NAMES, LeadMeasurements


def of(label: str) -> dict[str, str]:
    return {code.system: code.refid or code.value for code in codes_for(label, "")}


def test_einthoven_s_own_comes_last_and_is_there_for_any_label() -> None:
    assert [code.system for code in codes_for("AFIB", "atrial fibrillation")] == ["SCT", "MDC", "AHA", "EINTHOVEN"]
    assert codes_for("MI", "infarct pattern") == (("EINTHOVEN", "MI", "infarct pattern", ""),)


@pytest.mark.parametrize("label", STATEMENTS)
def test_dicom_has_the_codes_with_that_meaning(label: str) -> None:
    groups = {"SCT": (3230,), "MDC": (3415, 3335)}
    for k, code in enumerate(codes_for(label, "")):
        listed = [
            getattr(getattr(codes, f"CID{cid}"), name)
            for cid in groups.get(code.system, ())
            for name in cid_concepts[cid].get(code.system, ())
        ]
        meanings = [one.meaning for one in listed if one.value == code.value]
        if code.system in groups:
            assert meanings
            assert code.meaning in meanings or k > 0  # one meaning stands for SNOMED CT and MDC


def test_dicom_has_the_codes_of_intervals() -> None:
    coded = [code for code in INTERVAL_CODES.values() if code.system == "MDC"]
    assert {(code.value, code.meaning) for code in coded} <= in_dicom("MDC", 3227, 3228, 3229)
    assert INTERVAL_CODES.keys() | {"heart_rate_bpm"} == set(GLOBAL_NAMES)


def test_dicom_has_the_codes_of_leads_and_their_waves() -> None:
    assert {(code.value, code.meaning) for code in LEAD_CODES.values()} <= in_dicom("MDC", 3001)
    assert LEAD_CODES.keys() == {*LEADS, *SUPPLEMENTAL_LEADS}
    for sign in (-0.1, 0.1):
        lead = LeadMeasurements(**dict.fromkeys(LEAD_NAMES, sign))
        coded = [code for code, _, _ in coded_measurements(lead)]
        assert len(set(coded)) == len(LEAD_NAMES)
        assert {(code.value, code.meaning) for code in coded} <= in_dicom("MDC", 3687, 3688)


def test_dicom_has_the_codes_of_conclusions() -> None:
    assert {(code.value, code.meaning) for code in CONCLUSION_CODES.values()} <= in_dicom("SCT", 3677)


def in_dicom(system: str, *cids: int) -> set[tuple[str, str]]:
    """Value and meaning of the codes of a system in context groups."""
    return {
        (code.value, code.meaning)
        for cid in cids
        for name in cid_concepts[cid][system]
        for code in [getattr(getattr(codes, f"CID{cid}"), name)]
    }


def test_ptbxl_gives_them(test_data: Path) -> None:
    with (test_data / "ptbxl" / "scp_statements.csv").open(newline="") as file:
        rows = {row[""]: row for row in csv.DictReader(file)}
    listed = {term for cid in (3415, 3335) for term in cid_concepts[cid]["MDC"]}
    assert listed
    for label, row in rows.items():
        ours = of(label)
        retired = row["DICOM Code"].split(" or ")[0]
        assert ours.get("SCT", "") == (mapping["SRT"][retired] if retired else "")
        assert ours.get("MDC", row["aECG REFID"]) == row["aECG REFID"]
        assert ("MDC" in ours) == (row["aECG REFID"] not in ("", "MDC_ECG_RHY_STHILOST", "MDC_ECG_RHY_STELVATION"))
        number = row["AHA code"] and int(row["AHA code"])
        assert ours.get("AHA", "") == (str(number) if number and number < 200 else "")
