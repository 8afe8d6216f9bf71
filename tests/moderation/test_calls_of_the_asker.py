"""Whoever asked is woken when somebody else ends their question."""

import pytest
from django.utils import timezone
from pytest_django import Settings

from chat.models import Account
from chat.push import outbox, times
from moderation.actions import cases
from moderation.models import Case
from tests.moderation.calling import called, each, everyone_can_be_woken, taken
from tests.moderation.conftest import Harbour

__all__ = ["everyone_can_be_woken"]


@pytest.mark.parametrize("suspended", [False, True])
def test_closing_a_case_wakes_whoever_asked_also_while_suspended(
    harbour: Harbour, settings: Settings, suspended: bool
) -> None:
    settings.VAPID_SUBJECT = "mailto:push@kindred.example"
    case = taken(harbour)
    if suspended:
        Account.objects.filter(id=harbour.member.account).update(suspended_at=timezone.now())
    cases.close_case(case, harbour.account(harbour.moderator), "acted")
    # What is due is sent to whoever is suspended, too.
    assert len(outbox.claim("worker", times.now_ms() + 1, 10)) == 1
    assert called() == each(harbour.member)


def test_who_takes_a_case_back_is_not_woken_for_it(harbour: Harbour) -> None:
    cases.withdraw_case(taken(harbour), harbour.account(harbour.member))
    assert called() == {}


def test_a_case_whose_opener_has_gone_is_closed_and_wakes_nobody(harbour: Harbour) -> None:
    case = taken(harbour)
    Case.objects.filter(id=case.id).update(opened_by=None)
    case.refresh_from_db()
    cases.close_case(case, harbour.account(harbour.moderator), "acted")
    assert called() == {}
