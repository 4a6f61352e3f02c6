"""Whatever a file calls, orders and scales its leads: one shape, or a reason."""

import numpy as np
import pytest
from numpy.typing import NDArray

from einthoven.errors import RecordingError
from einthoven.readers.lead_names import millivolts, split_unit, standard_lead
from einthoven.readers.normalize import make_recording
from einthoven.readers.tracing import Channel, Tracing
from einthoven.recording import LEADS, Recording

Signal = NDArray[np.int16]


def make(leads: dict[str, NDArray[np.generic]], rate: float = 500, unit: str = "uV") -> Recording:
    return make_recording(
        Tracing("X", [Channel(name, values * 1.0, rate, unit) for name, values in leads.items()]), "x"
    )


@pytest.fixture
def leads(ecg: Signal) -> dict[str, NDArray[np.float64]]:
    return {lead: column.astype(float) for lead, column in zip(LEADS, ecg.T, strict=True)}


@pytest.mark.parametrize(
    ("name", "lead", "sign"),
    [
        ("I", "I", 1), ("i ", "I", 1), ("Lead I", "I", 1), ("ECG I", "I", 1), ("EKG II", "II", 1), ("DII", "II", 1),
        ("D3", "III", 1), ("LEAD_III", "III", 1), ("Ⅲ", "III", 1), ("AVR", "aVR", 1), ("avr", "aVR", 1),
        ("a VL", "aVL", 1), ("MDC_ECG_LEAD_AVF", "aVF", 1), ("ECG-aVF", "aVF", 1), ("ECG Lead V1", "V1", 1),
        ("I-Ref", "I", 1), ("II ECG", "II", 1), ("V1 (C1)", "V1", 1), ("Abl. III", "III", 1),
        ("Derivación aVL", "aVL", 1),
        ("V1 ", "V1", 1), ("v6\0", "V6", 1), ("'V2'", "V2", 1), ("ecg_v3", "V3", 1),
        ("-aVR", "aVR", -1), ("−aVR", "aVR", -1), ("ECG -aVR", "aVR", -1), ("aVRneg", "aVR", -1),
        ("MDC_ECG_LEAD_AVRNEG", "aVR", -1), ("aVR (inverted)", "aVR", -1), ("aVR - inverted", "aVR", -1),
        ("aVR (neg)", "aVR", -1), ("ECG - -aVR", "aVR", -1), ("- aVR", "aVR", -1), ("-I", "I", -1),
        ("ECG - I", "I", 1), ("ECG – II", "II", 1), ("Lead—III", "III", 1), ("Lead-II", "II", 1), ("ECG- V1", "V1", 1),
        ("ECG -V1", "V1", 1), ("ekg : V2", "V2", 1), ("ECG - aVR", "aVR", 1), ("Lead - aVR", "aVR", 1),
        ("V3 - ECG", "V3", 1), ("ECG, lead I", "I", 1), ("lead I, ECG", "I", 1), ("12-lead ECG - V6", "V6", 1),
        ("ECG/V4", "V4", 1), ("ECG Lead - V5", "V5", 1),
    ],
)  # fmt: skip
def test_names_of_standard_leads(name: str, lead: str, sign: float) -> None:
    assert standard_lead(name) == (lead, sign)


@pytest.mark.parametrize(("others", "sign"), [("ECG -{}", 1), ("ECG {}", -1)])
def test_a_dash_before_all_names_inverts_none(others: str, sign: float, leads: dict[str, NDArray[np.float64]]) -> None:
    stored = {(others if name != "aVR" else "ECG -{}").format(name): values for name, values in leads.items()}
    recording = make(stored | {"ECG -aVR": -(leads["I"] + leads["II"]) / 2})
    expected = -sign * (leads["I"] + leads["II"]) / 2000  # mV
    np.testing.assert_allclose(recording.signal[recording.leads.index("aVR")], expected, atol=1e-6)
    assert ("lead-inverted" in {warning.code for warning in recording.warnings}) == (sign < 0)


@pytest.mark.parametrize(
    ("column", "lead", "unit"),
    [("I - mV", "I", "mV"), ("V1-uV", "V1", "uV"), ("ECG – aVF – (mV)", "ECG - aVF", "mV"), ("II: [uV]", "II", "uV")],
)
def test_units_in_the_names_of_columns(column: str, lead: str, unit: str) -> None:
    assert split_unit(column) == (lead, unit)
    assert standard_lead(split_unit(column)[0])


@pytest.mark.parametrize(
    "name",
    ["V1R", "I-aVR", "V1 (C2R)",
     "V3R", "V7", "V10", "MLII", "ML2", "CM5", "ECG", "ECG1", "Lead 1", "1", "VR", "X", "", "RESP", "C1", "V", "aV",
     "IV", "I-II", "V1_2", "V1-V2", "II-cal", "EDF Annotations", "EEG V1", "dV1", "CV5"],
)  # fmt: skip
def test_other_names_are_never_taken_for_them(name: str) -> None:
    assert standard_lead(name) is None


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("uV", 1e-3), ("µV", 1e-3), ("μV", 1e-3), ("UV", 1e-3), ("MICROVOLTS", 1e-3), ("MDC_DIM_MICRO_VOLT", 1e-3),
     ("mV", 1), ("mv", 1), ("millivolt", 1), ("V", 1e3), ("nV", 1e-6),
     ("", None), ("mmHg", None), ("adu", None), ("uVs", None)],
)  # fmt: skip
def test_units(unit: str, factor: float | None) -> None:
    assert millivolts(unit) == factor


@pytest.mark.parametrize(
    ("column", "parts"),
    [("I [mV]", ("I", "mV")), ("V1 (uV)", ("V1", "uV")), ("aVR_mV", ("aVR", "mV")), ("II/µV", ("II", "uV")),
     ("V1", ("V1", "")), ("aVF", ("aVF", "")), ("time [ms]", ("time", "ms")), ("x (y)", ("x (y)", ""))],
)  # fmt: skip
def test_units_in_column_names(column: str, parts: tuple[str, str]) -> None:
    assert split_unit(column) == parts


def test_any_order_and_case_becomes_the_standard_one(leads: dict[str, NDArray[np.float64]]) -> None:
    mixed = {lead.lower(): leads[lead] for lead in reversed(LEADS)}
    recording = make(mixed)
    assert recording.leads == LEADS
    np.testing.assert_allclose(recording.signal, np.stack([leads[lead] for lead in LEADS]) / 1000, atol=1e-6)


@pytest.mark.parametrize("stored", [("I", "II"), ("I", "III"), ("II", "III"), ("I", "II", "III"), ("I", "II", "aVF")])
def test_limb_leads_follow_from_two_of_them(stored: tuple[str, ...], leads: dict[str, NDArray[np.float64]]) -> None:
    recording = make({lead: leads[lead] for lead in (*stored, *LEADS[6:])})
    assert recording.leads == LEADS
    assert recording.derived_leads == tuple(lead for lead in LEADS[:6] if lead not in stored)
    truth = np.stack([leads[lead] for lead in LEADS]) / 1000
    np.testing.assert_allclose(recording.signal, truth, atol=0.0011)  # the augmented leads are stored rounded
    assert recording.warnings == ()


def test_fewer_leads_stay_fewer(leads: dict[str, NDArray[np.float64]]) -> None:
    assert make({lead: leads[lead] for lead in LEADS[:2]}).leads == LEADS[:6]
    assert make({"V5": leads["V5"]}).leads == ("V5",)
    assert make({"I": leads["I"], "V2": leads["V2"]}).leads == ("I", "V2")


def test_leads_that_are_not_standard_are_named_and_left_out(leads: dict[str, NDArray[np.float64]]) -> None:
    recording = make({**leads, "V6R": leads["V6"], "RESP": leads["I"]})
    assert recording.leads == LEADS
    assert "V6R, RESP" in recording.warnings[0].text


def test_supplemental_leads_are_read_beside_the_standard_ones(leads: dict[str, NDArray[np.float64]]) -> None:
    recording = make({"V9": leads["V6"], **leads, "V7": leads["V5"], "-V4R": leads["V1"]})
    assert recording.leads == LEADS
    assert len(recording.signal) == 12
    assert list(recording.supplemental) == ["V4R", "V7", "V9"]
    np.testing.assert_array_equal(recording.supplemental["V7"], recording.signal[LEADS.index("V5")])
    np.testing.assert_array_equal(recording.supplemental["V4R"], -recording.signal[LEADS.index("V1")])
    assert "V4R inverted" in recording.warnings[0].text


@pytest.mark.parametrize("fault", ["rate", "unit", "length"])
def test_a_supplemental_lead_that_does_not_fit_is_left_out(leads: dict[str, NDArray[np.float64]], fault: str) -> None:
    channels = [Channel(name, values.copy(), 500, "uV") for name, values in leads.items()]
    rate, unit, samples = (250 if fault == "rate" else 500), ("" if fault == "unit" else "uV"), -(fault == "length")
    channels.append(Channel("V7", leads["V6"][: samples or None].copy(), rate, unit))
    recording = make_recording(Tracing("test", channels), "test")
    assert recording.leads == LEADS
    assert not recording.supplemental
    assert "left out: V7" in recording.warnings[0].text


def test_another_chest_lead_set_is_refused(leads: dict[str, NDArray[np.float64]]) -> None:
    leads["V3R"] = leads.pop("V3")
    with pytest.raises(RecordingError, match="holds V3R but no V3"):
        make(leads)


def test_no_standard_lead_is_refused_by_the_names_that_came(leads: dict[str, NDArray[np.float64]]) -> None:
    with pytest.raises(RecordingError, match=r"none of the standard leads.*ECG1, MLII"):
        make({"ECG1": leads["I"], "MLII": leads["II"]})


def test_an_inverted_lead_is_turned_back(leads: dict[str, NDArray[np.float64]]) -> None:
    avr = leads.pop("aVR")
    recording = make({**leads, "-aVR": -avr})
    np.testing.assert_allclose(recording.signal[3], avr / 1000, atol=1e-6)
    assert "'-aVR'" in recording.warnings[0].text


@pytest.mark.parametrize(("lead", "factor"), [("III", -1), ("aVR", -1), ("aVL", 0), ("aVF", 2)])
def test_contradictory_limb_leads_are_reported(lead: str, factor: int, leads: dict[str, NDArray[np.float64]]) -> None:
    leads[lead] = leads[lead] * factor
    (warning,) = [warning for warning in make(leads).warnings if warning.code == "limb-leads-contradict"]
    assert f": {lead} is not" in warning.text


def test_exchanged_leads_are_reported(leads: dict[str, NDArray[np.float64]]) -> None:
    leads["I"], leads["II"] = leads["II"], leads["I"]
    assert any(warning.code == "limb-leads-contradict" for warning in make(leads).warnings)


def test_offsets_and_rounding_are_no_contradiction(leads: dict[str, NDArray[np.float64]]) -> None:
    rng = np.random.default_rng(0)
    assert make({lead: values + rng.integers(-5, 5, 5000) + 300 for lead, values in leads.items()}).warnings == ()


def test_short_gaps_are_bridged_and_long_ones_named(leads: dict[str, NDArray[np.float64]]) -> None:
    leads["V2"][1000:1020] = np.nan  # 40 ms
    leads["V3"][2000:2021] = np.nan
    leads["V4"][:100] = leads["V4"][4990:] = np.inf
    recording = make(leads)
    assert np.isfinite(recording.signal).all()
    line = np.interp(np.arange(1000, 1020), [999, 1020], leads["V2"][[999, 1020]]) / 1000
    np.testing.assert_allclose(recording.signal[7, 1000:1020], line, atol=1e-5)
    assert not recording.signal[8, 2000:2021].any()
    assert not recording.signal[9, :100].any()
    assert recording.signal[9, 4995] == recording.signal[9, 4989]
    assert [warning.text[:33] for warning in recording.warnings] == [
        "There is no signal in V4 from 0.0", "There is no signal in V3 from 4.0"
    ]  # fmt: skip


def test_what_is_derived_has_the_gaps_of_what_it_comes_from(leads: dict[str, NDArray[np.float64]]) -> None:
    leads["I"][1000:1100] = np.nan
    recording = make({lead: leads[lead] for lead in ("I", "II", *LEADS[6:])})
    assert not recording.signal[[0, 2, 3, 4, 5], 1000:1100].any()
    assert "I, III, aVR, aVL, aVF from 2.00 to 2.20 s" in recording.warnings[0].text


def test_a_lead_without_any_sample_is_left_out_or_derived(leads: dict[str, NDArray[np.float64]]) -> None:
    leads["III"][:] = np.nan
    leads["V4"][:] = np.nan
    recording = make(leads)
    assert "V4" not in recording.leads
    assert recording.derived_leads == ("III",)


def test_a_calibration_pulse_is_no_signal(leads: dict[str, NDArray[np.float64]]) -> None:
    for values in leads.values():
        values[4800:] = 0
        values[4850:4950] = 1000
    recording = make(leads)
    assert not recording.signal[:, 4800:].any()
    assert "calibration pulse from 9.60 to 10.00 s" in recording.warnings[0].text
    assert not any(warning.code == "limb-leads-contradict" for warning in recording.warnings)


def test_the_same_in_all_leads_is_no_ecg(leads: dict[str, NDArray[np.float64]]) -> None:
    with pytest.raises(RecordingError, match="the same signal in all leads from beginning to end"):
        make(dict.fromkeys(leads, leads["II"]))


def test_a_derived_lead_may_be_one_gap(leads: dict[str, NDArray[np.float64]]) -> None:
    leads["I"][2500:] = leads["II"][:2500] = np.nan
    recording = make({lead: leads[lead] for lead in ("I", "II", *LEADS[6:])})
    assert not recording.signal[2:6].any()
    assert "III, aVR, aVL, aVF from 0.00 to 10.00 s" in " ".join(warning.text for warning in recording.warnings)


@pytest.mark.parametrize("rate", [99.9, 50, 2001])
def test_rates_out_of_range_are_refused(rate: float, leads: dict[str, NDArray[np.float64]]) -> None:
    with pytest.raises(RecordingError, match=f"sampling rate is {rate:g} Hz; from 100 to 2000"):
        make(leads, rate)


@pytest.mark.parametrize(("slow", "up"), [(250, 2), (125, 4)])
def test_leads_of_different_rates_get_that_of_the_fastest(slow: float, up: int) -> None:
    t = np.arange(5000) / 500
    smooth = {name: 500 * np.sin(2 * np.pi * (3 + k) * t) for k, name in enumerate(LEADS)}
    smooth["V1"][2000:2200] = np.nan
    channels = [
        Channel(name, values[::up], slow, "uV") if name == "V1" else Channel(name, values, 500, "uV")
        for name, values in smooth.items()
    ]
    recording = make_recording(Tracing("X", channels), "x")
    assert recording.rate == 500
    codes = [warning.code for warning in recording.warnings]
    assert "resampled" in codes
    assert "signal-gap" in codes
    v1 = recording.signal[6]
    assert not v1[2000:2200].any()
    np.testing.assert_allclose(v1[50:1900], smooth["V1"][50:1900] / 1000, atol=0.02)
    np.testing.assert_allclose(v1[2300:4950], smooth["V1"][2300:4950] / 1000, atol=0.02)


@pytest.mark.parametrize("rate", [497.3, 90])
def test_rates_that_do_not_fit_each_other_are_refused(rate: float, leads: dict[str, NDArray[np.float64]]) -> None:
    channels = [Channel(name, values, rate if name == "V1" else 500, "uV") for name, values in leads.items()]
    with pytest.raises(RecordingError, match=r"V1 497.3 Hz|sampling rate is 90 Hz"):
        make_recording(Tracing("X", channels), "x")


def test_too_short_is_refused(leads: dict[str, NDArray[np.float64]]) -> None:
    assert make({lead: values[:1250] for lead, values in leads.items()}).seconds == 2.5
    with pytest.raises(RecordingError, match=r"too short: it has 2\.4\d* s,"):
        make({lead: values[:1240] for lead, values in leads.items()})


def test_leads_that_are_not_simultaneous_are_refused(leads: dict[str, NDArray[np.float64]]) -> None:
    """As four columns of three leads on paper, 2.5 s each."""
    channels = [
        Channel(lead, leads[lead][:1250], 500, "uV", start=place // 3 * 1250) for place, lead in enumerate(LEADS)
    ]
    with pytest.raises(RecordingError, match="simultaneous leads are expected"):
        make_recording(Tracing("X", channels), "x")


def test_a_late_lead_cuts_the_others(leads: dict[str, NDArray[np.float64]]) -> None:
    channels = [
        Channel(lead, leads[lead][10:] if lead == "V6" else leads[lead], 500, "uV", 10 * (lead == "V6"))
        for lead in LEADS
    ]
    recording = make_recording(Tracing("X", channels), "x")
    np.testing.assert_allclose(recording.signal[0], leads["I"][10:] / 1000, atol=1e-6)
    assert "differ in length" in recording.warnings[0].text


def test_without_scale_or_with_a_wrong_one_it_is_refused(leads: dict[str, NDArray[np.float64]]) -> None:
    with pytest.raises(RecordingError, match="lead I has no amplitude scale"):
        make(leads, unit="")
    with pytest.raises(RecordingError, match="the unit 'mmHg'; nV, uV, mV or V is expected"):
        make(leads, unit="mmHg")
    with pytest.raises(RecordingError, match="not those of an ECG; check the unit"):
        make(leads, unit="mV")
    assert any(warning.code == "low-amplitude" for warning in make(leads, unit="nV").warnings)


def test_flat_leads_are_named(leads: dict[str, NDArray[np.float64]]) -> None:
    leads["V1"][:] = 20
    assert make(leads).warnings == (("lead-flat", "Flat from beginning to end: V1."),)
