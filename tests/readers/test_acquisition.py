"""When, with which recorder and through which filters: what each format states, and values that are absurd."""

import binascii
import json
import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pydicom
import pytest
import wfdb
import writers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from oracle import check
from pydicom import config
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from test_fuzz import Damage, damaged, damages

import einthoven
from einthoven.readers.acquisition import check_time, device_name, make_filters, parse_iso_time
from einthoven.recording import Filters, Recording

Signal = NDArray[np.int16]
PLUS_ONE = timezone(timedelta(hours=1))
WHEN = datetime(2020, 11, 28, 10, 42, 5)


def doubts(recording: Recording) -> list[str]:
    return [warning.text for warning in recording.warnings if warning.code == "recording-time"]


# ---- real files, by what an editor or the format's own library shows


@pytest.mark.parametrize(
    ("file", "recorded_at", "device", "filters"),
    [
        ("dicom/waveform_ecg.dcm", "2013-01-25T10:59:19", "Mortara Instrument, Inc. el250", (0.05, 300, None)),
        ("dicom/ecgtoolkit-nan-padding.dcm", "2002-11-22T09:10:00", "ELI250", None),
        ("scp-ecg/ecgtoolkit.scp", "2002-11-22T09:10:00", "ECGConversion ELI250", None),
        ("scp-ecg/welch-allyn-600hz.scp", None, "Welch Allyn Cardio Control MDW14", (None, 35, 50)),
        ("hl7-aecg/fda-subject1.xml", "2002-11-22T09:10:00", "Mortara Instrument, Inc. ELI250", (None, 150, 60)),
        (
            "hl7-aecg/liryc-100hz.xml",
            "2025-09-23T10:35:50",
            "Shenzhen Mindray Bio-Medical Electronics Co., Ltd. BeneHeart R12",
            (0.56, 35, 50),
        ),
        ("ge-muse/braveheart1.xml", None, None, (0.16, 150, 60)),
        ("ge-muse/cvrg-250hz.xml", "1996-03-25T11:18:00", "MAC", (0.05, 150, None)),
        ("philips-sierra/sierra-1.03.xml", "2011-12-01T07:27:34", "HeartstartMRx", (0.05, 150, None)),
        (
            "philips-sierra/sierra-1.04.01.xml",
            "2020-05-18T15:48:11",
            "Philips Medical Products PageWriter TC",
            (0.05, 150, None),
        ),
        ("edf/contec-800hz.edf", "2020-11-16T21:44:39", None, None),
    ],
)
def test_real_files(file: str, recorded_at: str | None, device: str | None, filters: Any, test_data: Path) -> None:
    recording = einthoven.read(test_data / "formats" / file)
    assert recording.recorded_at == (recorded_at and datetime.fromisoformat(recorded_at))
    assert (recording.device, recording.filters) == (device, filters and Filters(*filters))
    assert doubts(recording) == []


def test_dicom_as_pydicom_reads_it(test_data: Path) -> None:
    for path in (test_data / "formats" / "dicom").glob("*.dcm"):
        truth, recording = pydicom.dcmread(path), einthoven.read(path)
        assert recording.recorded_at == datetime.strptime(truth.AcquisitionDateTime[:14], "%Y%m%d%H%M%S")
        assert recording.device
        assert recording.device.endswith(truth.ManufacturerModelName)
        channel = truth.WaveformSequence[0].ChannelDefinitionSequence[0]
        low, high = channel.get("FilterLowFrequency"), channel.get("FilterHighFrequency")
        assert recording.filters == (Filters(float(low), float(high)) if low and high else None)


@pytest.mark.parametrize("text", ["10:42:05 28/11/2020", "10:42:05.25 28/11/2020", "0:2:5 1/2/1999"])
def test_wfdb_as_wfdb_reads_it(text: str, ecg: Signal, tmp_path: Path) -> None:
    files = writers.wfdb(ecg, 500)
    for name, data in files.items():
        (tmp_path / name).write_bytes(data.replace(b" 500 5000\n", f" 500 5000 {text}\n".encode()))
    truth = wfdb.rdheader(str(tmp_path / "r")).base_datetime
    assert truth
    assert einthoven.read(tmp_path / "r").recorded_at == truth


# ---- each format, with a time of our own


def wfdb_at(ecg: Signal, time: str) -> Any:
    files, line = writers.wfdb(ecg, 500), f" 500 {len(ecg)}"
    return files | {"r.hea": files["r.hea"].replace(f"{line}\n".encode(), f"{line} {time}\n".encode())}


def dicom_at(ecg: Signal, time: str) -> bytes:
    def change(dataset: Dataset) -> None:
        dataset.add(DataElement("AcquisitionDateTime", "DT", time, validation_mode=config.IGNORE))
        dataset.Manufacturer, dataset.ManufacturerModelName = "Philips", "PageWriter TC70"
        dataset.InstitutionName, dataset.DeviceSerialNumber = "St. Mary", "US71621374"
        for channel in dataset.WaveformSequence[0].ChannelDefinitionSequence:
            channel.FilterLowFrequency, channel.FilterHighFrequency, channel.NotchFilterFrequency = "0.05", "150", "50"

    return writers.dicom(ecg, 500, change=change)


def scp_at(ecg: Signal, time: bytes, more: bytes = b"") -> bytes:
    bodies = writers.scp_sections(writers.scp(ecg, 500))
    end = b"\xff\x00\x00"
    tags = struct.pack("<BHH", 27, 2, 5) + struct.pack("<BHH", 28, 2, 150) + b"\x1d\x01\x00\x02"
    bodies[1] = bodies[1].removesuffix(b"\0").removesuffix(end) + time + tags + more + end
    return writers.scp_record(bodies)


def scp_time(year: int, month: int, day: int, clock: tuple[int, ...] | None = (10, 42, 5)) -> bytes:
    out = struct.pack("<BHHBB", 25, 4, year, month, day)
    return out + (b"\x1a\x03\x00" + bytes(clock) if clock else b"")


def aecg_at(ecg: Signal, time: str) -> bytes:
    def control(kind: str, part: str, hertz: float) -> bytes:
        return (
            f'<controlVariable><controlVariable><code code="MDC_ECG_CTL_VBL_ATTR_FILTER_{kind}"/><component>'
            f'<controlVariable><code code="MDC_ECG_CTL_VBL_ATTR_FILTER_{part}"/><value value="{hertz}" unit="Hz"/>'
            "</controlVariable></component></controlVariable></controlVariable>"
        ).encode()

    more = (
        f'<effectiveTime><low value="{time}"/></effectiveTime>'.encode()
        + b'<author><seriesAuthor><manufacturedSeriesDevice><id extension="FN-3A045256"/><manufacturerModelName>'
        b"PageWriter TC70</manufacturerModelName></manufacturedSeriesDevice><manufacturerOrganization><name>Philips"
        b"</name></manufacturerOrganization></seriesAuthor></author>"
        + control("HIGH_PASS", "CUTOFF_FREQ", 0.05)
        + control("LOW_PASS", "CUTOFF_FREQ", 150)
        + control("NOTCH", "NOTCH_FREQ", 50)
    )
    rhythm = b'<code code="RHYTHM"/>'
    return writers.aecg(ecg, 500).replace(b"20200101120000", b"0").replace(rhythm, rhythm + more)


def muse_at(ecg: Signal, day: str, time: str) -> bytes:
    more = (
        f"<TestDemographics><AcquisitionDate>{day}</AcquisitionDate><AcquisitionTime>{time}</AcquisitionTime>"
        "<AcquisitionDevice>PageWriter TC70</AcquisitionDevice></TestDemographics>"
    ).encode()
    filters = b"<HighPassFilter>5</HighPassFilter><LowPassFilter>150</LowPassFilter><ACFilter>50</ACFilter>"
    data = writers.muse(ecg, 500).replace(b"<PatientDemographics>", more + b"<PatientDemographics>")
    return data.replace(b"<SampleBase>", filters + b"<SampleBase>")


def sierra_at(ecg: Signal, day: str, time: str) -> bytes:
    more = (
        f'<dataacquisition date="{day}" time="{time}"><machine machineid="US71621374" detaildescription='
        '"Philips:860315:A.07.04.03">PageWriter TC70</machine></dataacquisition>'
    ).encode()
    data = writers.sierra(ecg, 500).replace(b"<waveforms>", more + b"<waveforms>")
    return data.replace(b"<parsedwaveforms ", b'<parsedwaveforms hipass="0.05" lowpass="150" notchfilterfreqs="50" ')


def mortara_at(ecg: Signal, time: str) -> bytes:
    return writers.mortara(ecg, 500).replace(b'"20200101120000"', f'"{time}"'.encode())


def edf_at(ecg: Signal, day: str, time: str, identification: str = "") -> bytes:
    data = writers.edf(ecg, 500, onsets=range(len(ecg) // 500))
    filters = b"HP:0.05Hz LP:150Hz N:50Hz".ljust(80)
    start = 256 + 13 * (16 + 80 + 8 + 8 + 8 + 8 + 8)
    data = data[:168] + f"{day:8}{time:8}".encode() + data[184:start] + 13 * filters + data[start + 13 * 80 :]
    return data[:88] + f"{identification:80}".encode() + data[168:]


def mfer_at(ecg: Signal, time: bytes) -> bytes:
    more = bytes([0x85, len(time)]) + time
    for text in (b"HPF=0.05", b"LPF=150", b"BEF=50"):
        more += bytes([0x11, len(text)]) + text
    maker = b"Philips^PageWriter TC70^1.0^US71621374"
    more += bytes([0x17, len(maker)]) + maker
    data = writers.mfer(ecg, 500)
    return data[:37] + more + data[37:]  # behind the byte order


def ishne_at(ecg: Signal, day: tuple[int, ...], clock: tuple[int, ...] = (10, 42, 5)) -> bytes:
    data = bytearray(writers.ishne(ecg, 500))
    struct.pack_into("<3h", data, 138, *day)
    struct.pack_into("<3h", data, 150, *clock)
    data[232:247] = b"PageWriter TC70"
    struct.pack_into("<H", data, 8, binascii.crc_hqx(bytes(data[10:522]), 0xFFFF))
    return bytes(data)


def json_at(ecg: Signal, time: Any, **more: Any) -> bytes:
    facts = {"rate_hz": 500, "leads": list(writers.LEADS), "unit": "uV", "signal": ecg.T.tolist()}
    return json.dumps(facts | {"recorded_at": time} | more).encode()


def csv_at(ecg: Signal, line: str) -> bytes:
    return line.encode() + b"\n" + writers.csv(ecg, 500)


ALL = Filters(0.05, 150, 50)
STATED: dict[str, tuple[Callable[[Signal], Any], datetime, str | None, Filters | None]] = {
    "wfdb": (lambda ecg: wfdb_at(ecg, "10:42:05 28/11/2020"), WHEN, None, None),
    "dicom": (lambda ecg: dicom_at(ecg, "20201128104205"), WHEN, "Philips PageWriter TC70", ALL),
    "dicom zone": (
        lambda ecg: dicom_at(ecg, "20201128104205.500000+0100"),
        WHEN.replace(microsecond=500_000, tzinfo=PLUS_ONE),
        "Philips PageWriter TC70",
        ALL,
    ),
    "scp": (lambda ecg: scp_at(ecg, scp_time(2020, 11, 28)), WHEN, None, ALL),
    "scp zone": (
        lambda ecg: scp_at(ecg, scp_time(2020, 11, 28), struct.pack("<BHhH", 34, 4, 60, 0)),
        WHEN.replace(tzinfo=PLUS_ONE),
        None,
        ALL,
    ),
    "aecg": (lambda ecg: aecg_at(ecg, "20201128104205"), WHEN, "Philips PageWriter TC70", ALL),
    "aecg zone": (
        lambda ecg: aecg_at(ecg, "20201128104205+0100"),
        WHEN.replace(tzinfo=PLUS_ONE),
        "Philips PageWriter TC70",
        ALL,
    ),
    "muse": (lambda ecg: muse_at(ecg, "11-28-2020", "10:42:05"), WHEN, "PageWriter TC70", ALL),
    "sierra": (lambda ecg: sierra_at(ecg, "2020-11-28", "10:42:05"), WHEN, "Philips PageWriter TC70", ALL),
    "mortara": (lambda ecg: mortara_at(ecg, "2020-11-28T10:42:05+01:00"), WHEN.replace(tzinfo=PLUS_ONE), None, None),
    "edf": (
        lambda ecg: edf_at(ecg, "28.11.20", "10.42.05", "Startdate 28-NOV-2020 A7 Jones PageWriter_TC70"),
        WHEN,
        "PageWriter TC70",
        ALL,
    ),
    "mfer": (
        lambda ecg: mfer_at(ecg, struct.pack("<HBBBBB", 2020, 11, 28, 10, 42, 5)),
        WHEN,
        "Philips PageWriter TC70",
        ALL,
    ),
    "ishne": (lambda ecg: ishne_at(ecg, (28, 11, 2020)), WHEN, "PageWriter TC70", None),
    "json": (
        lambda ecg: json_at(ecg, "2020-11-28T10:42:05+01:00", device="Philips TC70", filters=ALL._asdict()),
        WHEN.replace(tzinfo=PLUS_ONE),
        "Philips TC70",
        ALL,
    ),
    "csv": (lambda ecg: csv_at(ecg, "# recorded_at: 2020-11-28T10:42:05"), WHEN, None, None),
}


@pytest.mark.parametrize("name", STATED)
def test_what_each_format_states(name: str, ecg: Signal) -> None:
    write, recorded_at, device, filters = STATED[name]
    recording = einthoven.read(write(ecg), **({"rate": 500} if name == "csv" else {}))
    assert recording.recorded_at == recorded_at
    assert recording.recorded_at.tzinfo == recorded_at.tzinfo
    assert (recording.device, recording.filters) == (device, filters)
    assert doubts(recording) == []


@pytest.mark.parametrize("name", STATED)
@settings(max_examples=25, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=damages)
def test_damaged_files(name: str, damage: Damage, ecg: Signal) -> None:
    source = STATED[name][0](ecg[:1500])
    if isinstance(source, dict):
        source = source | {"r.hea": damaged(source["r.hea"], damage)}
    else:
        source = damaged(source, damage)
    check(source, {"rate": 500} if name == "csv" else {})


ABSURD: dict[str, Callable[[Signal], Any]] = {
    "wfdb 1900": lambda ecg: wfdb_at(ecg, "10:42:05 28/11/1900"),
    "wfdb day": lambda ecg: wfdb_at(ecg, "10:42:05 31/2/2020"),
    "wfdb hour": lambda ecg: wfdb_at(ecg, "25:42:05 28/11/2020"),
    "wfdb shifted": lambda ecg: wfdb_at(ecg, "10:42:05 28/11/2180"),
    "dicom 1900": lambda ecg: dicom_at(ecg, "19000101000000"),
    "dicom day": lambda ecg: dicom_at(ecg, "20200230104205"),
    "dicom zone": lambda ecg: dicom_at(ecg, "20201128104205+9900"),
    "dicom date": lambda ecg: dicom_at(ecg, "20201128"),
    "dicom words": lambda ecg: dicom_at(ecg, "yesterday"),
    "scp 1900": lambda ecg: scp_at(ecg, scp_time(1900, 1, 1)),
    "scp 65535": lambda ecg: scp_at(ecg, scp_time(2020, 11, 28, None)),
    "aecg 9999": lambda ecg: aecg_at(ecg, "99991231235959"),
    "aecg words": lambda ecg: aecg_at(ecg, "y" * 5000),
    "aecg zone": lambda ecg: aecg_at(ecg, "20201128104205+2359"),
    "muse day": lambda ecg: muse_at(ecg, "28-28-2020", "10:42:05"),
    "muse no time": lambda ecg: muse_at(ecg, "11-28-2020", ""),
    "sierra time": lambda ecg: sierra_at(ecg, "2020-11-28", "99:99:99"),
    "sierra 1753": lambda ecg: sierra_at(ecg, "1753-01-01", "00:00:00"),
    "mortara": lambda ecg: mortara_at(ecg, "0001-01-01T00:00:00+14:00"),
    "mortara words": lambda ecg: mortara_at(ecg, "long ago"),
    "edf day": lambda ecg: edf_at(ecg, "99.99.20", "10.42.05"),
    "edf future": lambda ecg: edf_at(ecg, "28.11.84", "10.42.05"),
    "mfer 1900": lambda ecg: mfer_at(ecg, struct.pack("<HBBBBB", 1900, 1, 1, 0, 0, 0)),
    "mfer date": lambda ecg: mfer_at(ecg, struct.pack("<HBB", 2020, 11, 28)),
    "ishne day": lambda ecg: ishne_at(ecg, (31, 2, 2020)),
    "ishne time": lambda ecg: ishne_at(ecg, (28, 11, 2020), (99, 0, 0)),
    "json words": lambda ecg: json_at(ecg, "soon"),
    "json number": lambda ecg: json_at(ecg, 1e308),
    "json list": lambda ecg: json_at(ecg, [[]] * 1000),
    "json year": lambda ecg: json_at(ecg, "9999-12-31T23:59:59-23:59"),
    "json date": lambda ecg: json_at(ecg, "2020-11-28"),
    "csv": lambda ecg: csv_at(ecg, "recording date;2020-13-13"),
}


@pytest.mark.parametrize("name", ABSURD)
def test_an_absurd_time_is_not_used_and_refuses_nothing(name: str, ecg: Signal) -> None:
    recording = einthoven.read(ABSURD[name](ecg), **({"rate": 500} if name == "csv" else {}))
    assert recording.recorded_at is None
    assert len(doubts(recording)) == 1
    np.testing.assert_allclose(recording.signal, ecg.T / 1000, atol=0.0011)


@pytest.mark.parametrize(
    "write",
    [
        lambda ecg: writers.wfdb(ecg, 500),
        lambda ecg: writers.challenge(ecg, 500),  # the date of its conversion
        lambda ecg: wfdb_at(ecg, "10:42:05"),
        lambda ecg: writers.dicom(ecg, 500),
        lambda ecg: writers.scp(ecg, 500),
        lambda ecg: writers.muse(ecg, 500),
        lambda ecg: edf_at(ecg, "01.01.85", "00.00.00", "Startdate X X X X"),
        lambda ecg: edf_at(ecg, "28.11.20", "10.42.05", "Startdate X X X X"),
        lambda ecg: edf_at(ecg, "", ""),
        lambda ecg: ishne_at(ecg, (-9, -9, -9), (-9, -9, -9)),
        lambda ecg: ishne_at(ecg, (0, 0, 0), (0, 0, 0)),
        lambda ecg: dicom_at(ecg, ""),
        lambda ecg: sierra_at(ecg, "", ""),
        lambda ecg: json_at(ecg, None),
        lambda ecg: json_at(ecg, ""),
    ],
)
def test_a_time_that_is_not_stated(write: Callable[[Signal], Any], ecg: Signal) -> None:
    recording = einthoven.read(write(ecg))
    assert (recording.recorded_at, doubts(recording)) == (None, [])


@pytest.mark.parametrize("tag", ["FilterLowFrequency", "FilterHighFrequency", "NotchFilterFrequency"])
@pytest.mark.parametrize("value", [b"1e400   ", b"-5      ", b"abc     ", b"NaN     ", b"1\\2     ", b"        "])
def test_damaged_filters_of_dicom(tag: str, value: bytes, ecg: Signal) -> None:
    def change(dataset: Dataset) -> None:
        for channel in dataset.WaveformSequence[0].ChannelDefinitionSequence:
            setattr(channel, tag, "0.123456")

    recording = einthoven.read(writers.dicom(ecg, 500, change=change).replace(b"0.123456", value))
    assert recording.filters is None


def test_channels_filtered_differently_have_no_common_filter(ecg: Signal) -> None:
    def change(dataset: Dataset) -> None:
        for place, channel in enumerate(dataset.WaveformSequence[0].ChannelDefinitionSequence):
            channel.FilterLowFrequency, channel.FilterHighFrequency = "0.05", "150" if place else "40"

    assert einthoven.read(writers.dicom(ecg, 500, change=change)).filters == Filters(high_pass_hz=0.05)


def test_separate_dates_and_zones_of_dicom(ecg: Signal) -> None:
    def change(dataset: Dataset) -> None:
        dataset.AcquisitionDate, dataset.AcquisitionTime, dataset.TimezoneOffsetFromUTC = "20201128", "1042", "+0100"

    recorded_at = einthoven.read(writers.dicom(ecg, 500, change=change)).recorded_at
    assert recorded_at == datetime(2020, 11, 28, 10, 42, tzinfo=PLUS_ONE)


# ---- the parts


def test_the_name_of_a_device() -> None:
    assert device_name("Philips", "PageWriter TC70") == "Philips PageWriter TC70"
    assert device_name("GE", "GE MAC 5500") == "GE MAC 5500"
    assert device_name("unknown", "ELI250 ") == "ELI250"
    assert device_name("", " ?") is None
    assert device_name("(C) Mindray. All rights reserved.", "R12") == "Mindray. R12"
    assert device_name("", "TC70 \x1b[31m\n\u202e") == "TC70 ?[31m ?"
    assert device_name("M" * 100, "X1") == f"{'M' * 64} X1"


def test_a_device_names_no_person_place_or_serial_number() -> None:
    assert device_name("Philips", "TC70 US71621374") == "Philips TC70"
    assert device_name("Philips", "TC70 FN-3A04", ["FN-3A04"]) == "Philips"
    assert device_name("Doe^Jane", "TC70", ["Doe^Jane"]) == "TC70"
    assert device_name("Philips", "cart of JANE_DOE", ["Jane", "Doe"]) == "Philips"
    assert device_name("Philips", "TC70 St. Mary", [], "st. mary") == "Philips"
    assert device_name("Philips", "TC 70", ["70"]) == "Philips TC 70"  # a short number names nobody


@pytest.mark.parametrize("words", ["X Jane Doe", "X Jane Doe PageWriter", "A7 Jones X", "A7 Jones Doe_Jane"])
def test_a_free_text_of_edf_names_no_person(words: str, ecg: Signal) -> None:
    assert einthoven.read(edf_at(ecg, "28.11.20", "10.42.05", f"Startdate 28-NOV-2020 {words}")).device is None


def test_a_patients_name_as_a_device_is_left_out(ecg: Signal) -> None:
    def change(dataset: Dataset) -> None:
        dataset.Manufacturer, dataset.ManufacturerModelName = "Philips", "Jane Doe's TC70"

    assert einthoven.read(writers.dicom(ecg, 500, change=change)).device == "Philips"
    data = aecg_at(ecg, "20201128104205").replace(b"PageWriter TC70", b"Jane Doe")
    name = b"<name><given>Jane</given><family>Doe</family></name>"
    path = ("componentOf", "timepointEvent", "componentOf", "subjectAssignment", "subject", "trialSubject")
    person = name
    for tag in ("subjectDemographicPerson", *reversed(path)):
        person = f"<{tag}>".encode() + person + f"</{tag}>".encode()
    patient = data.replace(b"<component><series>", person + b"<component><series>", 1)
    assert einthoven.read(patient).patient.name == "Jane Doe"
    assert einthoven.read(patient).device == "Philips"
    person = name
    for tag in ("assignedPerson", "seriesPerformer", "performer"):
        person = f"<{tag}>".encode() + person + f"</{tag}>".encode()
    assert einthoven.read(data.replace(b"<author>", person + b"<author>", 1)).device == "Philips"


@given(st.text(), st.text(), st.lists(st.text(), max_size=3), st.text())
def test_any_name_of_a_device(maker: str, model: str, private: list[str], owner: str) -> None:
    name = device_name(maker, model, private, owner)
    assert name is None or (name.isprintable() and len(name) <= 129 and name == name.strip())


@pytest.mark.parametrize(
    "text", ["2020-11-28T10:42:05+01:00", "2020-11-28 10:42:05 +0100", "20201128T104205+01", " 2020-11-28 09:42:05Z "]
)
def test_iso_times(text: str) -> None:
    assert parse_iso_time(text) == WHEN.replace(tzinfo=PLUS_ONE)


@given(st.one_of(st.none(), st.text(), st.datetimes(), st.datetimes(timezones=st.timezones()), st.dates()))
def test_any_time(stated: Any) -> None:
    recorded_at, warnings = check_time(parse_iso_time(stated) if isinstance(stated, str) else stated)
    assert recorded_at is None or not warnings
    if recorded_at:
        assert datetime(1970, 1, 2) <= recorded_at.replace(tzinfo=None) <= datetime.now() + timedelta(days=2)
        assert datetime.fromisoformat(recorded_at.isoformat()) == recorded_at
    assert all(warning.text.isprintable() and len(warning.text) < 120 for warning in warnings)


def test_an_hour_that_comes_twice_equals_itself_after_a_round_trip() -> None:
    recorded_at, _ = check_time(datetime(2000, 10, 29, 1, tzinfo=ZoneInfo("America/Atka")))
    assert recorded_at
    assert datetime.fromisoformat(recorded_at.isoformat()) == recorded_at


def test_now_is_not_the_future() -> None:
    now = datetime.now(UTC)
    assert check_time(now) == (now, [])
    assert check_time(now + timedelta(hours=14)) == (now + timedelta(hours=14), [])
    assert "in the future" in check_time(now + timedelta(days=3))[1][0].text


numbers = st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(), st.lists(st.none()))


@given(numbers, numbers, numbers)
def test_any_filters(high: Any, low: Any, notch: Any) -> None:
    filters = make_filters(high, low, notch)
    assert filters is None or any(filters)
    assert all(value is None or 0 < value <= 10_000 for value in filters or ())


def test_limits_that_contradict_each_other() -> None:
    assert make_filters("0.05", 150, "50") == Filters(0.05, 150, 50)
    assert make_filters(150, 0.05, None) is None
    assert make_filters(150, 0.05, 50) == Filters(notch_hz=50)
