"""`python3 -m scripts COMMAND`: what each Makefile target calls."""

import sys

# Before anything that an older Python could not even read.
if sys.version_info < (3, 11):
    sys.exit(
        "Kindred needs Python 3.11 or newer; this is %d.%d. Install it, then name it: make run PYTHON=python3.11"
        % sys.version_info[:2]
    )

from scripts import cli

if __name__ == "__main__":
    sys.exit(cli.main(sys.argv[1:]))
