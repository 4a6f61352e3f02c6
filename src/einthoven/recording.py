"""The twelve leads: names and order."""

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""The standard leads in the order that holds everywhere inside Einthoven."""
