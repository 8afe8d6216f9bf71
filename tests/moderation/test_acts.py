"""What staff do outside of cases stands in the audit log too; what members do in their own groups does not."""

import hashlib
import os
from uuid import uuid4

import pytest
from django.core.management import call_command

from chat.actions.acts import staff_acted
from chat.api.fields import b64encode
from chat.models import Account, Invite, Room
from chat.protocol.errors import Code
from moderation.actions import operating
from moderation.models import AuditEntry, Decision
from moderation.pseudonyms import OPERATOR, pseudonym
from tests import factories
from tests.factories import CUT, REASONS, Person
from tests.http.api import ask, get, post
from tests.moderation.conftest import Harbour, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def harbour() -> Harbour:
    return settle()


def log(harbour: Harbour) -> list[tuple[str, str, str, str]]:
    """Actor, action, subject and detail of each entry."""
    rows = AuditEntry.objects.filter(network=harbour.network).order_by("seq")
    return list(rows.values_list("actor", "action", "subject", "detail"))


def name(harbour: Harbour, person: Person) -> str:
    return pseudonym(harbour.network.id, person.account)


def inviting(uses: int = 3) -> dict[str, object]:
    secret_hash = b64encode(hashlib.sha256(os.urandom(16)).digest())
    return {"secret_hash": secret_hash, "role": "member", "uses": uses, "expires_in_ms": 60_000}


def test_invites_made_and_revoked_are_logged_once_each(harbour: Harbour) -> None:
    asked = inviting()
    made = post(harbour.moderator, "/invites", asked).body["id"]
    post(harbour.moderator, "/invites", asked)
    for _ in range(2):
        assert post(harbour.coordinator, f"/invites/{made}/revoke").status == 200
    moderator, coordinator = name(harbour, harbour.moderator), name(harbour, harbour.coordinator)
    assert log(harbour) == [
        (moderator, "invite_made", "", "member/3"),
        (coordinator, "invite_revoked", moderator, "member"),
    ]


def test_the_operators_invite_is_the_operators(harbour: Harbour) -> None:
    factories.invite(harbour.network, role="coordinator")
    assert log(harbour) == [(OPERATOR, "invite_made", "", "coordinator/1")]


def test_what_the_operator_does_to_an_account_is_logged_as_the_operators(harbour: Harbour) -> None:
    account = str(harbour.infiltrator.account)
    call_command("suspend_account", account, "--card", "2", *REASONS)
    call_command("restore_account", account, "--reason", "heard")
    call_command("ban_account", account, "--law", "A law", *REASONS)
    subject = name(harbour, harbour.infiltrator)
    assert log(harbour) == [
        (OPERATOR, "decision_made", subject, "suspend"),
        (OPERATOR, "decision_lifted", subject, "suspend/heard"),
        (OPERATOR, "decision_made", subject, "ban"),
    ]


def test_an_operators_ban_that_cannot_be_logged_is_not_done(harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(operating, "record", full)
    with pytest.raises(OSError, match="no space"):
        call_command("ban_account", str(harbour.infiltrator.account), "--law", "A law", *REASONS)
    assert Account.objects.get(id=harbour.infiltrator.account).suspended_at is None
    assert not Decision.objects.exists()
    assert log(harbour) == []


def test_a_branch_that_was_taken_back_is_logged_with_its_root(harbour: Harbour) -> None:
    path = f"/accounts/{harbour.infiltrator.account}/revoke-branch"
    assert post(harbour.member, path, {"include_root": True, "card": 1, **CUT}).code == Code.FORBIDDEN
    assert post(harbour.coordinator, path, {"include_root": True, "card": 1, **CUT}).status == 200
    root = name(harbour, harbour.infiltrator)
    by = name(harbour, harbour.coordinator)
    assert log(harbour) == [(by, "decision_made", root, "ban"), (by, "branch_revoked", root, "1/0")]


def test_whom_the_network_says_to_call_is_logged_as_a_number_alone_and_only_when_it_changes(harbour: Harbour) -> None:
    line = {"name": "Night line of Harbour House", "way": "tel", "to": "0800 123 45 67", "line": "20:00 to 6:00"}
    asked = {"contacts": [line, line | {"way": "sms"}]}
    assert ask(harbour.moderator, "PUT", "/network/contacts", asked).code == Code.FORBIDDEN
    none: dict[str, list[dict[str, str]]] = {"contacts": []}
    for body in (asked, asked, none):
        assert ask(harbour.coordinator, "PUT", "/network/contacts", body).status == 200
    by = name(harbour, harbour.coordinator)
    assert log(harbour) == [(by, "contacts_set", "", "2"), (by, "contacts_set", "", "0")]


def test_what_staff_do_about_open_rooms_is_logged_and_what_stewards_do_in_theirs_is_not(harbour: Harbour) -> None:
    room = str(uuid4())
    post(harbour.moderator, "/rooms", {"id": room, "kind": "open", "title": "Garden"})
    post(harbour.moderator, f"/rooms/{room}/title", {"title": "Terrace"})
    group = factories.settled_room("group", [harbour.member, harbour.infiltrator])
    about = {"account": str(harbour.infiltrator.account)}
    assert post(harbour.member, f"/rooms/{group.id}/mute", about | {"until": None}).status == 200
    assert post(harbour.member, f"/rooms/{group.id}/remove", about).status == 200
    moderator = name(harbour, harbour.moderator)
    assert log(harbour) == [(moderator, "room_opened", "", room), (moderator, "room_renamed", "", room)]


def test_what_cannot_be_logged_is_not_done(harbour: Harbour) -> None:
    def full(**_: object) -> None:
        raise OSError("no space left")

    staff_acted.connect(full)
    try:
        assert post(harbour.moderator, "/invites", inviting()).status == 500
        opened = {"id": str(uuid4()), "kind": "open", "title": "Garden"}
        assert post(harbour.moderator, "/rooms", opened).status == 500
        contact = {"name": "Night line", "way": "tel", "to": "0800 123 45 67", "line": ""}
        assert ask(harbour.coordinator, "PUT", "/network/contacts", {"contacts": [contact]}).status == 500
    finally:
        staff_acted.disconnect(full)
    assert log(harbour) == []
    assert not Invite.objects.exists()
    assert get(harbour.member, "/me").body["network"]["contacts"] == []
    assert not Room.objects.exists()


def test_rights_and_rules_stand_in_the_log_whole_however_many_they_are(harbour: Harbour) -> None:
    every = sorted(["warn", "remove_from_room", "mute", "limit_reports", "suspend", "ban", "export", "hand_over"])
    path = f"/moderators/{harbour.moderator.account}/rights"
    assert ask(harbour.coordinator, "PUT", path, {"denied": every}).status == 200
    decided = [right for right in every if right != "export"]
    assert ask(harbour.coordinator, "PUT", "/moderation/rules", {"second_for": decided}).status == 200
    assert [detail.split(",") for *_, detail in log(harbour)] == [every, decided]
