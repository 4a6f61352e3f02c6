"""A running engine: HTTP service, live stream and viewer."""
