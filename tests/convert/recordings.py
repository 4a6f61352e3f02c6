"""Recordings of any rate, leads, amplitudes and facts, for the tests of conversion."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
from hypothesis import strategies as st

from einthoven.recording import LEADS, SUPPLEMENTAL_LEADS, Filters, Patient, Recording

NAMES = st.text("Aabcé Łö-'", max_size=30).map(lambda text: " ".join(text.split()))
ZONES = st.sampled_from([None, UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-3))])
# Others within 0.1 % of a whole number are read as that number, because most files round the rate.
RATES = st.one_of(st.sampled_from([128.5, 133.3, 166.67, 240, 257, 360, 500, 977, 2000]), st.integers(100, 600))
SUBSETS = st.sampled_from([LEADS, LEADS, LEADS[:6], ("I", "II", *LEADS[6:]), ("II",), ("I", "III", "aVF", "V1")])
PATIENTS = st.builds(
    Patient,
    age=st.one_of(st.none(), st.integers(2, 120).map(float)),
    sex=st.sampled_from([None, "female", "male"]),
    id=st.from_regex(r"[A-Z0-9]([A-Z0-9.-]{0,10}[A-Z0-9])?|", fullmatch=True),
    name=NAMES,
    birth_date=st.one_of(st.none(), st.dates(date(1901, 1, 1), date(1969, 12, 31))),
)
FILTERS = st.one_of(
    st.none(),
    st.builds(Filters, st.sampled_from([None, 0.05, 0.5]), st.sampled_from([None, 40.0, 150.0]), st.just(50.0)),
)


@st.composite
def recordings(draw: st.DrawFn) -> Recording:
    """A recording of 2.6 to 3 s that has a beat, of up to 24 mV."""
    rate = float(draw(RATES))
    leads = draw(SUBSETS)
    samples = draw(st.integers(int(2.6 * rate), int(3 * rate)))
    peaks = draw(st.sampled_from([0.2, 1.0, 3.2, 3.3, 7.0, 24.0]))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    supplemental = draw(st.sampled_from([(), (), ("V4R",), SUPPLEMENTAL_LEADS])) if leads == LEADS else ()
    signal = rng.uniform(-peaks, peaks, (len(leads) + len(supplemental), samples)).astype(np.float32)
    when = draw(st.one_of(st.none(), st.datetimes(datetime(1986, 1, 1), datetime(2026, 1, 1), timezones=ZONES)))
    spikes = sorted(draw(st.sets(st.integers(1, 25), max_size=3)))
    return Recording(
        signal=signal[: len(leads)],
        rate=rate,
        leads=leads,
        patient=draw(PATIENTS),
        recorded_at=when,
        device=draw(st.sampled_from([None, "ACME Cardio 12"])),
        filters=draw(FILTERS),
        pacing_spikes_s=tuple(0.1 * spike for spike in spikes),
        supplemental=dict(zip(supplemental, signal[len(leads) :], strict=True)),
    )


def named(recording: Recording) -> Recording:
    """The same recording with all that identifies a person."""
    patient = Patient(93.0, "female", True, "HOSP-471112", "Waltraud Zimmermann", date(1930, 5, 17))
    return replace(
        recording, patient=patient, recorded_at=datetime(2023, 7, 19, 13, 37, 11), source="/x/Zimmermann.xml"
    )
