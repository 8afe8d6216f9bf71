"""Mutes and bars of the time before it was kept who decided them, taken through the migrations that mark them.

`python -m tests.migrations.decided` is called by test_decided.py with an empty database; it prints what became of each, by name:
of mutes `[until, stewards_until, decided_until]` as minutes from now, of bars whether it is decided.
"""

import json
from datetime import timedelta
from typing import Any

import django
from django.apps.registry import Apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

BEFORE = [("chat", "0015_entry_marks"), ("moderation", "0014_facts")]
AFTER = [("chat", "0016_decided"), ("moderation", "0015_decided")]

#: What was there: until when the mute was (minutes from now), and the decisions about it as (state, until).
MUTES: dict[str, tuple[int, list[tuple[str, int]]]] = {
    "by stewards": (60, []),
    "decided": (90, [("in_force", 90)]),
    "decided, and undone in part by stewards": (5, [("in_force", 90)]),
    "decided, and longer by stewards": (300, [("in_force", 90)]),
    "decided twice": (120, [("in_force", 120), ("in_force", 90)]),
    "decided and over": (60, [("in_force", -5)]),
    "lifted": (60, [("lifted", 90)]),
    "only proposed": (60, [("proposed", 90)]),
    "decided in another room": (60, []),
}
BARS: dict[str, list[str]] = {
    "by stewards": [],
    "decided": ["in_force"],
    "overturned": ["overturned"],
    "decided anew": ["lifted", "in_force"],
    "decided in another room": [],
}
MINUTE = timedelta(minutes=1)


def migrated(to: list[tuple[str, str]]) -> Apps:
    MigrationExecutor(connection).migrate(to)
    apps: Apps = MigrationExecutor(connection).loader.project_state(to).apps
    return apps


class Harbour:
    """One network, with a room in which somebody was muted or barred for each name, and another room."""

    def __init__(self, apps: Apps) -> None:
        self.models = apps.get_model
        self.now = timezone.now()
        self.network = self.models("chat", "Network").objects.create(title="Harbour")
        self.other = self.room("elsewhere")

    def room(self, title: str) -> Any:
        return self.models("chat", "Room").objects.create(network=self.network, kind="open", title=title)

    def account(self) -> Any:
        accounts = self.models("chat", "Account").objects
        return accounts.create(network=self.network, identity_key=bytes(32), conduct_version=1)

    def decide(self, kind: str, state: str, room: Any, subject: Any, until: int | None = None) -> None:
        when = None if until is None else self.now + until * MINUTE
        self.models("moderation", "Decision").objects.create(
            network=self.network,
            subject=subject,
            kind=kind,
            ground="law",
            conduct_version=1,
            room=room,
            until=when,
            state=state,
        )

    def fill(self) -> None:
        for name, (until, decisions) in MUTES.items():
            room, account = self.room(f"mute {name}"), self.account()
            at = int((self.now + until * MINUTE).timestamp() * 1000)
            self.models("chat", "RoomMute").objects.create(room=room, account=account, until=at)
            for state, decided in decisions:
                self.decide("mute", state, room, account, decided)
            if "another" in name:
                self.decide("mute", "in_force", self.other, account, 90)
        for name, states in BARS.items():
            room, account = self.room(f"bar {name}"), self.account()
            self.models("chat", "RoomBar").objects.create(room=room, account=account)
            for state in states:
                self.decide("remove_from_room", state, room, account)
            if "another" in name:
                self.decide("remove_from_room", "in_force", self.other, account)

    def minutes(self, at: int | None) -> int | None:
        return None if at is None else round((at / 1000 - self.now.timestamp()) / 60)


def main() -> None:
    django.setup()
    harbour = Harbour(migrated(BEFORE))
    harbour.fill()
    after = migrated(AFTER).get_model
    mutes = {
        row.room.title.removeprefix("mute "): [
            harbour.minutes(at) for at in (row.until, row.stewards_until, row.decided_until)
        ]
        for row in after("chat", "RoomMute").objects.select_related("room")
    }
    bars = {row.room.title.removeprefix("bar "): row.decided for row in after("chat", "RoomBar").objects.select_related("room")}
    back = migrated(BEFORE).get_model
    kept = [back("chat", name).objects.count() for name in ("RoomMute", "RoomBar")]
    print(json.dumps({"mutes": mutes, "bars": bars, "kept": kept}))


if __name__ == "__main__":
    main()
