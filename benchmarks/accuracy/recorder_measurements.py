"""Read the recorders' own measurements from files that contain them: intervals, axes, and amplitudes of each lead."""

import re
import struct
from dataclasses import dataclass, field
from pathlib import Path

import pydicom

Numbers = dict[str, float]


@dataclass(frozen=True)
class RecorderMeasurements:
    """Measurements in ms, degrees and mV, under the names of `Measurements` and `LeadMeasurements`."""

    intervals: Numbers
    leads: dict[str, Numbers] = field(default_factory=dict)


def recorder_measurements(folder: Path) -> dict[str, RecorderMeasurements]:
    """Return the measurements of each file in the folder of formats that has any, by its path in this folder."""
    readers = {
        "ge-muse/braveheart1.xml": _muse,
        "ge-muse/cvrg-250hz.xml": _muse,
        "philips-sierra/sierra-1.03.xml": _sierra,
        "philips-sierra/sierra-1.04.01.xml": _sierra,
        "hl7-aecg/fda-subject1.xml": _aecg,
        "hl7-aecg/liryc-100hz.xml": _aecg,
        "dicom/waveform_ecg.dcm": _dicom,
        "scp-ecg/welch-allyn-600hz.scp": _scp,
    }
    return {name: read(folder / name) for name, read in readers.items()}


def _numbers(text: str, tags: dict[str, str]) -> Numbers:
    """Return the first number of each tag, under another name."""
    values = {name: re.search(rf"<{tag}>(-?\d+)</{tag}>", text) for tag, name in tags.items()}
    return {name: float(match[1]) for name, match in values.items() if match}


def _muse(path: Path) -> RecorderMeasurements:
    text = path.read_text(encoding="latin-1")
    tags = {"PRInterval": "pr_ms", "QRSDuration": "qrs_ms", "QTInterval": "qt_ms"}
    axes = {"PAxis": "p_axis_degrees", "RAxis": "qrs_axis_degrees", "TAxis": "t_axis_degrees"}
    intervals = _numbers(text, tags | axes)
    samples = _numbers(text, {"POnset": "from", "POffset": "to", "ECGSampleBase": "rate"})
    intervals["p_ms"] = (samples["to"] - samples["from"]) * (1000 / samples["rate"] if samples["rate"] else 4)
    leads: dict[str, Numbers] = {}
    for measured in re.findall(r"<MeasuredAmplitude>.*?</MeasuredAmplitude>", text, re.DOTALL):
        lead, wave, peak = (
            re.findall(rf"<AmplitudeMeasurement{tag}>(.*?)<", measured)[0] for tag in ("LeadID", "WaveID", "Peak")
        )
        name = re.sub("^AV", "aV", lead)
        wave = wave.removeprefix("IE_").lower().replace("stj", "st_j")
        if wave in ("p", "q", "r", "s", "t", "st_j", "st_j20", "st_j40", "st_j60", "st_j80"):
            sign = -1 if wave in ("q", "s") else 1
            leads.setdefault(name, {})[f"{wave}_mv"] = sign * float(peak) / 1000
    for waves in leads.values():  # waves that a lead does not have are not listed
        waves.update({name: 0.0 for name in ("q_mv", "r_mv", "s_mv") if name not in waves})
    return RecorderMeasurements(intervals, leads)


def _sierra(path: Path) -> RecorderMeasurements:
    content = path.read_bytes()
    text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    tags = {"meanprint": "pr_ms", "meanqrsdur": "qrs_ms", "meanqtint": "qt_ms"}
    axes = {"pfrontaxis": "p_axis_degrees", "qrsfrontaxis": "qrs_axis_degrees", "tfrontaxis": "t_axis_degrees"}
    waves = {f"{wave}amp": f"{wave}_mv" for wave in "pqrst"} | {"ston": "st_j_mv", "st80": "st_j80_mv"}
    durations = {f"{wave}dur": f"{wave}_ms" for wave in "qrs"}
    leads = {}
    for name, lead in re.findall(r'<leadmeasurement leadname="(.*?)"(.*?)</leadmeasurement>', text, re.DOTALL):
        microvolts = _numbers(lead, waves)
        leads[name] = {wave: value / 1000 for wave, value in microvolts.items()} | _numbers(lead, durations)
    return RecorderMeasurements(_numbers(text, tags | axes), leads)


def _aecg(path: Path) -> RecorderMeasurements:
    text = path.read_text()
    codes = {"TIME_PD_P": "p_ms", "TIME_PD_PR": "pr_ms", "TIME_PD_QRS": "qrs_ms", "TIME_PD_QT": "qt_ms"}
    axes = {f"ANGLE_{wave}_FRONT": f"{wave.lower()}_axis_degrees" for wave in ("P", "QRS", "T")}
    found = {
        name: re.search(rf'code="MDC_ECG_{code}".*?value="(-?[\d.]+)"', text, re.DOTALL)
        for code, name in (codes | axes).items()
    }
    return RecorderMeasurements({name: float(match[1]) for name, match in found.items() if match})


def _dicom(path: Path) -> RecorderMeasurements:
    names = {"PR Interval": "pr_ms", "QRS Duration": "qrs_ms", "QT Interval": "qt_ms"}
    names |= {f"{wave} Axis": f"{wave.lower()}_axis_degrees" for wave in ("P", "QRS", "T")}
    intervals, samples = {}, {}
    for annotation in pydicom.dcmread(path).WaveformAnnotationSequence:
        if "ConceptNameCodeSequence" not in annotation:
            continue
        meaning = annotation.ConceptNameCodeSequence[0].CodeMeaning
        if "NumericValue" in annotation and meaning in names:
            intervals[names[meaning]] = float(annotation.NumericValue)
        elif "ReferencedSamplePositions" in annotation:
            samples.setdefault(meaning, float(annotation.ReferencedSamplePositions))
    if {"P Onset", "P Offset"} <= samples.keys():
        intervals["p_ms"] = samples["P Offset"] - samples["P Onset"]  # at 1000 Hz
    return RecorderMeasurements(intervals)


def _scp(path: Path) -> RecorderMeasurements:
    data = path.read_bytes()
    table = {struct.unpack_from("<H", data, k)[0]: struct.unpack_from("<II", data, k + 2) for k in range(22, 142, 10)}
    content = {number: data[at - 1 + 16 : at - 1 + length] for number, (length, at) in table.items() if length}
    p_on, p_off, qrs_on, qrs_off, t_off, p_axis, qrs_axis, t_axis = struct.unpack_from("<8h", content[7], 6)
    intervals = {"p_ms": p_off - p_on, "pr_ms": qrs_on - p_on, "qrs_ms": qrs_off - qrs_on, "qt_ms": t_off - qrs_on}
    axes = {"p_axis_degrees": p_axis, "qrs_axis_degrees": qrs_axis, "t_axis_degrees": t_axis}
    names = {1: "I", 2: "II", 61: "III", 62: "aVR", 63: "aVL", 64: "aVF"} | {k + 2: f"V{k}" for k in range(1, 7)}
    leads, at = {}, 4
    while at + 4 <= len(content[10]):
        lead, length = struct.unpack_from("<HH", content[10], at)
        q, r, s, r2, s2, j, p_up, p_down, t_up, t_down = struct.unpack_from("<10h", content[10], at + 4 + 18)
        at += 4 + length
        values = {"q_mv": -q, "r_mv": max(r, r2), "s_mv": -max(s, s2), "st_j_mv": j}
        values |= {"p_mv": max(p_up, p_down, key=abs), "t_mv": max(t_up, t_down, key=abs)}
        leads[names[lead]] = {name: value / 1000 for name, value in values.items()}
    return RecorderMeasurements({name: float(value) for name, value in (intervals | axes).items()}, leads)
