"""Augmentation that keeps the diagnosis: filters, noise, gains, leads off, padded edges and mixup.

Each record gets its own random changes. Filters and noise act on the whole record before a window is cut from it, as in
a recorder. Both are applied to the spectrum, in one pass.
"""

import torch
from torch import Tensor

LIMB_LEADS = 6


def augment(signal: Tensor, rate: int) -> Tensor:
    """Change records at random.

    - in 3 of 10 records a first-order high-pass filter, .05-.7 Hz, and in 3 of 10 a low-pass filter, 25-45 Hz
    - in 3 of 10 baseline wander below .5 Hz, in 3 of 10 muscle noise from 5 Hz on, in 1 of 10 mains hum at 40-50 Hz
      (the aliases of mains at 50 or 60 Hz after sampling at 100 Hz)
    - a gain for the record and for each lead (±5 % each; more would blur voltage criteria, as those of hypertrophy)
    - in 15 of 100 one to three leads off, in 5 of 100 all chest leads off

    Parameters
    ----------
    signal
        Signal of shape (batch, 12, samples) in mV.
    rate
        Sampling rate in Hz.

    Returns
    -------
    Tensor
        Changed copies, of the same shape.
    """
    batch, leads, samples = signal.shape
    spectrum = torch.fft.rfft(signal)
    frequency = torch.fft.rfftfreq(samples, 1 / rate, device=signal.device)
    spectrum = spectrum * _filters(batch, frequency)
    spectrum = spectrum + _noise(batch, leads, frequency) * samples / 2
    gain = torch.exp(_normal(signal, batch, 1, 1) * 0.05 + _normal(signal, batch, leads, 1) * 0.05)
    changed: Tensor = torch.fft.irfft(spectrum, n=samples) * gain * _leads_on(signal)
    return changed


def pad_edges(signal: Tensor, rate: int) -> Tensor:
    """Pad half of the windows: their first or last 20 to 150 ms repeat the neighboring value.

    Recordings whose ends were padded look like this, among them PTB-XL's at 500 Hz.

    Parameters
    ----------
    signal
        Signal of shape (batch, 12, samples).
    rate
        Sampling rate in Hz.

    Returns
    -------
    Tensor
        Signal of the same shape.
    """
    batch, leads, samples = signal.shape
    seconds = 0.02 + 0.13 * torch.rand(batch, 1, device=signal.device)
    length = (seconds * rate).long() * _chance(signal, 0.5, batch)[:, :, 0]
    at_start = torch.rand(batch, 1, device=signal.device) < 0.5
    first, last = length * at_start, samples - 1 - length * ~at_start
    place = torch.arange(samples, device=signal.device).expand(batch, -1).clamp(first, last)
    return signal.gather(2, place[:, None].expand(-1, leads, -1))


def mixup(signal: Tensor, targets: Tensor, alpha: float) -> tuple[Tensor, Tensor]:
    """Mix each window and its targets with those of another window (mixup, Zhang et al., ICLR 2018).

    Parameters
    ----------
    signal, targets
        Signals (batch, 12, samples), and targets (batch, targets).
    alpha
        The larger share is drawn from Beta(alpha, alpha) and belongs to the window itself.

    Returns
    -------
    tuple of Tensor
        The mixed signal and the mixed targets.
    """
    concentration = torch.tensor(alpha, device=signal.device)
    share = torch.distributions.Beta(concentration, concentration).sample((len(signal),))
    share = torch.maximum(share, 1 - share)
    other = torch.randperm(len(signal), device=signal.device)
    x, y = share[:, None, None], share[:, None]
    return x * signal + (1 - x) * signal[other], y * targets + (1 - y) * targets[other]


def _filters(batch: int, frequency: Tensor) -> Tensor:
    """A frequency response for each record, (batch, 1, frequencies)."""
    high = 0.05 * 14 ** torch.rand(batch, 1, 1, device=frequency.device)
    low = 25 + 20 * torch.rand(batch, 1, 1, device=frequency.device)
    complex_frequency = 1j * frequency.clamp(min=1e-6)
    high_pass = complex_frequency / (complex_frequency + high)
    low_pass = 1 / torch.sqrt(1 + (frequency / low) ** 8)  # Butterworth of fourth order, without its delay
    all_pass = torch.ones((), device=frequency.device)
    return torch.where(_chance(frequency, 0.3, batch), high_pass, all_pass) * torch.where(
        _chance(frequency, 0.3, batch), low_pass, all_pass
    )


def _noise(batch: int, leads: int, frequency: Tensor) -> Tensor:
    """Wander, muscle and hum: amplitudes in mV with random phases, (batch, leads, frequencies)."""
    shape = (batch, leads, len(frequency))
    wander = ((frequency > 0) & (frequency < 0.5)) * 0.1 * _normal(frequency, batch, 1, 1).abs()
    muscle = (frequency > 5) * 0.003 * _normal(frequency, batch, 1, 1).abs()
    mains = 40 + 10 * torch.rand(batch, 1, 1, device=frequency.device)
    hum = ((frequency - mains).abs() < 0.06) * 0.03 * _normal(frequency, batch, 1, 1).abs()
    amplitude = (
        wander * _chance(frequency, 0.3, batch)
        + muscle * _chance(frequency, 0.3, batch)
        + hum * _chance(frequency, 0.1, batch)
    )
    return amplitude * torch.complex(_normal(frequency, *shape), _normal(frequency, *shape))


def _leads_on(signal: Tensor) -> Tensor:
    """1 for a lead that is on and 0 for one that is off, (batch, leads, 1)."""
    batch, leads, _ = signal.shape
    off = torch.randint(1, 4, (batch, 1), device=signal.device)
    order = torch.rand(batch, leads, device=signal.device).argsort(1)
    some = (order < off) & _chance(signal, 0.15, batch)[:, :, 0]
    chest = (torch.arange(leads, device=signal.device) >= LIMB_LEADS) & _chance(signal, 0.05, batch)[:, :, 0]
    return (~(some | chest)).to(signal.dtype)[..., None]


def _chance(like: Tensor, probability: float, batch: int) -> Tensor:
    """True with `probability` for each record, (batch, 1, 1)."""
    return torch.rand(batch, 1, 1, device=like.device) < probability


def _normal(like: Tensor, *shape: int) -> Tensor:
    return torch.randn(shape, device=like.device)
