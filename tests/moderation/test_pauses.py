"""Pauses: one that is long weighs as a ban, for a time they end by themselves, and a ban has no end."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat.delivery.retention import end_suspensions, served_suspensions
from chat.models import Account
from chat.protocol.errors import Code
from moderation.models import Decision
from tests.factories import Person, enrolled
from tests.http.api import ask, get, post
from tests.moderation.conftest import Harbour, settle
from tests.moderation.deciding import decide, soon, told

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def harbour() -> Harbour:
    return settle()


def test_a_pause_that_is_long_takes_what_a_ban_takes(harbour: Harbour) -> None:
    def paused(about: Person, days: float) -> dict[str, Any]:
        made: dict[str, Any] = decide(harbour.moderator, about, "suspend", until=soon(days)).body
        return made

    assert paused(harbour.infiltrator, 30)["state"] == "in_force"
    long = paused(harbour.member, 31)
    assert long["state"] == "proposed"
    Account.objects.filter(id=harbour.infiltrator.account).update(suspended_at=timezone.now() - timedelta(days=20))
    assert paused(harbour.infiltrator, 29)["state"] == "proposed", "one pause after the other is one that is long"
    assert get(harbour.moderator, "/moderators").body["alone_days"] == 30
    for person in (harbour.moderator, harbour.colleague):
        ask(harbour.coordinator, "PUT", f"/moderators/{person.account}/rights", {"denied": ["ban"]})
    assert post(harbour.colleague, f"/decisions/{long['id']}/agree").code == Code.FORBIDDEN
    assert paused(harbour.member, 31)["error"]["code"] == Code.FORBIDDEN
    assert paused(harbour.member, 7)["state"] == "in_force"
    assert post(harbour.coordinator, f"/decisions/{long['id']}/agree").body["state"] == "in_force"
    assert post(harbour.moderator, f"/decisions/{long['id']}/lift", {"reason": "heard"}).code == Code.FORBIDDEN


def test_a_pause_that_is_made_longer_weighs_as_much_for_all_who_have_to_do_with_it_later(harbour: Harbour) -> None:
    decide(harbour.coordinator, harbour.infiltrator, "suspend", until=soon(25))
    Account.objects.filter(id=harbour.infiltrator.account).update(suspended_at=timezone.now() - timedelta(days=20))
    longer = decide(harbour.moderator, harbour.infiltrator, "suspend", until=soon(29)).body
    assert longer["state"] == "proposed"
    without = {"denied": ["ban"]}
    ask(harbour.coordinator, "PUT", f"/moderators/{harbour.colleague.account}/rights", without)
    path = f"/decisions/{longer['id']}"
    assert post(harbour.colleague, f"{path}/agree").code == Code.FORBIDDEN
    assert post(harbour.coordinator, f"{path}/agree").body["state"] == "in_force"
    assert post(harbour.colleague, f"{path}/lift", {"reason": "heard"}).code == Code.FORBIDDEN
    assert post(harbour.infiltrator, f"{path}/appeal").status == 200
    # There is somebody who has the right, and no part in it.
    enrolled(Person(), harbour.network, "moderator")
    outcome = {"outcome": "overturned", "reason": "too_much"}
    assert post(harbour.colleague, f"{path}/close-appeal", outcome).code == Code.FORBIDDEN
    # Nor does it weigh less when the pause before it has ended.
    Account.objects.filter(id=harbour.infiltrator.account).update(suspended_at=None)
    ask(harbour.coordinator, "PUT", f"/moderators/{harbour.moderator.account}/rights", without)
    assert post(harbour.moderator, f"{path}/lift", {"reason": "heard"}).code == Code.FORBIDDEN


def test_a_suspension_for_a_time_ends_by_itself_and_a_longer_one_is_not_shortened(harbour: Harbour) -> None:
    decide(harbour.moderator, harbour.infiltrator, "suspend", until=soon(5))
    decide(harbour.moderator, harbour.infiltrator, "suspend", until=soon(1))
    account = Account.objects.get(id=harbour.infiltrator.account)
    assert account.suspended_until is not None
    assert account.suspended_until > timezone.now() + timedelta(days=4)
    assert not served_suspensions(timezone.now())
    Account.objects.filter(id=account.id).update(suspended_until=timezone.now())
    assert served_suspensions(timezone.now())
    end_suspensions(timezone.now())
    assert get(harbour.infiltrator, "/rooms").status == 200
    Decision.objects.update(until=timezone.now())
    assert [statement["state"] for statement in told(harbour.infiltrator)] == ["expired", "expired"]


def test_a_ban_has_no_end_even_after_a_suspension_that_had_one(harbour: Harbour) -> None:
    ask(harbour.coordinator, "PUT", "/moderation/rules", {"second_for": []})
    decide(harbour.moderator, harbour.infiltrator, "suspend")
    ban = decide(harbour.moderator, harbour.infiltrator, "ban").body
    assert Account.objects.get(id=harbour.infiltrator.account).suspended_until is None
    suspension = Decision.objects.get(kind="suspend")
    assert post(harbour.moderator, f"/decisions/{suspension.id}/lift", {"reason": "heard"}).status == 200
    assert get(harbour.infiltrator, "/push").code == Code.SUSPENDED
    assert post(harbour.moderator, f"/decisions/{ban['id']}/lift", {"reason": "heard"}).body["state"] == "lifted"
    assert get(harbour.infiltrator, "/rooms").status == 200
