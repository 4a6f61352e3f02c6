"""ST elevation: every limit, pair of leads, age and sex, and what forbids the limits."""

from dataclasses import replace
from itertools import combinations

import pytest
from normal_ecg import MAN, NORMAL, ORDINARY, changed, criterion, met, st

from einthoven.interpret.criteria import Context, LeadValue
from einthoven.interpret.criteria.ecg import CHEST_LEADS, CONTIGUOUS, FRONTAL_LEADS, contiguous
from einthoven.interpret.criteria.st_elevation import territories
from einthoven.recording import Patient

CODE = "STEMI-UDMI4"
WOMAN, YOUNG_MAN, UNKNOWN = Patient(60, "female"), Patient(39, "male"), Patient()
LIMITS = {  # of V2 and V3: the lowest and the highest that may hold
    MAN: (0.2, 0.2),
    Patient(40, "male"): (0.2, 0.2),
    YOUNG_MAN: (0.25, 0.25),
    WOMAN: (0.15, 0.15),
    Patient(30, "female"): (0.15, 0.15),
    Patient(None, "female"): (0.15, 0.15),
    Patient(None, "male"): (0.2, 0.25),
    Patient(60, None): (0.15, 0.2),
    Patient(30, None): (0.15, 0.25),
    UNKNOWN: (0.15, 0.25),
}
PAIRS = [*CONTIGUOUS, *((b, a) for a, b in CONTIGUOUS)]


def raised(leads: tuple[str, ...], by: float) -> dict[str, float]:
    """ST levels of leads, -aVR as aVR."""
    return {lead.removeprefix("-"): -by if lead == "-aVR" else by for lead in leads}


def limit(lead: str) -> float:
    return 0.2 if lead in ("V2", "V3") else 0.1


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_two_contiguous_leads_at_their_limits(one: str, other: str) -> None:
    def elevated(first: float, second: float) -> bool | None:
        return met(CODE, st(raised((one,), first) | raised((other,), second)))

    assert elevated(limit(one), limit(other)) is True
    assert elevated(limit(one) - 0.001, limit(other)) is False
    assert elevated(limit(one), limit(other) - 0.001) is False
    assert elevated(-limit(one), -limit(other)) is False


@pytest.mark.parametrize(
    ("one", "other"), [pair for pair in combinations((*CHEST_LEADS, *FRONTAL_LEADS), 2) if pair not in PAIRS]
)
def test_two_leads_that_are_not_contiguous(one: str, other: str) -> None:
    assert met(CODE, st(raised((one, other), 0.3))) is False


@pytest.mark.parametrize(("patient", "limits"), LIMITS.items())
def test_limits_of_v2_and_v3_by_age_and_sex(patient: Patient, limits: tuple[float, float]) -> None:
    low, high = limits
    assert met(CODE, st({"V2": low - 0.001, "V3": low - 0.001}), patient) is False
    assert met(CODE, st({"V2": high, "V3": high}), patient) is True
    if low < high:
        between = criterion(CODE, st({"V2": low, "V3": high - 0.001}), patient)
        assert between.met is None
        assert "unknown" in between.reason
        assert f"{low:g} mV" in between.reason
        assert f"{high:g} mV" in between.reason


def test_age_and_sex_do_not_matter_in_other_leads() -> None:
    for patient in LIMITS:
        assert met(CODE, st({"II": 0.1, "aVF": 0.1}), patient) is True
        assert met(CODE, st({"II": 0.1, "aVF": 0.099}), patient) is False


def test_leads_and_reason_show_the_evidence() -> None:
    inferior = criterion(CODE, st({"II": 0.24, "III": 0.23, "aVF": 0.235, "V4": 0.15}))
    assert inferior.leads == {
        lead: LeadValue(value, 0.1) for lead, value in (("II", 0.24), ("III", 0.23), ("aVF", 0.235))
    }
    assert "II 0.24, III 0.23, aVF 0.235 mV" in inferior.reason
    lateral = criterion(CODE, st({"I": 0.12, "aVR": -0.11}))
    assert lateral.leads == {"I": LeadValue(0.12, 0.1), "aVR": LeadValue(-0.11, -0.1)}
    assert "-aVR 0.11" in lateral.reason
    one = criterion(CODE, st({"V4": 0.15}))
    assert one.leads == {"V4": LeadValue(0.15, 0.1)}
    assert one.met is False


@pytest.mark.parametrize(
    ("context", "word"),
    [
        (replace(ORDINARY, lbbb=True), "left bundle branch block"),
        (replace(ORDINARY, paced=True), "pacing"),
        (replace(ORDINARY, preexcitation=True), "pre-excitation"),
        (replace(ORDINARY, lvh=True), "left ventricular hypertrophy"),
    ],
)
def test_limits_do_not_hold_with(context: Context, word: str) -> None:
    result = criterion(CODE, st({"II": 0.3, "aVF": 0.3}), context=context)
    assert result.met is None
    assert word in result.reason
    assert set(result.leads) == {"II", "aVF"}


def test_right_bundle_branch_block_and_early_repolarization_are_caveats() -> None:
    elevated = st({"V1": 0.2, "V2": 0.3}, qrs_ms=140.0)
    assert "Right bundle branch block" in criterion(CODE, elevated, context=replace(ORDINARY, rbbb=True)).reason
    repolarization = criterion(CODE, elevated, context=replace(ORDINARY, early_repolarization=True))
    assert repolarization.met is True
    assert "Early repolarization" in repolarization.reason


def test_a_wide_qrs_without_a_cause_is_not_judged() -> None:
    elevated = st({"II": 0.3, "aVF": 0.3}, qrs_ms=140.0)
    assert met(CODE, elevated, context=Context()) is None
    assert met(CODE, elevated, context=Context(lbbb=False, paced=False)) is True
    assert met(CODE, st({"II": 0.3, "aVF": 0.3}, qrs_ms=None), context=Context()) is None
    assert met(CODE, st({"II": 0.3, "aVF": 0.3}), context=Context()) is True  # a narrow QRS decides


def test_voltages_of_hypertrophy_complete_the_context() -> None:
    large = changed({"V1": {"s_mv": -2.0}, "V5": {"r_mv": 1.6}, "II": {"st_j_mv": 0.2}, "aVF": {"st_j_mv": 0.2}})
    assert met(CODE, large, context=replace(ORDINARY, lvh=None)) is None
    assert met(CODE, large, context=ORDINARY) is True


def test_a_lead_that_was_not_measured() -> None:
    missing = criterion(CODE, st({"V2": 0.3, "V3": None}))
    assert missing.met is None
    assert "V3" in missing.reason
    assert met(CODE, st({"V3": None})) is False  # its neighbours are flat
    assert met(CODE, st({"V3": None, "V5": 0.2, "V6": 0.2})) is True
    assert met(CODE, replace(NORMAL, leads={})) is None


def test_contiguity_needs_no_order() -> None:
    for one, other in CONTIGUOUS:
        only = {lead: lead in (one, other) for lead in (*CHEST_LEADS, *FRONTAL_LEADS)}
        assert contiguous(only) == contiguous(dict(reversed(only.items())))


@pytest.mark.parametrize(
    ("leads", "walls"),
    [
        (("II", "III", "aVF"), ("inferior",)),
        (("V1", "V2", "V3", "V4"), ("septal", "anterior")),
        (("V5", "V6", "I", "aVL"), ("lateral",)),
        (("V3", "V4", "V5", "I"), ("anterior", "lateral")),
        (("V8",), ("posterior",)),
        (("V4R",), ("right ventricular",)),
        (("aVR",), ()),
    ],
)
def test_territories(leads: tuple[str, ...], walls: tuple[str, ...]) -> None:
    assert territories(leads) == walls


@pytest.mark.parametrize(
    ("elevated", "opposite"),
    [
        (("II", "III", "aVF"), "aVL"),
        (("II", "III", "aVF"), "I"),
        (("V3", "V4"), "III"),
        (("I", "aVL"), "aVF"),
        (("V1", "V2"), "II"),
    ],
)
def test_reciprocal_depression(elevated: tuple[str, ...], opposite: str) -> None:
    code = "STEMI-RECIPROCAL"
    assert met(code, st(dict.fromkeys(elevated, 0.3) | {opposite: -0.05})) is True
    assert met(code, st(dict.fromkeys(elevated, 0.3) | {opposite: -0.049})) is False
    assert met(code, st(dict.fromkeys(elevated, 0.3) | {opposite: None})) is None
    assert met(code, st({opposite: -0.2})) is None  # no elevation
    assert criterion(code, st(dict.fromkeys(elevated, 0.3) | {opposite: -0.13})).leads[opposite] == LeadValue(
        -0.13, -0.05
    )


@pytest.mark.parametrize("pair", [("V1", "V2"), ("V2", "V3")])
def test_posterior_mirror(pair: tuple[str, str]) -> None:
    code = "STEMI-POSTERIOR-V1V3"
    assert met(code, st(dict.fromkeys(pair, -0.05))) is True
    assert met(code, st({pair[0]: -0.05, pair[1]: -0.049})) is False
    assert met(code, changed({lead: {"st_j_mv": -0.1, "st_j80_mv": -0.1, "t_mv": -0.1} for lead in pair})) is False
    assert met(code, changed({lead: {"st_j_mv": -0.1, "st_j80_mv": -0.05} for lead in pair})) is False  # upsloping
    assert met(code, st(dict.fromkeys(pair, -0.1)), context=replace(ORDINARY, rbbb=True)) is None
    assert met(code, st({"V1": -0.1, "V3": -0.1})) is False


@pytest.mark.parametrize(
    ("code", "lead", "patient", "limits"),
    [
        (code, lead, patient, limits)
        for code, leads, years in (("STEMI-V7V9", ("V7", "V8", "V9"), 40), ("STEMI-V3RV4R", ("V3R", "V4R"), 30))
        for lead in leads
        for patient, limits in (
            (Patient(years, "male"), (0.05, 0.05)),
            (Patient(years - 1, "male"), (0.1, 0.1)),
            (Patient(years - 1, "female"), (0.05, 0.05)),
            (Patient(None, "male"), (0.05, 0.1)),
            (Patient(years - 1, None), (0.05, 0.1)),
            (Patient(years, None), (0.05, 0.05)),
            (Patient(), (0.05, 0.1)),
        )
    ],
)
def test_supplemental_leads(code: str, lead: str, patient: Patient, limits: tuple[float, float]) -> None:
    low, high = limits
    others = dict.fromkeys(("V7", "V8", "V9") if code == "STEMI-V7V9" else ("V3R", "V4R"), 0.0)
    assert met(code, st(others | {lead: low - 0.001}), patient) is False
    assert met(code, st(others | {lead: high}), patient) is True
    if low < high:
        assert met(code, st(others | {lead: high - 0.001}), patient) is None
    assert met(code, st({lead: high}), patient) is True  # the others were not recorded
    assert met(code, st({lead: 0.0}), patient) is None
    assert met(code, NORMAL, patient) is None


def test_right_ventricle_by_v1() -> None:
    code = "STEMI-RV-V1"
    inferior = {"II": 0.1, "aVF": 0.1, "III": 0.1}
    assert met(code, st(inferior | {"V1": 0.1})) is True
    assert met(code, st(inferior | {"V1": 0.099})) is False
    assert met(code, st({"III": 0.2, "aVF": 0.099, "II": 0.2, "V1": 0.2})) is False
    assert met(code, st({"V1": 0.2})) is False


def test_gate_names_what_fails() -> None:
    code = "GATE-GOEBEL"
    inferior = {"II": 0.3, "aVF": 0.3}
    good = st(inferior, heart_rate_bpm=129.0, qrs_ms=99.0)
    assert met(code, good) is True
    for failing, word in (
        (st(inferior, heart_rate_bpm=130.0), "heart rate"),
        (st(inferior, qrs_ms=100.0), "QRS"),
        (st({}), "ST elevation"),
    ):
        result = criterion(code, failing)
        assert result.met is False
        assert word in result.reason.split("Fails")[1]
    assert met(code, good, context=replace(ORDINARY, artifact=True)) is False
    assert met(code, good, context=replace(ORDINARY, artifact=None)) is None
