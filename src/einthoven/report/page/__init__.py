"""One page for people: the tracing on ECG paper, and what the model says of it."""
