"""The comparison with a previous ECG: what is new, gone or changed beyond the usual difference between two ECGs."""
