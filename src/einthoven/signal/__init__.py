"""Everything that is measured before a model is asked: quality, beats, intervals, distance from known ECGs."""
