"""Each rhythm is named from the facts that define it, and never reassures against a measurement."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.interpret.rhythm.identify import drops_p_waves, identify_rhythm
from einthoven.interpret.rhythm.names import NAMES, SINUS
from einthoven.signal.beat_values import Pause
from einthoven.signal.pacing import Pacing
from interpret.rhythm.evidences import evidence

SINUS_BY_MODEL = {"SR": 0.95}


@pytest.mark.parametrize(
    ("bpm", "code"), [(38, "SBRAD"), (59, "SBRAD"), (61, "SR"), (99, "SR"), (101, "STACH"), (125, "STACH")]
)
def test_sinus_rhythm_is_named_by_its_measured_rate(bpm, code):
    assert identify_rhythm(evidence({"STACH": 0.5}, bpm=bpm)).code == code


def test_p_waves_at_a_fast_rate_need_the_model():
    assert identify_rhythm(evidence(bpm=140)).code == "NCT"


def test_irregular_sinus_rhythm_is_sinus_arrhythmia():
    assert identify_rhythm(evidence(regular=False)).code == "SARRH"


def test_a_pause_is_part_of_the_name():
    times = np.array([0.5, 1.3, 2.1, 6.2, 7.0, 7.8, 8.6, 9.4])
    pauses = (Pause(2.1, 4.1),)
    beats = {"times_s": times, "kinds": ("dominant",) * 8, "pauses": pauses, "regular": False, "rate_bpm": 47.0}
    rhythm = identify_rhythm(evidence(bpm=47, **beats))
    assert (rhythm.code, rhythm.name) == ("SR", "sinus rhythm with a pause of 4.1 s")
    assert rhythm.pauses == pauses
    assert "pause of 4.1 s" in rhythm.reason


def test_premature_complexes_are_counted():
    kinds = ("dominant", "ventricular", *("dominant",) * 6, "supraventricular", *("dominant",) * 3)
    rhythm = identify_rhythm(evidence(kinds=kinds))
    assert rhythm.premature_ventricular == rhythm.premature_supraventricular == 1
    assert "1 premature ventricular; 1 premature supraventricular" in rhythm.reason


def test_two_to_one_block_states_both_rates():
    rhythm = identify_rhythm(evidence(SINUS_BY_MODEL, bpm=45, p_waves="dropped", atrial_rate_bpm=90.0))
    assert (rhythm.code, rhythm.name) == ("2AVB", "second-degree AV block, 2:1")
    assert rhythm.reason == "Rate 45 bpm, regular; P waves 90 bpm, every second one conducted; QRS 90 ms."


@pytest.mark.parametrize(("pr", "name"), [((0.14, 0.2, 0.26), "Mobitz I"), ((0.16, 0.16, 0.16), "Mobitz II")])
def test_type_of_second_degree_block(pr, name):
    times = 0.3 + np.array([0.0, 0.8, 1.6, 3.2, 4.0, 4.8, 6.4, 7.2, 8.0]) + np.resize(pr, 9)
    beats = {"times_s": times, "kinds": ("dominant",) * 9, "pr_s": tuple(np.resize(pr, 9).tolist())}
    rhythm = identify_rhythm(evidence(bpm=60, regular=False, p_waves="dropped", atrial_rate_bpm=75.0, **beats))
    assert rhythm.name == f"second-degree AV block, {name}"


@pytest.mark.parametrize(("qrs_ms", "escape"), [(90, "narrow"), (160, "wide")])
def test_complete_block(qrs_ms, escape):
    given = evidence(SINUS_BY_MODEL, bpm=38, qrs_ms=qrs_ms, p_waves="dissociated", atrial_rate_bpm=80.0)
    rhythm = identify_rhythm(given)
    assert rhythm.name == f"third-degree AV block, {escape} escape rhythm"
    assert drops_p_waves(rhythm)


@pytest.mark.parametrize("probabilities", [{}, {"AFIB": 0.9}, {"SR": 0.9}, {"PACE": 0.9}, {"AFLT": 0.99}])
def test_wide_complex_tachycardia_whatever_the_model_reads(probabilities):
    rhythm = identify_rhythm(evidence(probabilities, bpm=160, qrs_ms=150, p_waves=None, atrial_rate_bpm=None))
    assert rhythm.code == "WCT"
    assert drops_p_waves(rhythm)


def test_sinus_tachycardia_with_bundle_branch_block_needs_p_waves_and_the_model():
    assert identify_rhythm(evidence({"STACH": 0.9}, bpm=125, qrs_ms=150)).code == "STACH"
    assert identify_rhythm(evidence({"STACH": 0.2}, bpm=125, qrs_ms=150)).code == "WCT"


def test_flutter_that_widens_the_measured_qrs_is_not_a_wide_complex_tachycardia():
    rhythm = identify_rhythm(evidence({"AFLT": 0.99}, bpm=132, qrs_ms=163, steep_s=0.06, p_waves=None))
    assert rhythm.code == "AFLT"


def test_a_regular_rhythm_too_fast_for_flutter_is_a_narrow_complex_tachycardia():
    rhythms = [
        identify_rhythm(evidence({"AFLT": 0.99}, bpm=bpm, qrs_ms=90, p_waves=None, regular=regular))
        for bpm, regular in ((150, True), (190, True), (190, False))
    ]
    assert [rhythm.code for rhythm in rhythms] == ["AFLT", "NCT", "AFLT"]
    assert "flutter" in rhythms[1].reason


@pytest.mark.parametrize(("regular", "code"), [(True, "UNCERTAIN"), (False, "NO-BEATS"), (None, "NO-BEATS")])
def test_beats_of_a_refused_segment_without_a_rate_are_chance_unless_they_are_regular(regular, code):
    refused = replace(evidence(SINUS_BY_MODEL, rate_bpm=None, regular=regular), refusal_reasons=("leads are off",))
    rhythm = identify_rhythm(refused)
    assert (rhythm.code, rhythm.regular, rhythm.rate_bpm) == (code, regular or None, None)


def paired(short: float, long: float, **known):
    times = 0.3 + np.cumsum([0.0, *[long, short] * 4])
    beats = {"times_s": times, "kinds": ("dominant",) * 9, "pr_s": (0.16,) * 9}
    return identify_rhythm(evidence({"SR": 0.95}, bpm=62, regular=False, **beats | known))


def test_beats_in_pairs_may_be_a_block():
    early = ("dominant", "supraventricular") * 4 + ("dominant",)
    assert paired(0.65, 1.3, kinds=early).name == "second-degree AV block, 3:2"
    assert paired(0.72, 1.22).code == paired(0.72, 1.22, p_waves=None).code == "UNCERTAIN"
    assert "3:2 AV block, sinoatrial block or atrial bigeminy" in paired(0.72, 1.22).reason
    assert paired(0.9, 1.0).code == "SARRH"


def test_the_reason_states_the_rounded_values_of_the_answer():
    rhythm = identify_rhythm(evidence(SINUS_BY_MODEL, bpm=45.46, qrs_ms=104.4))
    assert (rhythm.rate_bpm, rhythm.reason[:15]) == (45.5, "Rate 46 bpm, re")
    assert "QRS 104 ms" in rhythm.reason


def test_a_name_by_the_basic_rate_says_so():
    times = 0.3 + np.array([0, 1.1, 2.2, 2.7, 3.0, 3.3, 4.4, 5.5])
    kinds = ("dominant",) * 3 + ("supraventricular",) * 2 + ("dominant",) * 3
    rhythm = identify_rhythm(evidence(SINUS_BY_MODEL, bpm=76, regular=None, times_s=times, kinds=kinds))
    assert rhythm.code == "SBRAD"
    assert "basic rate 55 bpm" in rhythm.reason


def test_a_probability_is_a_number_a_space_and_percent():
    assert "(90 %)" in identify_rhythm(evidence({"AFIB": 0.9}, regular=False, p_waves="absent")).reason


def test_narrow_complex_tachycardia():
    rhythm = identify_rhythm(evidence({"STACH": 0.9}, bpm=170, p_waves=None, atrial_rate_bpm=None))
    assert rhythm.code == "NCT"
    assert identify_rhythm(evidence({"STACH": 0.9}, bpm=115, p_waves=None, atrial_rate_bpm=None)).code == "STACH"


def test_fibrillation_is_irregular():
    irregular = evidence({"AFIB": 0.9}, regular=False, p_waves="absent", atrial_rate_bpm=None)
    assert identify_rhythm(irregular).code == "AFIB"
    assert identify_rhythm(evidence({"AFIB": 0.9})).code == "UNCERTAIN"  # P waves lead regular beats
    assert identify_rhythm(evidence({"AFIB": 0.6})).code == "SR"
    slow = identify_rhythm(evidence({"AFIB": 0.9}, bpm=38, p_waves="absent", atrial_rate_bpm=None))
    assert "complete AV block is possible" in slow.name


@pytest.mark.parametrize(
    ("probability", "p_waves", "code"),
    [
        (0.6, "leading", "UNCERTAIN"),
        (0.9, "leading", "AFIB"),
        (0.6, "dropped", "2AVB"),
        (0.9, "dropped", "UNCERTAIN"),
        (0.6, "dissociated", "JUNCTIONAL"),
        (0.9, "dissociated", "UNCERTAIN"),
    ],
)
def test_p_waves_before_irregular_beats_contradict_fibrillation(probability, p_waves, code):
    rhythm = identify_rhythm(evidence({"AFIB": probability}, regular=False, p_waves=p_waves, atrial_rate_bpm=90.0))
    assert rhythm.code == code
    if code == "UNCERTAIN":
        assert rhythm.reason.endswith(f"atrial fibrillation ({100 * probability:.0f} %), but P waves are measured.")


def test_fibrillating_atria_have_no_premature_beats():
    kinds = ("dominant", "ventricular", *("dominant",) * 6, "supraventricular", *("dominant",) * 3)
    given = evidence({"AFIB": 0.9}, kinds=kinds, regular=False, p_waves="absent", atrial_rate_bpm=None)
    rhythm = identify_rhythm(given)
    assert (rhythm.premature_ventricular, rhythm.premature_supraventricular) == (1, 0)
    assert "1 premature ventricular" in rhythm.reason
    assert "supraventricular" not in rhythm.reason


@pytest.mark.parametrize(("qrs_ms", "code"), [(90, "JUNCTIONAL"), (160, "IVR")])
def test_regular_rhythms_without_p_waves(qrs_ms, code):
    assert identify_rhythm(evidence(bpm=48, qrs_ms=qrs_ms, p_waves="absent", atrial_rate_bpm=None)).code == code


def test_a_slow_rhythm_with_unclear_p_waves_is_not_called_sinus():
    rhythm = identify_rhythm(evidence(SINUS_BY_MODEL, bpm=45, p_waves=None, atrial_rate_bpm=None))
    assert rhythm.code == "BRADY"
    assert "AV block is not excluded" in rhythm.reason


@pytest.mark.parametrize("step", [2, 3])
def test_bigeminy_and_trigeminy(step):
    times, kinds = [], []
    for k in range(12):
        ventricular = k % step == step - 1
        times.append(0.5 + 0.8 * k - 0.25 * ventricular)
        kinds.append("ventricular" if ventricular else "dominant")
    rhythm = identify_rhythm(evidence(bpm=75, times_s=np.array(times), kinds=tuple(kinds)))
    assert rhythm.code == {2: "BIGU", 3: "TRIGU"}[step]


def test_a_run_of_ventricular_beats_is_stated():
    kinds = ("dominant", "ventricular", "ventricular", "ventricular", *("dominant",) * 8)
    times = np.cumsum([0.5, 0.5, 0.4, 0.4, *([0.8] * 8)])
    rhythm = identify_rhythm(evidence(times_s=times, kinds=kinds))
    assert "run of 3" in rhythm.name


@pytest.mark.parametrize("captured", [True, False])
def test_pacing(captured):
    spikes = tuple(np.arange(0.2, 9.9, 0.8).tolist())
    given = evidence(bpm=75, qrs_ms=160, p_waves="absent", pacing=Pacing(spikes, captured))
    rhythm = identify_rhythm(given)
    assert rhythm.code == ("PACE" if captured else "PACING-NO-CAPTURE")
    assert (rhythm.rate_bpm is None) == (not captured)
    assert drops_p_waves(rhythm)


def test_no_beats():
    given = evidence(times_s=np.zeros(0), kinds=(), organized=False, rate_bpm=None, regular=None, p_waves=None)
    assert identify_rhythm(given).code == "NO-BEATS"
    assert "look at the patient" in identify_rhythm(given).name


STATES = st.fixed_dictionaries(
    {
        "regular": st.sampled_from([True, False, None]),
        "p_waves": st.sampled_from(["leading", "absent", "dissociated", "dropped", None]),
        "atrial_rate_bpm": st.one_of(st.none(), st.floats(40, 300)),
        "rate_bpm": st.one_of(st.none(), st.floats(20, 240)),
        "organized": st.booleans(),
        "steep_s": st.one_of(st.none(), st.floats(0.03, 0.28)),
    }
)
PROBABILITIES = st.dictionaries(
    st.sampled_from([*NAMES, "CLBBB"]).filter(lambda label: "-" not in label), st.floats(0, 1), max_size=8
)


@settings(max_examples=300, deadline=None)
@given(st.floats(20, 240), STATES, PROBABILITIES, st.one_of(st.none(), st.floats(60, 240)), st.booleans())
def test_every_state_has_one_rhythm_with_a_reason(bpm, state, probabilities, qrs_ms, spiked):
    pacing = Pacing((1.0, 2.0, 3.0), False) if spiked else Pacing()
    rhythm = identify_rhythm(evidence(probabilities, bpm=bpm, qrs_ms=qrs_ms, pacing=pacing, **state))
    assert rhythm.code in NAMES
    assert rhythm.name.strip()
    assert rhythm.reason.endswith(".")
    if rhythm.code in SINUS:
        assert state["organized"]
        assert state["p_waves"] in ("leading", None, "absent")
    if state["p_waves"] in ("dissociated", "absent"):
        assert drops_p_waves(rhythm)
    if not state["organized"]:
        assert rhythm.code in ("NO-BEATS", "PACING-NO-CAPTURE")
        assert rhythm.rate_bpm is None
