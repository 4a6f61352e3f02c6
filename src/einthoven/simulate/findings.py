"""Give a simulated heart findings: morphologies that a cardiologist would name, with their statements.

Each finding changes the waves of the heart vector as the disease does, so that all twelve leads show it consistently:
an infarct takes away the early forces of its territory, a bundle branch block adds late ones. Severities run from
barely visible to marked.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.random import Generator

from einthoven.arrays import Float64Array
from einthoven.simulate.heart import Heart, Wave, normal_heart, wave
from einthoven.simulate.tracing import Rhythm


@dataclass
class Case:
    """One simulated record before it is drawn: the heart, its rhythm, and its statements."""

    kind: str
    """NORM, NONE, or the superclass that it stands for; others may join."""
    heart: Heart
    rhythm: Rhythm
    statements: dict[str, float] = field(default_factory=dict)
    """Likelihood in % of each statement; 0 for those without one in PTB-XL."""
    infarction_stage: str = ""
    extra_beats: str = ""


class _Territory(NamedTuple):
    """A part of the ventricle: its statements, and the direction of the heart vector towards it."""

    infarct: str
    injury: str
    ischemia: str
    towards: tuple[float, float, float]
    share: float


_TERRITORIES = (
    _Territory("ASMI", "INJAS", "ISCAS", (-0.05, 0.0, -1.0), 0.36),
    _Territory("IMI", "INJIN", "ISCIN", (-0.05, 1.0, 0.1), 0.40),
    _Territory("ALMI", "INJAL", "ISCAL", (0.7, -0.05, -0.7), 0.10),
    _Territory("LMI", "INJLA", "ISCLA", (0.9, -0.45, 0.1), 0.06),
    _Territory("ILMI", "INJIL", "ISCIL", (0.6, 0.8, 0.1), 0.08),
)


class _Stage(NamedTuple):
    """A stage of an infarct: in mV at full severity, the forces lost, ST elevation and T wave."""

    name: str
    q: float
    st: float
    t: float
    share: float


_STAGES = (
    _Stage("Stadium I", 0.35, 0.32, 0.15, 0.20),
    _Stage("Stadium I-II", 0.70, 0.16, -0.25, 0.04),
    _Stage("Stadium II", 0.85, 0.06, -0.45, 0.08),
    _Stage("Stadium II-III", 0.90, 0.03, -0.35, 0.15),
    _Stage("Stadium III", 0.95, 0.0, -0.10, 0.25),
    _Stage("unknown", 0.90, 0.0, -0.15, 0.28),
)


_Choice = TypeVar("_Choice", _Territory, _Stage)


def _infarct(case: Case, rng: Generator) -> None:
    place = _draw(_TERRITORIES, rng)
    stage = _draw(_STAGES, rng)
    severity = rng.uniform(0.1, 1.1)
    towards = _unit(place.towards)
    heart, size = case.heart, severity * min(qrs_size(case.heart), 1.3)
    case.statements[place.infarct] = _likelihood(severity, rng)
    case.infarction_stage = stage.name
    if stage.st > 0.1 and rng.random() < 0.5:
        case.statements[place.injury] = 100.0
    if place.infarct in ("ASMI", "ALMI"):  # the septum's own forces are gone
        heart["QRS septal"] = heart["QRS septal"].scale(1 - min(severity, 1))
    heart["QRS lost"] = Wave(-12, 15, -towards * stage.q * 0.8 * size)
    heart["ST injury"] = Wave(70, 28, towards * stage.st * severity)
    heart["ST injury late"] = Wave(145, 48, towards * stage.st * severity)
    heart["T infarct"] = Wave(262, 42, towards * stage.t * severity)
    if stage.q * severity > 0.5:
        case.statements |= sometimes(rng, QWAVE=0.4, ABQRS=0.7)
    if stage.st * severity > 0.12:
        case.statements |= sometimes(rng, STE_=0.3)
    if stage.t * severity < -0.2:
        case.statements |= sometimes(rng, INVT=0.3)


def _repolarisation(case: Case, rng: Generator) -> None:
    """ST depression and flat or inverted T waves: nonspecific, ischemic, or from a long QT interval."""
    severity = rng.uniform(0.1, 1.0)
    t_waves = [name for name in case.heart if name.startswith("T")]
    choices = {"NDT": 0.3, "NST_": 0.15, "ISC_": 0.2, "territory": 0.25, "LNGQT": 0.05, "DIG": 0.05}
    code = str(rng.choice(list(choices), p=list(choices.values())))
    if case.kind != "STTC" and code == "LNGQT":
        code = "ISC_"
    depressed = 0.0
    towards = _unit((0.75, 0.45, -0.5))
    if code == "NDT":
        left = rng.uniform(0.6, 0.8) - 0.7 * severity
        for name in t_waves:
            case.heart[name] = case.heart[name].scale(left)
        case.statements |= sometimes(rng, LOWT=0.3, NT_=0.2)
    elif code == "NST_":
        depressed = 0.14
    elif code == "DIG":
        depressed = 0.20
        for name in t_waves:
            case.heart[name] = case.heart[name].scale(0.5, 0.9)
    elif code == "LNGQT":
        for name in ["ST", *t_waves]:
            case.heart[name] = case.heart[name].scale(1.0, 1.2 + 0.15 * severity)
    else:
        if code == "territory":
            place = _draw(_TERRITORIES, rng)
            code, towards = place.ischemia, _unit(place.towards)
        depressed = 0.12
        # enough to turn the T wave of this heart over where it points to the territory
        size = float(np.linalg.norm(case.heart["T early"].vector)) + 0.1
        case.heart["T ischemia"] = Wave(262, 42, -towards * severity * (0.15 + 1.9 * size))
        case.statements |= sometimes(rng, INVT=0.25, TAB_=0.05)
    if depressed:
        case.heart["ST depression"] = Wave(105, 48, -towards * depressed * severity)
        case.statements |= sometimes(rng, STD_=0.3)
    case.statements[code] = _likelihood(severity, rng)


def _conduction(case: Case, rng: Generator) -> None:
    """Bundle branch and fascicular blocks, a long PR interval, pre-excitation."""
    heart = case.heart
    choices = {"LAFB": 0.25, "IRBBB": 0.16, "1AVB": 0.16, "CRBBB": 0.15, "CLBBB": 0.15}
    choices |= {"IVCD": 0.09, "WPW": 0.04}
    if case.kind != "CD":  # with another finding, only blocks that do not hide it
        choices = {"LAFB": 0.4, "IRBBB": 0.25, "1AVB": 0.35}
    code = str(rng.choice(list(choices), p=list(choices.values())))
    severity = rng.uniform(0.2, 1.0)
    size = qrs_size(heart)
    match code:
        case "CLBBB":
            left_bundle_branch_block(heart, size, 1.0)
        case "CRBBB":
            heart["QRS terminal"] = wave(58, 17, -0.50, -0.08, -0.52).scale(size * (0.6 + 0.6 * severity))
            heart["QRS basal"] = heart["QRS basal"].scale(0.7)
            heart["T secondary"] = wave(265, 42, 0.08, 0.0, 0.30 * size)
        case "IRBBB":
            heart["QRS terminal"] = wave(40, 10, -0.28, -0.12, -0.42).scale(size * (0.3 + 0.8 * severity))
        case "LAFB":
            heart["QRS septal"] = wave(-22, 9, -0.12, 0.22, -0.14).scale(size)
            heart["QRS main"] = wave(2, 13, 0.95, -0.25 - 0.65 * severity, 0.02).scale(size)
            heart["QRS basal"] = wave(24, 12, 0.0, -0.35, 0.55).scale(size)
        case "IVCD":
            for name in [n for n in heart if n.startswith("QRS")]:
                heart[name] = heart[name].scale(0.85, 1.2 + 0.5 * severity)
            heart["QRS notch"] = wave(48, 13, 0.25, 0.20, 0.1).scale(size * severity)
        case "1AVB":
            for name in ("P right", "P left"):
                heart[name] = replace(heart[name], at=heart[name].at - 25 - 110 * severity)
            case.statements |= sometimes(rng, LPR=0.4)
        case "WPW":
            for name in ("P right", "P left"):
                heart[name] = replace(heart[name], at=heart[name].at + 35)
            heart["QRS delta"] = wave(-27, 13, 0.45 * severity + 0.2, 0.2, -0.25).scale(size)
            heart["T secondary"] = wave(262, 42, -0.25, -0.1, 0.1)
    case.statements[code] = _likelihood(1.0 if code.startswith("C") else severity, rng)
    if code in ("CLBBB", "CRBBB", "IVCD"):
        case.statements |= sometimes(rng, ABQRS=0.3)


def left_bundle_branch_block(heart: Heart, size: float, inferior: float) -> None:
    """Give a heart slow, notched activation from right to left: no septal Q wave, T waves opposite to the QRS complex.

    Parameters
    ----------
    heart
        Is changed.
    size
        Voltage relative to the normal heart.
    inferior
        1 if activation starts high in the septum, -1 if it starts at the apex as in a paced beat.
    """
    heart["QRS septal"] = wave(-30, 14, 0.15, 0.05 * inferior, 0.10).scale(size)
    heart["QRS main"] = wave(0, 20, 0.50, 0.30 * inferior, 0.92).scale(size)
    heart["QRS basal"] = wave(46, 20, 0.88, 0.22 * inferior, 0.72).scale(size)
    heart["ST"] = wave(115, 40, -0.10, -0.03 * inferior, -0.16).scale(size)
    heart["T early"] = wave(260, 50, -0.22, -0.08 * inferior, -0.24).scale(size)
    heart["T late"] = wave(305, 32, -0.16, -0.06 * inferior, -0.16).scale(size)


def _hypertrophy(case: Case, rng: Generator) -> None:
    """High voltages of a ventricle, the left one's often with strain, or large P waves of an atrium."""
    heart = case.heart
    choices = {"LVH": 0.76, "LAO/LAE": 0.11, "RVH": 0.08, "RAO/RAE": 0.05}
    code = str(rng.choice(list(choices), p=list(choices.values())))
    if case.kind != "HYP":
        code = "LVH"
    severity = rng.uniform(0.0, 1.0)
    match code:
        case "LVH":
            gain = 1.1 + 0.6 * severity
            for name, forces in (("QRS main", (0.25, -0.1, 0.1)), ("QRS basal", (0.05, 0.0, 0.3))):
                heart[name] = heart[name].scale(gain, 1.05).add(*(severity * x for x in forces))
            case.statements |= sometimes(rng, VCLVH=0.45)
            if severity > 0.6 and rng.random() < 0.6 and "CLBBB" not in case.statements:  # strain
                heart["ST strain"] = wave(120, 45, -0.12, -0.03, 0.05).scale(severity)
                heart["T strain"] = wave(268, 40, -0.62, -0.25, 0.10).scale(severity)
                case.statements |= {str(rng.choice(["ISC_", "ISCAL", "NST_"])): 100.0}
        case "RVH":
            heart["QRS main"] = heart["QRS main"].scale(0.8).add(-0.55 * severity, 0.15, -0.65 * severity)
            heart["QRS basal"] = heart["QRS basal"].scale(0.5).add(-0.45 * severity, 0.0, 0.0)
            heart["T strain"] = wave(262, 42, 0.0, -0.08, 0.35).scale(severity)
        case "LAO/LAE":
            heart["P left"] = wave(-122, 20, 0.09, 0.07, 0.10).scale(1 + 0.6 * severity)
        case "RAO/RAE":
            heart["P right"] = wave(-160, 19, 0.03, 0.22, -0.12).scale(0.9 + 0.5 * severity)
    case.statements[code] = _likelihood(severity, rng)


FINDINGS: dict[str, Callable[[Case, Generator], None]] = {
    "CD": _conduction,
    "HYP": _hypertrophy,
    "MI": _infarct,
    "STTC": _repolarisation,
}
"""Functions by superclass that change a case's heart and state the finding."""


def _likelihood(severity: float, rng: Generator) -> float:
    """The likelihood that a reader would state: higher for more marked findings."""
    return 100.0 if severity > rng.uniform(0.2, 0.7) else float(rng.choice([15, 35, 50, 80]))


def sometimes(rng: Generator, **shares: float) -> dict[str, float]:
    """Draw statements without a likelihood.

    Parameters
    ----------
    rng
        Source of randomness.
    **shares
        Probability of each statement.

    Returns
    -------
    dict
        0 for each statement that was drawn.
    """
    return {code: 0.0 for code, share in shares.items() if rng.random() < share}


def _draw(choices: tuple[_Choice, ...], rng: Generator) -> _Choice:
    return choices[rng.choice(len(choices), p=[choice.share for choice in choices])]


def _unit(vector: tuple[float, float, float]) -> Float64Array:
    unit: Float64Array = np.array(vector) / np.linalg.norm(vector)
    return unit


def qrs_size(heart: Heart) -> float:
    """Compute the voltage of a heart relative to the normal one.

    Parameters
    ----------
    heart
        Any heart.

    Returns
    -------
    float
        1 for the normal heart.
    """
    return float(np.linalg.norm(heart["QRS main"].vector) / np.linalg.norm(normal_heart()["QRS main"].vector))
