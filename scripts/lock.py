"""`make lock`."""

import sys

from scripts import node, python, stamps
from scripts.tree import PYTHON, call

COMPILE = (
    "-m piptools compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras --no-header"
    " --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options"
).split()


def main() -> int:
    """Pins the newest allowed versions. The oldest supported Python has to do it, so that its needs are in the files."""
    if sys.version_info[:2] != (3, 11):
        print("Locking with a Python other than 3.11 can leave out what 3.11 needs.", file=sys.stderr)
    with stamps.alone():
        python.ensure("test", python.TEST)
        for name in ("requirements", "requirements-dev", "requirements-node"):
            call(f"Locking {name}.in", [PYTHON, *COMPILE, "--output-file", f"{name}.txt", f"{name}.in"])
        call("Locking package.json", ["npm", "update", "--package-lock-only"], node.environment())
    return 0
