"""The folder of the database and the keys, which nobody but the server's own user may read."""

import stat
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OWN = ("kindred.sqlite3", "keys/hub.json")
"""What lies in a folder that was the server's before."""


def make_private(directory: Path) -> None:
    """Makes the folder, or takes from others what they may do in one that is the server's: empty, or with its database or keys.

    Raises ImproperlyConfigured for one in which other things lie, as these may be for others to read.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if sys.platform == "win32" or not directory.stat().st_mode & _OTHERS:
            return
        if any((directory / own).exists() for own in _OWN) or not any(directory.iterdir()):
            directory.chmod(0o700)
            return
    except OSError as error:
        raise ImproperlyConfigured(
            f"DATA_DIR cannot be made or kept from others ({error.strerror}): "
            "set DATA_DIR to a folder that belongs to the server's user."
        ) from None
    raise ImproperlyConfigured(
        "Others than the server's user can read DATA_DIR, and more lies there than the server's own: "
        "set DATA_DIR to a folder for the server alone, or run chmod 700 on it if it is that."
    )
