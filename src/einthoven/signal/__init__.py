"""What is measured in a signal before the model runs: quality, beats, intervals, outlier score."""
