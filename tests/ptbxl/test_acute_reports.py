"""Which reports call an infarct acute."""

import pytest

from einthoven.ptbxl.acute_reports import PHRASES, acute_reports, phrase_matches

SENTENCES = {
    "Infarkt mögl. akut": "sinusrhythmus qrs(t) abnorm    anteroseptaler infarkt     mögl. akut 4.46",
    "akuter Infarkt": "Tachykardes Vorhofflattern akuter inferiorer Infarkt möglich ST-Hebung über II,III,aVF",
    "frischer Infarkt": "trace only requested. edit: imi 15, isc 19,3, ekg:sehr frischer imi(imi 50, iscan)",
    "infarkt möjligen färsk": "avvikande qrs(t) förlopp    anterior infarkt     möjligen färsk",
    "acute infarct": "sinus rhythm. acute inferolateral infarct with true posterior involvement.",
    "recent infarct": "st segments are elevated in ii, iii, avf. consistent with recent inferior infarction.",
    "early infarct": "st segments are elevated in iii, avf. early inferior myocardial infarction is a possibility.",
    "infarct which appears recent": "consistent with anterior myocardial infarction which appears recent.",
}
NOT_ACUTE = (
    "sinus rhythm. recent ischaemia or early infarction cannot be excluded. suggest enzyme studies.",
    "anterior infarct of uncertain age. recent damage cannot be excluded. edit: asmi, almi",
    "progress trace advised to rule out recent infarction.",
    "progress trace advised to exclude acute antero-lateral infarction.",
    "no ecg evidence of recent ischaemia. old inferior infarct.",
    "part. rsb subakuter vorderwandinfarkt",
    "findings are likely to be due to recent subendocardial infarction.",
    "acute pericarditis would be consistent with this. old inferior infarct",
    "st & t abnormal, överväg färsk    anterior peri- eller myokardskada",
    "gammal anterior infarkt med st-höjning, akinesi?",
    "persistent st segment elevation may indicate a ventricular aneurysm. infarct probably old.",
    "lagetyp normal st-hebung in v2-3 normales ekg",
    "keine hinweise fuer frischen infarkt ekg pathologisch",
    "",
)


@pytest.mark.parametrize("phrase", PHRASES)
def test_every_phrase_is_found_and_no_other(phrase: str) -> None:
    found = phrase_matches([SENTENCES[phrase]])
    assert [name for name, matches in found.items() if matches[0]] == [phrase]


@pytest.mark.parametrize("report", NOT_ACUTE)
def test_doubt_denial_and_other_meanings_do_not_count(report: str) -> None:
    assert not acute_reports([report])[0]


def test_a_denial_counts_in_its_own_sentence_only() -> None:
    report = "old inferior infarct cannot be excluded. consistent with anterior infarction which appears recent."
    assert acute_reports([report])[0]
