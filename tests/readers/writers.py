"""Small writers: the same tracing, int16 (samples, 12) in uV, as a file of each format."""

import base64
import binascii
import io
import struct
import zipfile
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, TwelveLeadECGWaveformStorage

from einthoven.recording import LEADS

Signal = NDArray[np.int16]
Files = dict[str, bytes]


def wfdb(signal: Signal, rate: float, names: Sequence[str] = LEADS, comments: str = "") -> Files:
    lines = [f"r {len(names)} {rate:g} {len(signal)}"]
    for name, values in zip(names, signal.T, strict=True):
        lines.append(f"r.dat 16 1000(0)/mV 16 0 {values[0]} {int(values.sum(dtype=np.int64)) & 0xFFFF} 0 {name}")
    return {"r.hea": ("\n".join(lines) + "\n" + comments).encode(), "r.dat": signal.astype("<i2").tobytes()}


def flac(signal: Signal, rate: float, names: Sequence[str] = LEADS, bits: int = 16) -> Files:
    """WFDB's FLAC formats; a file holds at most eight channels."""
    import soundfile

    files, lines = {"r.hea": b""}, [f"r {len(names)} {rate:g} {len(signal)}"]
    for start in range(0, len(names), 8):
        part, file, out = signal[:, start : start + 8], f"r_{start // 8}.dat", io.BytesIO()
        subtype = {8: "PCM_S8", 16: "PCM_16", 24: "PCM_24"}[bits]
        width = 16 if bits == 8 else 8 * -(-bits // 16) * 2
        scaled = part.astype(f"i{width // 8}") << (width - bits)  # libsndfile writes the upper bits
        soundfile.write(out, scaled, 1000, subtype, format="FLAC")
        files[file] = out.getvalue()
        for name, values in zip(names[start : start + 8], part.T, strict=True):
            total = int(values.sum(dtype=np.int64)) & 0xFFFF
            lines.append(f"{file} {500 + bits} 1000(0)/mV {bits} 0 {values[0]} {total} 0 {name}")
    return files | {"r.hea": "\n".join(lines).encode()}


def challenge(signal: Signal, rate: float, names: Sequence[str] = LEADS) -> Files:
    """The PhysioNet Challenge's dialect of 2020: a MATLAB 4 file, time and date in another order."""
    lines = [f"A0001 {len(names)} {rate:g} {len(signal)} 05-Feb-2020 11:39:16"]
    for name, values in zip(names, signal.T, strict=True):
        total = (int(values.sum(dtype=np.int64)) + 32768) % 65536 - 32768
        lines.append(f"A0001.mat 16+24 1000/mV 16 0 {values[0]} {total} 0 {name}")
    lines += ["#Age: 74", "#Sex: Male", "#Dx: 59118001"]
    matrix = struct.pack("<5i", 30, len(names), len(signal), 0, 4) + b"val\0" + signal.astype("<i2").tobytes()
    return {"A0001.hea": "\n".join(lines).encode(), "A0001.mat": matrix}


def dicom(
    signal: Signal, rate: float, names: Sequence[str] = LEADS, change: Callable[[Dataset], None] | None = None
) -> bytes:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = TwelveLeadECGWaveformStorage
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset.PatientName, dataset.PatientID, dataset.PatientSex, dataset.PatientAge = "Doe^Jane", "4711", "F", "063Y"
    dataset.PatientBirthDate = "19600101"
    dataset.WaveformSequence = [dicom_group(signal, rate, names)]
    if change:
        change(dataset)
    out = io.BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def dicom_group(signal: Signal, rate: float, names: Sequence[str], label: str = "RHYTHM") -> Dataset:
    group = Dataset()
    group.MultiplexGroupLabel, group.SamplingFrequency = label, rate
    group.NumberOfWaveformChannels, group.NumberOfWaveformSamples = len(names), len(signal)
    group.WaveformBitsAllocated, group.WaveformSampleInterpretation = 16, "SS"
    group.WaveformData = signal.astype("<i2").tobytes()
    group.ChannelDefinitionSequence = []
    for name in names:
        source, unit, channel = Dataset(), Dataset(), Dataset()
        source.CodeValue, source.CodingSchemeDesignator, source.CodeMeaning = "x", "y", f"Lead {name} (Einthoven)"
        unit.CodeValue, unit.CodingSchemeDesignator, unit.CodeMeaning = "uV", "UCUM", "microvolt"
        channel.ChannelSourceSequence, channel.ChannelSensitivityUnitsSequence = [source], [unit]
        channel.ChannelSensitivity, channel.ChannelSensitivityCorrectionFactor, channel.ChannelBaseline = 1, 1, 0
        channel.WaveformBitsStored = 16
        group.ChannelDefinitionSequence.append(channel)
    return group


_SCP_CODES = {"I": 1, "II": 2, "V1": 3, "V2": 4, "V3": 5, "V4": 6, "V5": 7, "V6": 8, "V7": 9, "V3R": 11}
_SCP_CODES |= {"III": 61, "aVR": 62, "aVL": 63, "aVF": 64, "-aVR": 65}


def scp(signal: Signal, rate: float, names: Sequence[str] = LEADS, beat: Signal | None = None, at: int = 0) -> bytes:
    """Uncompressed SCP-ECG at 1 uV a unit; with `beat` that reference beat is subtracted at sample `at` (from 1)."""
    interval = round(1e6 / rate)
    section_3 = bytes([len(names), 4 | 8 * (len(names) < 32) | (beat is not None)])
    section_3 += b"".join(struct.pack("<IIB", 1, len(signal), _SCP_CODES[name]) for name in names)
    bodies = {1: b"\x04\x03\x00" + struct.pack("<HB", 63, 1) + b"\x08\x01\x00\x02\xff\x00\x00", 3: section_3}
    if beat is not None:
        signal = signal.copy()
        signal[at - 1 : at - 1 + len(beat)] -= beat
        length = round(len(beat) * interval / 1000)
        bodies[4] = struct.pack("<HHH", length, 1, 1) + struct.pack("<HIII", 0, at, at, at + len(beat) - 1)
        bodies[4] += struct.pack("<II", at, at + len(beat) - 1)
        bodies[5] = _scp_leads(beat, interval)
    bodies[6] = _scp_leads(signal, interval)
    return scp_record(bodies)


def _scp_leads(signal: Signal, interval: int) -> bytes:
    sizes = [2 * len(signal)] * signal.shape[1]
    return struct.pack(f"<HHBB{len(sizes)}H", 1000, interval, 0, 0, *sizes) + signal.T.astype("<i2").tobytes()


def scp_record(bodies: dict[int, bytes]) -> bytes:
    pointers = b""
    place = 6 + 16 + 10 * (len(bodies) + 1)
    pointers += struct.pack("<HII", 0, place - 6, 7)
    sections = b""
    for number, body in bodies.items():
        section = _scp_section(number, body)
        pointers += struct.pack("<HII", number, len(section), place + len(sections) + 1)
        sections += section
    content = _scp_section(0, pointers) + sections
    tail = struct.pack("<I", len(content) + 6) + content
    return struct.pack("<H", binascii.crc_hqx(tail, 0xFFFF)) + tail


def scp_sections(record: bytes) -> dict[int, bytes]:
    """The bodies that make `record` again: those of its three sections after the pointers."""
    pointers = struct.iter_unpack("<HII", record[32:62])
    return {number: record[place + 15 : place - 1 + length] for number, length, place in pointers}


def _scp_section(number: int, body: bytes) -> bytes:
    body = body + b"\0" * (len(body) % 2)
    rest = struct.pack("<HIBB6x", number, len(body) + 16, 20, 20) + body
    return struct.pack("<H", binascii.crc_hqx(rest, 0xFFFF)) + rest


def aecg(signal: Signal, rate: float, names: Sequence[str] = LEADS, beat: Signal | None = None) -> bytes:
    def sequences(values: Signal) -> str:
        time = (
            '<component><sequence><code code="TIME_ABSOLUTE"/><value xsi:type="GLIST_TS"><head value="20200101120000"/>'
            f'<increment value="{1 / rate}" unit="s"/></value></sequence></component>'
        )
        leads = "".join(
            f'<component><sequence><code code="MDC_ECG_LEAD_{name.upper()}"/><value xsi:type="SLIST_PQ">'
            f'<origin value="0" unit="uV"/><scale value="1" unit="uV"/><digits>{" ".join(map(str, column))}</digits>'
            "</value></sequence></component>"
            for name, column in zip(names, values.T, strict=True)
        )
        return f"<component><sequenceSet>{time}{leads}</sequenceSet></component>"

    derived = (
        ""
        if beat is None
        else (
            '<derivation><derivedSeries><code code="REPRESENTATIVE_BEAT"/>'
            + sequences(beat)
            + "</derivedSeries></derivation>"
        )
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><AnnotatedECG xmlns="urn:hl7-org:v3" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><component><series><code code="RHYTHM"/>'
        f"{sequences(signal)}{derived}</series></component></AnnotatedECG>"
    ).encode()


_EIGHT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")


def muse(signal: Signal, rate: float, names: Sequence[str] = _EIGHT, beat: Signal | None = None) -> bytes:
    """As MUSE writes it: the eight independent leads, the median before the rhythm."""

    def waveform(kind: str, values: Signal) -> str:
        leads = ""
        for name in names:
            data = values[:, LEADS.index(name)].astype("<i2").tobytes()
            leads += (
                f"<LeadData><LeadByteCountTotal>{len(data)}</LeadByteCountTotal><LeadSampleCountTotal>{len(values)}"
                "</LeadSampleCountTotal><LeadAmplitudeUnitsPerBit>1</LeadAmplitudeUnitsPerBit>"
                "<LeadAmplitudeUnits>MICROVOLTS</LeadAmplitudeUnits><LeadSampleSize>2</LeadSampleSize>"
                f"<LeadDataCRC32>{binascii.crc32(data)}</LeadDataCRC32>"
                f"<LeadID>{name}</LeadID><WaveFormData>{base64.b64encode(data).decode()}</WaveFormData></LeadData>"
            )
        return f"<Waveform><WaveformType>{kind}</WaveformType><SampleBase>{rate:g}</SampleBase>{leads}</Waveform>"

    median = "" if beat is None else waveform("Median", beat)
    return (
        '<?xml version="1.0" encoding="ISO-8859-1"?><!DOCTYPE RestingECG SYSTEM "restecg.dtd"><RestingECG>'
        "<PatientDemographics><PatientAge>63</PatientAge><AgeUnits>YEARS</AgeUnits><Gender>FEMALE</Gender>"
        f"</PatientDemographics>{median}{waveform('Rhythm', signal)}</RestingECG>"
    ).encode("latin-1")


def sierra(
    signal: Signal, rate: float, version: str = "1.04", encoding: str = "utf-8", names: Sequence[str] = LEADS
) -> bytes:
    data = base64.b64encode(signal.T.astype("<i2").tobytes()).decode()
    return (
        f'<?xml version="1.0" encoding="{encoding}"?><restingecgdata><documentinfo><documenttype>SierraECG'
        f"</documenttype><documentversion>{version}</documentversion></documentinfo><waveforms><parsedwaveforms "
        f'dataencoding="Base64" samplespersecond="{rate:g}" durationperchannel="{1000 * len(signal) / rate:g}" '
        f'resolution="1" numberofleads="{len(names)}" leadlabels="{" ".join(names)}">{data}</parsedwaveforms>'
        "</waveforms></restingecgdata>"
    ).encode(encoding)


def mortara(signal: Signal, rate: float, names: Sequence[str] = LEADS) -> bytes:
    channels = "".join(
        f'<CHANNEL NAME="{name}" SAMPLE_FREQ="{rate:g}" DURATION="{len(signal)}" UNITS_PER_MV="1000" BITS="16" '
        f'FORMAT="SIGNED" ENCODING="BASE64" DATA="{base64.b64encode(column.astype("<i2").tobytes()).decode()}"/>'
        for name, column in zip(names, signal.T, strict=True)
    )
    return f'<?xml version="1.0"?><ECG ACQUISITION_TIME="20200101120000" AGE="63">{channels}</ECG>'.encode()


def cardiosoft(signal: Signal, rate: float, names: Sequence[str] = LEADS, uv: float = 1) -> bytes:
    """GE CardioSoft: whole multiples of `uv`, and the median beats that must not be taken."""
    leads = "".join(
        f'<WaveformData lead="{name}">{",".join(map(str, np.rint(values / uv).astype(int)))}</WaveformData>'
        for name, values in zip(names, signal.T, strict=True)
    )
    strip = (
        f'<NumberOfLeads>{len(names)}</NumberOfLeads><SampleRate units="Hz">{rate:g}</SampleRate>'
        f"<ChannelSampleCountTotal>{len(signal)}</ChannelSampleCountTotal>"
        f'<Resolution units="uVperLsb">{uv:g}</Resolution>'
    )
    return (
        '<?xml version="1.0" encoding="ISO8859-1"?><CardiologyXML><ObservationDateTime><Hour>10</Hour>'
        "<Minute>42</Minute><Second>7</Second><Day>28</Day><Month>11</Month><Year>2025</Year></ObservationDateTime>"
        "<ClinicalInfo><DeviceInfo><Desc>CardioSoft</Desc></DeviceInfo></ClinicalInfo><PatientInfo><PID>4711</PID>"
        "<Name><FamilyName>Doe</FamilyName><GivenName>Jane</GivenName></Name>"
        '<Age units="years">63</Age><Gender>FEMALE</Gender></PatientInfo>'
        '<FilterSetting><Filter50Hz>yes</Filter50Hz><Filter60Hz>no</Filter60Hz><LowPass units="Hz">40</LowPass>'
        f'<HighPass units="Hz">0.05</HighPass></FilterSetting><MedianSamples>{strip}{leads}</MedianSamples>'
        f"<StripData>{strip}{leads}</StripData></CardiologyXML>"
    ).encode("latin-1")


def schiller(signal: Signal, rate: float, names: Sequence[str] = LEADS, uv: float = 1) -> bytes:
    """Schiller SEMA: whole multiples of `uv`, and the average beats that must not be taken."""

    def wave(kind: str, rows: Signal) -> str:
        channels = "".join(
            f"<channel><name>{name}</name><datastype>COMMASEPARATE</datastype><samplecount>{len(values)}</samplecount>"
            f"<data>{','.join(map(str, np.rint(values / uv).astype(int)))},</data></channel>"
            for name, values in zip(names, rows.T, strict=True)
        )
        return (
            f"<wavedata><type>{kind}</type><resolution><samplerate><exponent>1</exponent><value>{rate:g}</value>"
            f"</samplerate><yres><unitperbit>{uv:g}</unitperbit><units>UV</units></yres></resolution>{channels}</wavedata>"
        )

    return (
        '<?xml version="1.0"?><com.xiriuz.sema.xml.schillerEDI.SchillerEDI><patdata><id>4711</id>'
        "<lastname>Doe</lastname><firstname>Jane</firstname><birthdate>19620401</birthdate><gender>FEMALE</gender>"
        "</patdata><examdescript><startdatetime><date>20251128</date><time>104207</time></startdatetime>"
        "<aquiringdevice><hardware><vendor>SCHILLER</vendor><model>AT-102</model></hardware></aquiringdevice></examdescript><eventdata><event>"
        f"{wave('ECG_AVERAGES', signal[:600] // 2)}{wave('ECG_RHYTHMS', signal)}</event></eventdata>"
        "</com.xiriuz.sema.xml.schillerEDI.SchillerEDI>"
    ).encode()


def edf(
    signal: Signal, rate: int, names: Sequence[str] = LEADS, onsets: Sequence[float] | None = None, unit: str = "uV"
) -> bytes:
    """One data record a second; with `onsets` a discontinuous EDF+ whose records begin then (s)."""
    records = len(signal) // rate
    labels = [f"ECG {name}" for name in names] + (["EDF Annotations"] if onsets is not None else [])
    count = len(labels)
    sizes = [rate] * len(names) + ([30] if onsets is not None else [])
    reserved = "EDF+D" if onsets is not None else ""
    header = f"{'0':8}{'X F 01-JAN-1960 X':80}{'Startdate 01-JAN-2023 X X X':80}01.01.2312.00.00"
    header += f"{256 * (count + 1):<8}{reserved:44}{records:<8}{1:<8}{count:<4}"
    header += "".join(f"{label:16}" for label in labels) + " " * 80 * count + f"{unit:8}" * count
    for value in (-32768, 32767, -32768, 32767):
        header += f"{value:<8}" * count
    header += " " * 80 * count + "".join(f"{size:<8}" for size in sizes) + " " * 32 * count
    data = b""
    for record in range(records):
        data += signal[record * rate : (record + 1) * rate].T.astype("<i2").tobytes()
        if onsets is not None:
            data += f"+{onsets[record]:.10g}\x14\x14\0".encode().ljust(60, b"\0")
    return header.encode("ascii") + data


def mfer(signal: Signal, rate: float, names: Sequence[str] = LEADS) -> bytes:
    def define(tag: int, value: bytes) -> bytes:
        size = bytes([len(value)]) if len(value) < 128 else b"\x84" + struct.pack(">I", len(value))
        return bytes([tag]) + size + value

    out = define(0x40, b"MFR " + b" " * 28) + define(0x01, b"\x01")  # little endian
    out += define(0x0B, bytes([0, 0]) + struct.pack("<H", round(rate))) + define(
        0x0C, bytes([0, 0xFA, 1])
    )  # Hz, 1e-6 V
    out += define(0x04, struct.pack("<I", len(signal))) + define(0x05, struct.pack("<I", len(names)))
    out += define(0x06, struct.pack("<I", 1)) + define(0x08, struct.pack("<H", 1))
    for place, name in enumerate(names):
        lead = define(0x09, struct.pack("<H", _SCP_CODES[name]))
        out += bytes([0x3F, place, len(lead)]) + lead
    return out + define(0x1E, signal.T.astype("<i2").tobytes()) + b"\x80\x00"


_ISHNE_CODES = {name: code for code, name in enumerate(LEADS, 5)}


def ishne(signal: Signal, rate: int, names: Sequence[str] = LEADS) -> bytes:
    head = bytearray(512)
    struct.pack_into("<iiiih", head, 0, 0, len(signal), 522, 522, 1)
    head[18:22], head[58:61], head[98:102] = b"Jane", b"Doe", b"4711"
    struct.pack_into("<hh3h3h3h3h", head, 118, 2, 0, 1, 1, 1960, 1, 1, 2023, 1, 1, 2023, 12, 0, 0)
    struct.pack_into("<h", head, 146, len(names))
    struct.pack_into("<12h", head, 148, *([_ISHNE_CODES.get(name, 1) for name in names] + [-9] * (12 - len(names))))
    struct.pack_into("<12h", head, 196, *([1000] * len(names) + [0] * (12 - len(names))))  # nV a unit
    struct.pack_into("<h", head, 262, rate)
    return (
        b"ISHNE1.0"
        + struct.pack("<H", binascii.crc_hqx(bytes(head), 0xFFFF))
        + bytes(head)
        + signal.astype("<i2").tobytes()
    )


def csv(
    signal: Signal, rate: float, header: str = ",".join(f"{lead} [uV]" for lead in LEADS), separator: str = ","
) -> bytes:
    rows = [separator.join(map(str, row)) for row in signal.tolist()]
    if header.startswith("time"):
        rows = [f"{place / rate:.6f}{separator}{row}" for place, row in enumerate(rows)]
    return "\n".join([header, *rows]).encode()


def npy(signal: NDArray[np.generic]) -> bytes:
    out = io.BytesIO()
    np.save(out, signal)
    return out.getvalue()


def parquet(signal: Signal, names: Sequence[str] = LEADS) -> bytes:
    import pyarrow
    from pyarrow import parquet as files

    out = io.BytesIO()
    files.write_table(pyarrow.table(dict(zip(names, signal.T, strict=True))), out)
    return out.getvalue()


def matlab(variables: dict[str, object], **options: object) -> bytes:
    from scipy.io import savemat

    out = io.BytesIO()
    savemat(out, variables, **options)
    return out.getvalue()


def zipped(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()
