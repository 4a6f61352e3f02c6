"""`python -m einthoven`."""

from einthoven.cli import main

main()
