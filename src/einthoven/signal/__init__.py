"""What is measured in a signal before a model is asked: quality, beats, measurements, outlier score."""
