"""The live stream: samples come in as a monitor records them, answers about the last 10 s go out."""
