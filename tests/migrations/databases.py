"""Empty databases that migrations are tried on, in a process of their own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.tree import ROOT


def environment(folder: Path, url: str = "") -> dict[str, str]:
    own = {"DATA_DIR": str(folder), "DATABASE_URL": url, "ORIGIN": "", "DJANGO_SETTINGS_MODULE": "backend.settings"}
    return {**os.environ, **own}


@dataclass(frozen=True)
class Database:
    """One empty database, which `environment` names."""

    environment: dict[str, str]

    def run(self, module: str, *arguments: str) -> Any:
        """What the module of this folder prints as JSON when it has worked on the database."""
        command = [sys.executable, "-m", f"tests.migrations.{module}", *arguments]
        result = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)
