"""Small files that declare, or decompress to, far more than they hold; and files of many tiny pieces."""

import base64
import gzip
import io
import json
import re
import struct
import zlib
from collections.abc import Callable
from functools import cache

import numpy as np
import writers
from pydicom.dataset import Dataset

from einthoven.recording import LEADS

Source = bytes | dict[str, bytes]
Bomb = tuple[Callable[[], Source], dict[str, object]]
MIB = 1 << 20
SMILE = "\U0001f600".encode()
"""A character for which Python takes four bytes for every character of a text."""
TABLE: dict[str, object] = {"rate": 500, "unit": "uV"}
_NOISE = np.random.default_rng(1)
ECG = _NOISE.integers(-500, 500, (5000, 12)).astype(np.int16)


def distinct(pattern: bytes, count: int) -> bytes:
    return b"".join(pattern % k for k in range(count))


def wfdb(record: str, *lines: str, **files: bytes) -> dict[str, bytes]:
    named = {name.replace("_", "."): data for name, data in files.items()}
    return {"r.hea": "\n".join([record, *lines]).encode(), **named}


def each(line: str) -> list[str]:
    return [line.format(lead) for lead in LEADS]


def segments(count: int, length: int, signals: str = "r_dat") -> dict[str, bytes]:
    """A record that joins one segment, of `length` samples of 12 leads, `count` times."""
    master = "\n".join([f"m/{count} 12 500 {count * length}", *[f"s {length}"] * count])
    segment = "\n".join([f"s 12 500 {length}", *each("s.dat 16 1000/mV 16 0 0 0 0 {}")])
    data = np.resize(ECG, (length, 12)).astype("<i2").tobytes()
    return {"m.hea": master.encode(), "s.hea": segment.encode(), "s.dat": data}


def null_segments(count: int) -> dict[str, bytes]:
    """Segments each of which declares null signals, of which no file holds a byte."""
    lines, files = [f"m/{count} 12 500 {count * 160_000}"], {}
    for k in range(count):
        lines.append(f"s{k} 160000")
        files[f"s{k}.hea"] = "\n".join([f"s{k} 12 500 160000", *each("~ 0 1000/mV 16 0 0 0 0 {}")]).encode()
    return {"m.hea": "\n".join(lines).encode(), **files}


def spelled(count: int) -> dict[str, bytes]:
    """A header that names one file in many spellings."""
    names = ["".join(c.upper() if k >> i & 1 else c for i, c in enumerate("signalfile")) for k in range(count)]
    lines = [f"{name}.dat 16 1000/mV 16 0 0 0 0 {LEADS[k % 12]}" for k, name in enumerate(names)]
    return {"r.hea": "\n".join([f"r {count} 500", *lines]).encode(), "signalfile.dat": bytes(2 * MIB)}


def gap_of_edf(seconds: int) -> bytes:
    return writers.edf(ECG, 500, onsets=[0, *range(seconds, seconds + 9)])


def annotated_edf() -> bytes:
    """EDF+ whose annotations are as many as the bytes allow."""
    edf = writers.edf(ECG[:500], 500, onsets=[0])
    head, size = bytearray(edf[: 256 * 14]), 6 * MIB
    place = 256 + 216 * 13 + 8 * 12
    head[place : place + 8] = b"%-8d" % (size // 2)
    notes = b"+0\x14\x14\0" + b"+0\x14" + b"a\x14" * (size // 2)
    return bytes(head) + edf[256 * 14 : 256 * 14 + 12000] + notes[:size]


def many_records() -> bytes:
    """As many data records as may be, each of one sample and one annotation."""
    edf = writers.edf(ECG[:1], 1, LEADS[:1], onsets=[0])
    head = bytearray(edf[: 256 * 3])
    head[236:244], head[256 * 2 + 176 : 256 * 2 + 192] = b"%-8d" % 10**6, b"%-8d%-8d" % (1, 2)
    return bytes(head) + b"\0\0+0\x14\0" * 10**6


def wide_annotations() -> bytes:
    """BDF whose annotations are called as those of EDF."""
    edf = annotated_edf()
    body = np.frombuffer(edf[256 * 14 :], "<i2").astype("<i4") << 8
    return b"\xffBIOSEMI" + edf[8 : 256 * 14] + body.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()


def wide_edf() -> bytes:
    """A header of one annotation signal that declares more samples for each record than fit."""
    edf = bytearray(writers.edf(ECG, 500, onsets=range(10)))
    place = 256 + 216 * 13 + 8 * 12
    edf[place : place + 8] = b"99999999"
    return bytes(edf)


def deflated_zeros(length: bool = True, meta: int = 0) -> bytes:
    return deflated_dicom(_zeros(), length, meta)


@cache
def _zeros() -> bytes:
    return zlib.compress(bytes(300 * MIB), 9, -15)


def deflated(content: bytes) -> bytes:
    """Deflated DICOM."""
    return deflated_dicom(zlib.compress(content, 9, -15))


def deflated_dicom(compressed: bytes, length: bool = True, meta: int = 0) -> bytes:
    """Deflated DICOM; without the length of its meta information, or with a long one."""
    uid = b"1.2.840.10008.1.2.1.99"
    private = b"\x02\0\x02\x01OB\0\0" + struct.pack("<I", meta) + bytes(meta)
    body = private + b"\x02\0\x10\0UI" + struct.pack("<H", len(uid)) + uid
    begin = b"\x02\0\0\0UL\x04\0" + struct.pack("<I", len(body)) if length else b""
    return bytes(128) + b"DICM" + begin + body + compressed


def full_dicom(bits: int, seconds: int) -> bytes:
    """A deflated file of as many samples as its bytes may stand for: noise of so many bits."""
    signal = _NOISE.integers(0, 1 << bits, (500 * seconds, 12)).astype(np.int16)
    plain = writers.dicom(signal, 500)
    place = plain.index(b"\x08\0\x16\0UI", 132)
    return deflated(plain[place:])


def full_parquet(bits: int, rows: int) -> bytes:
    columns = {lead: _NOISE.integers(0, 1 << bits, rows).astype(np.int16) for lead in LEADS}
    return parquet(columns, compression="zstd")


def dicom(value: bytes, tag: bytes = b"\0\x54\0\x01", kind: bytes = b"SQ", before: bytes = b"") -> bytes:
    """An explicit DICOM file with one long element; the sequence of waveforms, if it is not said."""
    uid = b"1.2.840.10008.1.2.1\0"
    meta = b"\x02\0\x10\0UI" + struct.pack("<H", len(uid)) + uid
    undefined = struct.pack("<I", 0xFFFFFFFF) if before == b"undefined" else struct.pack("<I", len(value))
    return bytes(128) + b"DICM" + meta + tag + kind + b"\0\0" + undefined + value


def dicom_rates() -> bytes:
    """One lead of 2000 Hz, to which eleven of 100 Hz would grow."""

    def change(dataset: Dataset) -> None:
        seconds = 1600
        slow, fast = np.resize(ECG, (100 * seconds, 11)), np.resize(ECG, (2000 * seconds, 1))
        dataset.WaveformSequence = [writers.dicom_group(slow, 100, LEADS[:11]), writers.dicom_group(fast, 2000, ["V6"])]

    return writers.dicom(ECG, 500, change=change)


def in_item(content: bytes) -> bytes:
    return b"\xfe\xff\0\xe0" + struct.pack("<I", len(content)) + content


def elements(size: int) -> bytes:
    """Empty elements, each with another tag."""
    return b"".join(struct.pack("<HH2sH", 0x6001, k & 0xFFFF, b"LO", 0) for k in range(size // 8))


def long_numbers() -> bytes:
    """A list of numbers where one is expected, in each of many channels."""
    number = b"\x3a\0\x10\x02DS" + struct.pack("<H", 65534) + b"1\\" * 32767
    channels = b"".join(in_item(number) for _ in range(100))
    definitions = b"\x3a\0\0\x02SQ\0\0" + struct.pack("<I", len(channels)) + channels
    return dicom(in_item(definitions))


def parquet(columns: dict[str, object], **options: object) -> bytes:
    import pyarrow
    from pyarrow import parquet as files

    out = io.BytesIO()
    files.write_table(pyarrow.table(columns), out, **options)
    return out.getvalue()


def long_parquet(rows: int) -> bytes:
    return parquet({lead: np.zeros(rows, np.int8) for lead in LEADS[:2]}, compression="zstd")


def nested_parquet() -> bytes:
    import pyarrow

    offsets = np.arange(20_001, dtype=np.int32) * 1000
    rows = pyarrow.ListArray.from_arrays(offsets, np.zeros(offsets[-1], np.int8))
    return parquet({"I": rows, "II": np.zeros(20_000)}, compression="zstd")


def text_parquet(size: int) -> bytes:
    import pyarrow

    texts = pyarrow.DictionaryArray.from_arrays(np.zeros(900, np.int32), ["1" + "0" * size])
    return parquet({"I": texts, "II": np.zeros(900)}, compression="zstd", store_schema=False)


def lying_parquet(pages: Callable[[], bytes]) -> bytes:
    """A file by hand: 5,000 rows of I and II, in `pages`, whose footer says nothing of their size."""
    content = pages()
    leaf = [thrift([(1, 5), (3, 0), (4, name)]) for name in (b"I", b"II")]
    chunks = []
    for name in (b"I", b"II"):
        sizes = [(5, -5000), (6, -9000), (7, -len(content)), (9, -5), (11, -4)]
        facts = [(1, 5), (2, [8]), (3, [name]), (4, 6), *sizes]
        chunks.append(thrift([(2, -4), (3, thrift(facts))]))
    group = thrift([(1, chunks), (2, -9000), (3, -5000)])
    schema = [thrift([(4, b"schema"), (5, 2)]), *leaf]
    footer = thrift([(1, 2), (2, schema), (3, -5000), (4, [group])])
    return b"PAR1" + content + footer + struct.pack("<I", len(footer)) + b"PAR1"


class Struct(bytes):
    """An encoded structure of Thrift."""


def thrift(fields: list[tuple[int, object]]) -> Struct:
    """A structure of Thrift's compact protocol: i32 as they are, i64 negated, bytes, structures and lists of these."""
    out, last = bytearray(), 0
    for field, value in fields:
        kind, data = _encoded(value)
        out += bytes([(field - last) << 4 | kind]) + data
        last = field
    return Struct(bytes(out) + b"\0")


def _encoded(value: object) -> tuple[int, bytes]:
    if isinstance(value, Struct):
        return 12, value
    if isinstance(value, bytes):
        return 8, _varint(len(value)) + value
    if isinstance(value, list):
        items = [_encoded(item) for item in value]
        return 9, bytes([len(items) << 4 | items[0][0]]) + b"".join(data for _, data in items)
    assert isinstance(value, int)
    return (6, _varint(-2 * value)) if value < 0 else (5, _varint(2 * value))


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def dictionary_pages(size: int) -> bytes:
    """A dictionary of so many zeros in few bytes, and the indices of 5,000 rows."""
    import pyarrow

    zeros = pyarrow.compress(bytes(8 * size), codec="zstd", asbytes=True)
    rows = b"\1" + _varint(2 * 5000) + b"\0"
    indices = pyarrow.compress(rows, codec="zstd", asbytes=True)
    head = thrift([(1, 2), (2, 8 * size), (3, len(zeros)), (7, thrift([(1, size), (2, 0)]))])
    page = thrift([(1, 0), (2, len(rows)), (3, len(indices)), (5, thrift([(1, 5000), (2, 8), (3, 3), (4, 3)]))])
    return head + zeros + page + indices


def many_columns() -> bytes:
    return parquet({f"c{k}": np.zeros(1) for k in range(8000)})


def xli(codes: list[int]) -> bytes:
    bits = np.array(codes, np.uint16)[:, None] >> np.arange(9, -1, -1) & 1
    chunk = np.packbits(bits.astype(np.uint8)).tobytes()
    return sierra_of(base64.b64encode(struct.pack("<I4x", len(chunk)) + chunk), b"XLI")


def grown_xli() -> bytes:
    return xli([65, *range(256, 1022), *[1021] * 60_000])


def sierra_of(waveform: bytes, compression: bytes = b"") -> bytes:
    of = rb' compression="' + compression + rb'"' if compression else b""
    return re.sub(
        rb'(dataencoding="Base64")(.*?)>[^<]*<',
        lambda match: match[1] + of + match[2] + b">" + waveform + b"<",
        writers.sierra(ECG, 500),
        count=1,
    )


def text_of_muse(text: bytes) -> bytes:
    return re.sub(rb"(<WaveFormData>)[^<]*", lambda match: match[1] + text, writers.muse(ECG, 500), count=1)


def in_xml(write: Callable[..., bytes], junk: bytes) -> bytes:
    data = write(ECG, 500)
    place = data.rindex(b"</")
    return data[:place] + junk + data[place:]


def aecg_gap() -> bytes:
    """Two short sets, many hours apart."""
    data = writers.aecg(ECG[:1500], 500)
    first, rest = data.split(b"<component><sequenceSet>", 1)
    body, end = rest.split(b"</sequenceSet></component>", 1)
    part = b"<component><sequenceSet>" + body + b"</sequenceSet></component>"
    return first + part + part.replace(b"20200101120000", b"20200101160000") + end


def aecg_sets() -> bytes:
    """Many sets, each of which is read with everything that stands beside them."""
    data = writers.aecg(ECG[:10], 500)
    first, rest = data.split(b"<component><sequenceSet>", 1)
    body, end = rest.split(b"</sequenceSet></component>", 1)
    sets = (b"<component><sequenceSet>" + body + b"</sequenceSet></component>") * 400
    return first.replace(b"<component>", b"<text>" + b"x" * 8 * MIB + b"</text><component>", 1) + sets + end


def mfer_definition(tag: int, value: bytes) -> bytes:
    return bytes([tag, 0x84]) + struct.pack(">I", len(value)) + value


_MFER = mfer_definition(0x40, b"MFR " + bytes(28)) + mfer_definition(1, b"\1") + mfer_definition(0x0A, b"\2")


def mfer_blocks() -> bytes:
    """Frames of one byte each, of blocks of almost a MiB."""
    return _MFER + mfer_definition(4, struct.pack("<I", MIB - 10)) + mfer_definition(0x1E, b"\0") * 100


def mfer_frames() -> bytes:
    return _MFER + mfer_definition(5, struct.pack("<I", 64)) + (b"\x1e\x81\x40" + bytes(64)) * 40_000


def mfer_levels() -> bytes:
    """Sets of definitions inside one another."""
    data = mfer_definition(0x16, bytes(2 * MIB))
    for _ in range(300):
        data = mfer_definition(0x67, data)
    return _MFER + data


def mfer_attributes() -> bytes:
    """Attributes of channels that are not there, each of which is a warning."""
    return _MFER + mfer_definition(0x67, b"\x3f\x64\x00" * 400_000 + b"\x80\0") + mfer_definition(0x1E, bytes(5000))


def scp_samples() -> bytes:
    """A Huffman code of one bit for each sample."""
    size = 64 << 10
    section_3 = bytes([12, 4 | 8 * 12]) + b"".join(struct.pack("<IIB", 1, 8 * (size - 1), k) for k in range(1, 13))
    section_6 = struct.pack("<HHBB12H", 1000, 2000, 0, 0, *[size - 1] * 12) + bytes(12 * size)
    return writers.scp_record({2: struct.pack("<H", 19999), 3: section_3, 6: section_6})


def npy(shape: str, size: int = 1000) -> bytes:
    header = f"{{'descr': '<i2', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode() + bytes(size)


def flac_zeros() -> dict[str, bytes]:
    """Some bytes for each of thousands of samples."""
    files = writers.flac(np.zeros((2_000_000, 8), np.int16), 500, LEADS[:8])
    return {**files, "r.hea": files["r.hea"].replace(b"2000000", b"0")}


def flac_segment() -> dict[str, bytes]:
    """A small FLAC segment that is joined again and again."""
    files = writers.flac(ECG, 500)
    header = files.pop("r.hea").replace(b"r 12", b"s 12", 1)
    return {"m.hea": b"m/2000 12 500 10000000\n" + b"s 5000\n" * 2000, "s.hea": header, **files}


def matlab_cells(size: int) -> bytes:
    """A cell array of empty elements."""
    cells = b"\x0e\0\0\0\0\0\0\0" * (size // 8)
    parts = ((6, b"\1" + bytes(7)), (5, struct.pack("<ii", 1, size // 8)), (1, b"x".ljust(8)))
    body = b"".join(struct.pack("<II", kind, len(part)) + part for kind, part in parts) + cells
    return b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM" + struct.pack("<II", 14, len(body)) + body


def json_of(extra: bytes) -> bytes:
    facts = {"rate_hz": 500, "leads": list(LEADS), "unit": "uV", "signal": ECG.T.tolist()}
    return json.dumps(facts).encode()[:-1] + b', "more": ' + extra + b"}"


def json_signal(value: bytes, size: int) -> bytes:
    rows = b",".join([b"[" + (value + b",") * (size // 12 // (len(value) + 1)) + value + b"]"] * 12)
    return b'{"rate_hz": 500, "unit": "uV", "leads": ' + json.dumps(LEADS).encode() + b', "signal": [' + rows + b"]}"


def csv_rows(row: bytes, size: int, head: bytes = b"I,II\n") -> bytes:
    return head + row * (size // len(row))


BOMBS: dict[str, Bomb] = {
    "wfdb frames": (
        lambda: wfdb("r/2 1 500 5000000", "a 10", "~ 4999990", a_hea=b"a 1 500 10\na.dat 16x80 1000/mV 16 0 0 0 0 I",
                     a_dat=bytes(1600)), {},
    ),
    "wfdb null signals": (lambda: wfdb("r 12 500 8000000", *each("~ 0 1000/mV 16 0 0 0 0 {}")), {}),
    "wfdb null beside real": (
        lambda: wfdb("r 2 9 2000", "r.dat 16 1/mV 16 0 0 0 0 I", "~ 0x9000 1/mV 16 0 0 0 0 II", r_dat=bytes(4000)), {},
    ),
    "wfdb null segments": (lambda: null_segments(50), {}),
    "wfdb repeated segment": (lambda: segments(1500, 5000), {}),
    "wfdb spellings": (lambda: spelled(500), {}),
    "wfdb header": (lambda: {"r.hea": b"r 1 500\nr.dat 16 1000/mV 16 0 0 0 0 I\n" + b"ab\n" * 8 * MIB}, {}),
    "wfdb differences": (
        lambda: wfdb("r 1 500", "r.dat 8 1/mV 8 0 99999999999 0 0 I", r_dat=bytes(9 * MIB)), {},
    ),
    "wfdb one bit": (lambda: wfdb("r 12 500", *each("r.dat 310 10/mV 8 0 0 0 0 {}"), r_dat=bytes(12 * MIB)), {}),
    "wfdb wide frame": (lambda: wfdb("r 1 500 1", "r.dat 80x8000000 1/mV 8 0 0 0 0 I", r_dat=bytes(8_000_000)), {}),
    "edf gap": (lambda: gap_of_edf(60_000), {}),
    "edf gap of years": (lambda: gap_of_edf(99_999_999), {}),
    "edf annotations": (annotated_edf, {}),
    "edf wide record": (wide_edf, {}),
    "edf records": (many_records, {}),
    "edf hidden label": (lambda: annotated_edf().replace(b"EDF Annotations ", b"EDF\0 Annotations", 1), {}),
    "bdf annotations": (wide_annotations, {}),
    "dicom deflated": (deflated_zeros, {}),
    "dicom deflated, no length": (lambda: deflated_zeros(length=False), {}),
    "dicom deflated, long meta": (lambda: deflated_zeros(meta=5000), {}),
    "dicom deflated sequence": (lambda: deflated(dicom(bytes(8 * MIB))[160:]), {}),
    "dicom deflated within": (lambda: full_dicom(5, 500), {}),
    "parquet within": (lambda: full_parquet(5, 450_000), TABLE),
    "dicom of moderate size": (lambda: dicom(bytes(306_904)), {}),
    "dicom items": (lambda: dicom(in_item(b"") * (4 * MIB // 8)), {}),
    "dicom items of zeros": (lambda: dicom(bytes(4 * MIB)), {}),
    "dicom undefined items": (lambda: dicom(in_item(b"") * (4 * MIB // 8), before=b"undefined"), {}),
    "dicom other items": (lambda: dicom(in_item(b"") * (4 * MIB // 8), tag=b"\x40\0\x20\xb0", before=b"undefined"), {}),
    "dicom elements": (lambda: dicom(in_item(elements(4 * MIB))), {}),
    "dicom channels": (
        lambda: dicom(in_item(b"\x3a\0\0\x02SQ\0\0" + struct.pack("<I", 4 * MIB) + in_item(b"") * (4 * MIB // 8))), {},
    ),
    "dicom elements at the top": (lambda: dicom(b"", tag=b"\x10\0\x10\0", kind=b"UN") + elements(8 * MIB), {}),
    "dicom numbers": (long_numbers, {}),
    "parquet strings": (lambda: text_parquet(MIB), TABLE),
    "parquet zeros": (lambda: long_parquet(40_000_000), TABLE),
    "parquet lists": (nested_parquet, TABLE),
    "parquet columns": (many_columns, TABLE),
    "parquet page": (lambda: lying_parquet(lambda: dictionary_pages(32 * MIB)), TABLE),
    "parquet pages": (lambda: lying_parquet(lambda: dictionary_pages(1) + dictionary_pages(1)[30:] * 5000), TABLE),
    "npy shape": (lambda: npy("(12, 40000000)"), TABLE),
    "npy huge shape": (lambda: npy(f"(12, {10**300})"), TABLE),
    "npy digits": (lambda: npy("(1,)*4000"), TABLE),
    "xli growth": (grown_xli, {}),
    "xli in capitals": (lambda: grown_xli().replace(b"parsedwaveforms", b"ParsedWaveforms"), {}),
    "xli behind another": (
        lambda: grown_xli().replace(b"<waveforms>", b"<other><parsedwaveforms/></other><waveforms>"), {},
    ),
    "xli just within": (lambda: xli([65, *range(256, 1022), *[1021] * 800]), {}),
    "xli size": (lambda: xli([65, 66] * 2_000_000), {}),
    "sierra numbers": (
        lambda: sierra_of(b"300 " * 4 * MIB).replace(b'dataencoding="Base64"', b'dataencoding="Plain"'), {},
    ),
    "muse numbers": (lambda: text_of_muse(b"300 " * 4 * MIB), {}),
    "muse numbers in parts": (lambda: text_of_muse(b"300 <a/>" + b"300 " * 4 * MIB), {}),
    "muse numbers within": (lambda: text_of_muse(b"300 " * (MIB - 10)), {}),
    "xml attributes": (lambda: in_xml(writers.muse, b"<a " + distinct(b'a%d="" ', 500_000) + b"/>"), {}),
    "xml elements": (lambda: in_xml(writers.aecg, b"<a/>" * 400_000), {}),
    "xml elements within": (lambda: in_xml(writers.sierra, b"<a>bcd</a>" * 90_000), {}),
    "xml attributes within": (lambda: in_xml(writers.sierra, b'<a b="cde"/>' * 90_000), {}),
    "xml wide characters": (lambda: in_xml(writers.muse, b"<a>" + b"x" * 8 * MIB + SMILE + b"</a>"), {}),
    "aecg gap": (aecg_gap, {}),
    "aecg sets": (aecg_sets, {}),
    "mfer blocks": (mfer_blocks, {}),
    "mfer frames": (mfer_frames, {}),
    "mfer levels": (mfer_levels, {}),
    "mfer attributes": (mfer_attributes, {}),
    "scp samples": (scp_samples, {}),
    "ishne": (lambda: writers.ishne(ECG, 500)[:522] + bytes(12 * MIB), {}),
    "json objects": (lambda: json_of(b"[" + b"{}," * 2 * MIB + b"0]"), {}),
    "json keys": (lambda: json_of(b"{" + distinct(b'"%d":0,', 800_000) + b'"":0}'), {}),
    "json depth": (lambda: json_of(b"[" * 200_000), {}),
    "json small numbers": (lambda: json_signal(b"-9", 12 * MIB), {}),
    "json strings": (lambda: json_of(b"[" + b'"ab",' * 2 * MIB + b"0]"), {}),
    "json wide characters": (lambda: json_of(b'"' + b"x" * 8 * MIB + SMILE + b'"'), {}),
    "csv lines": (lambda: csv_rows(b"1\n", 12 * MIB, b"I\n1\n"), TABLE),
    "csv carriage returns": (lambda: csv_rows(b"\r", 12 * MIB), TABLE),
    "csv form feeds": (lambda: csv_rows(b"1\x0c", 12 * MIB, b"I,II\n" + b"1,2\n" * 2000), TABLE),
    "csv columns": (lambda: csv_rows(b"1,", 12 * MIB, b"") + b"\n1,2\n", TABLE),
    "csv header": (lambda: b"I," * 400_000 + b"\n" + b"1," * 400_000 + b"\n", TABLE),
    "csv small rows": (lambda: csv_rows(b"11,22\n", 3 * MIB), TABLE),
    "csv sideways": (lambda: b"".join(b"%s" % lead.encode() + b",11" * 300_000 + b"\n" for lead in LEADS), TABLE),
    "csv empty fields": (lambda: csv_rows(b",,,,,,,,,,,\n", 6 * MIB, ",".join(LEADS).encode() + b"\n"), TABLE),
    "csv wide characters": (lambda: csv_rows(b"11,22,33,44,55\n", 8 * MIB, b"I,II,a,b," + SMILE + b"\n"), TABLE),
    "csv utf-16": (lambda: csv_rows(b"11,22,33,44,55\n", 4 * MIB, b"I,II,a,b,c\n").decode().encode("utf-16"), TABLE),
    "csv quoted fields": (lambda: csv_rows(b'"1","2,3",""\n', 6 * MIB, b"I,II,a\n"), TABLE),
    "csv quoted line": (lambda: b'I,II,a\n1,2,""' + b',""' * 2 * MIB + b"\n1,2,3\n", TABLE),
    "csv open quotation": (lambda: csv_rows(b"1,2\n", 6 * MIB, b'I,II\n1,"2\n'), TABLE),
    "csv keys": (lambda: b"id,I,II\n" + distinct(b"k%d,11,22\n", 600_000), TABLE),
    "csv other columns": (lambda: csv_rows(b"1,2" + b",3" * 20 + b"\n", 6 * MIB, b"I,II" + b",a" * 20 + b"\n"), TABLE),
    "csv one lead": (lambda: csv_rows(b"1\n", 6 * MIB, b"Rate,500 Hz\nLead,I\nUnit,uV\n"), {}),
    "dicom rates": (dicom_rates, {}),
    "gzip": (lambda: gzip.compress(bytes(100 * MIB)), {}),
    "zip": (lambda: writers.zipped({"ecg.csv": bytes(100 * MIB)}), {}),
    "zip entries": (lambda: writers.zipped({str(k): b"" for k in range(20_000)}), {}),
    "flac zeros": (flac_zeros, {}),
    "flac segment": (flac_segment, {}),
    "matlab zeros": (lambda: writers.matlab({"val": np.zeros((12, MIB), np.int8)}, do_compression=True), TABLE),
    "matlab cells": (lambda: matlab_cells(2 * MIB), TABLE),
    "matlab small numbers": (lambda: writers.matlab({"val": np.ones((12, MIB), np.int8)}), TABLE),
    "cardiosoft numbers": (lambda: (b",1" * 4 * MIB).join(writers.cardiosoft(ECG[:9], 500).rsplit(b",", 1)), {}),
    "cardiosoft numbers within": (lambda: writers.cardiosoft(np.ones((2 * MIB - 99, 2), np.int8), 500, LEADS[:2]), {}),
    "schiller numbers within": (lambda: writers.schiller(np.ones((2 * MIB - 99, 2), np.int8), 500, LEADS[:2]), {}),
}  # fmt: skip
