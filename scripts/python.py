"""The virtual environment and what is installed in it."""

import importlib.util
import subprocess
import sys

from scripts import stamps
from scripts.problems import Problem
from scripts.tree import PYTHON, ROOT, VENV, call

RUN = ("requirements.txt",)
TEST = ("requirements.txt", "requirements-dev.txt")
NODE = ("requirements-node.txt",)


def ensure(step: str, names: tuple[str, ...]) -> None:
    """Makes the virtual environment and installs the pinned requirements files `names` unless that was done before."""
    made_from = stamps.digest((ROOT / name for name in names), sys.version, str(VENV))
    if stamps.fresh(step, made_from, PYTHON):
        return
    ensure_venv()
    print(f"Installing {', '.join(names)} into .venv ...", flush=True)
    wanted = [word for name in names for word in ("-r", ROOT / name)]
    call("Installing Python packages", [PYTHON, *PIP, "install", "--quiet", "--require-hashes", *wanted])
    stamps.done(step, made_from)


PIP = ("-m", "pip", "--disable-pip-version-check")


def ensure_venv() -> None:
    """Makes .venv from this Python if there is none that works."""
    if (
        PYTHON.exists()
        and subprocess.run([PYTHON, *PIP, "--version"], capture_output=True, check=False).returncode == 0
    ):
        return
    minor = f"python3.{sys.version_info.minor}"
    for module in ("venv", "ensurepip"):
        # Debian leaves ensurepip out of python3 and keeps it in python3-venv.
        if importlib.util.find_spec(module) is None:
            raise Problem(
                f"Python's module {module!r} is missing. Install it: apt-get install python3-venv"
                f" (or {minor}-venv if {minor} is not the system's own)"
            )
    print("Making .venv ...", flush=True)
    call("Making the virtual environment", [sys.executable, "-m", "venv", "--clear", VENV])
