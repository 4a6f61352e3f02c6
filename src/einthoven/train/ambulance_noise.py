"""Augmentation with the disturbances of an ECG in an ambulance: electrode noise, monitor filters, gains, leads off.

Noise enters at each electrode, so that the leads agree with one another (Einthoven's equations, Wilson's terminal).
Filters are causal, as a monitor's are; that they wrap around at the ends of a record does no harm.
"""

import torch
from torch import Tensor

from einthoven.simulate.tracing import ELECTRODES

MONITOR_BANDS_HZ = ((0.5, 40.0), (1.0, 20.0))
"""High-pass and low-pass of usual monitor modes."""
MUSCLE_MV = (0.03, 0.15)  # rms at each electrode
VIBRATION_MV, MOTION_MV, WANDER_MV, COMPRESSION_MV = (0.02, 0.1), (0.03, 0.2), (0.05, 0.3), (0.1, 0.5)  # rms
GAINS = (0.3, 2.0)
MAX_LEADS_OFF = 4
_LIMBS = 3


def ambulance_noise(signal: Tensor, rate: int, share: float) -> Tensor:
    """Disturb a random share of the records. Each of these gets, independently:

    - in 6 of 10 muscle noise of .03 to .15 mV rms at each electrode, from 0 to 20 Hz on
    - in 2 of 10 the vibration of a vehicle, 3 to 8 Hz
    - in 1 of 20 chest compressions, 100 to 120 a minute
    - in 3 of 10 baseline wander below .5 Hz, in 2 of 10 the motion of one or two electrodes, 1 to 10 Hz
    - in 3 of 10 a causal monitor filter, .5-40 or 1-20 Hz
    - in 1 of 10 a gain of .3 to 2, in 2 of 10 one to four leads off

    Parameters
    ----------
    signal
        Signal of shape (batch, 12, samples) in mV.
    rate
        Sampling rate in Hz.
    share
        Share of the records to disturb, from 0 to 1.

    Returns
    -------
    Tensor
        Signal of the same shape.
    """
    batch, _, samples = signal.shape
    disturbed = torch.rand(batch, device=signal.device) < share
    if not disturbed.any():
        return signal
    clean = signal[disturbed]
    frequency = torch.fft.rfftfreq(samples, 1 / rate, device=signal.device)
    noise = torch.fft.irfft(_electrode_noise(len(clean), frequency), n=samples)
    noisy = clean + lead_matrix().to(signal) @ noise
    filtered = torch.fft.irfft(torch.fft.rfft(noisy) * _monitor_filters(len(clean), frequency), n=samples)
    out = signal.clone()
    out[disturbed] = filtered * _gains(clean) * _leads_on(clean)
    return out


def lead_matrix() -> Tensor:
    """Return the matrix from the potentials of ELECTRODES to the twelve leads.

    Returns
    -------
    Tensor
        Matrix of shape (12, 9) that maps electrodes to leads.
    """
    ra, la, ll, *chest = torch.eye(len(ELECTRODES))
    terminal = (ra + la + ll) / _LIMBS
    augmented = [1.5 * (limb - terminal) for limb in (ra, la, ll)]
    return torch.stack([la - ra, ll - ra, ll - la, *augmented, *(electrode - terminal for electrode in chest)])


def _electrode_noise(batch: int, frequency: Tensor) -> Tensor:
    """The spectrum of the noise of each electrode, (batch, electrodes, frequencies)."""
    ones = torch.ones(batch, len(ELECTRODES), 1, device=frequency.device)
    moved = torch.rand_like(ones).argsort(1) < _between(ones[:, :1], 1, 3).int()
    lowest, vibration, compression = (_between(ones[:, :1], *limits) for limits in ((0, 20), (3, 8), (100 / 60, 2)))
    beat = frequency / compression
    harmonics = ((beat - beat.round()).abs() < 0.05) * (beat < 5) / (1 + beat**2)
    bands = (
        (0.6, MUSCLE_MV, (frequency >= lowest) * ones),
        (0.2, VIBRATION_MV, ((frequency - vibration).abs() < 0.5) * _between(ones, 0, 1)),
        (0.05, COMPRESSION_MV, harmonics * _between(ones, 0, 1)),
        (0.3, WANDER_MV, (frequency < 0.5) * ones),
        (0.2, MOTION_MV, ((frequency > 1) & (frequency < 10)) * moved * ones),
    )
    total = torch.zeros(batch, len(ELECTRODES), len(frequency), dtype=torch.complex64, device=frequency.device)
    for chance, (low, high), shape in bands:
        random = torch.complex(torch.randn_like(total.real), torch.randn_like(total.real))
        spectrum = random * shape * (frequency > 0)
        samples = 2 * (len(frequency) - 1)
        rms = spectrum.abs().square().sum(-1, keepdim=True).mul(2).sqrt().amax(1, keepdim=True) / samples
        present = torch.rand_like(ones[:, :1]) < chance
        total += spectrum / rms.clamp(min=1e-9) * _between(ones[:, :1], low, high) * present
    return total


def _monitor_filters(batch: int, frequency: Tensor) -> Tensor:
    """A causal response for each record, (batch, 1, frequencies): first-order high-pass and Butterworth low-pass."""
    responses = [torch.ones_like(frequency, dtype=torch.complex64)]
    for high_pass, low_pass in MONITOR_BANDS_HZ:
        s = 1j * frequency / low_pass
        butterworth = 1 / ((s**2 + 0.7654 * s + 1) * (s**2 + 1.8478 * s + 1))  # of fourth order
        responses.append(butterworth * (1j * frequency) / (1j * frequency + high_pass))
    chosen = torch.multinomial(torch.tensor([0.7, 0.15, 0.15], device=frequency.device), batch, replacement=True)
    return torch.stack(responses)[chosen][:, None]


def _gains(signal: Tensor) -> Tensor:
    """Random gains of shape (batch, 1, 1)."""
    gain = torch.exp(_between(signal[:, :1, :1], *torch.tensor(GAINS).log().tolist()))
    return torch.where(torch.rand_like(gain) < 0.1, gain, torch.ones_like(gain))


def _leads_on(signal: Tensor) -> Tensor:
    """1 for a lead that is on and 0 for one that is off, (batch, leads, 1)."""
    lead = signal[:, :, :1]
    off = _between(lead[:, :1], 1, MAX_LEADS_OFF + 1).int() * (torch.rand_like(lead[:, :1]) < 0.2)
    return (torch.rand_like(lead).argsort(1) >= off).to(signal.dtype)


def _between(like: Tensor, low: float, high: float) -> Tensor:
    """Uniformly distributed numbers of the same shape."""
    return low + (high - low) * torch.rand_like(like)
