"""Damaged files of every format: a sound Recording or a RecordingError, nothing else."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from oracle import check, decode
from seeds import CORPUS, seeds
from test_formats import WRITERS

import einthoven

Signal = NDArray[np.int16]
Damage = list[tuple[str, float, bytes]]
SEEDS = dict(seeds())

# Near the beginning, where headers are, as often as anywhere.
_places = st.one_of(st.floats(0, 1), st.floats(0, 0.01), st.floats(0, 0.001))
_digits = st.sampled_from(
    [b"0", b"9", b"-1", b"4294967295", b"1e308", b"nan", b" ", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x80"]
)
damages = st.lists(
    st.tuples(
        st.sampled_from(["replace", "replace", "insert", "delete", "cut"]),
        _places,
        st.one_of(_digits, st.binary(min_size=1, max_size=8)),
    ),
    min_size=1,
    max_size=4,
)


def damaged(data: bytes, damage: Damage) -> bytes:
    out = bytearray(data)
    for kind, where, new in damage:
        place = int(where * len(out))
        match kind:
            case "replace":
                out[place : place + len(new)] = new
            case "insert":
                out[place:place] = new
            case "delete":
                del out[place : place + len(new)]
            case "cut":
                del out[place:]
    return bytes(out)


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=25, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=damages, which=st.integers(0, 1))
def test_damaged_files(name: str, damage: Damage, which: int, ecg: Signal) -> None:
    _, write, options = WRITERS[name]
    source = write(ecg[:1500])
    if isinstance(source, dict):
        file = list(source)[which]
        source = {**source, file: damaged(source[file], damage)}
    else:
        source = damaged(source, damage)
    check(source, options)


@pytest.mark.parametrize("path", sorted(CORPUS.iterdir()), ids=lambda path: path.name)
def test_what_broke_a_reader_once(path: Path) -> None:
    assert path.stat().st_size < 4096
    check(*decode(path.read_bytes()))


@pytest.mark.parametrize("name", SEEDS)
def test_the_fuzzer_starts_from_files_that_are_read(name: str) -> None:
    source, options = decode(SEEDS[name])
    check(source, options)
    assert einthoven.read(source, **options).leads[0] == "I"


@settings(max_examples=40, derandomize=True)
@given(
    data=st.binary(max_size=600),
    start=st.sampled_from([b"", b"ISHNE1.0", b"0       ", b"\x40\x20MFR ", b"<ECG>", b"PAR1"]),
)
def test_any_bytes(data: bytes, start: bytes) -> None:
    check(start + data, {})


@settings(max_examples=8, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=damages)
def test_damaged_real_files(damage: Damage, test_data: Path) -> None:
    for path in sorted((test_data / "formats").rglob("*.*")):
        if path.suffix != ".md" and path.stat().st_size < 200_000:
            check(damaged(path.read_bytes(), damage), {})
