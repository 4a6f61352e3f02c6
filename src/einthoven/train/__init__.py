"""Training: a configuration and PTB-XL in, a run out; and predicting with what a run left behind."""
