"""Bring a tracing into standard form: standard names and order, mV, derived limb leads, no NaN, checked."""

import numpy as np

from einthoven.arrays import BoolArray, Float32Array
from einthoven.errors import RecordingError
from einthoven.readers.acquisition import check_time
from einthoven.readers.lead_names import is_chest, known_lead, millivolts, separates_by_dash
from einthoven.readers.limb_leads import derive_limb_leads
from einthoven.readers.pacing_channel import is_pacing_channel, marked_spikes
from einthoven.readers.rates import to_one_rate
from einthoven.readers.redact import list_labels, show_label
from einthoven.readers.tracing import Channel, Tracing, empty_lead
from einthoven.recording import LEADS, MIN_SECONDS, SUPPLEMENTAL_LEADS, Recording, RecordingWarning
from einthoven.text import printable

MAX_GAP_S = 0.04
"""Longest gap in s that is bridged by a straight line; longer ones become 0 mV, with a warning."""
MAX_AMPLITUDE_MV = 50.0
"""Median peak-to-peak amplitude of a second, in mV, above which the scale must be wrong."""

MIN_AMPLITUDE_MV = 0.01
"""Peak-to-peak amplitude in mV below which a warning asks to check the unit."""

Leads = dict[str, Float32Array]


def make_recording(tracing: Tracing, source: str, part_start_s: float | None = None) -> Recording:
    """Convert a tracing to a Recording.

    Parameters
    ----------
    tracing
        Tracing from a reader; its channels are removed to save memory.
    source
        Name of the recording, for `Recording.source`.
    part_start_s
        Time in s at which a part of a longer recording begins, which may lack samples of a lead, or of all; warnings
        count from the start of the longer one. None for a recording.

    Returns
    -------
    Recording
        Standard leads in mV.

    Raises
    ------
    RecordingError
        If it is not an ECG of simultaneous standard leads.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return _normalize(tracing, source, part_start_s)


def _normalize(tracing: Tracing, source: str, part_start_s: float | None) -> Recording:
    acquisition = tracing.acquisition
    recorded_at, doubts = check_time(acquisition.time)
    warnings = [*tracing.warnings, *doubts]
    pacing = [channel for channel in tracing.channels if is_pacing_channel(channel.name)]
    others = [channel for channel in tracing.channels if not is_pacing_channel(channel.name)]
    channels = _standard(others, warnings)
    rate = to_one_rate(channels, warnings)
    spikes_s = marked_spikes(pacing, max(channel.start for channel, _ in channels.values()) / rate)
    leads = {name: _in_mv(channel, name, sign) for name, (channel, sign) in channels.items()}
    leads = _common_part(leads, {name: channel.start for name, (channel, _) in channels.items()}, rate, warnings)
    names = tuple(lead for lead in (*LEADS, *SUPPLEMENTAL_LEADS) if lead in leads)
    signal = np.array([leads[name] for name in names])  # (leads, samples)
    tracing.channels.clear()  # memory may not suffice for both
    channels.clear()
    leads.clear()
    if not np.isfinite(signal).all():
        signal[np.isinf(signal)] = np.nan
    has_samples = ~np.isnan(signal).all(axis=1)
    if part_start_s is None and not has_samples.all():
        left_out = [names[k] for k in np.flatnonzero(~has_samples)]
        if len(left_out) == len(names):
            raise RecordingError(f"none of its channels ({_list_names(others)}) holds a sample of a standard lead.")
        warnings.extend(map(empty_lead, left_out))
        names, signal = tuple(name for name in names if name not in left_out), signal[has_samples]
    _blank_calibration(signal, rate, warnings, part_start_s)
    names, signal, derived = derive_limb_leads(names, signal, warnings)
    _fill_gaps(signal, names, rate, warnings, part_start_s or 0.0)
    _check_amplitudes(signal, names, rate, warnings)
    shown = tuple(RecordingWarning(code, printable(text)) for code, text in warnings)
    standard = [name in LEADS for name in names].count(True)  # they come first
    return Recording(
        signal=signal[:standard],
        rate=rate,
        leads=names[:standard],
        derived_leads=derived,
        patient=tracing.patient,
        source=source,
        format=tracing.format,
        recorded_at=recorded_at,
        device=acquisition.device,
        filters=acquisition.filters,
        warnings=shown,
        pacing_spikes_s=spikes_s,
        supplemental=dict(zip(names[standard:], signal[standard:], strict=True)),
    )


def _list_names(channels: list[Channel]) -> str:
    return list_labels(channel.name or "unnamed" for channel in channels)


def _standard(channels: list[Channel], warnings: list[RecordingWarning]) -> dict[str, tuple[Channel, float]]:
    """Return the channels that are standard or supplemental leads, by name, with their sign.

    A supplemental lead that does not fit the standard ones is left out, because it must not keep these from being read.
    """
    standard: dict[str, tuple[Channel, float]] = {}
    supplemental: dict[str, tuple[Channel, float]] = {}
    others = []
    dash_separates = separates_by_dash(channel.name for channel in channels)
    for channel in channels:
        lead = known_lead(channel.name, dash_separates=dash_separates)
        if lead is None or lead[0] in standard or lead[0] in supplemental:
            others.append(channel.name)
            continue
        kept = supplemental if lead[0] in SUPPLEMENTAL_LEADS else standard
        kept[lead[0]] = (channel, lead[1])
        if lead[1] < 0:
            text = f"The file holds {lead[0]} inverted, as {show_label(channel.name)!r}; its sign is corrected."
            warnings.append(RecordingWarning("lead-inverted", text))
    if not standard:
        raise RecordingError(f"holds none of the standard leads I to V6; its channels: {_list_names(channels)}.")
    chest = [lead for lead in LEADS[6:] if lead not in standard]
    other_chest = [name for name in (*supplemental, *others) if is_chest(name)]
    if 0 < len(chest) < 6 and other_chest:
        held, missing = list_labels(other_chest), ", ".join(chest)
        raise RecordingError(f"holds {held} but no {missing}: this is not the standard 12-lead set.")
    like = {_extent(channel) for channel, _ in standard.values()} if supplemental else set()
    fitting = {name: given for name, given in supplemental.items() if _extent(given[0]) in like}
    others += [name for name in supplemental if name not in fitting]
    if others:
        text = f"Channels that are not standard leads, or are stored twice, are left out: {list_labels(others)}."
        warnings.append(RecordingWarning("channels-left-out", text))
    return standard | fitting


def _extent(channel: Channel) -> tuple[float, int, int, bool]:
    """Properties that a supplemental lead must share with the standard ones: rate, start, length, and a known unit."""
    return channel.rate, channel.start, len(channel.values), millivolts(channel.unit) is not None


def _in_mv(channel: Channel, lead: str, sign: float) -> Float32Array:
    scale = millivolts(channel.unit)
    if scale is None:
        stated = f"the unit {show_label(channel.unit)!r}" if channel.unit else "no amplitude scale"
        raise RecordingError(f"lead {lead} has {stated}; nV, uV, mV or V is expected.")
    if scale * sign != 1:
        channel.values = channel.values * (scale * sign)
    channel.values = channel.values.astype(np.float32, copy=False)  # releases what may be twice as large
    return channel.values


def _common_part(leads: Leads, starts: dict[str, int], rate: float, warnings: list[RecordingWarning]) -> Leads:
    """Return the part that all leads have. Refuse leads that are not simultaneous or end at different times."""
    first = max(starts.values())
    ends = {name: starts[name] + len(values) for name, values in leads.items()}
    last = min(ends.values())
    samples, longest = last - first, max(ends.values()) - min(starts.values())
    if longest < MIN_SECONDS * rate - 1:
        raise RecordingError(f"is too short: it has {longest / rate:.3g} s, and at least {MIN_SECONDS} s are expected.")
    if longest - samples > rate:
        raise RecordingError(
            f"its leads do not cover the same time: {max(samples, 0) / rate:.3g} s of {longest / rate:.3g} s "
            "are common to all; simultaneous leads are expected."
        )
    if samples < MIN_SECONDS * rate - 1:
        raise RecordingError(f"is too short: it has {samples / rate:.3g} s, and at least {MIN_SECONDS} s are expected.")
    if samples < longest:
        text = f"The leads differ in length; the {samples / rate:.3g} s that all of them have are read."
        warnings.append(RecordingWarning("leads-unequal", text))
    return {name: values[first - starts[name] : last - starts[name]] for name, values in leads.items()}


def _blank_calibration(
    signal: Float32Array, rate: float, warnings: list[RecordingWarning], part_start_s: float | None
) -> None:
    """Set calibration pulses to NaN, which some recorders append: all leads equal for a while, and not 0 mV."""
    if len(signal) < 3:
        return
    same, offset_s = (signal[1:] == signal[0]).all(axis=0), part_start_s or 0.0
    for start, end in _runs(same):
        if end - start > MAX_GAP_S * rate and signal[0, start:end].any():
            text = f"There is a calibration pulse from {offset_s + start / rate:.2f} to {offset_s + end / rate:.2f} s."
            warnings.append(RecordingWarning("calibration-pulse", text))
            signal[:, start:end] = np.nan
    if part_start_s is None and np.isnan(signal).all():
        raise RecordingError(
            "holds the same signal in all leads from beginning to end; this is a test signal, not an ECG."
        )


def _runs(mask: BoolArray) -> list[tuple[int, int]]:
    """Return the first index of each run of True, and the index after its last."""
    if not mask.any():
        return []
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _fill_gaps(
    signal: Float32Array, names: tuple[str, ...], rate: float, warnings: list[RecordingWarning], offset_s: float
) -> None:
    """Replace NaN in `signal` (leads, samples): by a straight line in short gaps, by 0 in longer ones."""
    gaps: dict[tuple[int, int], list[str]] = {}
    gap = np.isnan(signal)
    for k in np.flatnonzero(gap.any(axis=1)):
        name, values, missing = names[k], signal[k], gap[k]
        if not missing.all():
            values[missing] = np.interp(np.flatnonzero(missing), np.flatnonzero(~missing), values[~missing])
        for start, end in _runs(missing):
            if end - start > MAX_GAP_S * rate:
                values[start:end] = 0
                gaps.setdefault((start, end), []).append(name)
    for (start, end), leads in sorted(gaps.items())[:20]:
        lead_text = "any lead" if len(leads) == len(names) else ", ".join(leads)
        times = f"from {offset_s + start / rate:.2f} to {offset_s + end / rate:.2f} s"
        text = f"There is no signal in {lead_text} {times}; it is 0 mV there."
        warnings.append(RecordingWarning("signal-gap", text))
    if len(gaps) > 20:
        text = f"There are {len(gaps) - 20} more gaps in the signal; they are 0 mV."
        warnings.append(RecordingWarning("signal-gap", text))


def _check_amplitudes(
    signal: Float32Array, names: tuple[str, ...], rate: float, warnings: list[RecordingWarning]
) -> None:
    """Refuse amplitudes of a wrong scale; warn about flat leads."""
    second = round(rate)
    seconds = signal[:, : signal.shape[1] // second * second].reshape(len(signal), -1, second)
    heights = seconds.max(-1) - seconds.min(-1)  # (leads, seconds), peak to peak in mV
    highest = heights.max(-1).tolist()
    if max(highest) > MAX_AMPLITUDE_MV and (usual := float(np.median(heights))) > MAX_AMPLITUDE_MV:
        raise RecordingError(f"its amplitudes of about {usual:.3g} mV are not those of an ECG; check the unit.")
    if flat := [name for name, height in zip(names, highest, strict=True) if height == 0]:
        warnings.append(RecordingWarning("lead-flat", f"Flat from beginning to end: {', '.join(flat)}."))
    elif max(highest) < MIN_AMPLITUDE_MV:
        text = f"No amplitude is above {max(highest):.2g} mV; check the unit."
        warnings.append(RecordingWarning("low-amplitude", text))
