"""From a recording to an Interpretation."""
