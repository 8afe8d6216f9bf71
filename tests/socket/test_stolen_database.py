"""What somebody learns who has the database, and not the keys that lie beside it."""

from __future__ import annotations

import os
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection

from chat import franking
from chat.models import Entry
from tests import factories
from tests.delivery.groups import Group, settle
from tests.delivery.harness import Server, in_db, socket_to
from tests.factories import Person, enrolled

pytestmark = pytest.mark.privacy


def _circle() -> tuple[Group, list[Person]]:
    network = factories.network()
    people = [enrolled(Person(), network) for _ in range(4)]
    group = Group(uuid4())
    settle(group, "group", *people)
    return group, people


def _linked(group: Group, people: list[Person], key: bytes) -> list[int]:
    """Of each application entry, how many of the people `key` shows as a possible sender."""
    domain = settings.DOMAIN
    room = franking.room_uri(domain, group.room)
    uris = [franking.user_uri(domain, person.account) for person in people]
    return [
        sum(
            franking.verify(key, bytes(entry.tag), franking.context(uri, room, entry.seq, entry.accepted_at), bytes(entry.frank))
            for uri in uris
        )
        for entry in Entry.objects.filter(room=group.room, tag__isnull=False)
        if entry.tag is not None and entry.frank is not None
    ]  # fmt: skip


def _everything() -> set[bytes]:
    """Every value of every table, as it is and as text."""
    found: set[bytes] = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 (names from the schema)
            for row in cursor.fetchall():
                found |= {bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row}
    return found


async def test_a_stolen_database_without_hub_key_cannot_link_entries_to_senders(server: Server) -> None:
    group, people = await in_db(_circle)
    for person in people[:3]:
        async with socket_to(server, person.token) as socket:
            assert (await socket.ask(group.message(), "accepted"))["t"] == "accepted"
    # Whoever has the key too sees one sender behind each entry: the franks hold what they should.
    _, hub_key = settings.HUB_KEYS.newest()
    assert await in_db(_linked, group, people, hub_key) == [1, 1, 1]
    stored = await in_db(_everything)
    assert hub_key not in stored
    # Nothing that is stored stands in for it, nor does a key that one might guess.
    guesses = [value for value in stored if 16 <= len(value) <= 64] + [bytes(32), os.urandom(32)]
    for guess in guesses:
        assert await in_db(_linked, group, people, guess) == [0, 0, 0]
