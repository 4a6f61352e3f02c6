"""PTB-XL as a data set: download it, check it, and open it as arrays and labels."""

DATABASE = "ptbxl_database.csv"
"""The table of records."""
STATEMENTS_TABLE = "scp_statements.csv"
"""The table of statements."""
NOISE_COLUMNS = ("baseline_drift", "static_noise", "burst_noise", "electrodes_problems")
"""The columns of DATABASE that name the leads with a signal problem, empty if there is none."""
DATABASE_COLUMNS = frozenset(
    {"patient_id", "age", "sex", "device", "scp_codes", "infarction_stadium1", "validated_by_human", "strat_fold"}
    | {"filename_lr", "filename_hr", *NOISE_COLUMNS}
)
"""The columns of DATABASE that Einthoven reads, in addition to ecg_id."""
STATEMENTS_COLUMNS = frozenset({"diagnostic", "form", "rhythm", "diagnostic_class", "diagnostic_subclass"})
"""The columns of STATEMENTS_TABLE that Einthoven reads."""
SIMULATED_MARK = "SIMULATED.txt"
"""The file that marks a data set as simulated."""
