"""Kindred's settings as tests see them: data and keys in a folder that goes away with the process."""

import atexit
import os
import shutil
import tempfile

if "DATA_DIR" not in os.environ:
    _folder = tempfile.mkdtemp(prefix="kindred-test-")
    atexit.register(shutil.rmtree, _folder, ignore_errors=True)
    os.environ["DATA_DIR"] = _folder

from backend.settings import *  # noqa: F403
