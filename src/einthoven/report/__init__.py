"""An Interpretation as people and programs take it: text, tables, files."""
