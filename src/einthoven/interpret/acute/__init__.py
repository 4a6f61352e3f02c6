"""The answer about an acute infarct pattern: model, ST segment and criteria in one calibrated probability."""
