"""What moderators decided before it was kept who decided a mute or a bar is theirs after the migrations, and nothing else is."""

import json
import subprocess
import sys

import pytest

from scripts.tree import ROOT
from tests.migrations.databases import Database
from tests.migrations.decided import BARS, MUTES

pytestmark = pytest.mark.migrations


def test_mutes_and_bars_of_decisions_in_force_are_marked_and_those_of_stewards_stay_theirs(database: Database) -> None:
    command = [sys.executable, "-m", "tests.migrations.decided"]
    result = subprocess.run(
        command, cwd=ROOT, env=database.environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["mutes"] == {
        "by stewards": [60, 60, None],
        "decided": [90, None, 90],
        "decided, and undone in part by stewards": [90, None, 90],
        "decided, and longer by stewards": [300, 300, 90],
        "decided twice": [120, None, 120],
        "decided and over": [60, 60, None],
        "lifted": [60, 60, None],
        "only proposed": [60, 60, None],
        "decided in another room": [60, 60, None],
    }
    assert found["bars"] == {
        "by stewards": False,
        "decided": True,
        "overturned": False,
        "decided anew": True,
        "decided in another room": False,
    }
    # Nobody is let in, or heard again, by going back.
    assert found["kept"] == [len(MUTES), len(BARS)]
