"""Many files: which, by whom, and what is already done."""
