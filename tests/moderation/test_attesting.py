"""Attesting: the server's word for what a member shows, and whom that makes the case about."""

from uuid import UUID, uuid4

from django.utils import timezone

from chat.actions.accounts import restore_account, suspend_account
from chat.api.fields import b64encode
from chat.models import Account
from chat.protocol.errors import Code
from moderation.actions import cases
from moderation.actions.attesting import attest_messages
from moderation.models import AuditEntry
from tests.http.api import get, post
from tests.moderation.asking import queue, shown
from tests.moderation.conftest import Harbour, stamped


def test_messages_are_attested_for_the_case_and_their_senders_become_its_subjects(harbour: Harbour) -> None:
    case = harbour.case()
    messages = [stamped(harbour.infiltrator.account), stamped(harbour.member.account), stamped(uuid4())]
    tokens = attest_messages(case, messages)
    assert len(tokens) == 3
    assert shown(harbour.moderator, case.id).body["subjects"] == [str(harbour.infiltrator.account)]
    assert "subjects" not in shown(harbour.member, case.id).body
    again = harbour.case()
    attest_messages(again, messages)
    about = [item["id"] for item in get(harbour.moderator, "/cases").body["cases"] if item["subjects"]]
    assert sorted(about) == sorted([str(case.id), str(again.id)])


def test_a_moderator_who_was_suspended_when_messages_of_theirs_were_shown_comes_back_to_everything_but_that(
    harbour: Harbour,
) -> None:
    before, case = harbour.case(), harbour.case()
    away = harbour.account(harbour.colleague)
    suspend_account(away)
    attest_messages(case, [stamped(away.id), stamped(harbour.moderator.account)])
    restore_account(harbour.account(harbour.colleague))
    assert list(queue(harbour.colleague)) == [str(before.id)]
    assert shown(harbour.colleague, case.id).code == Code.NOT_FOUND
    assert str(away.id) not in shown(harbour.member, case.id).body["staff"]
    claim = f"/rooms/{case.room_id}/claim"
    assert post(harbour.member, claim, {"accounts": [str(away.id)]}).code == Code.FORBIDDEN
    # Whoever works there was seen, and let in by hand.
    assert str(case.id) in queue(harbour.moderator)


def test_one_forged_message_among_genuine_ones_is_named_and_none_is_attested(harbour: Harbour) -> None:
    case = harbour.case()
    good, bad = stamped(harbour.infiltrator.account), stamped(harbour.infiltrator.account)
    fields = ("sender", "room", "seq", "time", "tag", "frank", "key")

    def body(message: object) -> dict[str, object]:
        values = {name: getattr(message, name) for name in fields}
        return {
            name: b64encode(value) if isinstance(value, bytes) else str(value) if isinstance(value, UUID) else value
            for name, value in values.items()
        }

    forged = body(bad) | {"sender": str(harbour.coordinator.account)}
    reply = post(harbour.member, f"/cases/{case.id}/attest", {"messages": [body(good), forged]})
    assert reply.code == Code.BAD_FRANK
    assert reply.body["error"]["index"] == 1
    assert not case.subjects.exists()
    assert not AuditEntry.objects.filter(action="messages_attested").exists()
    # Whoever is suspended meanwhile says to the end what they asked, by the same rules.
    Account.objects.filter(id=harbour.member.account).update(suspended_at=timezone.now())
    assert post(harbour.member, f"/cases/{case.id}/attest", {"messages": [forged]}).code == Code.BAD_FRANK
    assert post(harbour.member, f"/cases/{case.id}/attest", {"messages": [body(good)]}).status == 200
    cases.withdraw_case(case, harbour.account(harbour.member))
    assert post(harbour.member, f"/cases/{case.id}/attest", {"messages": [body(good)]}).code == Code.CASE_CLOSED
