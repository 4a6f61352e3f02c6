"""The heart vector of one beat as a sum of Gaussian waves, and the leads that see it.

The model is the dipole of Sameni, Clifford, Jutten and Shamsollahi (EURASIP J Adv Signal Process 2007:43407), which
generalizes ECGSYN (McSharry, Clifford, Tarassenko and Smith, IEEE Trans Biomed Eng 2003, 50:289) to three coordinates,
in closed form. Phases are written as times from the R peak. The leads follow from the heart vector by the matrix of
Dower, Machado and Osborne (Clin Cardiol 1980, 3:87). No simulated ECG comes from a patient.
"""

from dataclasses import dataclass, replace

import numpy as np

from einthoven.arrays import Float64Array

# Heart vector (x to the left, y to the feet, z to the back) -> I, II, V1-V6; Dower 1980.
DOWER = np.array(
    [
        [0.632, -0.235, 0.059],
        [0.235, 1.066, -0.132],
        [-0.515, 0.157, -0.917],
        [0.044, 0.164, -1.387],
        [0.882, 0.098, -1.277],
        [1.213, 0.127, -0.601],
        [1.125, 0.127, -0.086],
        [0.831, 0.076, 0.230],
    ]
)


@dataclass(frozen=True)
class Wave:
    """One Gaussian of the heart vector."""

    at: float
    """Time of its peak in ms from the R peak."""
    width: float
    """Standard deviation in ms."""
    vector: Float64Array
    """Vector of shape (3,) in mV."""

    def scale(self, gain: float, stretch: float = 1.0) -> "Wave":
        """Return this wave larger and longer.

        Parameters
        ----------
        gain
            Factor of the vector.
        stretch
            Factor of time and width.

        Returns
        -------
        Wave
            A new wave.
        """
        return Wave(self.at * stretch, self.width * stretch, self.vector * gain)

    def add(self, x: float, y: float, z: float) -> "Wave":
        """Return this wave with something added to its vector.

        Parameters
        ----------
        x, y, z
            Components to add to the vector, in mV.

        Returns
        -------
        Wave
            A new wave.
        """
        return replace(self, vector=self.vector + np.array([x, y, z]))

    def rotate(self, rotation: Float64Array) -> "Wave":
        """Return this wave with its vector turned.

        Parameters
        ----------
        rotation
            Rotation matrix of shape (3, 3), as for `rotation`.

        Returns
        -------
        Wave
            A new wave.
        """
        return replace(self, vector=rotation @ self.vector)


Heart = dict[str, Wave]
"""One heartbeat: its waves by name. P*: the atria, QRS*: depolarization, ST* and T*: repolarization."""


def wave(at: float, width: float, x: float, y: float, z: float) -> Wave:
    """Return a Wave from numbers.

    Parameters
    ----------
    at
        Time of its peak in ms from the R peak.
    width
        Standard deviation in ms.
    x, y, z
        The vector in mV.

    Returns
    -------
    Wave
        Wave with these values.
    """
    return Wave(at, width, np.array([x, y, z]))


def normal_heart() -> Heart:
    """Return the beat of a healthy adult.

    Returns
    -------
    Heart
        P 0.15 mV in II, rS in V1, R largest in V4, T upright in leads with an upright QRS.
    """
    return {
        "P right": wave(-162, 17, 0.03, 0.08, -0.05),
        "P left": wave(-138, 18, 0.07, 0.05, 0.05),
        "QRS septal": wave(-22, 8, -0.13, -0.04, -0.26),
        "QRS main": wave(0, 11, 1.30, 0.74, 0.00),
        "QRS basal": wave(20, 10, -0.18, -0.14, 0.76),
        "ST": wave(115, 42, 0.02, 0.02, -0.03),
        "T early": wave(235, 48, 0.17, 0.13, -0.13),
        "T late": wave(282, 28, 0.17, 0.13, -0.11),
    }


def without_p_waves(heart: Heart) -> Heart:
    """Return a heart whose atria are silent.

    Parameters
    ----------
    heart
        Any heart.

    Returns
    -------
    Heart
        A new one with the other waves.
    """
    return {name: w for name, w in heart.items() if not name.startswith("P")}


def rotation(frontal: float, horizontal: float) -> Float64Array:
    """Compute the matrix that turns a heart.

    Parameters
    ----------
    frontal
        Angle in degrees, from left to feet.
    horizontal
        Angle in degrees, from left to back.

    Returns
    -------
    Float64Array
        Rotation matrix of shape (3, 3).
    """
    a, b = np.deg2rad([frontal, horizontal])
    in_frontal = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    in_horizontal = np.array([[np.cos(b), 0, -np.sin(b)], [0, 1, 0], [np.sin(b), 0, np.cos(b)]])
    turned: Float64Array = in_horizontal @ in_frontal
    return turned


def frontal_axis(heart: Heart) -> float:
    """Compute the electrical axis of the QRS complex from the areas under leads I and aVF.

    Parameters
    ----------
    heart
        Any heart.

    Returns
    -------
    float
        Axis in degrees, -180 to 180.
    """
    area = sum((w.width * w.vector for name, w in heart.items() if name.startswith("QRS")), np.zeros(3))
    lead_i, lead_ii = DOWER[:2] @ area
    # aVF is 1.15 times smaller than a lead between two limbs
    return float(np.rad2deg(np.arctan2((lead_ii - lead_i / 2) * 2 / np.sqrt(3), lead_i)))


def beat(heart: Heart, times: Float64Array) -> Float64Array:
    """Compute one beat at 60 bpm in the leads.

    Parameters
    ----------
    heart
        Any heart.
    times
        Times of shape (times,) in ms from the R peak.

    Returns
    -------
    Float64Array
        I, II, V1-V6: shape (8, times) in mV.
    """
    leads: Float64Array = DOWER @ beat_vector(heart, times, times)
    return leads


def beat_vector(heart: Heart, depolarization: Float64Array, repolarization: Float64Array) -> Float64Array:
    """Compute the heart vector of one beat.

    Parameters
    ----------
    heart
        Any heart.
    depolarization
        Times of shape (times,) in ms from the R peak.
    repolarization
        The same times, scaled with the heart rate, for the waves ST* and T*.

    Returns
    -------
    Float64Array
        Heart vector of shape (3, times) in mV.
    """
    at, width = np.array([(w.at, w.width) for w in heart.values()], dtype=np.float32).T[:, :, None]
    late = np.array([name.startswith(("ST", "T")) for name in heart])[:, None]
    # single precision and in place: fast, and good to 1e-6
    waves = np.where(late, repolarization.astype(np.float32), depolarization.astype(np.float32))
    waves -= at
    waves /= width
    waves *= waves
    waves *= -0.5
    np.exp(waves, out=waves)
    vector: Float64Array = np.einsum("wc,wt->ct", np.array([w.vector for w in heart.values()]), waves)
    return vector


def qrs_amplitudes(heart: Heart) -> Float64Array:
    """Compute the largest deflections of the QRS complex.

    Parameters
    ----------
    heart
        Any heart.

    Returns
    -------
    Float64Array
        Largest deflections in I, II, V1-V6: shape (8,) in mV.
    """
    qrs = {name: w for name, w in heart.items() if name.startswith("QRS")}
    amplitudes: Float64Array = np.abs(beat(qrs, np.arange(-100.0, 150.0, 2.0))).max(axis=1)
    return amplitudes
