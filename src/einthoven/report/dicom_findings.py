"""The qualitative part of a DICOM Structured Report (TID 3717): the findings, the most urgent first."""

from collections.abc import Iterable, Iterator, Mapping

from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import INFARCT_PATTERN, MI_IN_WORDS, Finding, InfarctPattern
from einthoven.interpret.interpretation import Interpretation
from einthoven.report.answer_text import acute_text, criterion_text, critical_text, finding_reason, infarct_text
from einthoven.report.clinical_order import met_criteria
from einthoven.report.codes import Code as KnownCode
from einthoven.report.codes import codes_for
from einthoven.report.dicom_items import coded, own_code, proportion, text
from einthoven.report.summary import reported_findings

_FINDING = Code("271921002", "SCT", "ECG Finding")  # TID 3717
_RHYTHM, _REASON = codes.LN.CardiacRhythm, codes.DCM.Comment
_RULE_IN, _RULE_OUT = own_code("rule-in-from", "rule in from"), own_code("rule-out-below", "rule out below")
_PROBABILITY, _PREVALENCE = codes.DCM.Probability, own_code("prevalence", "prevalence")


def findings(interpretation: Interpretation) -> Iterator[Dataset]:
    """Yield the findings.

    Parameters
    ----------
    interpretation
        The interpretation of a recording.

    Yields
    ------
    Dataset
        Items of critical values, infarct answers, rhythm, findings that are present or possible, and criteria that are
        met.
    """
    for value in interpretation.critical:
        name = own_code("CRITICAL", "critical value")
        yield coded("CONTAINS", name, own_code(value.code, value.name), _comments([critical_text(value)]))
    if interpretation.acute:
        yield _acute(interpretation.acute)
    if interpretation.mi:
        yield _infarct(interpretation.mi)
    rhythm = interpretation.rhythm
    yield coded("CONTAINS", _RHYTHM, _code_of(rhythm.code, rhythm.name), _comments([rhythm.reason]))
    for finding in reported_findings(interpretation):
        if finding.reported:
            yield coded("CONTAINS", _FINDING, _code_of(finding.label, finding.name), _properties(finding))
    for criterion in met_criteria(interpretation.criteria):
        name = own_code("CRITERION", "criterion met")
        met = own_code(criterion.code, criterion.name)
        yield coded("CONTAINS", name, met, _comments([criterion_text(criterion), f"Source: {criterion.source}"]))


def _code_of(label: str, name: str) -> Code:
    """Return the SNOMED CT code of a label if there is one, else MDC, else Einthoven's own.

    DICOM has no scheme for the AHA's list.
    """
    return dicom_code(next(code for code in codes_for(label, name) if code.system != "AHA"))


def dicom_code(code: KnownCode) -> Code:
    """Return a code as a pydicom object.

    Parameters
    ----------
    code
        Code of any system except the AHA's.

    Returns
    -------
    Code
        The same code for pydicom.
    """
    own = code.system == "EINTHOVEN"
    return own_code(code.value, code.meaning) if own else Code(code.value, code.system, code.meaning)


def _comments(texts: Iterable[str]) -> list[Dataset]:
    return [text("HAS PROPERTIES", _REASON, words) for words in texts if words]


def _shares(known: Mapping[Code, float | None]) -> list[Dataset]:
    return [proportion(code, share) for code, share in known.items() if share is not None]


def _acute(acute: AcutePattern) -> Dataset:
    properties = _shares(
        {
            _PROBABILITY: acute.probability,
            _PREVALENCE: acute.prevalence,
            _RULE_IN: acute.rule_in_from,
            _RULE_OUT: acute.rule_out_below,
        }
    )
    properties += _comments([acute_text(acute), *acute.reasons, *acute.advice])
    decision = own_code(acute.decision, acute.decision)
    return coded("CONTAINS", own_code("ACUTE", "acute infarct pattern"), decision, properties)


def _infarct(mi: InfarctPattern) -> Dataset:
    properties = _shares(
        {
            _PROBABILITY: mi.probability,
            _PREVALENCE: mi.prevalence,
            _RULE_IN: mi.rule_in_from,
            _RULE_OUT: mi.rule_out_below,
        }
    )
    decision = own_code(mi.decision, MI_IN_WORDS[mi.decision])  # a comment has the reason
    return coded("CONTAINS", own_code("MI", INFARCT_PATTERN), decision, properties + _comments(_about(mi)))


def _about(mi: InfarctPattern) -> list[str]:
    words = infarct_text(mi)
    return [words, *mi.caveats] if mi.territory or mi.withheld_because or mi.caveats else []


def _properties(finding: Finding) -> list[Dataset]:
    shares = {_PROBABILITY: finding.probability, own_code("threshold", "threshold"): finding.threshold}
    return _shares(shares) + _comments([finding.title if finding.possible else "", finding_reason(finding)])
