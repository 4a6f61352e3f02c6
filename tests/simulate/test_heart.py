"""The simulated heart: does it look in the leads as the textbooks say?"""

from collections.abc import Callable, Iterator
from itertools import count, islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.arrays import Float64Array, Int16Array
from einthoven.ptbxl.vocabulary import STATEMENTS, superclasses
from einthoven.recording import LEADS
from einthoven.simulate.cases import draw_case
from einthoven.simulate.findings import Case
from einthoven.simulate.heart import beat, frontal_axis, normal_heart, rotation
from einthoven.simulate.tracing import ELECTRODES, Noise, Rhythm, tracing

TIMES = np.arange(-320.0, 500.0, 2.0)
SUPERCLASSES = ("NORM", "MI", "STTC", "CD", "HYP")


def _silence() -> Noise:
    return Noise(wander=np.zeros(len(ELECTRODES)), muscle=np.zeros(len(ELECTRODES)))


def _leads(case_or_heart: object) -> dict[str, Float64Array]:
    """One beat in all twelve leads by name."""
    heart = case_or_heart.heart if isinstance(case_or_heart, Case) else case_or_heart
    one, two, *chest = beat(heart, TIMES)  # type: ignore[arg-type]
    limbs = [one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2]
    return dict(zip(LEADS, [*limbs, *chest], strict=True))


def _at(lead: Float64Array, first: float, last: float) -> Float64Array:
    return lead[(first <= TIMES) & (last >= TIMES)]


def _cases(kind: str, condition: Callable[[Case], bool], number: int = 15) -> list[Case]:
    def drawn() -> Iterator[Case]:
        for seed in count():
            yield draw_case(kind, np.random.default_rng([1, seed]), np.random.default_rng([2, seed]))

    return list(islice(filter(condition, drawn()), number))


def _any(_: Case) -> bool:
    return True


def _only(code: str) -> Callable[[Case], bool]:
    """Cases whose only diagnosis is `code`."""
    return lambda case: [c for c in case.statements if STATEMENTS[c].diagnostic] == [code]


def _mean(cases: list[Case], lead: str, first: float, last: float) -> float:
    return float(np.mean([_at(_leads(case)[lead], first, last).mean() for case in cases]))


def _qrs_duration(case: Case) -> float:
    """ms during which the QRS complex exceeds a tenth of its largest deflection in any lead."""
    qrs = {name: wave for name, wave in case.heart.items() if name.startswith("QRS")}
    size = np.abs(beat(qrs, TIMES)).max(axis=0)
    on = TIMES[size > size.max() / 10]
    return float(on[-1] - on[0])


def test_normal_heart_has_the_normal_twelve_leads() -> None:
    leads = _leads(normal_heart())
    p, qrs, t = {}, {}, {}
    for name, lead in leads.items():
        p[name] = _at(lead, -220, -90)
        qrs[name] = _at(lead, -50, 60)
        t[name] = _at(lead, 200, 330)
    assert 0.08 < p["II"].max() < 0.25
    assert p["aVR"].min() < -0.05
    assert 0.1 < qrs["V1"].max() < 0.6  # r
    assert -2.0 < qrs["V1"].min() < -0.5  # S
    r = [qrs[f"V{k}"].max() for k in range(1, 7)]
    assert r[0] < r[1] < r[2] < r[3]
    assert r[3] > r[5] > 0.7
    assert -0.3 < qrs["V6"].min() < -0.02  # septal q
    for name in ("I", "II", "V2", "V3", "V4", "V5", "V6"):
        assert t[name].max() > 0.1, name
    assert t["aVR"].min() < -0.1
    assert 0 < frontal_axis(normal_heart()) < 75


def test_rotation_turns_the_axis_and_keeps_the_size() -> None:
    turned = {name: wave.rotate(rotation(40, 0)) for name, wave in normal_heart().items()}
    assert 30 < frontal_axis(turned) - frontal_axis(normal_heart()) < 50
    matrix = rotation(33, -21)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-12)
    assert rotation(90, 0) @ (1, 0, 0) == pytest.approx((0, 1, 0))  # left to feet
    assert rotation(0, 90) @ (1, 0, 0) == pytest.approx((0, 0, 1))  # left to back


@pytest.mark.parametrize(
    ("code", "raised", "lowered"),
    [("IMI", ("II", "III", "aVF"), "aVL"), ("ASMI", ("V1", "V2", "V3"), None), ("LMI", ("I", "aVL"), "III")],
)
def test_acute_infarct_raises_st_in_its_territory(code: str, raised: tuple[str, ...], lowered: str | None) -> None:
    cases = _cases("MI", lambda case: code in case.statements and case.infarction_stage == "Stadium I", 8)
    normal = _cases("NORM", _any, 8)
    for lead in raised:
        assert _mean(cases, lead, 70, 110) > _mean(normal, lead, 70, 110) + 0.08, lead
    if lowered:
        assert _mean(cases, lowered, 70, 110) < _mean(normal, lowered, 70, 110) - 0.03


@pytest.mark.parametrize(
    ("code", "leads"), [("IMI", ("III", "aVF")), ("ASMI", ("V1", "V2", "V3")), ("ALMI", ("V3", "V4", "V5"))]
)
def test_old_infarct_takes_the_early_forces_of_its_territory(code: str, leads: tuple[str, ...]) -> None:
    old = _cases("MI", lambda case: _only(code)(case) and case.infarction_stage == "Stadium III", 8)
    normal = _cases("NORM", _any)
    for lead in leads:
        assert _mean(old, lead, -40, -10) < _mean(normal, lead, -40, -10) - 0.15, lead


def test_infarcts_have_a_stage_and_others_none() -> None:
    for kind in SUPERCLASSES:
        for case in _cases(kind, _any, 40):
            assert bool(case.infarction_stage) == ("MI" in superclasses(case.statements))


def test_left_bundle_branch_block() -> None:
    for case in _cases("CD", _only("CLBBB"), 5):
        leads = _leads(case)
        assert _qrs_duration(case) > 120
        assert _at(leads["V1"], -50, 70).max() < 0.1  # no r to speak of
        assert _at(leads["V1"], -50, 90).min() < -0.5
        assert _at(leads["V6"], -50, 90).min() > -0.1  # neither q nor s
        assert _at(leads["V6"], 240, 320).mean() < -0.05  # T against the QRS complex
        assert _at(leads["V1"], 240, 320).mean() > 0.05


def test_right_bundle_branch_block() -> None:
    for case in _cases("CD", _only("CRBBB"), 5):
        leads = _leads(case)
        assert _qrs_duration(case) > 110
        assert _at(leads["V1"], 45, 75).max() > 0.2  # R'
        assert _at(leads["V6"], 45, 75).min() < -0.1  # wide S
        assert _at(leads["I"], 45, 75).min() < -0.05


def test_normal_qrs_is_narrow() -> None:
    durations = [_qrs_duration(case) for case in _cases("NORM", _any, 40)]
    assert 60 < np.median(durations) < 110
    assert np.quantile(durations, 0.95) < 120


def test_left_anterior_block_turns_the_axis_left() -> None:
    axes = [frontal_axis(case.heart) for case in _cases("CD", _only("LAFB"))]
    assert np.median(axes) < -30
    assert max(axes) < 10


def test_first_degree_block_lengthens_pr_alone() -> None:
    for case in _cases("CD", _only("1AVB"), 5):
        assert TIMES[np.argmax(np.where(TIMES < -70, _leads(case)["II"], -9))] < -170
        assert _qrs_duration(case) < 130


def test_left_hypertrophy_has_high_voltages() -> None:
    def sokolow(cases: list[Case]) -> float:
        leads = [_leads(case) for case in cases]
        return float(np.median([_at(x["V5"], -40, 40).max() - _at(x["V1"], -40, 60).min() for x in leads]))

    normal = sokolow(_cases("NORM", _any, 40))
    assert normal < 3.5  # mV, the criterion of Sokolow and Lyon
    assert sokolow(_cases("HYP", _only("LVH"))) > 1.25 * normal


def test_ischemia_lowers_the_t_wave() -> None:
    normal = _mean(_cases("NORM", _any, 40), "V5", 240, 300)
    assert _mean(_cases("STTC", _only("ISC_")), "V5", 240, 300) < normal - 0.2
    flat = _mean(_cases("STTC", _only("NDT")), "V5", 240, 300)
    assert flat < 0.6 * normal


@given(st.integers(0, 2**31), st.sampled_from((*SUPERCLASSES, "NONE")))
@settings(max_examples=300, deadline=None)
def test_every_case_has_the_labels_of_its_kind(seed: int, kind: str) -> None:
    case = draw_case(kind, np.random.default_rng(seed), np.random.default_rng(seed + 1))
    classes = superclasses(case.statements)  # KeyError for a statement that PTB-XL has not
    if kind in ("NORM", "NONE"):
        assert classes == {kind} - {"NONE"}
    else:
        assert kind in classes
        assert "NORM" not in classes
    rhythms = [code for code in case.statements if STATEMENTS[code].rhythm]
    assert len(rhythms) == 1
    assert all(0 <= likelihood <= 100 for likelihood in case.statements.values())
    for code, likelihood in case.statements.items():
        if STATEMENTS[code].diagnostic:
            assert likelihood > 0, code
    atria = any(name.startswith("P") for name in case.heart)
    assert atria != ("AFIB" in case.statements or "PACE" in case.statements)


def _r_peaks(lead: Int16Array, rate: int) -> Float64Array:
    """Times in s of the local maxima above two thirds of the largest value."""
    high = np.flatnonzero((lead[1:-1] > lead.max() * 0.66) & (lead[1:-1] >= lead[:-2]) & (lead[1:-1] > lead[2:]))
    return (high + 1) / rate


@pytest.mark.parametrize("per_minute", [45, 75, 120])
def test_rate_is_the_one_asked_for(per_minute: int) -> None:
    [signal] = tracing(normal_heart(), Rhythm(per_minute), _silence(), [500], np.random.default_rng(0))
    rr = np.diff(_r_peaks(signal[:, 1], 500))
    assert 60 / rr.mean() == pytest.approx(per_minute, rel=0.05)
    assert 0.005 < rr.std() / rr.mean() < 0.06


def test_sinus_arrhythmia_follows_the_breath() -> None:
    rhythm = Rhythm(80, sinus_arrhythmia=0.2, irregularity=0.0, breathing=0.2)
    [signal] = tracing(normal_heart(), rhythm, _silence(), [500], np.random.default_rng(0))
    peaks = _r_peaks(signal[:, 1], 500)
    rr, middle = np.diff(peaks), peaks[1:]
    waves = np.stack([np.cos(2 * np.pi * 0.2 * middle), np.sin(2 * np.pi * 0.2 * middle), np.ones_like(middle)])
    fitted = np.linalg.lstsq(waves.T, rr, rcond=None)[0] @ waves
    assert np.corrcoef(fitted, rr)[0, 1] > 0.9
    assert rr.std() / rr.mean() > 0.1


def test_fibrillation_is_irregular_and_seen_in_v1() -> None:
    heart = {name: wave for name, wave in normal_heart().items() if not name.startswith("P")}
    rhythm = Rhythm(90, sinus_arrhythmia=0.0, irregularity=0.2, fibrillation=0.05)
    [signal] = tracing(heart, rhythm, _silence(), [500], np.random.default_rng(0))
    rr = np.diff(_r_peaks(signal[:, 1], 500))
    assert rr.std() / rr.mean() > 0.1
    still = {name: wave.scale(0) for name, wave in heart.items()}
    [waves] = tracing(still, rhythm, _silence(), [500], np.random.default_rng(0))
    spectrum = np.abs(np.fft.rfft(waves[:, 6]))
    assert 4 < np.argmax(spectrum) / 10 < 9  # Hz
    assert waves[:, 6].std() > 2 * waves[:, 0].std()


@pytest.mark.parametrize(("pause", "beats"), [(True, 1), (True, 3), (False, 2)])
def test_ectopic_beats_come_early(pause: bool, beats: int) -> None:
    rhythm = Rhythm(70, 0.0, 0.0, ectopic_beats=beats, compensatory_pause=pause)
    for seed in range(5):
        [signal] = tracing(normal_heart(), rhythm, _silence(), [500], np.random.default_rng(seed))
        rr = np.diff(_r_peaks(signal[:, 1], 500)) * 70 / 60
        assert (rr < 0.8).sum() == beats
        assert (rr > 1.2).sum() == (beats if pause else 0)


def test_leads_obey_einthoven_and_goldberger_to_the_unit() -> None:
    noise = Noise(np.full(9, 0.05), np.full(9, 0.03), 0.01, [(0, 3.0, 0.8)])
    signals = tracing(normal_heart(), Rhythm(70), noise, [100, 500], np.random.default_rng(0))
    for signal, rate in zip(signals, (100, 500), strict=True):
        assert signal.dtype == np.int16
        assert signal.shape == (10 * rate, 12)
        one, two, three, avr, avl, avf = signal.T[:6].astype(int)
        np.testing.assert_array_equal(three, two - one)
        assert np.abs(2 * avr + one + two).max() <= 1
        assert np.abs(2 * avl - one + three).max() <= 1
        assert np.abs(2 * avf - two - three).max() <= 1


def test_both_rates_are_the_same_tracing() -> None:
    noise = Noise(np.full(9, 0.05), np.full(9, 0.02), 0.01)
    slow, fast = tracing(normal_heart(), Rhythm(70), noise, [100, 500], np.random.default_rng(0))
    [alone] = tracing(normal_heart(), Rhythm(70), noise, [100], np.random.default_rng(0))
    np.testing.assert_array_equal(slow, alone)

    def below_30_hz(signal: Int16Array) -> Float64Array:
        spectrum = np.fft.rfft(signal * np.hanning(len(signal))[:, None], axis=0)[:301] / len(signal)
        return np.abs(spectrum)

    np.testing.assert_allclose(below_30_hz(slow), below_30_hz(fast), atol=0.2)  # uV


def test_noise_has_the_amplitude_asked_for() -> None:
    still = {name: wave.scale(0) for name, wave in normal_heart().items()}
    rng = np.random.default_rng(0)
    [muscle] = tracing(still, Rhythm(60), Noise(np.zeros(9), np.full(9, 0.02)), [500], rng)
    assert muscle[:, :2].std() == pytest.approx(20 * np.sqrt(2), rel=0.15)  # uV, of two electrodes
    assert muscle[:, 6:].std() == pytest.approx(20 * np.sqrt(4 / 3), rel=0.15)
    [hum, without] = tracing(still, Rhythm(60), Noise(np.zeros(9), np.zeros(9), mains=0.05), [500, 100], rng)
    assert np.argmax(np.abs(np.fft.rfft(hum[:, 7]))) == 500  # 50 Hz
    assert hum[:, 6:].std() == pytest.approx(50 * np.sqrt(4 / 3), rel=0.3)
    assert np.abs(without).max() <= 1  # filtered away at half the sampling rate
    wander = np.zeros(9)
    wander[ELECTRODES.index("V3")] = 0.3
    [moved] = tracing(still, Rhythm(60), Noise(wander, np.zeros(9), 0.0, [(5, 4.0, 1.0)]), [100], rng)
    assert not moved[:, [k for k, lead in enumerate(LEADS) if lead != "V3"]].any()
    assert np.ptp(moved[:, LEADS.index("V3")]) > 500
