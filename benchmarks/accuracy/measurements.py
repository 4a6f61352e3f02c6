"""The accuracy dossier: intervals, axes and amplitudes in the form of device manuals (IEC 60601-2-25).

    python benchmarks/accuracy/measurements.py --formats formats --data ptb-xl --folds 9

Compares with the recorders' own measurements in files, with simulated truth, with the same ECGs under noise as the
standard requires, and with the statements of PTB-XL. Records that PTB-XL has at 100 and at 500 Hz are compared at both
rates. With neurokit2 installed, `--neurokit` measures the simulated ECGs with its delineator, as medians over leads.
Prints Markdown.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from common import existing_path
from recorder_measurements import RecorderMeasurements, recorder_measurements

from einthoven.recording import LEADS
from einthoven.signal.measurements.measure import SignalMeasurements, measure_signal
from einthoven.signal.measurements.values import GLOBAL_NAMES, LEAD_NAMES
from einthoven.simulate.cases import draw_case
from einthoven.simulate.heart import DOWER, Heart, beat_vector, frontal_axis
from einthoven.simulate.tracing import ELECTRODES, Noise, tracing

# the tests have the truth about simulated hearts
sys.path.append(str(Path(__file__).parents[2] / "tests"))
from simulate.true_intervals import true_intervals

NOISES = {"0.005 mV": 0.005, "0.02 mV": 0.02, "0.05 mV": 0.05, "0.1 mV": 0.1}
Measure = Callable[[np.ndarray, int], tuple[float, float, float, float]]


def package(signal: np.ndarray, rate: int) -> tuple[float, float, float, float]:
    """Return PR, QRS and QT in ms and the axis in degrees; NaN for None."""
    intervals = measure_signal(signal, rate, LEADS)
    values = (intervals.pr_ms, intervals.qrs_ms, intervals.qt_ms, intervals.qrs_axis_degrees)
    return tuple(np.nan if value is None else value for value in values)


def neurokit(signal: np.ndarray, rate: int) -> tuple[float, float, float, float]:
    """Return the same from neurokit2's best delineator, lead by lead: the median over beats, then over leads."""
    import neurokit2 as nk

    leads = []
    for lead in signal[[0, 1, *range(6, 12)]]:
        try:
            clean = nk.ecg_clean(lead.astype(float), sampling_rate=rate)
            _, r = nk.ecg_peaks(clean, sampling_rate=rate)
            _, at = nk.ecg_delineate(clean, r, sampling_rate=rate, method="prominence")
        except Exception:  # it fails on many signals, in many ways
            continue
        p, q, s, t = (
            np.array(at[f"ECG_{name}"], float) / rate * 1000
            for name in ("P_Onsets", "R_Onsets", "R_Offsets", "T_Offsets")
        )
        leads.append([np.nanmedian(d) if np.isfinite(d).any() else np.nan for d in (q - p, s - q, t - q)])
    return (*(np.nanmedian(leads, axis=0) if leads else [np.nan] * 3), np.nan)


def simulated(measure: Measure, count: int, rates: tuple[int, ...]) -> None:
    print("| muscle noise | rate, Hz | PR | QRS | QT | axis | PR of hearts without P |\n|---|---|---|---|---|---|---|")
    for name, muscle in NOISES.items():
        noise = Noise(np.full(len(ELECTRODES), 0.02), np.full(len(ELECTRODES), muscle))
        errors: dict[int, list[np.ndarray]] = {rate: [] for rate in rates}
        no_p: dict[int, list[bool]] = {rate: [] for rate in rates}
        for seed in range(count):
            rng = np.random.default_rng(seed)
            case = draw_case(str(rng.choice(["NORM", "MI", "STTC", "CD", "HYP", "NONE"])), rng, rng)
            truth = true_intervals(case.heart, 60 / case.rhythm.rate)
            pr = np.nan if truth.pr is None else truth.pr
            expected = np.array([pr, truth.qrs, truth.qt, frontal_axis(case.heart)])
            for rate, units in zip(rates, tracing(case.heart, case.rhythm, noise, rates, rng), strict=True):
                measured = np.array(measure(np.ascontiguousarray(units.T / np.float32(1000)), rate))
                error = measured - expected
                error[3] = (error[3] + 180) % 360 - 180
                errors[rate].append(np.where(np.isnan(expected), np.nan, error))
                if truth.pr is None:
                    no_p[rate].append(bool(np.isfinite(measured[0])))
                    errors[rate][-1][0] = np.inf  # no P wave, no error
        for rate in rates:
            columns = [summary(column[~np.isposinf(column)]) for column in np.array(errors[rate]).T]
            with_pr = f"{np.sum(no_p[rate])} of {len(no_p[rate])}"
            print(f"| {name} | {rate} | {' | '.join(columns)} | {with_pr} |", flush=True)


def summary(error: np.ndarray) -> str:
    known = error[~np.isnan(error)]
    return f"{known.mean():+.0f} ± {known.std():.0f} ({1 - len(known) / len(error):.0%})" if len(known) else "(100%)"


def recorded(folder: Path, folds: tuple[int, ...]) -> None:
    from sklearn.metrics import roc_auc_score

    from einthoven.datasets.dataset import Dataset

    dataset = Dataset.open(folder)
    rows = dataset.rows(folds)
    stated = dataset.annotations.statements.iloc[rows]
    measured = [measure_signal(dataset.signals[row] / np.float32(1000), dataset.rate, LEADS) for row in rows]
    values = {name: np.array([getattr(intervals, name) for intervals in measured], float) for name in GLOBAL_NAMES}
    none = ", ".join(f"{name} {np.isnan(value).mean():.1%}" for name, value in values.items())
    print(f"\nPTB-XL folds {folds}, {len(rows):,} records. None: {none}\n")
    print(
        "| | statement | records | None | 5th, 50th, 95th percentile | AUROC (95 %), against |\n"
        "|---|---|---|---|---|---|"
    )
    fibrillation = stated["AFIB"].to_numpy() | stated["AFLT"].to_numpy()
    for name, statement, against in (
        ("pr_ms", "NORM", ""),
        ("pr_ms", "SR", ""),
        ("pr_ms", "1AVB", "no AFIB, AFLT"),
        ("pr_ms", "AFIB", ""),
        ("pr_ms", "AFLT", ""),
        ("qrs_ms", "NORM", ""),
        ("qrs_ms", "CRBBB", "NORM"),
        ("qrs_ms", "CLBBB", "NORM"),
        ("qrs_ms", "IRBBB", "NORM"),
        ("qrs_ms", "IVCD", "NORM"),
        ("qtc_bazett_ms", "NORM", ""),
        ("qtc_bazett_ms", "LNGQT", "all others"),
        ("qtc_fridericia_ms", "LNGQT", "all others"),
    ):
        value, member = values[name], stated[statement].to_numpy()
        known = value[member & ~np.isnan(value)]
        area = ""
        if against:
            others = {"NORM": stated["NORM"].to_numpy(), "all others": ~member}.get(against, ~fibrillation) & ~member
            use = (member | others) & ~np.isnan(value)
            low, high = interval(member[use], value[use])
            area = f"{roc_auc_score(member[use], value[use]):.3f} ({low:.3f} to {high:.3f}), {against}"
        places = ", ".join(f"{p:.0f}" for p in np.percentile(known, [5, 50, 95])) if len(known) else ""
        print(f"| {name} | {statement} | {member.sum():,} | {np.isnan(value[member]).mean():.1%} | {places} | {area} |")
    axes(
        values["qrs_axis_degrees"], dataset.annotations.table["heart_axis"].to_numpy()[rows], stated["LAFB"].to_numpy()
    )


def axes(axis: np.ndarray, stated: np.ndarray, fascicular: np.ndarray) -> None:
    print(
        "\n| heart axis as stated | records | None | share within | 5th, 50th, 95th percentile |\n|---|---|---|---|---|"
    )
    ranges = {
        "MID": (-30, 90),
        "LAD": (-90, 0),
        "ALAD": (-90, -30),
        "RAD": (90, 180),
        "ARAD": (90, 270),
        "LAFB": (-90, -30),
    }
    for code, (low, high) in ranges.items():
        member = fascicular if code == "LAFB" else stated == code
        known = axis[member & ~np.isnan(axis)]
        known = low - 90 + (known - low + 90) % 360
        share = ((known >= low - 10) & (known <= high + 10)).mean()
        places = ", ".join(f"{p:.0f}" for p in np.percentile(known, [5, 50, 95]))
        none = np.isnan(axis[member]).mean()
        print(f"| {code} | {member.sum():,} | {none:.1%} | {share:.1%} in {low} to {high}, ±10 | {places} |")


def interval(member: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return the 95 % bootstrap interval over records of the AUROC."""
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(0)
    drawn = [rng.integers(0, len(value), len(value)) for _ in range(300)]
    return np.percentile([roc_auc_score(member[k], value[k]) for k in drawn if member[k].any()], [2.5, 97.5])


def both_rates(folder: Path) -> None:
    from einthoven.ptbxl.records import read_record

    pairs, amplitudes = [], []
    for header in sorted(folder.glob("records500/*/*_hr.hea")):
        low = folder / "records100" / header.parent.name / header.stem.replace("_hr", "_lr")
        signals = [
            (np.ascontiguousarray(read_record(stem, rate).T / np.float32(1000)), rate)
            for stem, rate in ((low, 100), (header.with_suffix(""), 500))
        ]
        pairs.append([package(*signal) for signal in signals])
        leads = [measure_signal(*signal, LEADS).leads for signal in signals]
        amplitudes += [
            [getattr(leads[k][lead], name) for k in (0, 1)]
            for lead in leads[0].keys() & leads[1].keys()
            for name in ("r_mv", "s_mv")
        ]
    sizes = 1000 * np.abs(np.array([pair for pair in amplitudes if None not in pair and min(map(abs, pair)) > 0.1]))
    change = sizes[:, 0] - sizes[:, 1]
    print(f"\nR and S at 100 less those at 500 Hz: {spread(change.tolist(), 0)} uV, in the least tenth of the leads")
    print(f"{np.percentile(change, 10):.0f} uV or less, {np.percentile(change / sizes[:, 1], 10):.0%}.")
    slow, fast = np.array(pairs).transpose(1, 2, 0)
    print(
        f"\n| 100 less 500 Hz, {len(pairs)} records | known at both | at one | mean ± SD | largest |\n"
        "|---|---|---|---|---|"
    )
    for name, a, b in zip(("PR", "QRS", "QT", "axis"), slow, fast, strict=True):
        both = ~np.isnan(a) & ~np.isnan(b)
        difference = (a - b)[both]
        difference = (difference + 180) % 360 - 180 if name == "axis" else difference
        single = int((np.isnan(a) ^ np.isnan(b)).sum())
        moments = f"{difference.mean():+.1f} ± {difference.std():.1f}"
        print(f"| {name} | {both.sum()} | {single} | {moments} | {np.abs(difference).max():.0f} |")


GLOBAL_LABELS = {
    "p_ms": "P, ms",
    "pr_ms": "PR, ms",
    "qrs_ms": "QRS, ms",
    "qt_ms": "QT, ms",
    "p_axis_degrees": "P axis, °",
    "qrs_axis_degrees": "QRS axis, °",
    "t_axis_degrees": "T axis, °",
}


def against_recorders(folder: Path) -> None:
    """Print differences from the recorders' measurements: intervals by file, amplitudes over the leads."""
    import einthoven

    pairs = []
    for name, theirs in recorder_measurements(folder).items():
        recording = einthoven.read(folder / name)
        pairs.append((name, theirs, measure_signal(recording.signal, recording.rate, recording.leads)))
    print(f"| file | {' | '.join(GLOBAL_LABELS.values())} |\n|---|{'---|' * len(GLOBAL_LABELS)}")
    columns: dict[str, list[float]] = {name: [] for name in GLOBAL_LABELS}
    for file, theirs, ours in pairs:
        cells = []
        for name, errors in columns.items():
            value, truth = getattr(ours, name), theirs.intervals.get(name)
            if value is None or truth is None:
                cells.append("" if truth is None else f"{truth:.0f}, none")
                continue
            error = (value - truth + 180) % 360 - 180
            errors.append(error)
            cells.append(f"{truth:.0f} {error:+.0f}")
        print(f"| {file} | {' | '.join(cells)} |")
    print(f"| mean ± SD | {' | '.join(spread(errors, 1) for errors in columns.values())} |")
    with_leads = [(file, theirs, ours) for file, theirs, ours in pairs if theirs.leads]
    print(f"\n| | {' | '.join(file for file, *_ in with_leads)} |\n|---|{'---|' * len(with_leads)}")
    for name in LEAD_NAMES:
        cells = [spread(lead_errors(theirs, ours, name), 0) for _, theirs, ours in with_leads]
        if any(cells):
            print(f"| {name.replace('_mv', ', uV').replace('_ms', ', ms')} | {' | '.join(cells)} |")


def lead_errors(theirs: RecorderMeasurements, ours: SignalMeasurements, name: str) -> list[float]:
    """Return differences in uV or ms, for the leads in which both are measured."""
    scale = 1000 if name.endswith("_mv") else 1
    return [
        scale * (value - truth[name])
        for lead, truth in theirs.leads.items()
        if name in truth and lead in ours.leads and (value := getattr(ours.leads[lead], name)) is not None
    ]


def spread(errors: list[float], digits: int) -> str:
    return f"{np.mean(errors):+.{digits}f} ± {np.std(errors):.{digits}f} ({len(errors)})" if errors else ""


def noise_stability(folder: Path) -> None:
    """Print differences from the recordings without added noise: 25 uV of 50 Hz, 50 uV of .3 Hz, 15 uV rms of noise."""
    import einthoven

    print("\n| added | intervals, axes: mean ± SD | amplitudes, uV: mean ± SD | values lost |\n|---|---|---|---|")
    recordings = [einthoven.read(folder / name) for name in recorder_measurements(folder)]
    for noise in ("25 uV of 50 Hz", "50 uV of 0.3 Hz", "15 uV rms"):
        globals_, amplitudes, lost = dict[str, list[float]](), list[float](), list[bool]()
        for recording in recordings:
            clean = measure_signal(recording.signal, recording.rate, recording.leads)
            signal = recording.signal + added_noise(noise, recording.signal.shape, recording.rate)
            noisy = measure_signal(signal.astype(np.float32), recording.rate, recording.leads)
            for name in ("pr_ms", "qrs_ms", "qt_ms", "qrs_axis_degrees"):
                before, after = getattr(clean, name), getattr(noisy, name)
                if before is not None:
                    lost.append(after is None)
                if before is not None and after is not None:
                    globals_.setdefault(name, []).append(after - before)
            for lead, waves in clean.leads.items():
                for name in LEAD_NAMES:
                    before = getattr(waves, name)
                    after = getattr(noisy.leads[lead], name) if lead in noisy.leads else None
                    if name.endswith("_mv") and before is not None:
                        lost.append(after is None)
                        amplitudes += [] if after is None else [1000 * (after - before)]
        cells = ", ".join(f"{GLOBAL_LABELS[name].split(',')[0]} {spread(e, 1)}" for name, e in globals_.items())
        print(f"| {noise} | {cells} | {spread(amplitudes, 1)} | {np.mean(lost):.1%} |")


def added_noise(kind: str, shape: tuple[int, int], rate: float) -> np.ndarray:
    time, rng = np.arange(shape[1]) / rate, np.random.default_rng(0)
    if kind.endswith("rms"):
        return rng.normal(0, 0.015, shape)
    height, frequency = (0.025, 50) if "50 Hz" in kind else (0.05, 0.3)
    return height * np.sin(2 * np.pi * frequency * time + rng.uniform(0, 2 * np.pi, (shape[0], 1)))


def simulated_amplitudes(count: int, rates: tuple[int, ...]) -> None:
    """Compare amplitudes of noisy and noiseless ECGs of simulated hearts; the true waves come from one beat."""
    print("\n| rate, Hz | R | S | T | ST at J | ST at J+60 | none |\n|---|---|---|---|---|---|---|")
    names = ("r_mv", "s_mv", "t_mv", "st_j_mv", "st_j60_mv")
    noise = Noise(np.full(len(ELECTRODES), 0.1), np.full(len(ELECTRODES), 0.02))
    for rate in rates:
        errors: dict[str, list[float]] = {name: [] for name in names}
        none = []
        for seed in range(count):
            rng = np.random.default_rng(seed)
            case = draw_case(str(rng.choice(["NORM", "MI", "STTC", "HYP"])), rng, rng)
            (units,) = tracing(case.heart, case.rhythm, noise, [rate], rng)
            ours = measure_signal(np.ascontiguousarray(units.T / np.float32(1000)), rate, LEADS)
            if ours.boundaries is None or ours.heart_rate_bpm is None:
                none += [True] * 8 * len(names)
                continue
            for lead, truth in true_amplitudes(case.heart, ours).items():
                for name in names:
                    value = getattr(ours.leads[lead], name) if lead in ours.leads else None
                    none.append(value is None)
                    errors[name] += [] if value is None else [1000 * (value - truth[name])]
        print(f"| {rate} | {' | '.join(spread(errors[name], 0) for name in names)} | {np.mean(none):.1%} |", flush=True)


def true_amplitudes(heart: Heart, ours: SignalMeasurements) -> dict[str, dict[str, float]]:
    """Return the true waves of a heart in mV between the measured boundaries, so that only amplitudes are compared."""
    at, times = ours.boundaries, np.arange(-400.0, 900.0, 2.0)
    leads = DOWER @ beat_vector(heart, times, times / np.sqrt(60 / ours.heart_rate_bpm))
    onset, offset = round(at.qrs_onset), round(at.qrs_offset)
    qrs = ours.beat[[0, 1, *range(6, 12)], onset : offset + 1]
    windows = np.lib.stride_tricks.sliding_window_view(leads, qrs.shape[1], axis=1)[:, 100:300]
    misfit = np.square(windows - windows[:, :, :1] - (qrs - qrs[:, :1])[:, None]).sum(axis=(0, 2))
    start = 100 + int(misfit.argmin())  # where the measured onset is
    leads -= leads[:, start - 8 : start - 1].mean(axis=1, keepdims=True)
    end, t_end = start + offset - onset, start + round((at.t_offset or at.qrs_offset + 60) - at.qrs_onset)
    truth = {}
    for name, lead in zip(("I", "II", "V1", "V2", "V3", "V4", "V5", "V6"), leads, strict=True):
        qrs, t_wave = lead[start : end + 1], lead[min(end + 40, t_end) : t_end + 1]
        r = max(float(qrs.max()), 0.0)
        after = qrs[int(np.argmax(qrs >= 0.02)) :] if r >= 0.02 else qrs[:0]
        truth[name] = {
            "r_mv": r if r >= 0.02 else 0.0,
            "s_mv": min(float(after.min(initial=0)), 0.0),
            "t_mv": float(t_wave[np.abs(t_wave).argmax()]),
            "st_j_mv": float(lead[end]),
            "st_j60_mv": float(lead[end + 30]),
        }
    return truth


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--folds", type=int, nargs="+", default=[9])
    parser.add_argument("--count", type=int, default=300, help="simulated hearts")
    parser.add_argument("--neurokit", action="store_true")
    parser.add_argument("--formats", type=existing_path, help="folder of recorders' files")
    options = parser.parse_args()
    if options.neurokit:
        simulated(neurokit, options.count, (500,))
        return
    if options.formats:
        against_recorders(options.formats)
        noise_stability(options.formats)
    simulated_amplitudes(options.count, (100, 250, 500))
    simulated(package, options.count, (100, 250, 500))
    if options.data:
        recorded(options.data, tuple(options.folds))
        both_rates(options.data)


if __name__ == "__main__":
    main()
