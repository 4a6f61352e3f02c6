"""An interpretation as a DICOM Structured Report, in the order of TID 3700 ECG Report (PS3.16)."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime

from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import EnhancedSRStorage

from einthoven.interpret.interpretation import INFARCT_PATTERN, Finding, Interpretation
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
    """The Enhanced SR of an interpretation.

    `created`: when; with the answer it makes the UIDs, so that the same arguments give the same report. `source`: the
    DICOM recording (`read_source`), whose patient and study the report then takes over, and to which it refers.
    """
    dataset = new_report(EnhancedSRStorage, "SR", interpretation, created, source)
    dataset.ReferencedPerformedProcedureStepSequence = []
    dataset.PerformedProcedureCodeSequence = []
    dataset.PreliminaryFlag, dataset.CompletionFlag, dataset.VerificationFlag = "PRELIMINARY", "COMPLETE", "UNVERIFIED"
    if source:
        dataset.CurrentRequestedProcedureEvidenceSequence = [_evidence(source)]
    dataset.update(_container(None, ECG_REPORT, _content(interpretation, source)))
    if acquisition_time(source):  # which TID 3700 demands
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
    if found := list(_findings(interpretation)):
        yield _container("CONTAINS", codes.DCM.QualitativeAnalysis, found)
    yield _container("CONTAINS", codes.LN.Summary, _summary(interpretation))


def _waveform(interpretation: Interpretation, source: Dataset | None) -> Iterator[Dataset]:
    """TID 3708: the recording, where it is known, and the algorithm (TID 4019)."""
    if when := acquisition_time(source):
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
    """Heart rate and intervals; as TID 3713 ECG Global Measurements where all are known that it demands."""
    rate, known = interpretation.heart_rate_bpm, asdict(interpretation.intervals) if interpretation.intervals else {}
    if rate is not None:
        yield _number("CONTAINS", codes.LN.HeartRate, rate, _PER_MINUTE)
    items = {name: _interval(name, value) for name, value in known.items() if value is not None}
    if rate is None or not items.keys() >= {"pr_ms", "qrs_ms", "qt_ms"}:
        yield from items.values()
        return
    qt, pr, qrs = (items.pop(name) for name in ("qt_ms", "pr_ms", "qrs_ms"))
    ventricular = _number("CONTAINS", _VENTRICULAR_RATE, rate, _BEATS_PER_MINUTE)
    rr = _number("CONTAINS", codes.MDC.RRIntervalGlobal, 60000 / rate, _MS)
    yield _container("CONTAINS", codes.DCM.ECGGlobalMeasurements, [ventricular, qt, pr, qrs, rr, *items.values()])


def _interval(name: str, value: int) -> Dataset:
    """An interval or the axis; the formula of a QTc as its algorithm."""
    code = Code(INTERVAL_CODES[name].value, "MDC", INTERVAL_CODES[name].meaning)
    if name == "axis_degrees":
        return _number("CONTAINS", code, value, _DEGREES)
    if not name.startswith("qtc"):
        return _number("CONTAINS", code, value, _MS)
    item = _number("CONTAINS", codes.MDC.QtcIntervalGlobal, value, _MS)
    item.ContentSequence = [_code("HAS PROPERTIES", codes.DCM.AlgorithmName, code)]
    return item


def _findings(interpretation: Interpretation) -> Iterator[Dataset]:
    """TID 3717: the infarct pattern, and what was found; what was not is no finding."""
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
            parts = [_proportion(codes.DCM.Probability, finding.probability)]
            parts += [_proportion(_own_code("threshold", "threshold"), finding.threshold)]
            yield _code("CONTAINS", _FINDING, _code_of(finding), parts)


def _summary(interpretation: Interpretation) -> Iterator[Dataset]:
    """TID 3719."""
    yield _text("CONTAINS", codes.LN.Summary, " ".join(sentences(interpretation)))
    if interpretation.abstained:
        yield _code("CONTAINS", _OVERALL, codes.DCM.NonDiagnosticECG)


def _code_of(finding: Finding) -> Code:
    """DICOM's code for a finding: SNOMED CT, else MDC, else our own. The AHA's list has no scheme in DICOM."""
    code = next(code for code in codes_for(finding.label, finding.name) if code.system != "AHA")
    return (
        _own_code(code.value, code.meaning)
        if code.system == "EINTHOVEN"
        else Code(code.value, code.system, code.meaning)
    )


def _own_code(value: str, meaning: str) -> Code:
    return Code(value, SCHEME, printable(meaning)[:64])  # all that a CodeMeaning holds


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
    """A share from 0 to 1, a property of what it stands below."""
    return _number("HAS PROPERTIES", name, value, _NO_UNIT)
