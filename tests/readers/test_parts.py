"""A long recording is read in parts, which together are the whole."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

import einthoven
from einthoven import Recording, RecordingError
from einthoven.readers.parts import LONG_S, MAX_SEGMENTS, plan_parts, read_parts
from einthoven.readers.span import WHOLE, Span
from einthoven.readers.tables import Options
from einthoven.recording import LEADS

RATE, SECONDS = 100, 3725
FILES = ("long.hea", "long.edf")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A little over an hour, of which V1 is flat in one part and lead I in all."""
    signal = np.random.default_rng(5).integers(-900, 900, (12, SECONDS * RATE)).astype(np.float32) / 1000
    signal[6, 1200 * RATE : 1800 * RATE] = 0
    signal[0] = 0
    recording = Recording(signal, RATE, LEADS, recorded_at=datetime(2024, 2, 1, 8))
    folder = tmp_path_factory.mktemp("long")
    for name in FILES:
        einthoven.write(recording, folder / name)
    return folder


def parts_of(path: Path, span: Span = WHOLE) -> list[Recording]:
    return list(read_parts(path, Options(), False, plan_parts(path, span, 10)))


@pytest.mark.parametrize("name", FILES)
def test_the_parts_are_the_whole(folder: Path, name: str) -> None:
    whole, parts = einthoven.read(folder / name), parts_of(folder / name)
    assert [part.seconds for part in parts] == [600, 600, 600, 600, 600, 725]
    np.testing.assert_array_equal(np.concatenate([part.signal for part in parts], axis=1), whole.signal)
    assert parts[0].recorded_at == whole.recorded_at
    assert {part.leads for part in parts} == {LEADS}


def test_a_span_in_parts(folder: Path) -> None:
    spans = plan_parts(folder / "long.edf", Span(20.0, 3700.0), 60)
    assert (spans[0].start_s, spans[-1].end_s, len(spans)) == (20, 3700, 6)
    assert {(span.end_s or 0) - span.start_s for span in spans[:-1]} == {600}


def test_what_is_not_read_in_parts(folder: Path, tmp_path: Path) -> None:
    assert plan_parts(folder / "long.hea", Span(0, LONG_S), 10) == []  # short
    assert plan_parts((folder / "long.edf").read_bytes(), WHOLE, 10) == []
    (tmp_path / "gaps.edf").write_bytes((folder / "long.edf").read_bytes().replace(b"EDF+C", b"EDF+D", 1))
    assert plan_parts(tmp_path / "gaps.edf", WHOLE, 10) == []
    assert plan_parts(tmp_path / "missing.hea", WHOLE, 10) == []


def test_a_day_that_is_not_there(folder: Path, tmp_path: Path) -> None:
    """Nothing is interpreted of a record that claims more than it has."""
    header = (folder / "long.hea").read_text().replace(str(SECONDS * RATE), str(86_400 * RATE))
    (tmp_path / "long.hea").write_text(header)
    (tmp_path / "long.dat").write_bytes((folder / "long.dat").read_bytes())
    spans = plan_parts(tmp_path / "long.hea", WHOLE, 10)
    assert len(spans) == 144
    with pytest.raises(RecordingError, match="is cut short"):
        next(read_parts(tmp_path / "long.hea", Options(), False, spans))


@pytest.mark.parametrize("samples", ["99999999999", "9" * 400])
def test_years_are_refused(folder: Path, tmp_path: Path, samples: str) -> None:
    (tmp_path / "long.hea").write_text((folder / "long.hea").read_text().replace(str(SECONDS * RATE), samples))
    if len(samples) > 12:
        assert plan_parts(tmp_path / "long.hea", WHOLE, 10) == []  # reading it explains why not
    else:
        with pytest.raises(RecordingError, match=f"more than {MAX_SEGMENTS:,} segments.*--every 60"):
            plan_parts(tmp_path / "long.hea", WHOLE, 10)


def test_times_of_gaps_count_from_the_start(tmp_path: Path) -> None:
    """A lead, or all of them, may be off for longer than a part."""
    signal = np.random.default_rng(5).integers(-900, 900, (12, SECONDS * RATE)).astype(np.int16)
    signal[6, 1300 * RATE : 1400 * RATE] = -32768
    signal[:, 600 * RATE : 1200 * RATE] = -32768
    (tmp_path / "off.dat").write_bytes(signal.T.astype("<i2").tobytes())
    lines = [f"off 12 {RATE} {SECONDS * RATE}", *(f"off.dat 16 1000/mV 16 0 0 0 0 {lead}" for lead in LEADS)]
    (tmp_path / "off.hea").write_text("\n".join(lines) + "\n")
    parts = parts_of(tmp_path / "off.hea")
    np.testing.assert_array_equal(
        np.concatenate([part.signal for part in parts], axis=1), einthoven.read(tmp_path / "off.hea").signal
    )
    texts = [warning.text for part in parts for warning in part.warnings if warning.code == "signal-gap"]
    assert texts == [
        "There is no signal in any lead from 600.00 to 1200.00 s; it is 0 mV there.",
        "There is no signal in V1 from 1300.00 to 1400.00 s; it is 0 mV there.",
    ]


def test_a_part_of_edf_keeps_its_time(folder: Path) -> None:
    whole = einthoven.read(folder / "long.edf")
    part = einthoven.read(folder / "long.edf", start_s=600)
    assert whole.recorded_at
    assert part.recorded_at
    assert (part.recorded_at - whole.recorded_at).total_seconds() == 600
    assert part.seconds == SECONDS - 600
