"""Interpret recordings: from a Recording to an Interpretation."""
