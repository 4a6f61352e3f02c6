"""Discrete ECG criteria of guidelines and papers, from the measurements: one small function per criterion."""

from einthoven.interpret.criteria.criterion import Context, Criterion, LeadTime, LeadValue, Quantity
from einthoven.interpret.criteria.evaluate import evaluate_criteria

__all__ = ["Context", "Criterion", "LeadTime", "LeadValue", "Quantity", "evaluate_criteria"]
