"""Measurements made before the model runs: quality, beats, waves and intervals, and outlier score."""
