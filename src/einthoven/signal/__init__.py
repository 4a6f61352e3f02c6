"""What is measured in a signal before the model runs: quality, beats, measurements, outlier score."""
