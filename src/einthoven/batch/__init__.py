"""Interpret many files in worker processes, with resume."""

PRELOAD = ("einthoven.interpret.interpreter", "einthoven.readers")
"""Modules that every worker imports, which takes half a second; for `einthoven.workers.prepare`."""
