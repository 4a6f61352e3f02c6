"""Simulated ECGs in PTB-XL's layout, for demonstrations and tests and nothing else."""
