"""Labelled data sets: PTB-XL and sets of one's own recordings, behind one interface."""
