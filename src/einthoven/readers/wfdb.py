"""WFDB records, and the PhysioNet Challenge's dialects of them (.hea beside MATLAB 4 .mat, other dates).

Format: https://physionet.org/physiotools/wag/header-5.htm and signal-5.htm. The header is read here, because it names
files and sizes that must be checked before anything else; so is format 16, which nearly all ECG databases use, because
reading must take no longer than interpreting. The other formats go to ecgdatakit.
"""

import struct
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import RecordingError
from einthoven.readers.redact import listed, shown
from einthoven.readers.sources import Files
from einthoven.readers.tracing import Channel, Tracing
from einthoven.readers.wfdb_header import Header, Signal, parse_header, patient

_RATE = 250.0
"""Hz where the header says nothing, by the format."""
_FREE_VALUES = 10_000_000
"""Values without a byte in a file (null signals, null segments) that are believed."""
_INVALID = {16: -(2**15), 61: -(2**15), 160: -(2**15), 24: -(2**23), 32: -(2**31), 80: -128, 212: -2048}
_INVALID |= {310: -512, 311: -512}


def read_wfdb(files: Files) -> Tracing:
    """The record of the header `files`, whose signal files lie beside it."""
    header = parse_header(files.data)
    return _read_segments(header, files) if header.segments else _read_one(header, files)


def _read_one(header: Header, files: Files) -> Tracing:
    plain = {(signal.format, signal.frame, signal.skew) for signal in header.signals} == {(16, 1, 0)}
    return _read_format_16(header, files) if plain else _read_others(header, files)


def _read_segments(header: Header, files: Files) -> Tracing:
    """The segments one after the other, their signals by name; NaN where a segment is null or lacks a signal.

    ecgdatakit joins them by place where the layout is fixed, and forgets which samples are marked invalid.
    """
    parts: list[tuple[int, int, dict[str, Channel]]] = []
    read: dict[str, tuple[int, dict[str, Channel]]] = {}  # a header may name a segment again and again
    place = present = 0
    for name, length in header.segments:
        if name != "~" and length:
            if name not in read:
                own = Files(files.other(f"{name}.hea"), files.beside)
                segment = parse_header(own.data)
                if segment.segments or segment.samples not in (0, length) or segment.rate != header.rate:
                    raise RecordingError(_other_segment(name, length, header.rate))
                channels = {channel.name: channel for channel in reversed(_read_one(segment, own).channels)}
                read[name] = segment.samples, channels
            samples, channels = read[name]
            if samples not in (0, length):
                raise RecordingError(_other_segment(name, length, header.rate))
            parts.append((place, length, channels))
            present += length * len(channels)
        place += length
    names = list(dict.fromkeys(name for *_, channels in parts for name in reversed(channels)))
    _check_declared(place * len(names), present)
    whole: dict[str, Channel] = {}
    for start, length, channels in parts:
        for name, channel in channels.items():
            frame = round(channel.rate / (header.rate or _RATE))
            if name not in whole:
                whole[name] = replace(channel, values=np.full(place * frame, np.nan))
            if (channel.rate, channel.unit, len(channel.values)) != (
                whole[name].rate,
                whole[name].unit,
                length * frame,
            ):
                raise RecordingError(f"its segments disagree on the rate, the unit or the length of {shown(name)}.")
            whole[name].values[start * frame : (start + length) * frame] = channel.values
    return Tracing("WFDB", [whole[name] for name in names], patient(header.comments), _default_rate(header))


def _other_segment(name: str, length: int, rate: float) -> str:
    return f"its segment {name} is not as declared: {length} samples at {rate:g} Hz."


def _read_format_16(header: Header, files: Files) -> Tracing:
    warnings = _default_rate(header)
    channels: dict[int, Channel] = {}
    for file in dict.fromkeys(signal.file for signal in header.signals):
        places = [place for place, signal in enumerate(header.signals) if signal.file == file]
        signals = [header.signals[place] for place in places]
        stored = _stored(files.other(file), signals, header.samples, warnings)
        baselines = np.array([[signal.baseline] for signal in signals], np.float32)
        gains = np.array([[signal.gain or 1] for signal in signals], np.float32)
        values = stored - baselines
        values /= gains  # in place: hours of recording leave no room for another copy
        if stored.min() == _INVALID[16]:
            values[stored == _INVALID[16]] = np.nan
        for place, signal, row in zip(places, signals, values, strict=True):
            channels[place] = Channel(signal.name, row, header.rate or _RATE, signal.unit if signal.gain else "")
    if len({len(channel.values) for channel in channels.values()}) > 1:
        raise RecordingError("its signal files hold different numbers of samples; get it again.")
    return Tracing("WFDB", [channels[place] for place in sorted(channels)], patient(header.comments), warnings)


def _stored(data: bytes, signals: list[Signal], samples: int, warnings: list[str]) -> NDArray[np.int16]:
    """One file's samples, int16 (signals, samples), checked against the length and the checksums of the header."""
    file, count = signals[0].file, len(signals)
    offset = _mat_offset(data, signals) if file.lower().endswith(".mat") else signals[0].offset
    came, rest = divmod(max(len(data) - offset, 0), 2 * count)
    samples = samples or came
    if came < samples or (rest and samples == came) or not samples:
        raise RecordingError(
            f"its file {file} is cut short: {len(data)} bytes came where {offset + 2 * count * max(samples, 1)} are "
            "expected; get it again."
        )
    frames = np.frombuffer(data, "<i2", samples * count, offset).reshape(samples, count)
    stored = np.ascontiguousarray(frames.T)
    stated = any(signal.checksum for signal in signals)  # writers that do not compute them write 0, or nothing
    sums = stored.sum(1, dtype=np.int16).tolist()  # it wraps around as the checksum does
    wrong = [s.name for s, total in zip(signals, sums, strict=True) if stated and (total - (s.checksum or 0)) & 0xFFFF]
    if wrong and not file.lower().endswith(".mat"):
        raise RecordingError(f"the checksum of its file {file} is wrong in {listed(wrong)}; get it again.")
    if wrong:  # some of the Challenge's headers were written before their signals were resampled
        warnings.append(f"The header's checksum is wrong in {listed(wrong)}.")
    if came > samples and (wrong or not stated):
        raise RecordingError(
            f"its file {file} holds {came} samples of {count} signals where {samples} are declared; get it again."
        )
    return stored


def _mat_offset(data: bytes, signals: list[Signal]) -> int:
    """Where the samples of a MATLAB 4 file with one int16 matrix (signals, samples) begin."""
    file = signals[0].file
    if len(data) < 24:
        raise RecordingError(f"its file {file} is cut short: {len(data)} bytes came; get it again.")
    kind, rows, _, imaginary, name = struct.unpack_from("<5i", data)
    if (kind, rows, imaginary) != (30, len(signals), 0) or not 0 < name < 64:
        raise RecordingError(f"its file {file} is no MATLAB 4 file with an int16 matrix of {len(signals)} rows.")
    return 20 + int(name)


def _read_others(header: Header, files: Files) -> Tracing:
    """Every other format by ecgdatakit."""
    from ecgdatakit.parsing.parsers.wfdb import WFDBParser

    from einthoven.readers.kit import parse, tracing

    names = dict.fromkeys(signal.file for signal in header.signals if signal.format and signal.file != "~")
    others = {name: files.other(name) for name in names}
    declared = header.samples * sum(signal.frame for signal in header.signals)
    _check_declared(declared, sum(len(data) for data in others.values()))
    record, said = parse(WFDBParser, _plain_dates(files.data), others, name=".einthoven.hea")
    if any("checksum mismatch" in warning for warning in said) and any(s.checksum for s in header.signals):
        raise RecordingError("the checksum of a signal file is wrong; get it again.")
    meta = record.raw_metadata
    rates = {}
    for lead, spec in zip(record.leads, meta["signal_specs"], strict=True):
        lead.samples[lead.samples == _INVALID.get(spec["fmt"], np.inf)] = np.nan
        rates[lead.label] = meta["sampling_frequency"] * spec["samples_per_frame"]
    found = tracing("WFDB", record, _default_rate(header), rates, missing=None)  # each format has its own
    found.patient = patient(header.comments)
    return found


def _check_declared(declared: int, held: int) -> None:
    """Refuse far more `declared` values than there are values or bytes `held`, before room is made for them."""
    if declared > _FREE_VALUES + 16 * held:
        raise RecordingError("declares far more samples than its files hold; get it again.")


def _plain_dates(data: bytes) -> bytes:
    """The header without time and date, which the Challenge writes in an order that ecgdatakit refuses."""
    lines = data.splitlines()
    for place, line in enumerate(lines):
        if line.strip() and not line.lstrip().startswith(b"#"):
            lines[place] = b" ".join(line.split()[:4])
            break
    return b"\n".join(lines) + b"\n"


def _default_rate(header: Header) -> list[str]:
    return [] if header.rate else ["The header has no sampling rate; WFDB's default of 250 Hz is taken."]
