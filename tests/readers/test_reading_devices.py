"""What is particular to each recorder's format: groups, gaps, padding, checksums, truncation."""

import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import writers
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian

import einthoven
from einthoven.errors import RecordingError
from einthoven.recording import LEADS

Signal = NDArray[np.int16]


def channels(dataset: Dataset) -> Any:
    return dataset.WaveformSequence[0].ChannelDefinitionSequence


# ---- DICOM


@pytest.mark.parametrize(
    ("scheme", "codes"),
    [
        ("MDC", ["2:1", "2:2", "2:61", "2:62", "2:63", "2:64", "2:3", "2:4", "2:5", "2:6", "2:7", "2:8"]),
        ("SCPECG", [f"5.6.3-9-{n}" for n in (1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8)]),
        ("MDC", [f"MDC_ECG_LEAD_{lead.upper()}" for lead in LEADS]),
    ],
)
def test_dicom_leads_by_their_codes(scheme: str, codes: list[str], ecg: Signal) -> None:
    def change(dataset: Dataset) -> None:
        for channel, code in zip(channels(dataset), codes, strict=True):
            source = channel.ChannelSourceSequence[0]
            source.CodeValue, source.CodingSchemeDesignator, source.CodeMeaning = code, scheme, "?"

    np.testing.assert_allclose(einthoven.read(writers.dicom(ecg, 500, change=change)).signal, ecg.T / 1000, atol=1e-6)


def test_dicom_takes_the_rhythm_not_the_median(ecg: Signal) -> None:
    def change(dataset: Dataset) -> None:
        dataset.WaveformSequence.insert(0, writers.dicom_group(ecg[:2000] // 2, 500, LEADS, "MEDIAN BEAT"))

    np.testing.assert_allclose(einthoven.read(writers.dicom(ecg, 500, change=change)).signal, ecg.T / 1000, atol=1e-6)


def test_dicom_with_median_beats_alone_is_refused(ecg: Signal) -> None:
    def change(dataset: Dataset) -> None:
        dataset.WaveformSequence[0].MultiplexGroupLabel = "Median"

    with pytest.raises(RecordingError, match="only median beats"):
        einthoven.read(writers.dicom(ecg, 500, change=change))


def test_dicom_joins_groups_of_the_same_time_and_no_others(ecg: Signal) -> None:
    def groups(offset: float) -> Callable[[Dataset], None]:
        def change(dataset: Dataset) -> None:
            chest = writers.dicom_group(ecg[:, 6:], 500, LEADS[6:])
            chest.MultiplexGroupTimeOffset = offset
            dataset.WaveformSequence = [writers.dicom_group(ecg[:, :6], 500, LEADS[:6]), chest]

        return change

    together = einthoven.read(writers.dicom(ecg, 500, change=groups(0)))
    np.testing.assert_allclose(together.signal, ecg.T / 1000, atol=1e-6)
    apart = einthoven.read(writers.dicom(ecg, 500, change=groups(10_000)))
    assert apart.leads == LEADS[:6]
    texts = " ".join(warning.text for warning in apart.warnings)
    assert "V1, V2, V3, V4, V5, V6: recorded at another time" in texts
    assert "1 more rhythm" in texts


def test_dicom_groups_that_share_a_lead_or_a_marker_are_joined(ecg: Signal) -> None:
    def groups(shared: str, column: int) -> Callable[[Dataset], None]:
        def change(dataset: Dataset) -> None:
            extra = ecg[:, column : column + 1]
            dataset.WaveformSequence = [
                writers.dicom_group(np.hstack([ecg[:, :6], extra]), 500, [*LEADS[:6], shared]),
                writers.dicom_group(np.hstack([ecg[:, 6:], extra]), 500, [*LEADS[6:], shared]),
            ]

        return change

    for change in (groups("Pace", 0), groups("II", 1)):
        recording = einthoven.read(writers.dicom(ecg, 500, change=change))
        assert recording.leads == LEADS
        np.testing.assert_allclose(recording.signal, ecg.T / 1000, atol=1e-6)
        assert "taken to be simultaneous" in recording.warnings[0].text


def test_dicom_groups_one_after_another_are_refused(ecg: Signal) -> None:
    def change(dataset: Dataset) -> None:  # as printed: four columns of three leads, and a strip below them
        length = len(ecg) // 4
        columns = [
            writers.dicom_group(ecg[k * length : (k + 1) * length, 3 * k : 3 * k + 3], 500, LEADS[3 * k : 3 * k + 3])
            for k in range(4)
        ]
        dataset.WaveformSequence = [*columns, writers.dicom_group(ecg[:, 1:2], 500, ["II"])]

    with pytest.raises(RecordingError, match="one group after another"):
        einthoven.read(writers.dicom(ecg, 500, change=change))


def test_dicom_with_a_damaged_group_beside_the_rhythm(ecg: Signal) -> None:
    def empty(dataset: Dataset) -> None:
        dataset.WaveformSequence.append(writers.dicom_group(ecg[:0], 500, LEADS, "RHYTHM 2"))

    def without_rate(dataset: Dataset) -> None:
        dataset.WaveformSequence.insert(0, writers.dicom_group(ecg, 500, LEADS, "RHYTHM 2"))
        del dataset.WaveformSequence[0].SamplingFrequency

    for change in (empty, without_rate):
        recording = einthoven.read(writers.dicom(ecg, 500, change=change))
        np.testing.assert_allclose(recording.signal, ecg.T / 1000, atol=1e-6)
        assert recording.warnings == (("rhythms-left-out", "1 more rhythm of the file is left out."),)


def test_dicom_scale_baseline_and_padding(ecg: Signal) -> None:
    def change(dataset: Dataset) -> None:
        dataset.WaveformSequence[0].add_new(0x5400100A, "OW", struct.pack("<h", 30000))
        for channel in channels(dataset):
            channel.ChannelSensitivity, channel.ChannelSensitivityCorrectionFactor, channel.ChannelBaseline = (
                2,
                0.5,
                100,
            )
        channels(dataset)[0].ChannelSensitivityUnitsSequence[0].CodeValue = "mV"
        channels(dataset)[0].ChannelSensitivity, channels(dataset)[0].ChannelBaseline = 0.002, 0.1

    ecg = ecg.copy()
    ecg[100:200, 11] = 30000
    recording = einthoven.read(writers.dicom(ecg, 500, change=change))
    np.testing.assert_allclose(recording.signal[:11], ecg[:, :11].T / 1000 + 0.1, atol=1e-5)
    assert not recording.signal[11, 100:200].any()
    assert "V6 from 0.20 to 0.40 s" in recording.warnings[0].text


def _drop_scale(dataset: Dataset) -> None:
    del channels(dataset)[3].ChannelSensitivity


def _wrong_bits(dataset: Dataset) -> None:
    dataset.WaveformSequence[0].WaveformSampleInterpretation = "MB"


def _short_data(dataset: Dataset) -> None:
    dataset.WaveformSequence[0].WaveformData = dataset.WaveformSequence[0].WaveformData[:-48]


def _gigantic(dataset: Dataset) -> None:
    dataset.WaveformSequence[0].NumberOfWaveformSamples = 2**32 - 1


def _no_waveform(dataset: Dataset) -> None:
    del dataset.WaveformSequence


def _one_definition_less(dataset: Dataset) -> None:
    del channels(dataset)[11]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_drop_scale, "lead aVR has no amplitude scale"),
        (_wrong_bits, "16 bit MB"),
        (_short_data, "its waveform has 119952 bytes, and 120000"),
        (_gigantic, "more than 100,000,000 values"),
        (_no_waveform, "12-lead ECG Waveform Storage without waveforms"),
        (_one_definition_less, "12 channels, 11 described"),
    ],
)
def test_dicom_refusals(change: Callable[[Dataset], None], reason: str, ecg: Signal) -> None:
    with pytest.raises(RecordingError, match=reason):
        einthoven.read(writers.dicom(ecg, 500, change=change))


def test_dicom_in_big_endian(ecg: Signal) -> None:
    def change(dataset: Dataset) -> None:
        dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
        dataset.WaveformSequence[0].WaveformData = ecg.astype(">i2").tobytes()

    np.testing.assert_allclose(einthoven.read(writers.dicom(ecg, 500, change=change)).signal, ecg.T / 1000, atol=1e-6)


def test_dicom_without_preamble(ecg: Signal) -> None:
    assert einthoven.read(writers.dicom(ecg, 500)[132:]).leads == LEADS


# ---- EDF


def test_edf_gaps_between_records_stay_gaps(ecg: Signal) -> None:
    recording = einthoven.read(writers.edf(ecg, 500, onsets=[0, 1, 2, 3, 4, 7, 8, 9, 10, 11]))
    whole = np.concatenate([ecg[:2500], np.zeros((1000, 12)), ecg[2500:]])
    np.testing.assert_allclose(recording.signal, whole.T / 1000, atol=1e-5)
    assert recording.warnings == (
        ("signal-gap", "There is no signal in any lead from 5.00 to 7.00 s; it is 0 mV there."),
    )


@pytest.mark.parametrize("onsets", [[0, 1, 2, 3, 4, 4.5, 5, 6, 7, 8], [0, 1, 2, 3, 4, 5, 6, 7, 8, 1e9]])
def test_edf_records_that_overlap_or_lie_far_apart_are_refused(onsets: list[float], ecg: Signal) -> None:
    with pytest.raises(RecordingError, match="overlap or lie too far apart"):
        einthoven.read(writers.edf(ecg, 500, onsets=onsets))


def test_edf_of_separate_records_without_their_times_is_refused(ecg: Signal) -> None:
    data = writers.edf(ecg, 500, onsets=range(10))
    with pytest.raises(RecordingError, match="do not all state their times"):
        einthoven.read(data.replace(b"+5\x14", b"?5\x14"))


def test_edf_cut_short_is_refused(ecg: Signal) -> None:
    with pytest.raises(RecordingError, match="9 of 10 data records"):
        einthoven.read(writers.edf(ecg, 500)[:-1000])


def test_edf_of_a_recorder_that_did_not_close_it(ecg: Signal) -> None:
    data = writers.edf(ecg, 500)
    recording = einthoven.read(data[:236] + b"-1      " + data[244:])
    np.testing.assert_allclose(recording.signal, ecg.T / 1000, atol=1e-5)
    assert "-1" in recording.warnings[0].text


@pytest.mark.parametrize(
    ("place", "field", "reason"),
    [
        (236, b"99999999", "no EDF ECG is that large"),
        (236, b"many    ", "a field of its header is not a number"),
        (252, b"9999", "no EDF ECG is that large"),
        (244, b"0       ", "duration is 0"),
    ],
)
def test_edf_refusals(place: int, field: bytes, reason: str, ecg: Signal) -> None:
    data = writers.edf(ecg, 500)
    with pytest.raises(RecordingError, match=reason):
        einthoven.read(data[:place] + field + data[place + len(field) :])


def test_edf_with_a_decimal_comma_in_its_duration(ecg: Signal) -> None:
    data = writers.edf(ecg, 500)
    assert float(data[244:252]) == 1
    comma = einthoven.read(data[:244] + b"1,0     " + data[252:])
    assert np.array_equal(comma.signal, einthoven.read(data).signal)


@pytest.mark.parametrize(("units", "years"), [("YEARS", 9), ("Months", 0), ("", 9), ("yr", 9), ("fortnights", None)])
def test_ages_in_other_units(units: str, years: float | None, ecg: Signal) -> None:
    data = writers.muse(ecg, 500).replace(b"<PatientAge>63", b"<PatientAge>9")
    recording = einthoven.read(data.replace(b"YEARS", units.encode(), 1))
    assert recording.patient.age == years


@pytest.mark.parametrize(
    ("age", "unit", "years"), [(63, 1, 63), (11, 2, 11 / 12), (3, 4, 3 / 365), (0, 0, None), (9, 9, None)]
)
def test_ages_of_infants_in_scp(age: int, unit: int, years: float | None, ecg: Signal) -> None:
    sections = writers.scp_sections(writers.scp(ecg, 500))
    sections[1] = b"\x02\x02\x00X\x00\x04\x03\x00" + struct.pack("<HB", age, unit) + sections[1][6:]
    assert einthoven.read(writers.scp_record(sections)).patient.age == pytest.approx(years)


def test_age_of_an_infant_in_sierra(ecg: Signal) -> None:
    age = b"<patient><generalpatientdata><age><months>7</months></age></generalpatientdata></patient><waveforms>"
    assert einthoven.read(writers.sierra(ecg, 500).replace(b"<waveforms>", age)).patient.age == 0


def test_edf_without_unit_is_refused(ecg: Signal) -> None:
    with pytest.raises(RecordingError, match="no amplitude scale"):
        einthoven.read(writers.edf(ecg, 500, unit=""))


# ---- SCP-ECG


def test_scp_with_the_inverted_lead_of_cabrera(ecg: Signal) -> None:
    ecg = ecg.copy()
    ecg[:, 3] = -ecg[:, 3]
    recording = einthoven.read(writers.scp(ecg, 500, ("I", "II", "III", "-aVR", *LEADS[4:])))
    np.testing.assert_allclose(recording.signal[3], -ecg[:, 3] / 1000, atol=1e-6)
    assert "aVR inverted" in recording.warnings[0].text


def test_scp_damaged_in_its_rhythm_is_refused_but_not_elsewhere(ecg: Signal) -> None:
    data = bytearray(writers.scp(ecg, 500))
    data[-1000] ^= 1
    with pytest.raises(RecordingError, match="checksum of section 6 is wrong"):
        einthoven.read(bytes(data))
    data = bytearray(writers.scp(ecg, 500))
    data[6 + 56 + 16 + 3] ^= 1  # the patient's age
    assert einthoven.read(bytes(data)).warnings == (("wrong-checksum", "Checksums are wrong in sections 1."),)


def test_scp_that_declares_more_than_it_holds_is_refused(ecg: Signal) -> None:
    section_3 = bytes([1, 12]) + struct.pack("<IIB", 1, 2**32 - 1, 2)
    section_6 = struct.pack("<HHBBH", 1000, 2000, 0, 0, 100) + bytes(100)
    with pytest.raises(RecordingError, match="samples 1 to 4294967295 in a section of 124 bytes"):
        einthoven.read(writers.scp_record({3: section_3, 6: section_6}))


# ---- XML


def test_xml_in_another_encoding_than_it_declares(ecg: Signal) -> None:
    latin = writers.muse(ecg, 500).replace(b"<Gender>", b"<Race>caf\xe9</Race><Gender>")
    for encoding in (b"UTF-8", b"GB2312", b"ISO-8h59-1"):
        assert einthoven.read(latin.replace(b"ISO-8859-1", encoding)).leads == LEADS


def test_muse_with_some_wrong_checksums_is_refused(ecg: Signal) -> None:
    data = writers.muse(ecg, 500)
    sums = re.findall(rb"<LeadDataCRC32>\d+", data)
    with pytest.raises(RecordingError, match="is damaged: CRC32 mismatch in lead V1"):
        einthoven.read(data.replace(sums[2], b"<LeadDataCRC32>1"))
    assert len(einthoven.read(re.sub(rb"<LeadDataCRC32>\d+", b"<LeadDataCRC32>1", data)).warnings) == 8


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b">1.04<", b">1.05<", "SierraECG 1.05 are unsupported"),
        (b'resolution="1"', b"", "no amplitude scale"),
        (b'samplespersecond="500"', b"", "sampling rate"),
        (b'durationperchannel="10000"', b'durationperchannel="10002"', "120000 bytes, 120024 expected"),
        (b"restingecgdata", b"schiller", "XML of an unknown kind"),
        (b"</restingecgdata>", b"", "damaged XML"),
    ],
)
def test_sierra_refusals(old: bytes, new: bytes, reason: str, ecg: Signal) -> None:
    with pytest.raises(RecordingError, match=reason):
        einthoven.read(writers.sierra(ecg, 500).replace(old, new))


PIECE = re.compile(rb"<component><sequenceSet>.*</sequenceSet></component>", re.DOTALL)
TREND = b"""<component><sequenceSet>
<component><sequence><code code="TIME_RELATIVE"/><value><head value="0" unit="s"/><increment value="1" unit="s"/>
</value></sequence></component><component><sequence><code code="MDC_ECG_HEART_RATE"/>
<value><origin value="0" unit="1/min"/><scale value="1" unit="1/min"/><digits>60 61</digits></value></sequence>
</component></sequenceSet></component>"""


def test_aecg_sets_beside_the_rhythm_are_left_out(ecg: Signal) -> None:
    beat = PIECE.search(writers.aecg(ecg[:600] // 2, 500))
    assert beat
    for piece in (beat[0], TREND):
        data = writers.aecg(ecg, 500).replace(b"</series>", piece + b"</series>")
        np.testing.assert_allclose(einthoven.read(data).signal, ecg.T / 1000, atol=1e-6)


def test_aecg_of_a_trend_alone_is_refused(ecg: Signal) -> None:
    with pytest.raises(RecordingError, match="No ECG lead sequence"):
        einthoven.read(PIECE.sub(TREND, writers.aecg(ecg, 500)))


def test_aecg_series_that_share_a_lead_are_joined(ecg: Signal) -> None:
    limb = writers.aecg(ecg[:, :6], 500, LEADS[:6])
    chest = writers.aecg(ecg[:, [1, *range(6, 12)]], 500, ["II", *LEADS[6:]])
    series = re.search(rb"<component><series>.*</series></component>", chest, re.DOTALL)
    assert series
    recording = einthoven.read(limb.replace(b"</series></component>", b"</series></component>" + series[0]))
    assert recording.leads == LEADS
    np.testing.assert_allclose(recording.signal, ecg.T / 1000, atol=1e-6)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b'scale value="1" unit="uV"', b'scale value="1"', "no amplitude scale"),
        (b'unit="s"', b"", "increment unit"),
        (b"TIME_ABSOLUTE", b"X", "No usable time"),
        (b"MDC_ECG_LEAD_", b"MDC_EEG_", "No ECG lead|none of the standard"),
    ],
)
def test_aecg_refusals(old: bytes, new: bytes, reason: str, ecg: Signal) -> None:
    with pytest.raises(RecordingError, match=reason):
        einthoven.read(writers.aecg(ecg, 500).replace(old, new))


# ---- MFER and ISHNE


def test_binary_formats_cut_short_are_refused_or_named(ecg: Signal) -> None:
    ishne = writers.ishne(ecg, 500)  # its size is often a nominal one
    for cut in (ishne[:-1], ishne[:-2], ishne[:-24], ishne[:60_000]):
        assert "cut short" in einthoven.read(cut).warnings[0].text
    with pytest.raises(RecordingError, match="declares 120000 bytes, only"):
        einthoven.read(writers.mfer(ecg, 500)[:-1000])


def test_mfer_with_fewer_samples_than_its_frame_is_refused(ecg: Signal) -> None:
    data = writers.mfer(ecg, 500)
    with pytest.raises(RecordingError, match="cut short"):
        einthoven.read(data.replace(b"\x04\x04" + struct.pack("<I", 5000), b"\x04\x04" + struct.pack("<I", 5001)))


def test_mfer_with_a_million_channels_is_refused(ecg: Signal) -> None:
    data = writers.mfer(ecg, 500)
    with pytest.raises(RecordingError, match="declares 100000 channels"):
        einthoven.read(data.replace(b"\x05\x04" + struct.pack("<I", 12), b"\x05\x04" + struct.pack("<I", 100_000)))


def test_scp_whose_pointer_to_the_patient_is_damaged(ecg: Signal, test_data: Path) -> None:
    record = test_data / "cases" / "reliability" / "scp-section1-keyerror.scp"
    assert ("patient-damaged", "The patient data in the file are damaged, and left out.") in einthoven.read(
        record
    ).warnings
    data = bytearray(writers.scp(ecg, 500))
    struct.pack_into("<I", data, 22 + 10 + 6, 0)
    recording = einthoven.read(bytes(data))
    assert recording.warnings == (("patient-damaged", "The patient data in the file are damaged, and left out."),)
    np.testing.assert_allclose(recording.signal, ecg.T / 1000, atol=1e-5)


@pytest.mark.parametrize("place", [236, 244, 252])
def test_edf_takes_no_underscores_for_numbers(place: int, ecg: Signal) -> None:
    data = bytearray(writers.edf(ecg, 500))
    data[place : place + 4] = b"1_0 "
    with pytest.raises(RecordingError, match=r"is not a number|invalid|Invalid"):
        einthoven.read(bytes(data))
