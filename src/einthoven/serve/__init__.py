"""Einthoven as a service: HTTP in one process, interpretation in worker processes."""
