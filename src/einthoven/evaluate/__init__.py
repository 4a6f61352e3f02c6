"""What a model is worth: measures with intervals, thresholds, subgroups, figures and the results page."""
