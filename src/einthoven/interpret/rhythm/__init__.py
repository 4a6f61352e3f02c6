"""The rhythm of an ECG: one name, its rate and regularity, and the measured facts that it rests on."""
