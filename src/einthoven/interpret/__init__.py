"""Interpretation with a shipped or exported model: ONNX Runtime only, never torch."""
