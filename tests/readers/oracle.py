"""What reading must guarantee for any input: a valid Recording or a clear refusal, within limits of time and memory."""

import time
import warnings
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

import einthoven
import einthoven.readers.dicom
import einthoven.readers.edf
import einthoven.readers.holter
import einthoven.readers.scp
import einthoven.readers.xml  # loaded before the first measurement
from einthoven.errors import RecordingError
from einthoven.readers.sources import Source
from einthoven.recording import LEADS

FREE_SECONDS = 1.5
"""CPU time in s that any input may need, however small."""
SECONDS_PER_BYTE = 5e-6
"""CPU time in s for each byte of the input. SCP-ECG's codes need about 1e-6 s, the costliest texts 0.3e-6 s."""
FREE_BYTES = 256 << 20
"""Memory that any input may need. Declared samples without stored bytes (null signals, gaps) need it."""
BYTES_PER_BYTE = 64
"""Memory for each byte of the input; a JSON list of small numbers needs about 30."""
MAX_MESSAGE_LENGTH = 1200
"""Characters of a refusal: 800 of its reason, and a path."""

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")

TABLE = {"rate": 100, "unit": "uV"}
OPTIONS: tuple[dict[str, Any], ...] = ({}, TABLE, {**TABLE, "leads": LEADS[:2]}, {"rate": 100}, {"unit": "mV"})
"""Selected by the first byte of a fuzzer's input; one more value selects a WFDB record of several files."""
SIGNALS = b"\n\0SIGNALS\0"
"""Separates the files of a WFDB record: a header, its signals and, if that is a segment, the record's header."""


def decode(data: bytes) -> tuple[Source, dict[str, Any]]:
    """Return the arguments of `check` for a fuzzer's input."""
    first, content = data[:1] or b"\0", data[1:]
    kind = first[0] % (len(OPTIONS) + 1)
    if kind < len(OPTIONS):
        return content, OPTIONS[kind]
    files = dict(zip(("r.hea", "r.dat", "m.hea"), content.split(SIGNALS, 2), strict=False))
    return {**files, "r.mat": files.get("r.dat", b"")}, {}


def encode(source: Source, options: Mapping[str, Any]) -> bytes:
    """Return the input that `decode` turns into `source` and `options`; options that it does not know are left out."""
    if isinstance(source, Mapping):  # its files in the order of `decode`
        return bytes([len(OPTIONS)]) + SIGNALS.join(source.values())
    kind = OPTIONS.index(dict(options)) if options in OPTIONS else 0
    return bytes([kind]) + source  # type: ignore[operator]


def check(source: Source, options: Mapping[str, Any]) -> None:
    """Read `source` and raise AssertionError if the outcome breaks one of the guarantees above."""
    size = sum(map(len, source.values())) if isinstance(source, Mapping) else len(source)  # type: ignore[arg-type]
    before, began = _reset_peak(), time.thread_time()
    try:
        with warnings.catch_warnings(action="error"):  # no warning of a library reaches the user's terminal
            recording = einthoven.read(source, **options)
    except RecordingError as error:
        sentence = str(error)
    else:
        check_recording(recording)
        sentence = " ".join(warning.text for warning in recording.warnings)
        assert all(len(warning.text) <= MAX_MESSAGE_LENGTH for warning in recording.warnings)
        assert len(recording.warnings) <= 200
        sentence = sentence[:MAX_MESSAGE_LENGTH]
    seconds, memory = time.thread_time() - began, before and _memory("VmHWM") - before
    assert seconds <= FREE_SECONDS + SECONDS_PER_BYTE * size, f"{seconds:.1f} s of CPU time for {size} bytes"
    assert memory <= FREE_BYTES + BYTES_PER_BYTE * size, f"{memory >> 20} MiB of memory for {size} bytes"
    assert sentence.isprintable()
    assert len(sentence) <= MAX_MESSAGE_LENGTH
    assert "unexpected" not in sentence, sentence  # readers must handle every kind of damage


def check_recording(recording: einthoven.Recording) -> None:
    """Assert what every Recording guarantees."""
    assert recording.signal.dtype == np.float32
    assert np.isfinite(recording.signal).all()
    assert recording.signal.shape[0] == len(recording.leads) >= 1
    assert list(recording.leads) == [lead for lead in LEADS if lead in recording.leads]
    assert set(recording.derived_leads) <= set(LEADS[:6])
    assert 100 <= recording.rate <= 2000
    assert recording.seconds >= 2.49
    if recording.recorded_at:
        assert 1970 <= recording.recorded_at.year <= datetime.now().year + 1
        assert datetime.fromisoformat(recording.recorded_at.isoformat()) == recording.recorded_at
    assert recording.device is None or (recording.device.isprintable() and 0 < len(recording.device) <= 129)
    assert all(limit is None or 0 < limit <= 10_000 for limit in recording.filters or ())


def _reset_peak() -> int:
    """Reset the peak of this process's memory; return the bytes that it holds now, 0 if the system is not Linux."""
    try:
        _RESET.write_text("5")
    except OSError:
        return 0
    return _memory("VmRSS")


def _memory(name: str) -> int:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) << 10
