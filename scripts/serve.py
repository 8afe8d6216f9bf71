"""`make run`."""

import os

from scripts import node, python, stamps
from scripts.tree import PYTHON, ROOT


def main() -> int:
    """Sets up what is missing, then becomes the server."""
    with stamps.alone():
        python.ensure("python", python.RUN)
        node.ensure_client()
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), "manage.py", "serve"])
