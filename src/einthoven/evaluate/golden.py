"""Golden values: results of a port at each stage for simulated recordings, to check ports to other languages."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from einthoven.arrays import Int16Array
from einthoven.model.bundle import Bundle
from einthoven.model.bundle_files import GOLDEN, GOLDEN_JSON
from einthoven.model.port.answer import ModelStages, PortAnswer, answer_in_stages
from einthoven.model.port.gate import Stages
from einthoven.simulate.cases import draw_case
from einthoven.simulate.exchanges import exchange
from einthoven.simulate.rhythms import simulate_rhythm
from einthoven.simulate.tracing import ELECTRODES, Noise, tracing

EVERY = 25
"""Golden values contain every EVERY-th sample of a signal."""
TOLERANCES = {"bands": 2e-3, "measures": 5e-3, "beats": 5e-3, "placement": 2e-2, "logits": 2e-2, "probabilities": 2e-3}
"""The largest difference that a port should have, by stage; counts, codes and samples of beats should be the same."""
_DIGITS = 4
_ANSWERS = ("probabilities", "present")
_RATE = 100


class _Recording(NamedTuple):
    name: str
    rate: int
    uv: Int16Array
    """Signal of shape (12, samples) in uV."""


def write_golden(bundle: Bundle, folder: Path) -> None:
    """Write golden.npz and golden.json: simulated recordings, and the results of a port at each stage.

    The recordings are simulated, because a package must not contain patients' data. docs/reference/bundles.md lists the
    fields. Both files have the same; the numbers of golden.json are rounded to four digits.

    Parameters
    ----------
    bundle
        Bundle with a gate.
    folder
        Folder to write the files to.
    """
    facts, arrays = [], dict[str, Any]()
    for recording in _recordings():
        answer, values = compute_stages(bundle, recording.uv, recording.rate)
        of_recording = {
            "uv": recording.uv,
            "rate_hz": recording.rate,
            "reasons": np.array(answer.reasons + answer.infarct_reasons, "U20"),
            **values,
        }
        arrays |= {f"{recording.name}/{name}": np.asarray(value) for name, value in of_recording.items()}
        facts.append(
            {
                "name": recording.name,
                "rate_hz": recording.rate,
                "signal_uv": recording.uv.tolist(),
                "stages": {name: _rounded(value) for name, value in values.items() if name not in _ANSWERS},
                "reasons": answer.reasons,
                "infarct_reasons": answer.infarct_reasons,
                "infarct": answer.infarct,
                "probabilities": None if answer.probabilities is None else _rounded(answer.probabilities),
                "present": None if answer.present is None else answer.present.tolist(),
            }
        )
    arrays |= {"every": EVERY, **{f"tolerance_{stage}": tolerance for stage, tolerance in TOLERANCES.items()}}
    np.savez_compressed(folder / GOLDEN, **arrays)
    text = json.dumps({"every": EVERY, "tolerances": TOLERANCES, "recordings": facts}, separators=(",", ":"))
    (folder / GOLDEN_JSON).write_text(text + "\n", encoding="utf-8", newline="\n")


def compute_stages(bundle: Bundle, uv: Int16Array, rate: float) -> tuple[PortAnswer, dict[str, Any]]:
    """Compute the golden values of one recording.

    Parameters
    ----------
    bundle
        Bundle with a gate.
    uv
        Signal of shape (12, samples) in uV.
    rate
        Sampling rate in Hz.

    Returns
    -------
    answer : PortAnswer
        The answer.
    values : dict
        Numbers and arrays by name, of the stages that are reached.
    """
    answer, stages, computed = answer_in_stages(bundle, uv.astype(np.float32) / np.float32(1000), rate)
    values = {**_gate_values(stages), **(_model_values(bundle, computed) if computed else {})}
    if answer.probabilities is not None:
        values |= {"probabilities": answer.probabilities, "present": answer.present}
    return answer, values


def _recordings() -> Iterator[_Recording]:
    normal, infarct = _case("NORM", 7), _case("MI", 1)
    mv = normal.astype(np.float32) / np.float32(1000)
    five = normal[:, : 5 * _RATE]
    rng = np.random.default_rng(2026)
    time = np.arange(5 * _RATE) / _RATE
    yield _Recording("normal", _RATE, normal)
    yield _Recording("inferior infarct", _RATE, infarct)
    yield _Recording("normal, 500 Hz", 500, _case("NORM", 7, 500)[:, :2500])
    yield _Recording("anterior infarct, 250 Hz", 250, _case("MI", 46, 250)[:, :1250])
    yield _Recording("offset", _RATE, (five + np.arange(-600, 600, 100, dtype=np.int16)[:, None]).astype(np.int16))
    yield _Recording("arms exchanged", _RATE, _uv(exchange(mv, "RA/LA")))
    yield _Recording("V1-V6 reversed", _RATE, _uv(exchange(mv, "V1-V6 reversed")))
    for rhythm, rate in {
        "atrial fibrillation": _RATE,
        "idioventricular rhythm": _RATE,
        "ventricular tachycardia": _RATE,
        "ventricular fibrillation": _RATE,
        "asystole": _RATE,
        "paced rhythm": 500,
    }.items():
        signal = _uv(simulate_rhythm(rhythm, rate, np.random.default_rng(3), 0.01))
        yield _Recording(rhythm, rate, signal[:, : 5 * rate if rate == _RATE else 3 * rate])
    block = simulate_rhythm("complete AV block, narrow escape", 250, np.random.default_rng(3), 0.01)
    yield _Recording("complete AV block, 250 Hz read as 100 Hz", _RATE, _uv(block)[:, : 10 * _RATE])
    lead_off = five.copy()
    lead_off[7] = 0
    yield _Recording("V2 off", _RATE, lead_off)
    yield _Recording("muscle noise", _RATE, (five + rng.normal(0, 100, five.shape)).astype(np.int16))
    yield _Recording("ten times as large", _RATE, (five * 10).astype(np.int16))
    contradictory, scaled = five.copy(), five.copy()
    contradictory[2] *= -1
    scaled[1] *= 2
    yield _Recording("III inverted", _RATE, contradictory)
    yield _Recording("II twice as large", _RATE, scaled)
    yield _Recording("1-Hz sine", _RATE, np.tile(_uv(np.sin(2 * np.pi * time)), (12, 1)))
    yield _Recording("square wave", _RATE, np.tile(_uv(np.sign(np.sin(2 * np.pi * 1.2 * time + 0.1))), (12, 1)))
    yield _Recording("V5 in all leads", _RATE, np.tile(five[10], (12, 1)))
    yield _Recording("flat", _RATE, np.zeros((12, 250), np.int16))
    yield _Recording("too short", _RATE, normal[:, :200])


def _case(kind: str, seed: int, rate: int = _RATE) -> Int16Array:
    rng = np.random.default_rng(seed)
    case = draw_case(kind, np.random.default_rng(seed + 1000), rng)
    noise = Noise(wander=np.full(len(ELECTRODES), 0.03), muscle=np.full(len(ELECTRODES), 0.006))
    return np.ascontiguousarray(tracing(case.heart, case.rhythm, noise, (rate,), rng)[0].T)


def _uv(signal: Any) -> Int16Array:
    return np.asarray(np.rint(np.asarray(signal) * 1000), np.int16)


def _gate_values(stages: Stages) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if stages.bands and stages.measures:
        bands, measures = stages.bands, stages.measures
        values = {
            "spikes": stages.spikes,
            **{name: getattr(bands, name)[:, ::EVERY] for name in ("wander", "ecg", "high_frequency", "slope")},
            "common_slope": bands.common_slope[::EVERY],
            "resting_slope": bands.resting_slope,
            **{name: getattr(measures, name) for name in ("recorded_range", "ecg_range", "noise", "agreement")},
            "noise_mv": stages.noise_mv,
        }
    if stages.distances and stages.scales and stages.beats:
        names = ("leads", "spectrum", "size", "contradiction", "factor")
        values |= {f"distance_{name}": getattr(stages.distances, name) for name in names}
        values |= dict(zip(("law_rest", "law_second", "law_scale"), stages.scales, strict=True))
        values |= {f"beats_{name}": value for name, value in stages.beats._asdict().items()}
    if stages.median_beat is not None:
        values["median_beat"] = stages.median_beat
    return values


def _model_values(bundle: Bundle, computed: ModelStages) -> dict[str, Any]:
    values = {
        "log_odds": computed.log_odds,
        "exchange": computed.exchange,
        "resampled": computed.resampled[:, ::EVERY],
        "model_input": computed.model_input[:, ::EVERY],
        "logits": computed.logits,
        "qrs_mv": computed.qrs_mv,
        "rr": computed.rr,
        "scores": computed.scores,
    }
    return values | ({"embedding": bundle.embedding(computed.model_input)} if bundle.card.embedding else {})


def _rounded(value: Any) -> Any:
    """Lists of rounded numbers; values that are not finite become null."""
    if np.ndim(value):
        return [_rounded(item) for item in value]
    return round(float(value), _DIGITS) + 0.0 if np.isfinite(value) else None
