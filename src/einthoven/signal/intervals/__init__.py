"""PR, QRS and QT intervals and the frontal axis, measured in a median beat."""
