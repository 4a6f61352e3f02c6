"""Training: from settings and PTB-XL to a run, and from runs to predictions and a bundle."""
