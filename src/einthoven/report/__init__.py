"""Convert an Interpretation to text, tables, JSON, FHIR, DICOM and report pages."""
