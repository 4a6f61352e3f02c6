"""An interpretation as a DICOM Structured Report, in the order of TID 3700 ECG Report (PS3.16)."""

from collections.abc import Iterator
from datetime import datetime

from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import EnhancedSRStorage

from einthoven.interpret.interpretation import Interpretation
from einthoven.report.codes import CONCLUSION_CODES, INTERVAL_CODES
from einthoven.report.dicom import (
    ECG_REPORT,
    acquisition_time,
    content_uid,
    new_report,
    recording_item,
)
from einthoven.report.dicom_findings import dicom_code, findings
from einthoven.report.dicom_items import coded, container, item, number, text
from einthoven.report.lead_codes import LEAD_CODES, coded_measurements
from einthoven.report.narrative import sentences
from einthoven.signal.measurements.values import Measurements
from einthoven.signatures import MANUFACTURER

_ECG_12 = Code("268400002", "SCT", "12-Lead ECG")  # CID 3670
_OVERALL = Code("18810-2", "LN", "ECG overall finding")  # TID 3719
_PER_MINUTE = Code("/min", "UCUM", "/min")
_VENTRICULAR_RATE = Code("2:16016", "MDC", "Ventricular Heart Rate")  # TID 3713, with its unit
_BEATS_PER_MINUTE = Code("{H.B.}/min", "UCUM", "BPM")
_MS, _DEGREES, _MILLIVOLTS = Code("ms", "UCUM", "ms"), Code("deg", "UCUM", "deg"), codes.UCUM.Millivolt


def structured_report(interpretation: Interpretation, created: datetime, source: Dataset | None = None) -> Dataset:
    """Return an interpretation as an Enhanced SR.

    Parameters
    ----------
    interpretation
        The interpretation of a recording.
    created
        Time at which the report was made; part of its UIDs.
    source
        The DICOM recording (`read_source`), whose patient and study the report joins.

    Returns
    -------
    Dataset
        Report for `einthoven.report.dicom.write`. The same arguments give the same report.
    """
    dataset = new_report(EnhancedSRStorage, "SR", interpretation, created, source)
    dataset.ReferencedPerformedProcedureStepSequence = []
    dataset.PerformedProcedureCodeSequence = []
    dataset.PreliminaryFlag, dataset.CompletionFlag, dataset.VerificationFlag = "PRELIMINARY", "COMPLETE", "UNVERIFIED"
    if source:
        dataset.CurrentRequestedProcedureEvidenceSequence = [_evidence(source)]
    dataset.update(container(None, ECG_REPORT, _content(interpretation, source)))
    if acquisition_time(interpretation):  # mandatory in TID 3700
        template = Dataset()
        template.MappingResource, template.TemplateIdentifier = "DCMR", "3700"
        dataset.ContentTemplateSequence = [template]
    return dataset


def _content(interpretation: Interpretation, source: Dataset | None) -> Iterator[Dataset]:
    yield coded("HAS CONCEPT MOD", codes.DCM.LanguageOfContentItemAndDescendants, Code("en", "RFC5646", "English"))
    yield coded("HAS OBS CONTEXT", codes.DCM.ObserverType, codes.DCM.Device)
    device = item("HAS OBS CONTEXT", "UIDREF", codes.DCM.DeviceObserverUID)
    device.UID = content_uid("device", interpretation.model.sha256)
    yield device
    yield text("HAS OBS CONTEXT", codes.DCM.DeviceObserverName, "Einthoven")
    yield text("HAS OBS CONTEXT", codes.DCM.DeviceObserverManufacturer, MANUFACTURER)
    yield text("HAS OBS CONTEXT", codes.DCM.DeviceObserverModelName, str(interpretation.model))
    yield coded("HAS CONCEPT MOD", codes.DCM.ProcedureReported, _ECG_12)
    yield container("CONTAINS", codes.LN.CurrentProcedureDescriptions, _waveform(interpretation, source))
    if measurements := [*_measurements(interpretation), *_leads(interpretation)]:
        yield container("CONTAINS", codes.DCM.QuantitativeAnalysis, measurements)
    yield container("CONTAINS", codes.DCM.QualitativeAnalysis, findings(interpretation))
    yield container("CONTAINS", codes.LN.Summary, _summary(interpretation))


def _waveform(interpretation: Interpretation, source: Dataset | None) -> Iterator[Dataset]:
    """Yield the recording, if it is known, and the algorithm (TID 3708, TID 4019)."""
    if when := acquisition_time(interpretation):
        entry = item("CONTAINS", "DATETIME", codes.DCM.ProcedureDatetime)
        entry.DateTime = when
        yield entry
    if source:
        entry = item("CONTAINS", "WAVEFORM", codes.DCM.SourceOfMeasurement)
        entry.ReferencedSOPSequence = [recording_item(source)]
        yield entry
    yield text("CONTAINS", codes.DCM.AlgorithmName, f"Einthoven {interpretation.model.name}")
    yield text("CONTAINS", codes.DCM.AlgorithmVersion, interpretation.model.version)
    yield text("CONTAINS", codes.DCM.AlgorithmParameters, f"SHA-256 of model.onnx {interpretation.model.sha256}")


def _measurements(interpretation: Interpretation) -> Iterator[Dataset]:
    """Yield heart rate and intervals, as ECG Global Measurements (TID 3713) if all mandatory ones are known."""
    rate, known = interpretation.heart_rate_bpm, interpretation.measurements or Measurements()
    if rate is not None:
        yield number("CONTAINS", codes.LN.HeartRate, rate, _PER_MINUTE)
    items = {name: _interval(name, value) for name in INTERVAL_CODES if (value := getattr(known, name)) is not None}
    if rate is None or not items.keys() >= {"pr_ms", "qrs_ms", "qt_ms"}:
        yield from items.values()
        return
    qt, pr, qrs = (items.pop(name) for name in ("qt_ms", "pr_ms", "qrs_ms"))
    ventricular = number("CONTAINS", _VENTRICULAR_RATE, rate, _BEATS_PER_MINUTE)
    rr = number("CONTAINS", codes.MDC.RRIntervalGlobal, 60000 / rate, _MS)
    yield container("CONTAINS", codes.DCM.ECGGlobalMeasurements, [ventricular, qt, pr, qrs, rr, *items.values()])


def _interval(name: str, value: float) -> Dataset:
    """Return an interval or the axis; the formula of a QTc is its algorithm."""
    code = dicom_code(INTERVAL_CODES[name])
    if name.endswith("_degrees"):
        return number("CONTAINS", code, value, _DEGREES)
    if not name.startswith("qtc"):
        return number("CONTAINS", code, value, _MS)
    entry = number("CONTAINS", codes.MDC.QtcIntervalGlobal, value, _MS)
    entry.ContentSequence = [coded("HAS PROPERTIES", codes.DCM.AlgorithmName, code)]
    return entry


def _leads(interpretation: Interpretation) -> Iterator[Dataset]:
    """Yield the measurements of each lead (TID 3714)."""
    known = interpretation.measurements
    for lead, of_lead in known.leads.items() if known else ():
        items = [
            number("CONTAINS", dicom_code(code), value, _MILLIVOLTS if unit == "mV" else _MS)
            for code, value, unit in coded_measurements(of_lead)
        ]
        if items:
            name = coded("HAS CONCEPT MOD", codes.DCM.LeadID, dicom_code(LEAD_CODES[lead]))
            yield container("CONTAINS", codes.DCM.ECGLeadMeasurements, [name, *items])


def _summary(interpretation: Interpretation) -> Iterator[Dataset]:
    """Yield the summary (TID 3719)."""
    yield text("CONTAINS", codes.LN.Summary, " ".join(sentences(interpretation)))
    if interpretation.abstained:
        yield coded("CONTAINS", _OVERALL, codes.DCM.NonDiagnosticECG)
    elif known := CONCLUSION_CODES.get(interpretation.conclusion):
        yield coded("CONTAINS", _OVERALL, dicom_code(known))


def _evidence(source: Dataset) -> Dataset:
    study, series = Dataset(), Dataset()
    series.SeriesInstanceUID, series.ReferencedSOPSequence = source.SeriesInstanceUID, [recording_item(source)]
    study.StudyInstanceUID, study.ReferencedSeriesSequence = source.StudyInstanceUID, [series]
    return study
