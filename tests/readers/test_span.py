"""A part of a recording is read as if the recording had been cut, and no more of a long file is read."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import wfdb
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import einthoven
from einthoven.errors import EinthovenError, RecordingError
from einthoven.readers.span import parse_time
from einthoven.recording import LEADS
from readers import writers

RATE = 250


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty seconds as WFDB in formats with one, two and three samples together, and in other formats."""
    folder = tmp_path_factory.mktemp("records")
    signal = np.random.default_rng(3).integers(-200, 200, (20 * RATE, 11)).astype(np.int16)  # an odd number of leads
    leads = list(LEADS[:11])
    for format in ("16", "212", "24", "32", "80"):
        codes = np.clip(signal, -100, 100) if format == "80" else signal
        wfdb.wrsamp(
            f"r{format}",
            fs=RATE,
            units=["mV"] * 11,
            sig_name=leads,
            d_signal=codes.astype(np.int64),
            fmt=[format] * 11,
            adc_gain=[100.0] * 11,
            baseline=[0] * 11,
            base_datetime=datetime(2024, 2, 1, 8),
            write_dir=str(folder),
        )
    whole = einthoven.read(folder / "r16.hea")
    einthoven.write(whole, folder / "r.dcm")
    einthoven.write(whole, folder / "r.csv")
    einthoven.write(whole, folder / "r.edf")
    return folder


@pytest.mark.parametrize("name", ["r16.hea", "r212.hea", "r24.hea", "r32.hea", "r80.hea", "r.dcm", "r.csv", "r.edf"])
@given(start=st.integers(0, 17 * RATE), length=st.integers(int(2.5 * RATE), 21 * RATE))
@example(start=3475, length=625)  # 16.4 - 13.9 is a little less than 2.5
@settings(max_examples=8)
def test_a_part_is_a_slice_of_the_whole(records: Path, name: str, start: int, length: int) -> None:
    whole = einthoven.read(records / name)
    part = einthoven.read(records / name, start_s=start / RATE, end_s=(start + length) / RATE)
    np.testing.assert_array_equal(part.signal, whole.signal[:, start : start + length])
    assert (part.leads, part.rate) == (whole.leads, whole.rate)
    assert whole.recorded_at
    assert part.recorded_at == whole.recorded_at + timedelta(seconds=start / RATE)


def test_marked_spikes_belong_to_the_part(tmp_path: Path, ecg: NDArray[np.int16]) -> None:
    pace = np.zeros((len(ecg), 1), np.int16)
    pace[[1000, 2000, 4000]] = 1000
    for name, data in writers.wfdb(np.hstack([ecg, pace]), 500, (*LEADS, "PACE")).items():
        (tmp_path / name).write_bytes(data)
    assert einthoven.read(tmp_path / "r", start_s=3, end_s=9).pacing_spikes_s == (1.0, 5.0)


def test_a_day_is_read_in_parts(tmp_path: Path) -> None:
    frames = 24 * 3600 * 500
    lines = [f"h 12 500 {frames}", *(f"h.dat 16 1000(0)/mV 16 0 0 0 0 {lead}" for lead in LEADS)]
    (tmp_path / "h.hea").write_text("\n".join(lines) + "\n")
    tail = np.random.default_rng(1).integers(-900, 900, (5000, 12)).astype("<i2")
    with (tmp_path / "h.dat").open("wb") as file:  # sparse: it takes no room on the disk
        file.seek(24 * (frames - 5000))
        file.write(tail.tobytes())
    with pytest.raises(RecordingError, match="--from and --to"):
        einthoven.read(tmp_path / "h.hea")
    part = einthoven.read(tmp_path / "h.hea", start_s=24 * 3600 - 10)
    np.testing.assert_allclose(part.signal, tail.T / 1000, rtol=1e-6)


@pytest.mark.parametrize(
    ("start_s", "end_s", "words"),
    [(20, None, "ends at 20 s"), (0, 2, "at least 2.5 s"), (-1, None, "at least 0 s"), (5, 4, "later end")],
)
def test_parts_that_do_not_exist(records: Path, start_s: float, end_s: float | None, words: str) -> None:
    for name in ("r16.hea", "r.dcm"):
        with pytest.raises(EinthovenError, match=words):
            einthoven.read(records / name, start_s=start_s, end_s=end_s)


def test_times() -> None:
    assert [parse_time(text) for text in ("90", "1:30", "1:00:00", "0:00:02.5")] == [90, 90, 3600, 2.5]
    for text in ("", "1h", "-1", "1:2:3:4", "nan"):
        with pytest.raises(ValueError, match="h:mm:ss"):
            parse_time(text)
