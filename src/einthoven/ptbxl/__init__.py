"""PTB-XL as a data set: get it, check it, and open it as arrays and labels."""

DATABASE = "ptbxl_database.csv"
"""The table of records."""
SIMULATED_MARK = "SIMULATED.txt"
"""The file whose presence tells a simulated data set from the real one."""
