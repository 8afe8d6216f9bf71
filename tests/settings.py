"""Kindred's settings as tests see them: data and keys in a folder that goes away with the process."""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

if "DATA_DIR" not in os.environ:
    if "pytest" in sys.modules:
        _folder = tempfile.mkdtemp(prefix="kindred-test-")
        atexit.register(shutil.rmtree, _folder, ignore_errors=True)
    else:
        # mypy reads the settings too, and ends without its exit handlers.
        _folder = str(Path(__file__).resolve().parent.parent / ".stamps" / "data")
    os.environ["DATA_DIR"] = _folder

from backend.settings import *  # noqa: F403
