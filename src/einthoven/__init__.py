"""Einthoven: open 12-lead ECG interpretation. Research software, not a medical device."""

__version__ = "0.1.0"
