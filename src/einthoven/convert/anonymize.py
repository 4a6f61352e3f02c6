"""Remove identifying data of a patient from a recording, or replace them by a pseudonym."""

import hmac
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np

from einthoven.errors import EinthovenError
from einthoven.files import explain
from einthoven.recording import Patient, Recording

MAX_AGE = 90
"""Ages over 89 become this one, as the HIPAA Privacy Rule has it (45 CFR 164.514(b)(2)(i)(C))."""
MAX_SHIFT_DAYS = 1461
"""Most days that the dates of a patient are moved back: four years."""
MIN_KEY_BYTES = 16


def read_key(path: Path) -> bytes:
    """Read the key of pseudonyms.

    Parameters
    ----------
    path
        A file with at least 16 bytes, white space at its ends not counted.

    Returns
    -------
    bytes
        The key.

    Raises
    ------
    EinthovenError
        If the file cannot be read, or the key is too short to be a secret.
    """
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise explain(error, path) from error
    if len(key) < MIN_KEY_BYTES:
        raise EinthovenError(
            f"holds {len(key)} bytes; a key needs at least {MIN_KEY_BYTES}. Make one with: openssl rand -hex 32", path
        )
    return key


def anonymize(recording: Recording, key: bytes | None = None) -> Recording:
    """Return a recording without the patient's name, ID and birth date, and without its true time.

    Age (at most 90), sex, the recorder's maker and model and the tracing stay; an ECG itself can identify a person to
    someone who has another ECG of that person.

    Parameters
    ----------
    recording
        The recording.
    key
        A secret. With it, the patient's ID becomes a pseudonym (HMAC-SHA-256), and the date is moved back by 1 to 1461
        days, the same for all recordings of a patient, so that intervals and times of day stay. A patient without ID
        is known by name and birth date. Without a key, ID and time are dropped.

    Returns
    -------
    Recording
        Recording with the `source` "".
    """
    patient = recording.patient
    age = patient.age if patient.age is None or patient.age < MAX_AGE else float(MAX_AGE)
    known_by = patient.id or (f"{patient.name}\n{patient.birth_date}" if patient.name else "")
    pseudonym, recorded_at = "", None
    if key and known_by:
        pseudonym = _digest(key, "patient", known_by)[:16]
        days = 1 + int(_digest(key, "date", known_by), 16) % MAX_SHIFT_DAYS
        recorded_at = recording.recorded_at and recording.recorded_at - timedelta(days=days)
    return replace(
        recording,
        patient=Patient(age, patient.sex, patient.pacemaker, pseudonym),
        recorded_at=recorded_at,
        source="",
    )


def _digest(key: bytes, purpose: str, text: str) -> str:
    return hmac.new(key, f"{purpose}\n{text}".encode("utf-8", "surrogateescape"), sha256).hexdigest()


def key_check(key: bytes) -> str:
    """Return a check value that lets an interrupted run recognize its key without revealing it.

    Parameters
    ----------
    key
        The key.

    Returns
    -------
    str
        Four hexadecimal digits.
    """
    return _digest(key, "check", "")[:4]


def content_name(recording: Recording) -> str:
    """Return a name for the file of a recording that reveals nothing about its patient.

    Parameters
    ----------
    recording
        Anonymous.

    Returns
    -------
    str
        Sixteen hexadecimal digits of the SHA-256 of all that it holds.
    """
    signals = {"signal": recording.signal, **recording.supplemental}
    facts = replace(recording, signal=np.empty(0, np.float32), supplemental={})
    text = f"{vars(facts)} {recording.patient.id} {list(signals)}"
    samples = b"".join(np.ascontiguousarray(values).tobytes() for values in signals.values())
    return sha256(text.encode() + samples).hexdigest()[:16]
