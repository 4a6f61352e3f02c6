"""The XML of GE CardioSoft and Schiller: scales are read, never guessed; median beats are never taken."""

import re
from collections.abc import Callable
from datetime import datetime

import numpy as np
import pytest
import writers
from numpy.typing import NDArray

import einthoven
from einthoven.errors import RecordingError
from einthoven.recording import Filters

Signal = NDArray[np.int16]
BOTH = pytest.mark.parametrize("write", [writers.cardiosoft, writers.schiller])


def changed(data: bytes, *pairs: tuple[str, str]) -> bytes:
    for old, new in pairs:
        assert old.encode() in data
        data = data.replace(old.encode(), new.encode())
    return data


@BOTH
@pytest.mark.parametrize("uv", [2.5, 4.88, 5])
def test_the_scale_is_that_of_the_file(write: Callable[..., bytes], uv: float, ecg: Signal) -> None:
    data = write(ecg, 500, uv=uv)
    for text in (data, data.replace(f">{uv:g}<".encode(), f">{uv:g}<".replace(".", ",").encode())):
        np.testing.assert_allclose(einthoven.read(text).signal, ecg.T / 1000, atol=uv / 2000 + 1e-6)


@BOTH
def test_who_when_and_how_come_along(write: Callable[..., bytes], ecg: Signal) -> None:
    recording = einthoven.read(write(ecg, 500))
    patient = recording.patient
    assert (patient.id, patient.name, patient.sex) == ("4711", "Jane Doe", "female")
    if write is writers.cardiosoft:
        assert (patient.age, recording.recorded_at) == (63, datetime(2025, 11, 28, 10, 42, 7))
        assert (recording.device, recording.filters) == ("GE CardioSoft", Filters(0.05, 40, 50))
    else:
        assert (patient.birth_date.year, recording.recorded_at) == (1962, datetime(2025, 11, 28, 10, 42, 7))
        assert recording.device == "SCHILLER AT-102"


@BOTH
@pytest.mark.parametrize("rate", ["", "0", "x", "-500"])
def test_without_a_rate_the_file_is_refused(write: Callable[..., bytes], rate: str, ecg: Signal) -> None:
    with pytest.raises(RecordingError, match="no sampling rate in Hz"):
        einthoven.read(changed(write(ecg, 500), (">500<", f">{rate}<")))


def test_without_a_scale_or_its_unit_the_file_is_refused(ecg: Signal) -> None:
    cardiosoft, schiller = writers.cardiosoft(ecg, 500), writers.schiller(ecg, 500)
    for data in (
        changed(cardiosoft, ("uVperLsb", "")),
        changed(cardiosoft, ("uVperLsb", "mmHg")),
        changed(cardiosoft, ('Lsb">1<', 'Lsb"><')),
        changed(cardiosoft, ('Lsb">1<', 'Lsb">nan<')),
        changed(schiller, ("<units>UV</units>", "")),
        changed(schiller, ("<unitperbit>1</unitperbit>", "<unitperbit>0</unitperbit>")),
        changed(schiller, ("<unitperbit>1</unitperbit><units>UV</units>", "1")),
    ):
        with pytest.raises(RecordingError, match="scale"):
            einthoven.read(data)


def test_other_units_are_read(ecg: Signal) -> None:
    expected = ecg.T / 1000
    for data in (
        changed(writers.cardiosoft(ecg, 500), ('"uVperLsb">1<', '"nV/LSB">1000<'), ('"Hz">500<', '"kHz">0.5<')),
        changed(writers.cardiosoft(ecg, 500), ('"uVperLsb"', '"µV per bit"')).decode().encode("latin-1"),
        changed(writers.schiller(ecg, 500), (">1</unitperbit><units>UV<", ">0.001</unitperbit><units>mV<")),
    ):
        np.testing.assert_allclose(einthoven.read(data).signal, expected, atol=1e-5)


def test_variants_of_the_form_are_read(ecg: Signal) -> None:
    expected = ecg.T / 1000
    data = writers.schiller(ecg, 500).decode()
    attributes = re.sub(r"<channel><name>(\w+)</name>", r'<channel name="\1">', data)
    plain = attributes.replace("<data>", "").replace("</data>", "").replace("<datastype>COMMASEPARATE</datastype>", "")
    bare = re.sub(r"<samplecount>\d+</samplecount>", "", plain)
    spaced = re.sub(r"(?<=\d),(?=-?\d)", "\n", writers.cardiosoft(ecg, 500).decode("latin-1")).encode()
    total = changed(writers.cardiosoft(ecg, 500), ("Total>5000<", "Total>60000<"))
    for text in (attributes.encode(), bare.encode(), spaced, total):
        np.testing.assert_allclose(einthoven.read(text).signal, expected, atol=1e-5)


def test_the_longest_strip_with_most_leads_is_taken(ecg: Signal) -> None:
    """As exercise tests hold them."""
    strip = re.compile(rb"<StripData>.*</StripData>", re.DOTALL)
    data, short = writers.cardiosoft(ecg, 500), strip.search(writers.cardiosoft(ecg[:2000], 500))
    assert short
    both = data.replace(b"<StripData>", b"<Strip>" + short[0] + b"</Strip><StripData>")
    recording = einthoven.read(both)
    np.testing.assert_allclose(recording.signal, ecg.T / 1000, atol=1e-5)
    assert [warning.code for warning in recording.warnings] == ["rhythms-left-out"]


@pytest.mark.parametrize(
    ("write", "old", "new", "reason"),
    [
        (writers.cardiosoft, "Total>5000<", "Total>6000<", "5000 samples of I where 6000 are declared"),
        (writers.schiller, "count>5000<", "count>6000<", "5000 samples of I where 6000 are declared"),
        (writers.schiller, "COMMASEPARATE", "BASE64", "in an encoding that is not read"),
        (writers.schiller, "<exponent>1<", "<exponent>3<", "an exponent other than 1"),
        (writers.schiller, "ECG_RHYTHMS", "ECG_MEDIANS", "holds no rhythm"),
        (writers.cardiosoft, "StripData", "Other", "holds no rhythm"),
    ],
)
def test_what_contradicts_itself_is_refused(
    write: Callable[..., bytes], old: str, new: str, reason: str, ecg: Signal
) -> None:
    with pytest.raises(RecordingError, match=reason):
        einthoven.read(changed(write(ecg, 500), (old, new)))


@BOTH
def test_samples_that_are_no_numbers_are_refused(write: Callable[..., bytes], ecg: Signal) -> None:
    number = str(ecg[2500, 0])
    with pytest.raises(RecordingError, match="samples that are not numbers"):
        einthoven.read(changed(write(ecg, 500), (f",{number},", ",x,")))
    with pytest.raises(RecordingError, match="more than 4 MiB of numbers"):
        einthoven.read((b",1" * (3 << 20)).join(write(ecg[:100], 500).rsplit(b",", 1)))
