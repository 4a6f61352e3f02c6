"""How accurate the intervals are: on simulated ECGs of known intervals, and on PTB-XL against its statements.

    python benchmarks/accuracy/intervals.py --data ptb-xl --folds 9

Needs PTB-XL at 100 Hz; the records that are also there at 500 Hz are compared at both rates. With neurokit2 installed,
`--neurokit` measures the same simulated ECGs with its delineator and takes the median over leads. Prints Markdown.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from einthoven.recording import LEADS
from einthoven.signal.measurements.measure import measure_intervals
from einthoven.signal.measurements.values import INTERVAL_NAMES
from einthoven.simulate.cases import draw_case
from einthoven.simulate.heart import frontal_axis
from einthoven.simulate.tracing import ELECTRODES, Noise, tracing

# the tests have the truth about simulated hearts
sys.path.append(str(Path(__file__).parents[2] / "tests"))
from simulate.true_intervals import true_intervals

NOISES = {"0.005 mV": 0.005, "0.02 mV": 0.02, "0.05 mV": 0.05, "0.1 mV": 0.1}
Measure = Callable[[np.ndarray, int], tuple[float, float, float, float]]


def package(signal: np.ndarray, rate: int) -> tuple[float, float, float, float]:
    """PR, QRS, QT in ms and the axis in degrees; NaN for None."""
    intervals = measure_intervals(signal, rate, LEADS)
    values = (intervals.pr_ms, intervals.qrs_ms, intervals.qt_ms, intervals.axis_degrees)
    return tuple(np.nan if value is None else value for value in values)


def neurokit(signal: np.ndarray, rate: int) -> tuple[float, float, float, float]:
    """The same from neurokit2's best delineator, lead by lead: the median over beats, then over leads."""
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

    from einthoven.ptbxl.dataset import Dataset

    dataset = Dataset.open(folder)
    rows = dataset.rows(folds)
    stated = dataset.annotations.statements.iloc[rows]
    measured = [measure_intervals(dataset.signals[row] / np.float32(1000), dataset.rate, LEADS) for row in rows]
    values = {name: np.array([getattr(intervals, name) for intervals in measured], float) for name in INTERVAL_NAMES}
    none = ", ".join(f"{name} {np.isnan(value).mean():.1%}" for name, value in values.items())
    print(f"\nPTB-XL folds {folds}, {len(rows):,} records. None: {none}\n")
    print(
        "| | statement | records | None | 5th, 50th, 95th percentile | AUROC (95 %), against |\n"
        "|---|---|---|---|---|---|"
    )
    fibrillation = stated["AFIB"].to_numpy() | stated["AFLT"].to_numpy()
    for name, statement, against in (
        ("pr_ms", "NORM", ""),
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
    axes(values["axis_degrees"], dataset.annotations.table["heart_axis"].to_numpy()[rows], stated["LAFB"].to_numpy())


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
    """The 95 % bootstrap interval over records of the AUROC."""
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(0)
    drawn = [rng.integers(0, len(value), len(value)) for _ in range(300)]
    return np.percentile([roc_auc_score(member[k], value[k]) for k in drawn if member[k].any()], [2.5, 97.5])


def both_rates(folder: Path) -> None:
    from einthoven.ptbxl.records import read_record

    pairs = []
    for header in sorted(folder.glob("records500/*/*_hr.hea")):
        low = folder / "records100" / header.parent.name / header.stem.replace("_hr", "_lr")
        pairs.append(
            [
                package(np.ascontiguousarray(read_record(stem, rate).T / np.float32(1000)), rate)
                for stem, rate in ((low, 100), (header.with_suffix(""), 500))
            ]
        )
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
        spread = f"{difference.mean():+.1f} ± {difference.std():.1f}"
        print(f"| {name} | {both.sum()} | {single} | {spread} | {np.abs(difference).max():.0f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--folds", type=int, nargs="+", default=[9])
    parser.add_argument("--count", type=int, default=300, help="simulated hearts")
    parser.add_argument("--neurokit", action="store_true")
    options = parser.parse_args()
    if options.neurokit:
        simulated(neurokit, options.count, (500,))
        return
    simulated(package, options.count, (100, 250, 500))
    if options.data:
        recorded(options.data, tuple(options.folds))
        both_rates(options.data)


if __name__ == "__main__":
    main()
