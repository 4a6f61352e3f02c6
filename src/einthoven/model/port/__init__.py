"""Answers of a port of a bundle to another language: a plain gate, electrode placement, and the model's answer.

The Interpreter judges a signal with many rules. A port has few and stricter ones, so that it never answers more than
the Interpreter. docs/reference/bundles.md specifies each step, and docs/assets/port.mjs is a port in JavaScript.
"""
