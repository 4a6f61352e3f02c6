"""Bundles, and the functions of their cards alone: calibration, prevalence, thresholds, occlusion."""
