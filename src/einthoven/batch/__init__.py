"""Interpret many files in worker processes, with resume."""

PRELOAD = ("einthoven.interpret.interpreter", "einthoven.readers")
"""Modules that every worker needs and that take half a second to import, for `einthoven.workers.prepare`."""
