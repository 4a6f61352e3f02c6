"""Phrases of PTB-XL's reports that call an infarct acute, fresh, recent or early, in German, English and Swedish.

They were chosen by reading reports of folds 1-9. The recorder's program wrote most of them: its "Infarkt mögl. akut"
and "infarkt möjligen färsk" are one statement, but only German records with it have an infarction stage.
docs/explanation/acute.md states which phrases were left out; `benchmarks/accuracy/acute_labels.py` counts the phrases.
"""

import re
from collections.abc import Iterable, Mapping

import numpy as np

from einthoven.arrays import BoolArray

_INFARCT = r"(?:infar[ck]|damage|\b(?:as|al|il|ipl|ip|[ailp])?mi\b)"
_NEAR = r".{0,40}?"
PHRASES: Mapping[str, "re.Pattern[str]"] = {
    "Infarkt mögl. akut": re.compile(r"infarkt,? (?:mögl|moegl|wahrsch)\w*\.? akut"),
    "akuter Infarkt": re.compile(rf"\bakute?[rsn]?\b{_NEAR}infarkt|infarkt \w* ?\(?akut"),
    "frischer Infarkt": re.compile(rf"\bfrische[rsn]?\b{_NEAR}{_INFARCT}"),
    "infarkt möjligen färsk": re.compile(r"infarkt,? (?:möjligen|sannolikt|troligen) färsk"),
    "acute infarct": re.compile(rf"\bacute\b(?! pericard| isch){_NEAR}{_INFARCT}"),
    "recent infarct": re.compile(rf"\brecent\b(?! isch| sub){_NEAR}{_INFARCT}"),
    "early infarct": re.compile(rf"\bearly\b(?! sub){_NEAR}{_INFARCT}"),
    "infarct which appears recent": re.compile(
        rf"{_INFARCT}{_NEAR}\b(?:appears?|may be|is|probably|possibly) (?:\w+ )?recent"
    ),
}
"""Name of a phrase -> its pattern, in a sentence in lower case with single spaces."""
_DENIED = re.compile(
    r"exclude|rule out|canno|can't|\bno\b|\bnot\b|\bkeine?\b|ausschlu|uteslut|isch\w+ or (?:early )?infar"
)
_SENTENCE_END = re.compile(r"(?<=[\wäöüß)]{5})[.!] ")


def phrase_matches(reports: Iterable[str]) -> dict[str, BoolArray]:
    """Find each phrase in reports, in a sentence that neither denies nor doubts it.

    Parameters
    ----------
    reports
        Texts of ptbxl_database.csv.

    Returns
    -------
    dict of str to BoolArray
        Boolean masks (reports,) by the names of PHRASES.
    """
    stated = [_affirmed_sentences(text) for text in reports]
    return {
        name: np.array([any(pattern.search(sentence) for sentence in sentences) for sentences in stated], bool)
        for name, pattern in PHRASES.items()
    }


def acute_reports(reports: Iterable[str]) -> BoolArray:
    """Return the reports that call an infarct acute, as a boolean mask.

    Parameters
    ----------
    reports
        Texts of ptbxl_database.csv.

    Returns
    -------
    BoolArray
        Boolean mask of shape (reports,).
    """
    found: BoolArray = np.any(list(phrase_matches(reports).values()), axis=0)
    return found


def _affirmed_sentences(report: str) -> list[str]:
    sentences = _SENTENCE_END.split(" ".join(report.lower().split()))
    return [sentence for sentence in sentences if not _DENIED.search(sentence)]
