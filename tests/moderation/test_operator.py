"""What the operator decides by commands is read, objected to and taken back as any decision is."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from chat.actions.accounts import suspend_account
from chat.models import Account, RoomDevice
from chat.protocol.errors import Code
from moderation.models import AuditEntry, Decision
from tests import factories
from tests.http.api import get, post
from tests.moderation.conftest import Harbour, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def harbour() -> Harbour:
    return settle()


def test_whoever_the_operator_bans_reads_why_and_a_moderator_takes_it_back(harbour: Harbour) -> None:
    room = factories.settled_room("group", [harbour.member, harbour.infiltrator])
    call_command("ban_account", str(harbour.infiltrator.account), "--card", "2")
    assert get(harbour.infiltrator, "/push").code == Code.SUSPENDED
    inside = RoomDevice.objects.filter(room=room, removed_at=None).values_list("device__account", flat=True)
    assert list(inside) == [harbour.member.account]
    (told,) = get(harbour.infiltrator, "/me/decisions").body["statements"]
    assert (told["kind"], told["state"], told["by_operator"], told["card"]["number"]) == ("ban", "in_force", True, 2)
    path = f"/decisions/{told['decision']}"
    assert post(harbour.infiltrator, f"{path}/appeal").status == 200
    (waiting,) = get(harbour.moderator, "/decisions?waiting=true").body["decisions"]
    assert (waiting["by_operator"], waiting["decided_by"]) == (True, None)
    answer = {"outcome": "overturned", "reason": "does_not_fit"}
    assert post(harbour.moderator, f"{path}/close-appeal", answer).body["state"] == "overturned"
    assert get(harbour.infiltrator, "/push").status == 200


def test_a_command_that_is_repeated_makes_no_second_decision(harbour: Harbour) -> None:
    for _ in range(2):
        call_command("suspend_account", str(harbour.infiltrator.account), "--law")
    assert Decision.objects.count() == AuditEntry.objects.count() == 1
    call_command("suspend_account", str(harbour.member.account), "--law", "--days", "2")
    ends = Account.objects.get(id=harbour.member.account).suspended_until
    assert ends is not None
    assert ends == Decision.objects.get(subject=harbour.member.account).until


def test_a_command_needs_a_ground_that_there_is_and_changes_nothing_without(harbour: Harbour) -> None:
    account = str(harbour.infiltrator.account)
    for wrong in ([], ["--card", "99"], ["--card", "0"], ["--card", "1", "--law"]):
        with pytest.raises(CommandError):
            call_command("ban_account", account, *wrong)
    with pytest.raises(CommandError):
        call_command("suspend_account", account, "--law", "--days", "0")
    with pytest.raises(CommandError):
        call_command("restore_account", account)
    assert get(harbour.infiltrator, "/push").status == 200
    assert not Decision.objects.exists()


def test_restoring_lifts_whatever_shuts_the_account_out_and_says_why(harbour: Harbour) -> None:
    account = str(harbour.infiltrator.account)
    call_command("suspend_account", account, "--law")
    call_command("ban_account", account, "--card", "1")
    call_command("restore_account", account, "--reason", "enough")
    assert get(harbour.infiltrator, "/push").status == 200
    statements = get(harbour.infiltrator, "/me/decisions").body["statements"]
    assert [(told["state"], told["lifted_for"]) for told in statements] == [("lifted", "enough")] * 2


def test_an_account_that_was_shut_out_without_a_decision_is_restored_too(harbour: Harbour) -> None:
    suspend_account(harbour.account(harbour.infiltrator))
    call_command("restore_account", str(harbour.infiltrator.account), "--reason", "mistake")
    assert get(harbour.infiltrator, "/push").status == 200
    assert AuditEntry.objects.get().action == "account_restored"
