"""What is measured in a signal before a model is asked: quality, beats, intervals, outlier score."""
