"""The comparison with a previous ECG: findings that are new, gone or changed beyond the usual difference."""
