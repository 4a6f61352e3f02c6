"""Small good files of every format to start fuzzing from: two leads of 2.5 s at 100 Hz, so that most bytes are headers.

Files that state checksums come without them too: what is behind a checksum is never reached by changed files.
"""

import base64
import gzip
import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path

import bombs
import numpy as np
import writers
from oracle import OPTIONS, encode
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian

RATE = 100
LEADS = ("I", "II")
CORPUS = Path(__file__).with_name("corpus")
"""Small inputs that broke a reader."""
ECG = np.random.default_rng(1).integers(-9, 9, (300, 2)).astype(np.int16)
"""uV, (samples, leads)."""


def seeds() -> Iterator[tuple[str, bytes]]:
    """Name and content of each seed; a name begins with the format."""
    for name, source in (*_wfdb(), *_flac(), *_devices(), *_xml(), *_archives()):
        yield name, encode(source, {})
    for name, source, options in _tables():
        yield name, encode(source, options)


def _wfdb() -> Iterator[tuple[str, dict[str, bytes]]]:
    files = writers.wfdb(ECG, RATE, LEADS, "# 63 F\n#Age: 63 Sex: F")
    yield "wfdb", files
    yield "wfdb-segments", {**files, "m.hea": b"m/3 2 100 700\nr 300\n~ 100\nr 300\n"}
    header, matrix = writers.challenge(ECG, RATE, LEADS).values()
    yield "wfdb-challenge", {"r.hea": header.replace(b"A0001", b"r"), "r.dat": matrix}
    for form in ("8", "80", "24", "32", "61", "160", "212", "310", "311", "16x2", "16:3", "212+2"):
        lines = ["r 2 100", *(f"r.dat {form} 1e9(0)/mV 12 0 0 0 0 {lead}" for lead in LEADS)]
        yield f"wfdb-{form}", {"r.hea": "\n".join(lines).encode(), "r.dat": ECG.tobytes() * 2}


def _flac() -> Iterator[tuple[str, dict[str, bytes]]]:
    for bits in (8, 16, 24):
        header, signals = writers.flac(ECG, RATE, LEADS, bits).values()
        header = header.replace(b"r_0", b"r")
        yield f"flac-{bits}", {"r.hea": header, "r.dat": signals}
        unchecked = b"\n".join(
            line.rsplit(b" ", 3)[0] + b" 0 0 " + line.rsplit(b" ", 1)[1] for line in header.split(b"\n")
        )
        unchecked = header.split(b"\n")[0] + unchecked[unchecked.index(b"\n") :]
        yield f"flac-{bits}-unchecked", {"r.hea": unchecked, "r.dat": signals[:26] + bytes(16) + signals[42:]}


def _devices() -> Iterator[tuple[str, bytes]]:
    yield "dicom", (plain := writers.dicom(ECG, RATE, LEADS))
    yield "dicom-implicit", writers.dicom(ECG, RATE, LEADS, _implicit)
    yield "dicom-groups", writers.dicom(ECG[:, :1], RATE, LEADS[:1], _second_group)
    yield "dicom-12-bits", writers.dicom(ECG & 0xFFF, RATE, LEADS, _twelve_bits)
    yield "dicom-rates", writers.dicom(ECG[:, :1], RATE, LEADS[:1], _faster_group)
    yield "dicom-deflated", bombs.deflated(plain[plain.index(b"\x08\0\x16\0UI", 132) :])
    for name, record in (
        ("scp", writers.scp(ECG, RATE, LEADS)),
        ("scp-beat", writers.scp(ECG, RATE, LEADS, beat=ECG[:50], at=101)),
        ("scp-huffman", _huffman()),
    ):
        yield name, record
        yield f"{name}-unchecked", _without_checksums(record)
    yield "edf", (edf := writers.edf(ECG, RATE, LEADS))
    yield "edf-gap", writers.edf(ECG, RATE, LEADS, onsets=(0, 1, 3))
    samples = ECG.reshape(3, RATE, 2).transpose(0, 2, 1).astype("<i4").copy().view(np.uint8)
    yield "edf-bdf", b"\xffBIOSEMI" + edf[8 : 256 * 3] + samples.reshape(-1, 4)[:, :3].tobytes()
    yield "mfer", writers.mfer(ECG, RATE, LEADS)
    yield "ishne", writers.ishne(ECG, RATE, LEADS)


def _implicit(dataset: Dataset) -> None:
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian


def _second_group(dataset: Dataset) -> None:
    dataset.WaveformSequence.append(writers.dicom_group(ECG[:, 1:], RATE, LEADS[1:]))


def _faster_group(dataset: Dataset) -> None:
    dataset.WaveformSequence.append(writers.dicom_group(ECG[:, 1:].repeat(2, 0), 2 * RATE, LEADS[1:]))


def _twelve_bits(dataset: Dataset) -> None:
    for channel in dataset.WaveformSequence[0].ChannelDefinitionSequence:
        channel.WaveformBitsStored = 12


def _huffman() -> bytes:
    """Zeros by the default table: one bit each."""
    section_3 = b"\x02\x14" + b"".join(struct.pack("<IIB", 1, 300, code) for code in (1, 2))
    section_6 = struct.pack("<HHBBHH", 1000, 10_000, 1, 0, 40, 40) + bytes(80)
    return writers.scp_record({2: struct.pack("<H", 19999), 3: section_3, 6: section_6})


def _without_checksums(record: bytes) -> bytes:
    out = bytearray(record)
    for number, _, place in struct.iter_unpack("<HII", record[22 : 6 + int.from_bytes(record[10:14], "little")]):
        if number:
            out[place - 1 : place + 1] = b"\0\0"
    return bytes(out)


def _xml() -> Iterator[tuple[str, bytes]]:
    yield "aecg", writers.aecg(ECG, RATE, LEADS)
    one, other = (writers.aecg(ECG[:, k : k + 1], RATE, LEADS[k : k + 1]) for k in (0, 1))
    yield "aecg-sets", one.replace(_sets(one), _sets(one) + _sets(other))
    yield "muse", (muse := writers.muse(ECG, RATE, LEADS, beat=ECG[:50]))
    yield "muse-unchecked", re.sub(rb"<LeadDataCRC32>\d+</LeadDataCRC32>", b"", muse)
    for version in ("1.03", "1.04", "1.04.01"):
        yield f"sierra-{version}", writers.sierra(ECG, RATE, version, names=LEADS)
    yield "sierra-utf16", writers.sierra(ECG, RATE, "1.04.01", "utf-16", LEADS)
    yield "sierra-plain", _sierra(b'"Plain"', " ".join(map(str, ECG.T.ravel())).encode())
    yield "sierra-xli", _sierra(b'"Base64" compression="XLI"', base64.b64encode(_xli() * 2))
    yield "mortara", writers.mortara(ECG, RATE, LEADS)
    yield "cardiosoft", writers.cardiosoft(ECG, RATE, LEADS)
    yield "schiller", writers.schiller(ECG, RATE, LEADS)


def _archives() -> Iterator[tuple[str, bytes]]:
    record = writers.wfdb(ECG, RATE, LEADS)
    yield "archive-gzip", gzip.compress(writers.edf(ECG, RATE, LEADS), mtime=0)
    yield "archive-zip", writers.zipped(record)
    yield "archive-zip-stored", writers.zipped({f"a/{name}": data for name, data in record.items()}, 0)


def _sets(document: bytes) -> bytes:
    begin, end = b"<component><sequenceSet>", b"</sequenceSet></component>"
    return document[document.index(begin) : document.index(end) + len(end)]


def _sierra(encoding: bytes, waveform: bytes) -> bytes:
    data = writers.sierra(ECG, RATE, names=LEADS).replace(b'"Base64"', encoding, 1)
    return re.sub(rb">[^<]*</parsedwaveforms>", b">" + waveform + b"</parsedwaveforms>", data)


def _xli() -> bytes:
    """300 upper bytes 0 and 300 lower bytes 64, which stand for no difference, by ever longer strings."""
    codes = [0, *range(256, 279), 64, *range(280, 303)]
    bits = np.array(codes, np.uint16)[:, None] >> np.arange(9, -1, -1) & 1
    chunk = np.packbits(bits.astype(np.uint8)).tobytes()
    return struct.pack("<I4x", len(chunk)) + chunk


def _tables() -> Iterator[tuple[str, bytes, dict[str, object]]]:
    nothing, table, leads, rate, unit = OPTIONS
    yield "csv", writers.csv(ECG, RATE, "I [uV],II [uV]"), rate
    yield "csv-time", writers.csv(ECG, RATE, "time,I,II"), unit
    yield "csv-clock", _clock(), unit
    yield "csv-semicolon", writers.csv(ECG, RATE, "I;II", ";").replace(b"\n", b",5\n"), table
    quoted = [line + b',"x, ""y"""' for line in writers.csv(ECG, RATE, "I,II").splitlines()]
    yield "csv-quoted", b"\n".join(quoted), table
    yield "csv-keys", writers.csv(ECG, RATE, "ecg_id,I,II").replace(b"\n", b"\n7,"), table
    one_lead = "\n".join(["Name,X", "Rate,100 hertz", "Lead,Lead I", "Unit,uV", *map(str, ECG[:, 0].tolist())])
    yield "csv-one-lead", one_lead.encode(), nothing
    yield "csv-sideways", writers.csv(ECG[:, 1:].T, RATE, ",".join(map(str, ECG[:, 0]))), leads
    for level, compressed in (("4", False), ("5", False), ("5", True)):
        data = writers.matlab({"val": ECG.T.astype(float)}, format=level, do_compression=compressed)
        yield f"matlab-{level}-{compressed:d}", data, leads
    structure = {"sex": "F", "age": 63, "leads": np.array(LEADS, object), "data": ECG, "fs": RATE, "unit": "uV"}
    yield "matlab-struct", writers.matlab({"ECG": structure}), nothing
    yield "npy", writers.npy(ECG.astype(np.int8)), leads
    yield "npy-fortran", writers.npy(ECG.T.astype(np.float32)), leads
    for compression in ("none", "snappy", "zstd"):
        for dictionary in (False, True):
            yield f"parquet-{compression}-{dictionary:d}", _parquet(compression, dictionary), unit
    samples = {"leadI": ECG[:, 0].tolist(), "leadII": ECG[:, 1].tolist()}
    block = {"frequency": RATE, "amplitudeResolution": 1000, "samples": samples}
    yield "json-kardia", json.dumps({"recordedAt": "2025-11-28T10:42:07Z", "data": {"raw": block}}).encode(), nothing
    facts = {"rate_hz": RATE, "leads": LEADS, "unit": "uV", "signal": ECG.T.tolist()}
    yield "json", json.dumps(facts).encode(), nothing


def _clock() -> bytes:
    times = [f"23:59:59.{k}" for k in range(RATE // 2, RATE)] + [f"0:00:{k / RATE}" for k in range(2 * RATE)]
    return "\n".join(["time I II", *(f"{time} {k % 9} NA" for k, time in enumerate(times))]).encode()


def _parquet(compression: str, dictionary: bool) -> bytes:
    columns = {"time": (np.arange(300) * 10).astype("m8[ms]"), "I": ECG[:, 0], "II": ECG[:, 1].astype(np.float32)}
    return bombs.parquet(columns, compression=compression, use_dictionary=dictionary)
