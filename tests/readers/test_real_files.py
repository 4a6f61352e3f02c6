"""Real recordings in clinical formats: read as what they are, or refused for the right reason."""

from pathlib import Path

import numpy as np
import pytest

import einthoven
from einthoven.errors import RecordingError
from einthoven.recording import LEADS

DERIVED = ("III", "aVR", "aVL", "aVF")


@pytest.mark.parametrize(
    ("file", "format", "rate", "seconds", "derived"),
    [
        ("dicom/waveform_ecg.dcm", "DICOM", 1000, 10, ()),
        ("dicom/ecgtoolkit-nan-padding.dcm", "DICOM", 500, 10, ()),
        ("scp-ecg/ecgtoolkit.scp", "SCP-ECG", 500, 10, ()),
        ("scp-ecg/welch-allyn-600hz.scp", "SCP-ECG", 600, 10, DERIVED),
        ("hl7-aecg/fda-subject1.xml", "HL7 aECG", 500, 10, ()),
        ("hl7-aecg/liryc-100hz.xml", "HL7 aECG", 100, 10, ()),
        ("ge-muse/braveheart1.xml", "GE MUSE XML", 500, 10, DERIVED),
        ("ge-muse/cvrg-250hz.xml", "GE MUSE XML", 250, 10, DERIVED),
        ("philips-sierra/sierra-1.03.xml", "Philips Sierra XML", 500, 11, ()),
        ("philips-sierra/sierra-1.04.01.xml", "Philips Sierra XML", 500, 11, ()),
        ("edf/contec-800hz.edf", "EDF", 800, 47.31875, ()),
    ],
)
def test_good_files(
    file: str, format: str, rate: float, seconds: float, derived: tuple[str, ...], test_data: Path
) -> None:
    recording = einthoven.read(test_data / "formats" / file)
    assert (recording.format, recording.rate, recording.seconds) == (format, rate, seconds)
    assert (recording.leads, recording.derived_leads) == (LEADS, derived)
    beats = np.ptp(recording.signal, axis=1)
    assert 0.4 < np.median(beats[:6]) < 10  # mV
    bytes_alone = einthoven.read((test_data / "formats" / file).read_bytes())
    assert np.array_equal(bytes_alone.signal, recording.signal)


@pytest.mark.parametrize(
    ("file", "warning"),
    [
        ("hl7-aecg/liryc-100hz.xml", "Einthoven's law): aVR, aVL is not"),  # it is drawn by hand
        ("philips-sierra/sierra-1.03.xml", "calibration pulse from 10.5"),
        ("edf/contec-800hz.edf", "Flat from beginning to end: V1, V2, V3, V4, V5, V6"),
    ],
)
def test_what_is_odd_in_them_is_said(file: str, warning: str, test_data: Path) -> None:
    assert any(warning in said.text for said in einthoven.read(test_data / "formats" / file).warnings)


def test_one_recording_in_three_formats_is_the_same(test_data: Path) -> None:
    """ECGToolkit's example and the FDA's subject are one ECG, which was converted."""
    formats = test_data / "formats"
    scp = einthoven.read(formats / "scp-ecg/ecgtoolkit.scp")
    aecg = einthoven.read(formats / "hl7-aecg/fda-subject1.xml")
    dicom = einthoven.read(formats / "dicom/ecgtoolkit-nan-padding.dcm")
    np.testing.assert_allclose(aecg.signal, scp.signal, atol=1e-6)
    bridged = np.abs(dicom.signal - scp.signal) > 1e-6  # the DICOM file's padding value is one that the ECG takes too
    assert bridged.mean() < 0.05
    np.testing.assert_allclose(dicom.signal, scp.signal, atol=0.05)


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("scp-leads-v3r-v7.scp", "holds V3R, V7 but no V3, V5: this is not the standard 12-lead set"),
        ("sierra-unknown-version.xml", r"SierraECG 1\.05 are unsupported"),
        ("hl7-no-signal.xml", "No rhythm series"),
        ("hl7-one-lead-13-samples.xml", r"too short: it has 0\.026 s, and at least 2\.5 s are expected"),
        ("scp-bad-sample-range.scp", "holds 10000 samples, expected 10001"),
    ],
)
def test_refused_files(file: str, reason: str, test_data: Path) -> None:
    with pytest.raises(RecordingError, match=reason) as caught:
        einthoven.read(test_data / "formats" / "refused" / file)
    assert file in str(caught.value)
