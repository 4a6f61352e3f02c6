"""An interpretation as a DICOM Structured Report, in the order of TID 3700 ECG Report (PS3.16)."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import EnhancedSRStorage

from einthoven.interpret.answer import INFARCT_PATTERN, Finding
from einthoven.interpret.interpretation import Interpretation
from einthoven.report.codes import INTERVAL_CODES, codes_for
from einthoven.report.dicom import (
    ECG_REPORT,
    SCHEME,
    acquisition_time,
    code_item,
    content_uid,
    new_report,
    recording_item,
)
from einthoven.report.summary import reported_findings, sentences
from einthoven.signal.measurements.values import Measurements
from einthoven.signatures import MANUFACTURER
from einthoven.text import printable

_ECG_12 = Code("268400002", "SCT", "12-Lead ECG")  # CID 3670
_FINDING = Code("271921002", "SCT", "ECG Finding")  # TID 3717
_OVERALL = Code("18810-2", "LN", "ECG overall finding")  # TID 3719
_NO_UNIT, _PER_MINUTE = Code("1", "UCUM", "no units"), Code("/min", "UCUM", "/min")
_VENTRICULAR_RATE = Code("2:16016", "MDC", "Ventricular Heart Rate")  # TID 3713, with its unit
_BEATS_PER_MINUTE = Code("{H.B.}/min", "UCUM", "BPM")
_MS, _DEGREES = Code("ms", "UCUM", "ms"), Code("deg", "UCUM", "deg")


def structured_report(interpretation: Interpretation, created: datetime, source: Dataset | None = None) -> Dataset:
    """Return an interpretation as an Enhanced SR.

    Parameters
    ----------
    interpretation
        The interpretation of a recording.
    created
        When the report was made; part of its UIDs.
    source
        The DICOM recording (`read_source`), whose patient and study the report joins.

    Returns
    -------
    Dataset
        For `einthoven.report.dicom.write`. The same arguments give the same report.
    """
    dataset = new_report(EnhancedSRStorage, "SR", interpretation, created, source)
    dataset.ReferencedPerformedProcedureStepSequence = []
    dataset.PerformedProcedureCodeSequence = []
    dataset.PreliminaryFlag, dataset.CompletionFlag, dataset.VerificationFlag = "PRELIMINARY", "COMPLETE", "UNVERIFIED"
    if source:
        dataset.CurrentRequestedProcedureEvidenceSequence = [_evidence(source)]
    dataset.update(_container(None, ECG_REPORT, _content(interpretation, source)))
    if acquisition_time(interpretation):  # mandatory in TID 3700
        template = Dataset()
        template.MappingResource, template.TemplateIdentifier = "DCMR", "3700"
        dataset.ContentTemplateSequence = [template]
    return dataset


def _content(interpretation: Interpretation, source: Dataset | None) -> Iterator[Dataset]:
    yield _code("HAS CONCEPT MOD", codes.DCM.LanguageOfContentItemAndDescendants, Code("en", "RFC5646", "English"))
    yield _code("HAS OBS CONTEXT", codes.DCM.ObserverType, codes.DCM.Device)
    device = _item("HAS OBS CONTEXT", "UIDREF", codes.DCM.DeviceObserverUID)
    device.UID = content_uid("device", interpretation.model.sha256)
    yield device
    yield _text("HAS OBS CONTEXT", codes.DCM.DeviceObserverName, "Einthoven")
    yield _text("HAS OBS CONTEXT", codes.DCM.DeviceObserverManufacturer, MANUFACTURER)
    yield _text("HAS OBS CONTEXT", codes.DCM.DeviceObserverModelName, str(interpretation.model))
    yield _code("HAS CONCEPT MOD", codes.DCM.ProcedureReported, _ECG_12)
    yield _container("CONTAINS", codes.LN.CurrentProcedureDescriptions, _waveform(interpretation, source))
    if measurements := list(_measurements(interpretation)):
        yield _container("CONTAINS", codes.DCM.QuantitativeAnalysis, measurements)
    if findings := list(_findings(interpretation)):
        yield _container("CONTAINS", codes.DCM.QualitativeAnalysis, findings)
    yield _container("CONTAINS", codes.LN.Summary, _summary(interpretation))


def _waveform(interpretation: Interpretation, source: Dataset | None) -> Iterator[Dataset]:
    """Yield the recording, if it is known, and the algorithm (TID 3708, TID 4019)."""
    if when := acquisition_time(interpretation):
        item = _item("CONTAINS", "DATETIME", codes.DCM.ProcedureDatetime)
        item.DateTime = when
        yield item
    if source:
        item = _item("CONTAINS", "WAVEFORM", codes.DCM.SourceOfMeasurement)
        item.ReferencedSOPSequence = [recording_item(source)]
        yield item
    yield _text("CONTAINS", codes.DCM.AlgorithmName, f"Einthoven {interpretation.model.name}")
    yield _text("CONTAINS", codes.DCM.AlgorithmVersion, interpretation.model.version)
    yield _text("CONTAINS", codes.DCM.AlgorithmParameters, f"SHA-256 of model.onnx {interpretation.model.sha256}")


def _measurements(interpretation: Interpretation) -> Iterator[Dataset]:
    """Yield heart rate and intervals, as ECG Global Measurements (TID 3713) if all mandatory ones are known."""
    rate, known = interpretation.heart_rate_bpm, interpretation.measurements or Measurements()
    if rate is not None:
        yield _number("CONTAINS", codes.LN.HeartRate, rate, _PER_MINUTE)
    items = {name: _interval(name, value) for name in INTERVAL_CODES if (value := getattr(known, name)) is not None}
    if rate is None or not items.keys() >= {"pr_ms", "qrs_ms", "qt_ms"}:
        yield from items.values()
        return
    qt, pr, qrs = (items.pop(name) for name in ("qt_ms", "pr_ms", "qrs_ms"))
    ventricular = _number("CONTAINS", _VENTRICULAR_RATE, rate, _BEATS_PER_MINUTE)
    rr = _number("CONTAINS", codes.MDC.RRIntervalGlobal, 60000 / rate, _MS)
    yield _container("CONTAINS", codes.DCM.ECGGlobalMeasurements, [ventricular, qt, pr, qrs, rr, *items.values()])


def _interval(name: str, value: float) -> Dataset:
    """Return an interval or the axis; the formula of a QTc is its algorithm."""
    code = Code(INTERVAL_CODES[name].value, "MDC", INTERVAL_CODES[name].meaning)
    if name.endswith("_degrees"):
        return _number("CONTAINS", code, value, _DEGREES)
    if not name.startswith("qtc"):
        return _number("CONTAINS", code, value, _MS)
    item = _number("CONTAINS", codes.MDC.QtcIntervalGlobal, value, _MS)
    item.ContentSequence = [_code("HAS PROPERTIES", codes.DCM.AlgorithmName, code)]
    return item


def _findings(interpretation: Interpretation) -> Iterator[Dataset]:
    """Yield the infarct pattern and all findings that are present (TID 3717)."""
    if mi := interpretation.mi:
        decision = Code(mi.decision, SCHEME, mi.in_words)
        parts = [
            _proportion(codes.DCM.Probability, mi.probability),
            _proportion(_own_code("prevalence", "prevalence"), mi.prevalence),
            _proportion(_own_code("rule-in-from", "rule in from"), mi.rule_in_from),
            _proportion(_own_code("rule-out-below", "rule out below"), mi.rule_out_below),
        ]
        yield _code("CONTAINS", _own_code("MI", INFARCT_PATTERN), decision, parts)
    for finding in reported_findings(interpretation):
        if finding.present:
            numbers = (
                (codes.DCM.Probability, finding.probability),
                (_own_code("threshold", "threshold"), finding.threshold),
            )
            parts = [_proportion(code, value) for code, value in numbers if value is not None]
            yield _code("CONTAINS", _FINDING, _code_of(finding), parts)


def _summary(interpretation: Interpretation) -> Iterator[Dataset]:
    """Yield the summary (TID 3719)."""
    yield _text("CONTAINS", codes.LN.Summary, " ".join(sentences(interpretation)))
    if interpretation.abstained:
        yield _code("CONTAINS", _OVERALL, codes.DCM.NonDiagnosticECG)


def _code_of(finding: Finding) -> Code:
    """Return the DICOM code of a finding: SNOMED CT, else MDC, else our own. DICOM has no scheme for the AHA's list."""
    code = next(code for code in codes_for(finding.label, finding.name) if code.system != "AHA")
    return (
        _own_code(code.value, code.meaning)
        if code.system == "EINTHOVEN"
        else Code(code.value, code.system, code.meaning)
    )


def _own_code(value: str, meaning: str) -> Code:
    return Code(value, SCHEME, printable(meaning)[:64])  # the longest CodeMeaning


def _evidence(source: Dataset) -> Dataset:
    study, series = Dataset(), Dataset()
    series.SeriesInstanceUID, series.ReferencedSOPSequence = source.SeriesInstanceUID, [recording_item(source)]
    study.StudyInstanceUID, study.ReferencedSeriesSequence = source.StudyInstanceUID, [series]
    return study


def _item(relation: str | None, kind: str, name: Code) -> Dataset:
    item = Dataset()
    if relation:
        item.RelationshipType = relation
    item.ValueType = kind
    item.ConceptNameCodeSequence = [code_item(name)]
    return item


def _container(relation: str | None, name: Code, content: Iterable[Dataset]) -> Dataset:
    item = _item(relation, "CONTAINER", name)
    item.ContinuityOfContent = "SEPARATE"
    item.ContentSequence = list(content)
    return item


def _code(relation: str, name: Code, value: Code, properties: Iterable[Dataset] = ()) -> Dataset:
    item = _item(relation, "CODE", name)
    item.ConceptCodeSequence = [code_item(value)]
    if properties := list(properties):
        item.ContentSequence = properties
    return item


def _text(relation: str, name: Code, text: str) -> Dataset:
    item = _item(relation, "TEXT", name)
    item.TextValue = text
    return item


def _number(relation: str, name: Code, value: float, unit: Code) -> Dataset:
    item = _item(relation, "NUM", name)
    measured = Dataset()
    measured.NumericValue = f"{value:.6g}"
    measured.MeasurementUnitsCodeSequence = [code_item(unit)]
    item.MeasuredValueSequence = [measured]
    return item


def _proportion(name: Code, value: float) -> Dataset:
    """Return a share from 0 to 1 as a property of the item that contains it."""
    return _number("HAS PROPERTIES", name, value, _NO_UNIT)
