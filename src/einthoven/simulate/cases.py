"""Draw simulated cases: persons, their findings, and their rhythms."""

import numpy as np
from numpy.random import Generator

from einthoven.ptbxl.vocabulary import superclasses
from einthoven.simulate.findings import FINDINGS, Case, left_bundle_branch_block, qrs_size, sometimes
from einthoven.simulate.heart import Heart, Wave, normal_heart, qrs_amplitudes, wave, without_p_waves
from einthoven.simulate.tracing import Rhythm


def draw_case(kind: str, patient: Generator, rng: Generator) -> Case:
    """Draw a heart with its rhythm and statements.

    Parameters
    ----------
    kind
        NORM, MI, STTC, CD, HYP, or NONE (no superclass). Other superclasses may join that of the kind.
    patient
        Source of what belongs to the person: voltages and wave widths.
    rng
        Source of everything else.

    Returns
    -------
    Case
        The case before it is recorded.
    """
    case = Case(
        kind,
        draw_person(patient),
        Rhythm(rate=float(np.clip(rng.normal(72, 9), 61, 99)), breathing=rng.uniform(0.18, 0.33)),
    )
    if kind == "NORM":
        case.statements["NORM"] = float(rng.choice([100, 80, 50], p=[0.75, 0.2, 0.05]))
    elif kind == "NONE":
        _unclassified(case, rng)
    else:
        kinds = {kind} | {other for other, share in _COMORBIDITY[kind].items() if rng.random() < share}
        # Conduction first: it replaces the QRS complex that the others change.
        for other in ("CD", "HYP", "MI", "STTC"):
            if other in kinds:
                FINDINGS[other](case, rng)
    _draw_rhythm(case, rng)
    _describe(case, rng)
    return case


_COMORBIDITY: dict[str, dict[str, float]] = {
    "MI": {"STTC": 0.25, "CD": 0.20, "HYP": 0.10},
    "STTC": {"CD": 0.12, "HYP": 0.10},
    "CD": {"STTC": 0.12, "HYP": 0.10},
    "HYP": {"STTC": 0.30, "CD": 0.12},
}


def draw_person(patient: Generator) -> Heart:
    """Draw a normal heart with the voltages and wave widths of one person.

    Parameters
    ----------
    patient
        Source of all randomness.

    Returns
    -------
    Heart
        Heart without findings.
    """
    gain = {
        "P": patient.lognormal(0, 0.25),
        "Q": patient.lognormal(0, 0.27),
        "T": patient.lognormal(-0.2, 0.40),
    }
    stretch = {"P": patient.normal(1, 0.06), "Q": patient.normal(1, 0.11), "T": patient.normal(1, 0.05)}
    gain["S"], stretch["S"] = patient.lognormal(0, 0.6), stretch["T"]
    return {name: w.scale(gain[name[0]], stretch[name[0]]) for name, w in normal_heart().items()}


def _unclassified(case: Case, rng: Generator) -> None:
    """A record of no superclass: a paced rhythm, atrial fibrillation, or premature complexes alone."""
    code = rng.choice(["PACE", "AFIB", "PVC"])
    if code == "PACE":
        case.statements["PACE"] = 100.0
        left_bundle_branch_block(case.heart, qrs_size(case.heart), -1.0)
        case.heart["QRS spike"] = wave(-85, 1.5, 0.6, 1.2, 0.3)
        case.heart = without_p_waves(case.heart)
        case.rhythm = Rhythm(rate=rng.uniform(60, 75), sinus_arrhythmia=0.0, irregularity=0.001)
    elif code == "AFIB":
        _fibrillate(case, rng)
    else:
        _extra_beats(case, "PVC", rng)


def _draw_rhythm(case: Case, rng: Generator) -> None:
    """Draw the rhythm and premature complexes of a case and state them."""
    if not {"PACE", "AFIB"}.isdisjoint(case.statements):
        return
    abnormal = case.kind != "NORM"
    needs_p_waves = not {"1AVB", "LAO/LAE", "RAO/RAE", "WPW"}.isdisjoint(case.statements)
    shares = {
        "AFIB": 0.09 * (abnormal and not needs_p_waves),
        "STACH": 0.03 + 0.03 * abnormal,
        "SBRAD": 0.05,
        "SARRH": 0.04,
    }
    rhythm = str(rng.choice(["SR", *shares], p=[1 - sum(shares.values()), *shares.values()]))
    match rhythm:
        case "AFIB":
            _fibrillate(case, rng)
            return
        case "STACH":
            case.rhythm.rate = rng.uniform(101, 122)
        case "SBRAD":
            case.rhythm.rate = rng.uniform(44, 58)
        case "SARRH":
            case.rhythm.sinus_arrhythmia = rng.uniform(0.12, 0.2)
    case.statements[rhythm] = 0.0
    if abnormal and rng.random() < 0.08 and not case.rhythm.ectopic_beats:
        _extra_beats(case, str(rng.choice(["PVC", "PAC"], p=[0.7, 0.3])), rng)


def _fibrillate(case: Case, rng: Generator) -> None:
    """Atrial fibrillation: no P waves, and irregular beats."""
    case.heart = without_p_waves(case.heart)
    case.rhythm = Rhythm(
        rate=rng.uniform(60, 115),
        sinus_arrhythmia=0.0,
        irregularity=rng.uniform(0.14, 0.22),
        fibrillation=rng.uniform(0.02, 0.055),
    )
    case.statements["AFIB"] = 0.0


def _extra_beats(case: Case, code: str, rng: Generator) -> None:
    """One to three premature beats: wide and different from a ventricle, like the others from an atrium."""
    case.rhythm.ectopic_beats = int(rng.integers(1, 4))
    case.statements[code] = 100.0 if code == "PVC" else 0.0
    case.extra_beats = f"{case.rhythm.ectopic_beats}{'VES' if code == 'PVC' else 'SVES'}"
    if code == "PAC":
        case.rhythm.compensatory_pause = False
        return
    axis = rng.choice([-1.0, 1.0], 3) * rng.uniform(0.5, 1.0, 3) * 1.1
    case.rhythm.ectopic_heart = {
        "QRS main": Wave(0, 26, axis),
        "QRS late": Wave(45, 22, axis * (0.6, 0.9, 0.4)),
        "ST": Wave(140, 45, -0.18 * axis),
        "T": Wave(270, 50, -0.45 * axis),
    }


def _describe(case: Case, rng: Generator) -> None:
    """State the voltages if the limb leads are low, or if they are high without hypertrophy."""
    amplitudes = qrs_amplitudes(case.heart)
    if amplitudes[:2].max() < 0.5:
        case.statements |= sometimes(rng, LVOLT=0.6)
    if amplitudes.max() > 3.0 and "HYP" not in superclasses(case.statements):
        case.statements |= sometimes(rng, HVOLT=0.5)
