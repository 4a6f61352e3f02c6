"""The recording that the tests of an installed Einthoven interpret."""

from serve.conftest import dicom, ecg

__all__ = ["dicom", "ecg"]
