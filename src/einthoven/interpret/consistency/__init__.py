"""One answer without contradictions: the rules that model, measurements, criteria and rhythm obey together."""
