"""A bundle and what follows from its card alone: calibration, prevalence, thresholds, occlusion."""
