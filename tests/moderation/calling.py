"""Whom of the staff something calls, as it stands in the outbox."""

from uuid import UUID

import pytest

from chat.models import PushSubscription, PushWake
from tests.factories import Person, device_of
from tests.moderation.conftest import Harbour


@pytest.fixture(autouse=True)
def everyone_can_be_woken(harbour: Harbour) -> None:
    """For the module that imports it."""
    people = (harbour.member, harbour.infiltrator, harbour.moderator, harbour.colleague, harbour.coordinator)
    PushSubscription.objects.bulk_create(
        PushSubscription(
            device=device_of(person), channel="webpush", sealed=b"sealed", delay_ms=0, heard_on="2026-11-24"
        )
        for person in people
    )


def called() -> dict[UUID, bool]:
    """Who is called since this was asked last, and whether urgently."""
    rows = dict(PushWake.objects.filter(called=True).values_list("subscription__device__account", "urgent"))
    PushWake.objects.all().delete()
    return rows


def each(*people: Person, urgent: bool = False) -> dict[UUID, bool]:
    return {person.account: urgent for person in people}
