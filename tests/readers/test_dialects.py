"""What recorders and export programs write beside the standard: the same tracing comes back."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import writers
from numpy.typing import NDArray
from pydicom.dataset import Dataset

import einthoven
from einthoven.errors import RecordingError
from einthoven.recording import LEADS

Signal = NDArray[np.int16]
HALF_SECOND = slice(1000, 1250)


def same(source: Any, ecg: Signal, **options: Any) -> None:
    recording = einthoven.read(source, **options)
    assert (recording.leads, recording.rate) == (LEADS, 500)
    np.testing.assert_allclose(recording.signal, ecg.T / 1000, atol=0.0011)  # MUSE's derived leads are rounded


def group(dataset: Dataset) -> Any:
    return dataset.WaveformSequence[0]


# ---- an electrode that is off


@pytest.mark.parametrize(
    "write",
    [
        lambda s: writers.dicom(s, 500), lambda s: writers.scp(s, 500), lambda s: writers.aecg(s, 500),
        lambda s: writers.muse(s, 500), lambda s: writers.sierra(s, 500), lambda s: writers.mortara(s, 500),
        lambda s: writers.mfer(s, 500), lambda s: writers.ishne(s, 500), lambda s: writers.csv(s, 500, "time," + UV),
    ],
)  # fmt: skip
def test_the_lowest_value_is_no_sample(write: Callable[[Signal], bytes], ecg: Signal) -> None:
    ecg = ecg.copy()
    ecg[HALF_SECOND, 7] = -32768
    recording = einthoven.read(write(ecg))
    assert recording.warnings == (("signal-gap", "There is no signal in V2 from 2.00 to 2.50 s; it is 0 mV there."),)


UV = ",".join(f"{lead} (uV)" for lead in LEADS)


# ---- WFDB


def _segment(name: str, signal: NDArray[Any], leads: tuple[str, ...], gain: int) -> dict[str, bytes]:
    files = writers.wfdb((signal * (gain / 1000)).round().astype(np.int16), 500, leads)
    header = files["r.hea"].decode().replace("r.dat", f"{name}.dat").replace("r ", f"{name} ", 1)
    return {f"{name}.hea": header.replace("1000(0)", f"{gain}(0)").encode(), f"{name}.dat": files["r.dat"]}


@pytest.mark.parametrize("master", ["m/2 12 500 5000\na 2000\nb 3000\n", "m/3 12 500 5000\nlayout 0\na 2000\nb 3000\n"])
def test_segments_of_other_order_and_gain(master: str, ecg: Signal) -> None:
    files = {"m.hea": master.encode()}
    if "layout" in master:
        files["layout.hea"] = b"layout 12 500 0\n" + b"~ 0 200/mV\n" * 12
    files |= _segment("a", ecg[:2000], LEADS, 1000) | _segment("b", ecg[2000:, ::-1], LEADS[::-1], 2000)
    same(files, ecg)
    samples = np.frombuffer(files["b.dat"], "<i2").reshape(-1, 12).copy()
    samples[500:750, 11] = -32768  # marked invalid
    header = re.sub(rb"(16 0 \S+) \S+ 0 ", rb"\1 0 0 ", files["b.hea"])
    recording = einthoven.read(files | {"b.dat": samples.tobytes(), "b.hea": header})
    assert recording.warnings == (("signal-gap", "There is no signal in I from 5.00 to 5.50 s; it is 0 mV there."),)


def test_segments_that_are_not_as_declared_are_refused(ecg: Signal) -> None:
    files = {"m.hea": b"m/2 12 500 5000\na 2000\nb 3000\n"}
    files |= _segment("a", ecg[:2000], LEADS, 1000) | _segment("b", ecg[2000:4000], LEADS, 1000)
    with pytest.raises(RecordingError, match="segment b is not as declared: 3000 samples at 500 Hz"):
        einthoven.read(files)


def test_a_header_with_many_comments_first_and_other_case(ecg: Signal, tmp_path: Any) -> None:
    files = writers.wfdb(ecg, 500)
    files = {"r.hea": b"# a comment\r\n" * 500 + files["r.hea"].replace(b"\n", b"\r\n"), "R.DAT": files["r.dat"]}
    same(files, ecg)
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    same(tmp_path / "r", ecg)


@pytest.mark.parametrize("name", ["{} ECG", "{}-Ref", "{}:ECG", "ECG {}-REF", "ekg_{}"])
def test_names_with_prefix_and_suffix(name: str, ecg: Signal) -> None:
    same(writers.wfdb(ecg, 500, [name.format(lead) for lead in LEADS]), ecg)


# ---- DICOM


def test_dicom_with_the_words_in_other_places(ecg: Signal) -> None:
    def change(dataset: Dataset) -> None:
        for channel, lead in zip(group(dataset).ChannelDefinitionSequence, LEADS, strict=True):
            channel.ChannelSourceSequence[0].CodeMeaning, channel.ChannelLabel = "Unknown lead", f"Lead {lead}"
            unit = channel.ChannelSensitivityUnitsSequence[0]
            unit.CodeValue, unit.CodeMeaning = "265", "microvolt"

    same(writers.dicom(ecg, 500, change=change), ecg)


@pytest.mark.parametrize("code", ["5.6.3-9-{}", "99LOCAL-{}", "X{}Y"])
def test_dicom_with_strange_codes_and_words_that_say_it(code: str, ecg: Signal) -> None:
    def change(dataset: Dataset) -> None:
        for channel, lead in zip(group(dataset).ChannelDefinitionSequence, LEADS, strict=True):
            source = channel.ChannelSourceSequence[0]
            source.CodeValue, source.CodeMeaning = code.format(lead), f"Lead {lead}"

    same(writers.dicom(ecg, 500, change=change), ecg)


def test_dicom_with_a_right_chest_lead_by_its_code_alone(ecg: Signal) -> None:
    def change(dataset: Dataset) -> None:
        source = group(dataset).ChannelDefinitionSequence[8].ChannelSourceSequence[0]
        source.CodeValue, source.CodeMeaning = "MDC_ECG_LEAD_V3R", "Lead V3"

    with pytest.raises(einthoven.RecordingError, match="holds V3R but no V3"):
        einthoven.read(writers.dicom(ecg, 500, change=change))


@pytest.mark.parametrize(("scheme", "offset"), [("MDC", 2 << 16), ("MDC", 0), ("SCPECG", 0)])
def test_dicom_with_numbers_for_leads(scheme: str, offset: int, ecg: Signal) -> None:
    def change(dataset: Dataset) -> None:
        numbers = (1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8)
        for channel, number in zip(group(dataset).ChannelDefinitionSequence, numbers, strict=True):
            source = channel.ChannelSourceSequence[0]
            source.CodeValue, source.CodingSchemeDesignator, source.CodeMeaning = str(offset + number), scheme, "?"

    same(writers.dicom(ecg, 500, change=change), ecg)


@pytest.mark.parametrize("implicit", [True, False])
def test_dicom_without_meta_information(implicit: bool, ecg: Signal) -> None:
    """Implicit little endian, or explicit big endian, which only the elements themselves tell."""
    import io

    import pydicom

    dataset = pydicom.dcmread(io.BytesIO(writers.dicom(ecg, 500)))
    del dataset.file_meta
    if not implicit:
        group(dataset).WaveformData = ecg.astype(">i2").tobytes()
    out = io.BytesIO()
    pydicom.dcmwrite(out, dataset, implicit_vr=implicit, little_endian=implicit, force_encoding=True)
    same(out.getvalue(), ecg)
    same(out.getvalue()[132:], ecg)


@pytest.mark.parametrize("late", ["ChannelOffset", "ChannelTimeSkew"])
def test_dicom_channels_that_begin_later_are_not_simultaneous(late: str, ecg: Signal) -> None:
    def change(seconds: float) -> Callable[[Dataset], None]:
        def set_late(dataset: Dataset) -> None:
            for place, channel in enumerate(group(dataset).ChannelDefinitionSequence):
                setattr(channel, late, place // 3 * seconds)

        return set_late

    same(writers.dicom(ecg, 500, change=change(0.002)), ecg)  # one multiplexer
    with pytest.raises(RecordingError, match="do not cover the same time"):
        einthoven.read(writers.dicom(ecg, 500, change=change(2.5)))


# ---- SCP-ECG


@pytest.mark.parametrize("number", [4, 5, 7, 8, 10, 11])
def test_scp_with_a_damaged_section_that_holds_no_rhythm(number: int, ecg: Signal) -> None:
    sections = writers.scp_sections(writers.scp(ecg, 500))
    same(writers.scp_record(dict(sorted((sections | {number: b"\x05\x01\xff"}).items()))), ecg)
    recording = einthoven.read(writers.scp_record(sections | {1: b"\0\xff\xff abc"}))
    assert recording.warnings == (("patient-damaged", "The patient data in the file are damaged, and left out."),)


def test_scp_whose_checksum_looks_like_the_start_of_xml(ecg: Signal) -> None:
    same(b"<x" + writers.scp(ecg, 500)[2:], ecg)


# ---- HL7 aECG


def _series(signal: Signal, leads: tuple[str, ...] = LEADS, second: float = 0) -> str:
    text = writers.aecg(signal, 500, leads).decode().replace("20200101120000", f"202001011200{second:06.3f}")
    found = re.search(r"<component><series>(.*)</series></component>", text)
    assert found
    return found[1]


def _aecg(*series: str) -> bytes:
    return ("<AnnotatedECG>" + "".join(f"<component><series>{one}</series></component>" for one in series)).encode() + (
        b"</AnnotatedECG>"
    )


def test_aecg_in_several_sequence_sets(ecg: Signal) -> None:
    def sets(*parts: str) -> bytes:
        return _aecg("".join(part.replace('<code code="RHYTHM"/>', "") for part in parts))

    same(sets(*(_series(ecg[:, k : k + 3], LEADS[k : k + 3]) for k in (0, 3, 6, 9))), ecg)
    same(sets(_series(ecg[2500:], second=5), _series(ecg[:2500])), ecg)
    gap = einthoven.read(sets(_series(ecg[:2500]), _series(ecg[2500:], second=6)))
    assert gap.warnings == (("signal-gap", "There is no signal in any lead from 5.00 to 6.00 s; it is 0 mV there."),)
    with pytest.raises(RecordingError, match="do not cover the same time"):
        einthoven.read(sets(*(_series(ecg[:1250, k : k + 3], LEADS[k : k + 3], k / 1.2) for k in (0, 3, 6, 9))))
    with pytest.raises(RecordingError, match="pieces that overlap"):
        einthoven.read(sets(_series(ecg), _series(ecg, second=5)))
    with pytest.raises(RecordingError, match="do not fit"):  # ten years of nothing are not made
        einthoven.read(sets(_series(ecg), _series(ecg).replace("2020", "2030")))


def test_aecg_of_several_series(ecg: Signal) -> None:
    beat = _series(ecg[:600] // 2)
    same(_aecg(beat.replace("RHYTHM", "MEDIAN_BEAT"), _series(ecg)), ecg)
    same(_aecg(beat, _series(ecg)), ecg)  # of a beat only its length tells
    same(_aecg(_series(np.tile(ecg[:, 1:2], (6, 1)), ("II",)), _series(ecg)), ecg)
    same(_aecg(_series(ecg[:, :6], LEADS[:6]), _series(ecg[:, 6:], LEADS[6:])), ecg)
    same(_aecg(_series(ecg).replace("<digits>", "<digits>x "), _series(ecg)), ecg)
    assert "1 more rhythm" in einthoven.read(_aecg(_series(ecg), _series(ecg, second=20))).warnings[0].text


@pytest.mark.parametrize(
    ("pattern", "by"),
    [
        ('value="0.002" unit="s"', 'value="500" unit="Hz"'),
        ('value="0.002" unit="s"', 'value="2" unit="MS"'),
        ('value="0.002" unit="s"', 'value="0.002" unit="sec"'),
        ("MDC_ECG_LEAD_", ""),
        ('xmlns:xsi="[^"]*"', ""),  # though xsi:type is there
    ],
)
def test_aecg_with_other_words(pattern: str, by: str, ecg: Signal) -> None:
    text, count = re.subn(pattern, by, writers.aecg(ecg, 500).decode())
    assert count
    same(text.encode(), ecg)


def test_aecg_with_a_damaged_beat(ecg: Signal) -> None:
    text = writers.aecg(ecg, 500, beat=ecg[:600]).decode()
    before, after = text.split("derivedSeries", 1)
    same((before + "derivedSeries" + re.sub("<digits>[^<]*", "<digits>", after)).encode(), ecg)


# ---- GE MUSE, Philips Sierra, Mortara


@pytest.mark.parametrize("write", [writers.aecg, writers.muse, writers.sierra, writers.mortara])
@pytest.mark.parametrize("encoding", ["UTF-16", "shift_jis", "unicode", ""])
def test_xml_in_utf_8_that_declares_something_else(write: Callable[..., bytes], encoding: str, ecg: Signal) -> None:
    body = re.sub(rb"^<.xml[^>]*>", b"", write(ecg, 500))
    same(f'<?xml version="1.0" encoding="{encoding}"?>'.encode() + body, ecg)


def test_a_lead_without_samples_is_derived(ecg: Signal) -> None:
    def emptied(text: str, data: str) -> bytes:
        fourth = list(re.finditer(f"<{data}>[^<]*", text))[3]
        return (text[: fourth.start()] + f"<{data}>" + text[fourth.end() :]).encode()

    for source in (
        emptied(writers.aecg(ecg, 500).decode(), "digits"),
        emptied(writers.muse(ecg, 500, LEADS).decode("latin-1"), "WaveFormData"),
    ):
        same(source, ecg)
        assert einthoven.read(source).derived_leads == ("aVR",)


def test_muse_leads_that_begin_later_are_not_simultaneous(ecg: Signal) -> None:
    places = iter(range(8))
    text = re.sub(
        "<LeadID>",
        lambda _: f"<LeadTimeOffset>{next(places) // 2 * 2500}</LeadTimeOffset><LeadID>",
        writers.muse(ecg, 500).decode("latin-1"),
    )
    with pytest.raises(RecordingError, match="do not cover the same time"):
        einthoven.read(text.encode())


def test_muse_takes_the_rhythm_of_most_leads(ecg: Signal) -> None:
    strip, whole = (writers.muse(ecg, 500, names).decode("latin-1") for names in (("II",), LEADS))
    first = re.search("<Waveform>.*</Waveform>", strip)
    assert first
    data = whole.replace("<Waveform>", first[0] + "<Waveform>", 1).encode()
    same(data, ecg)
    assert einthoven.read(data).warnings == (("rhythms-left-out", "1 more rhythm of the file is left out."),)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<Gender>", "<Name>A & B \x1f &#x1F;</Name><Gender>"),
        ("</RestingECG>", "</RestingECG>\r\n\x1a"),
        ("<Waveform>", "<Waveform><WaveformType>Median</WaveformType><LeadData/></Waveform><Waveform>"),
        ("</Patient", "</PatientDemographics><RestingECGMeasurements><PRInterval>1e999</PRInterval>"
         "</RestingECGMeasurements><Patient"),
    ],
)  # fmt: skip
def test_muse_with_damage_beside_the_rhythm(old: str, new: str, ecg: Signal) -> None:
    text = writers.muse(ecg, 500).decode("latin-1").replace("</PatientDemographics>", "</PatientDemographics><x/>")
    if "Patient" in old:
        old, new = "<x/>", new.removeprefix("</PatientDemographics>").removesuffix("<Patient")
    same(text.replace(old, new, 1).encode(), ecg)


@pytest.mark.parametrize("unit", ["µV", "μV", "uV", "Microvolts"])
def test_muse_with_other_words_for_microvolts(unit: str, ecg: Signal) -> None:
    same(
        writers.muse(ecg, 500).decode("latin-1").replace("MICROVOLTS", unit).replace("ISO-8859-1", "UTF-8").encode(),
        ecg,
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"Base64"', '"base64"'),
        (" ".join(LEADS), ",".join(LEADS)),
        ('resolution="1"', 'resolution="1,0"'),
        ("</parsedwaveforms>", "</parsedwaveforms><repbeats><repbeat leadname='I'>x</repbeat></repbeats>"),
    ],
)
def test_sierra_with_other_words(old: str, new: str, ecg: Signal) -> None:
    same(writers.sierra(ecg, 500).decode().replace(old, new).encode(), ecg)


def test_sierra_whose_leads_are_longer_than_declared_is_refused(ecg: Signal) -> None:
    """Its leads lie one after another: with another length each but the first would be cut in the wrong place."""
    data = writers.sierra(ecg, 500).replace(b'durationperchannel="10000"', b'durationperchannel="5000"')
    with pytest.raises(RecordingError, match="holds 60000 values where 12 leads of 2500 samples are declared"):
        einthoven.read(data)


def test_mortara_with_a_damaged_beat(ecg: Signal) -> None:
    data = writers.mortara(ecg, 500)
    same(data.replace(b"<CHANNEL", b'<TYPICAL_CYCLE BITS="8"><TYPICAL_CYCLE_CHANNEL/></TYPICAL_CYCLE><CHANNEL', 1), ecg)


# ---- EDF and BDF


def test_edf_with_decimal_commas_and_nul_bytes(ecg: Signal) -> None:
    data = writers.edf(ecg, 500)
    same(b"0".ljust(8, b"\0") + data[8:].replace(b"-32768  ", b"-32768,0", 12), ecg)


def test_edf_with_units_in_its_labels(ecg: Signal) -> None:
    data = writers.edf(ecg, 500)
    labels = b"".join(f"ECG {lead} (mV)".encode().ljust(16) for lead in LEADS)
    same(data[:256] + labels + data[256 + len(labels) :], ecg)


def test_bdf(ecg: Signal) -> None:
    edf = writers.edf(ecg, 500)
    header = edf[: 256 * 13].replace(b"-32768  ", b"-8388608").replace(b"32767   ", b"8388607 ")
    header = header.replace(b"-8388608", b"-83886,1", 12).replace(b"8388607 ", b"83886.07", 12)  # 0.01 uV a unit
    blocks = ecg.reshape(10, 500, 12).transpose(0, 2, 1).astype("<i4") * 100
    data = b"\xffBIOSEMI" + header[8:] + blocks.copy().view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    same(data, ecg)
    assert einthoven.read(data).format == "BDF"
    with pytest.raises(RecordingError, match="9 of 10 data records"):
        einthoven.read(data[:-10])
    with pytest.raises(RecordingError, match="separate data records"):
        einthoven.read(data[:192] + b"BDF+D" + data[197:])


# ---- tables


@pytest.mark.parametrize(
    "before",
    ["Patient: X\nSampling rate: 500 Hz\n\n", "Patient,X\nDate,2020\n", "sep=,\n", "% made by x\n", "// I, II\n"],
)
def test_lines_before_the_header(before: str, ecg: Signal) -> None:
    same(before.encode() + writers.csv(ecg, 500), ecg, rate=500)


@pytest.mark.parametrize("clock", ["2020-01-01T23:59:{:06.3f}", "23:59:{:06.3f}", "59:{:06.3f}"])
def test_a_clock_gives_the_rate(clock: str, ecg: Signal) -> None:
    rows = [",".join(map(str, [clock.format(n / 500), *row])) for n, row in enumerate(ecg)]
    same("\n".join([f"timestamp,{UV}", *rows]).encode(), ecg)


def test_a_clock_may_pass_midnight(ecg: Signal) -> None:
    times = (divmod(86_395_000 + 2 * n, 86_400_000)[1] for n in range(5000))  # ms
    clock = (f"{t // 3_600_000:02}:{t // 60_000 % 60:02}:{t % 60_000 / 1000:06.3f}" for t in times)
    rows = [",".join(map(str, [time, *row])) for time, row in zip(clock, ecg, strict=True)]
    same("\n".join([f"timestamp,{UV}", *rows]).encode(), ecg)


def test_a_row_for_each_lead(ecg: Signal) -> None:
    rows = [",".join(map(str, column)) for column in ecg.T.tolist()]
    same("\n".join(rows).encode(), ecg, rate=500, unit="uV", leads=LEADS)
    named = "\n".join(f"{lead},{row}" for lead, row in zip(LEADS, rows, strict=True))
    same(named.encode(), ecg, rate=500, unit="uV")
    with pytest.raises(RecordingError, match="not all values are numbers"):
        einthoven.read(named.replace("V3", "V3,").encode(), rate=500, unit="uV")


def test_refusals_repeat_nothing_that_may_be_a_name(ecg: Signal) -> None:
    rows = [",".join(map(str, row)) for row in ecg.tolist()]
    rows[70] += "Jane O'Doe"
    edf = writers.edf(ecg, 500)
    files = [
        "\n".join([UV, *rows]).encode(),
        edf[:236] + b"Jane Doe" + edf[244:],
        writers.wfdb(ecg, 500) | {"r.hea": writers.wfdb(ecg, 500)["r.hea"].replace(b"1000(0)/mV", b"Jane-Doe/mV")},
    ]
    files += [b"Jane,Doe\n1,2\n3,4\n"]
    for source in files:
        with pytest.raises(RecordingError) as refusal:
            einthoven.read(source, rate=500, unit="uV")
        assert "Doe" not in str(refusal.value)


@pytest.mark.parametrize("separator", [",", " "])
def test_rows_with_a_number_that_the_header_does_not_name(separator: str, ecg: Signal) -> None:
    """As R writes them: read by the header's places, each lead would be the one before it."""
    rows = [separator.join(map(str, [n, *row])) for n, row in enumerate(ecg)]
    same("\n".join([separator.join(LEADS), *rows]).encode(), ecg, rate=500, unit="uV")


def test_rows_of_other_lengths_are_refused(ecg: Signal) -> None:
    rows = [",".join(f"{value / 1000:.3f}".replace(".", ",") for value in row) for row in ecg]
    with pytest.raises(RecordingError, match="12 columns with rows of 24 fields"):
        einthoven.read("\n".join([",".join(LEADS), *rows]).encode(), rate=500, unit="mV")
    with pytest.raises(RecordingError, match="rows of 12, 13 fields"):
        einthoven.read(writers.csv(ecg, 500) + b",1", rate=500)


def test_a_batch_of_one_and_a_column_of_timestamps(ecg: Signal) -> None:
    import io

    import pyarrow
    from pyarrow import parquet

    same(writers.npy(ecg[None]), ecg, rate=500, unit="uV")
    times = (np.arange(5000) * 2000).astype("datetime64[us]")
    out = io.BytesIO()
    parquet.write_table(pyarrow.table({"time": times} | dict(zip(LEADS, ecg.T, strict=True))), out)
    same(out.getvalue(), ecg, unit="uV")


def test_units_in_other_words(ecg: Signal) -> None:
    header = "time_us," + ",".join(f'"{lead}, uVolt"' for lead in LEADS)
    rows = [",".join(map(str, [2000 * n, *row])) for n, row in enumerate(ecg)]
    same("\n".join([header, *rows]).encode(), ecg)
