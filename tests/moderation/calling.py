"""Whom of the staff something calls, as it stands in the outbox."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from chat.models import Device, PushSubscription, PushWake
from moderation.actions import cases
from moderation.clocks import ANSWERED_WITHIN
from moderation.models import Case
from tests.factories import Person, device_of
from tests.moderation.conftest import Harbour
from tests.push.rows import subscribed, waking


@pytest.fixture(autouse=True)
def everyone_can_be_woken(harbour: Harbour) -> None:
    """For the module that imports it."""
    people = (harbour.member, harbour.infiltrator, harbour.moderator, harbour.colleague, harbour.coordinator)
    PushSubscription.objects.bulk_create(subscribed(device_of(person).pk) for person in people)


def called() -> dict[UUID, bool]:
    """Who is called since this was asked last, and whether urgently."""
    rows = {device: row.urgent for device, row in waking().items() if row.called}
    PushWake.objects.all().delete()
    return {Device.objects.get(pk=device).account_id: urgent for device, urgent in rows.items()}


def each(*people: Person, urgent: bool = False) -> dict[UUID, bool]:
    return {person.account: urgent for person in people}


def taken(harbour: Harbour, urgency: str = "now") -> Case:
    """The moderator's; whom its opening called is forgotten."""
    case = cases.claim_case(harbour.case(urgency), harbour.account(harbour.moderator))
    called()
    return case


def unanswered(case: Case, times: float = 1) -> None:
    """So often its time to answer has gone by, and a little more."""
    moved_at = timezone.now() - times * ANSWERED_WITHIN[case.urgency] - timedelta(seconds=1)
    assert Case.objects.filter(id=case.id).update(moved_at=moved_at) == 1


def wait(case: Case, waiting: bool = True) -> Case:
    """Its holder lets it wait, or goes on with it."""
    fresh = Case.objects.select_related("claimed_by").get(id=case.id)
    assert fresh.claimed_by is not None
    return cases.set_waiting(fresh, fresh.claimed_by, waiting)
