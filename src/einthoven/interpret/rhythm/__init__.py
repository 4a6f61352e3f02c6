"""The rhythm of an ECG: one name, its rate and regularity, and the measured facts behind it."""
