"""Evaluation: metrics with confidence intervals, thresholds, subgroups, plots and the results page."""
