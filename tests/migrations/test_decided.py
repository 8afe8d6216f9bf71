"""What moderators decided before it was kept who decided a mute or a bar is theirs after the migrations, and nothing else is."""

import pytest

from tests.migrations.databases import Database
from tests.migrations.decided import BARS, MUTES

pytestmark = pytest.mark.migrations


def test_mutes_and_bars_of_decisions_in_force_are_marked_and_those_of_stewards_stay_theirs(database: Database) -> None:
    found = database.run("decided")
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
