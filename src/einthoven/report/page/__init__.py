"""The report page: a tracing on ECG paper with its interpretation."""
