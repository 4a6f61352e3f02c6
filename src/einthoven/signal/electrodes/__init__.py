"""Exchanged electrodes."""
