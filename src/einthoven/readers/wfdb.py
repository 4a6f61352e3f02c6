"""WFDB records, and the PhysioNet Challenge's dialects of them (.hea with MATLAB 4 .mat, other dates).

Format: https://physionet.org/physiotools/wag/header-5.htm and signal-5.htm. The header is read here, because it names
files and sizes that must be checked first. The samples are read here, because reading must take no longer than
interpreting, and little memory.
"""

import struct
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.arrays import FloatArray
from einthoven.errors import RecordingError
from einthoven.readers.acquisition import Acquisition
from einthoven.readers.redact import list_labels, show_label
from einthoven.readers.sources import Files
from einthoven.readers.span import WHOLE
from einthoven.readers.tracing import SIMULATED, VALUES_PER_BYTE, Channel, Tracing, check_size
from einthoven.readers.wfdb_flac import FLAC_BITS, FLAC_VALUES_PER_BYTE, check_md5, decode_flac, flac_stream
from einthoven.readers.wfdb_formats import GROUPS, INVALID, PARTIAL, check_format, decode
from einthoven.readers.wfdb_header import Header, Signal, parse_header, parse_patient
from einthoven.readers.wfdb_part import cut_record
from einthoven.recording import RecordingWarning

_RATE = 250.0
"""Hz if the header states no rate, by the definition of the format."""


def read_wfdb(files: Files, uv_per_unit: float | None = None) -> Tracing:
    """Read a WFDB record.

    Parameters
    ----------
    files
        The header, and access to the files next to it.
    uv_per_unit
        Scale of all signals, instead of the gains that the header states; None for these.

    Returns
    -------
    Tracing
        The channels as the files hold them.

    Raises
    ------
    RecordingError
        If the record is damaged, cut short, or lacks files.
    """
    if files.span != WHOLE and (part := cut_record(parse_header(files.data, part=True), files)):
        tracing = _read_one(part.header, part.files, uv_per_unit)
        for channel in tracing.channels:
            channel.start = round(part.first_frame * channel.rate / (part.header.rate or _RATE))
        return tracing
    header = parse_header(files.data)
    if header.segments:
        return _read_segments(header, files, uv_per_unit)
    return _read_one(header, files, uv_per_unit)


def _read_segments(header: Header, files: Files, uv_per_unit: float | None) -> Tracing:
    """Read the segments one after the other, their signals by name; NaN for null segments and missing signals."""
    segments: dict[str, Header] = {}
    parts: list[tuple[int, int, str]] = []
    total = 0
    for name, length in header.segments:
        if name != "~" and length:
            segment = segments[name] = segments.get(name) or parse_header(files.sibling(f"{name}.hea"))
            if segment.segments or segment.samples not in (0, length) or segment.rate != header.rate:
                raise RecordingError(f"its segment {name} is not as declared: {length} samples at {header.rate:g} Hz.")
            parts.append((total, length, name))
        total += length
    _check_spelling(segments)
    signals = [signal for segment in segments.values() for signal in segment.signals]
    stored = {file.removeprefix("./"): files.sibling(file) for file in _stored_files(signals)}
    frames = {signal.name: signal.frame for signal in signals}
    per_byte = FLAC_VALUES_PER_BYTE if any(signal.format in FLAC_BITS for signal in signals) else VALUES_PER_BYTE
    check_size(total * sum(frames.values()), sum(map(len, stored.values())), per_byte)
    whole: dict[str, Channel] = {}
    times = Counter(name for *_, name in parts)
    repeated: dict[str, list[Channel]] = {}  # a header may name a segment again and again
    for start, length, name in parts:
        channels = repeated.get(name) or _read_one(segments[name], Files(b"", stored), uv_per_unit).channels
        if times[name] > 1:
            repeated[name] = channels
        new: set[str] = set()
        for channel in channels:
            if channel.name not in new:  # of two with one name, the first
                new.add(channel.name)
                _write_segment(channel, start, length, total, whole, header.rate or _RATE)
    channels = list(whole.values())
    patient, acquisition = parse_patient(header.comments), Acquisition(header.time)
    return Tracing("WFDB", channels, patient, _header_warnings(header), acquisition)


def _write_segment(
    channel: Channel, start: int, length: int, total: int, whole: dict[str, Channel], rate: float
) -> None:
    """Write a channel of a segment into the record's channel of that name; times in frames, the rate in Hz."""
    frame, values = round(channel.rate / rate), channel.values
    if channel.name not in whole:
        blank = np.full(total * frame, np.nan, values.dtype)
        whole[channel.name] = Channel(channel.name, blank, channel.rate, channel.unit)
    known = whole[channel.name]
    if (channel.rate, channel.unit, len(values)) != (known.rate, known.unit, length * frame):
        raise RecordingError(
            f"its segments disagree on the rate, the unit or the length of {show_label(channel.name)}."
        )
    known.values[start * frame : (start + length) * frame] = values


def _read_one(header: Header, files: Files, uv_per_unit: float | None) -> Tracing:
    if uv_per_unit is not None:
        signals = [signal._replace(gain=1000 / uv_per_unit, unit="mV") for signal in header.signals]
        header = replace(header, signals=signals)
    warnings = _header_warnings(header)
    channels: dict[int, Channel] = {}
    n_bytes = 0
    for file in _stored_files(header.signals):
        indices = [index for index, signal in enumerate(header.signals) if signal.format and signal.file == file]
        signals = [header.signals[index] for index in indices]
        data = files.sibling(file)
        n_bytes += len(data)
        rows = _rows(data, signals, header.samples, warnings)
        for index, signal, row in zip(indices, signals, rows, strict=True):
            channels[index] = _channel(signal, row, header)
    null = [index for index, signal in enumerate(header.signals) if not signal.format]  # no file holds them
    if null:
        check_size(header.samples * sum(header.signals[index].frame for index in null), n_bytes)
    for index in null:
        signal = header.signals[index]
        channels[index] = _channel(signal, np.full(header.samples * signal.frame, np.nan, np.float32), header)
    if len({len(channel.values) / header.signals[index].frame for index, channel in channels.items()}) > 1:
        raise RecordingError("its signal files hold different numbers of samples; get it again.")
    ordered = [channels[index] for index in sorted(channels)]
    return Tracing("WFDB", ordered, parse_patient(header.comments), warnings, Acquisition(header.time))


def _stored_files(signals: Iterable[Signal]) -> list[str]:
    """Return the files that hold samples, each once."""
    files = list(dict.fromkeys(signal.file for signal in signals if signal.format))
    _check_spelling(files)
    return files


def _check_spelling(names: Iterable[str]) -> None:
    """Refuse names that differ only in case or by "./": they may be one file, which would be read repeatedly."""
    known = list(names)
    if len({name.removeprefix("./").lower() for name in known}) < len(known):
        raise RecordingError("its header names one file in several spellings; write its name in one way.")


def _channel(signal: Signal, values: FloatArray, header: Header) -> Channel:
    rate = (header.rate or _RATE) * signal.frame
    return Channel(signal.name, values, rate, signal.unit if signal.gain else "")


def _rows(data: bytes, signals: list[Signal], samples: int, warnings: list[RecordingWarning]) -> Iterable[FloatArray]:
    """Return one file's signals in physical units, NaN for samples that are invalid or beyond the end of the file."""
    stored, samples = _load_samples(data, signals, samples, warnings)
    kind = np.float64 if signals[0].format in (24, 32, 524) else np.float32
    baselines = np.array([[signal.baseline] for signal in signals], kind)
    gains = np.array([[signal.gain or 1] for signal in signals], kind)
    if len(stored) > len(signals):
        frames = [signal.frame for signal in signals]
        baselines, gains = np.repeat(baselines, frames, axis=0), np.repeat(gains, frames, axis=0)
    values = stored - baselines
    values /= gains  # in place: memory may not suffice for another copy of hours of recording
    invalid = INVALID.get(signals[0].format)
    if invalid is not None and stored.min() == invalid:
        values[stored == invalid] = np.nan
    return values if _one_column_each(signals) else _windows(values, signals, samples)


def _load_samples(
    data: bytes, signals: list[Signal], samples: int, warnings: list[RecordingWarning]
) -> tuple[NDArray[Any], int]:
    """Return one file's samples as stored (columns of a frame, frames), and how many frames each signal has.

    Checks them against the length and the checksums of the header.
    """
    file, format, width = signals[0].file, signals[0].format, sum(signal.frame for signal in signals)
    check_format(format)
    if {signal.format for signal in signals} != {format}:
        raise RecordingError(f"stores the signals of its file {file} in several formats; one is expected.")
    if format in FLAC_BITS:
        return _load_flac(data, signals, samples)
    mat, skew = format == 16 and file.lower().endswith(".mat"), max(signal.skew for signal in signals)
    offset = _mat_offset(data, signals) if mat else signals[0].offset
    samples_per_group, size = GROUPS[format]
    groups, rest = divmod(max(len(data) - offset, 0), size)
    n_frames, odd = divmod(groups * samples_per_group + PARTIAL.get((format, rest), 0), width)
    cut = format == 16 and (rest or odd) and samples in (0, n_frames)
    samples = samples or n_frames - skew
    if n_frames < samples or cut or samples <= 0:
        expected = offset + size * -(-width * max(samples, 1) // samples_per_group)
        raise RecordingError(f"its file {file} is cut short: it has {len(data)} of {expected} bytes; get it again.")
    used = min(n_frames, samples + skew)
    check_size(used * width, len(data))
    stored = np.ascontiguousarray(decode(data, format, used * width, offset).reshape(used, width).T)
    if format == 8:
        stored = _integrate(stored, signals)
    stated = any(signal.checksum for signal in signals)  # writers that do not compute them write 0, or nothing
    wrong = _wrong_checksums(stored, signals, samples) if stated else []
    if wrong and not mat:
        raise RecordingError(f"the checksum of its file {file} is wrong in {list_labels(wrong)}; get it again.")
    if wrong:  # some of the Challenge's headers were written before their signals were resampled
        warnings.append(RecordingWarning("wrong-checksum", f"The header's checksum is wrong in {list_labels(wrong)}."))
    if format == 16 and n_frames > used and (wrong or not stated):
        raise RecordingError(
            f"its file {file} holds {n_frames} samples of {width} signals where {samples} are declared; get it again."
        )
    return stored, samples


def _load_flac(data: bytes, signals: list[Signal], samples: int) -> tuple[NDArray[Any], int]:
    """Return the samples of a FLAC file, as `_load_samples` does; its offset is in samples."""
    file, frame, offset = signals[0].file, signals[0].frame, signals[0].offset
    stream, skew = flac_stream(data, file), max(signal.skew for signal in signals)
    if stream.bits > FLAC_BITS[signals[0].format]:
        raise RecordingError(f"its file {file} has {stream.bits} bits, more than its header declares; get it again.")
    if stream.channels != len(signals) or {signal.frame for signal in signals} != {frame}:
        raise RecordingError(
            f"its file {file} has {stream.channels} channels of one rate, other than its header declares; get it again."
        )
    n_frames = (stream.samples - offset) // frame
    samples = samples or n_frames - skew
    if n_frames < samples or samples <= 0:
        raise RecordingError(f"its file {file} is cut short: it has {max(n_frames, 0)} of {samples} samples.")
    used = min(n_frames, samples + skew)
    check_size(used * frame * len(signals), len(data), FLAC_VALUES_PER_BYTE)
    decoded = decode_flac(data, stream, offset, used * frame, file)
    stated = any(signal.checksum for signal in signals)
    if not stated and len(decoded) == stream.samples:
        check_md5(decoded, stream, file)
    stored = np.ascontiguousarray(decoded.reshape(used, frame, -1).transpose(2, 1, 0)).reshape(-1, used)
    if stated and (wrong := _wrong_checksums(stored, signals, samples)):
        raise RecordingError(f"the checksum of its file {file} is wrong in {list_labels(wrong)}; get it again.")
    return stored, samples


def _one_column_each(signals: list[Signal]) -> bool:
    """Return whether each signal is one column."""
    return all(signal.frame == 1 and not signal.skew for signal in signals)


def _windows(columns: NDArray[Any], signals: list[Signal], samples: int) -> Iterator[NDArray[Any]]:
    """Yield each signal's samples from `columns` (columns of a frame, frames): `samples` frames from its skew on.

    Those beyond the end are NaN. Integers have no NaN: there a signal that reaches beyond the end is cut.
    """
    first = 0
    for signal in signals:
        part = columns[first : first + signal.frame, signal.skew : signal.skew + samples]
        if (short := samples - part.shape[1]) and part.dtype.kind == "f":
            part = np.pad(part, ((0, 0), (0, short)), constant_values=np.nan)
        yield part.T.ravel()
        first += signal.frame


def _integrate(differences: NDArray[np.int8], signals: list[Signal]) -> NDArray[np.int32]:
    """Return the samples behind the differences of format 8, which continue from frame to frame."""
    out = np.empty(differences.shape, np.int32)
    first = 0
    for signal in signals:
        rows = slice(first, first + signal.frame)
        out[rows] = np.cumsum(differences[rows].T, dtype=np.int32).reshape(-1, signal.frame).T
        out[rows] += np.int32(signal.initial)
        first += signal.frame
    return out


def _wrong_checksums(stored: NDArray[Any], signals: list[Signal], samples: int) -> list[str]:
    """Return the names of signals with a wrong checksum, except those that reach beyond the end."""
    if _one_column_each(signals):
        sums = stored.sum(1, dtype=np.int16).tolist()  # it wraps around as the checksum does
    else:
        windows = list(_windows(stored, signals, samples))
        sums = [
            int(row.sum(dtype=np.int16)) if len(row) == samples * signal.frame else signal.checksum or 0
            for row, signal in zip(windows, signals, strict=True)
        ]
    return [
        signal.name for signal, total in zip(signals, sums, strict=True) if (total - (signal.checksum or 0)) & 0xFFFF
    ]


def _mat_offset(data: bytes, signals: list[Signal]) -> int:
    """Return the offset of the samples in a MATLAB 4 file with one int16 matrix (signals, samples)."""
    file = signals[0].file
    if len(data) < 24:
        raise RecordingError(f"its file {file} is cut short: it has {len(data)} bytes; get it again.")
    kind, rows, _, imaginary, name = struct.unpack_from("<5i", data)
    if (kind, rows, imaginary) != (30, len(signals), 0) or not 0 < name < 64:
        raise RecordingError(f"its file {file} is not a MATLAB 4 file with an int16 matrix of {len(signals)} rows.")
    return 20 + int(name)


def _header_warnings(header: Header) -> list[RecordingWarning]:
    text = "The header has no sampling rate; WFDB's default of 250 Hz is taken."
    assumed_rate = [] if header.rate else [RecordingWarning("assumed-rate", text)]
    is_simulated = any(comment.strip().startswith("SIMULATED") for comment in header.comments)
    return assumed_rate + [SIMULATED] * is_simulated
