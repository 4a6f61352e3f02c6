"""Write a recording in a standard format: DICOM, WFDB, HL7 aECG, EDF+, CSV, NPY, Parquet and FHIR."""
