"""What the operator decides by commands is read, objected to and taken back as any decision is."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError

from chat.actions.accounts import suspend_account
from chat.actions.deletion import delete_account
from chat.models import Account, RoomBar, RoomDevice
from chat.protocol.errors import Code
from moderation.actions.cases import claim_case
from moderation.actions.operating import restore_as_operator
from moderation.models import AuditEntry, CaseSubject, Decision, Said
from moderation.pseudonyms import pseudonym
from tests import factories
from tests.factories import REASONS, Person
from tests.http.api import get, post
from tests.moderation.conftest import Harbour, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def harbour() -> Harbour:
    return settle()


def test_whoever_the_operator_bans_reads_why_and_a_moderator_takes_it_back(harbour: Harbour) -> None:
    room = factories.settled_room("group", [harbour.member, harbour.infiltrator])
    call_command("ban_account", str(harbour.infiltrator.account), "--card", "2", *REASONS)
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
        call_command("suspend_account", str(harbour.infiltrator.account), "--law", "A law", *REASONS)
    assert Decision.objects.count() == AuditEntry.objects.count() == 1
    call_command("suspend_account", str(harbour.member.account), "--law", "A law", *REASONS, "--days", "2")
    ends = Account.objects.get(id=harbour.member.account).suspended_until
    assert ends is not None
    assert ends == Decision.objects.get(subject=harbour.member.account).until


def test_a_command_needs_a_ground_that_there_is_and_changes_nothing_without(harbour: Harbour) -> None:
    account = str(harbour.infiltrator.account)
    for wrong in (
        [],
        ["--card", "99"],
        ["--card", "0"],
        ["--card", "1", "--law", "A law"],
        ["--law"],
        ["--law", "x"],
        ["--law", "x" * 121],
        ["--law", " two\nlines"],
    ):
        with pytest.raises(CommandError):
            call_command("ban_account", account, *wrong, *REASONS)
    with pytest.raises(CommandError):
        call_command("suspend_account", account, "--law", "A law", *REASONS, "--days", "0")
    with pytest.raises(CommandError):
        call_command("restore_account", account)
    assert get(harbour.infiltrator, "/push").status == 200
    assert not Decision.objects.exists()


@pytest.mark.parametrize("option", ["--facts", "--why"])
@pytest.mark.parametrize("said", [None, "", "x", " outer spaces ", "two\nlines", "a\u0000b", "x" * 1001])
def test_a_command_needs_what_happened_and_why_that_falls_under_it(
    option: str, said: str | None, harbour: Harbour
) -> None:
    given = {"--facts": "You offered work.", "--why": "That is recruiting."} | {option: said}
    asked = [word for name, words in given.items() if words is not None for word in (name, words)]
    for command in ("ban_account", "suspend_account"):
        with pytest.raises(CommandError):
            call_command(command, str(harbour.infiltrator.account), "--card", "1", *asked)
    assert not Decision.objects.exists()
    assert get(harbour.infiltrator, "/push").status == 200


def test_what_the_operator_writes_is_read_by_whom_it_concerns_and_staff_and_is_in_no_log(harbour: Harbour) -> None:
    facts, why = "On 3 May you offered a stranger work — «за кордоном».", "This is what recruiting looks like."
    call_command("ban_account", str(harbour.infiltrator.account), "--card", "4", "--facts", facts, "--why", why)
    (told,) = get(harbour.infiltrator, "/me/decisions").body["statements"]
    assert (told["said"], told["finding"], told["based_on"]) == ({"facts": facts, "why": why}, None, "own_initiative")
    for person in (harbour.moderator, harbour.colleague, harbour.coordinator):
        (seen,) = get(person, "/decisions").body["decisions"]
        assert seen["said"] == {"facts": facts, "why": why}
    assert get(harbour.member, "/decisions").code == Code.FORBIDDEN
    assert get(harbour.member, "/me/decisions").body["statements"] == []
    assert not [
        entry for entry in AuditEntry.objects.values() if "stranger" in str(entry) or "recruiting" in str(entry)
    ]


def test_a_command_says_whether_somebody_told_of_it(harbour: Harbour) -> None:
    call_command("suspend_account", str(harbour.infiltrator.account), "--card", "4", *REASONS, "--notice")
    (told,) = get(harbour.infiltrator, "/me/decisions").body["statements"]
    assert told["based_on"] == "report"


def test_other_reasons_make_another_decision_of_a_command(harbour: Harbour) -> None:
    account = str(harbour.infiltrator.account)
    call_command("ban_account", account, "--card", "4", *REASONS)
    call_command(
        "ban_account", account, "--card", "4", "--facts", "You offered work again.", "--why", "It is recruiting."
    )
    assert Decision.objects.count() == 2
    assert len(get(harbour.infiltrator, "/me/decisions").body["statements"]) == 2


def test_what_the_operator_wrote_goes_with_the_account(harbour: Harbour) -> None:
    call_command("ban_account", str(harbour.infiltrator.account), "--card", "4", *REASONS)
    assert Said.objects.count() == 1
    delete_account(harbour.account(harbour.infiltrator))
    assert not Said.objects.exists()
    (kept,) = get(harbour.moderator, "/decisions").body["decisions"]
    assert (kept["said"], kept["by_operator"]) == (None, True)


def test_restoring_lifts_whatever_shuts_the_account_out_and_says_why(harbour: Harbour) -> None:
    account = str(harbour.infiltrator.account)
    call_command("suspend_account", account, "--law", "A law", *REASONS)
    call_command("ban_account", account, "--card", "1", *REASONS)
    call_command("restore_account", account, "--reason", "enough")
    assert get(harbour.infiltrator, "/push").status == 200
    statements = get(harbour.infiltrator, "/me/decisions").body["statements"]
    assert [(told["state"], told["lifted_for"]) for told in statements] == [("lifted", "enough")] * 2


def test_an_account_that_was_shut_out_without_a_decision_is_restored_too(harbour: Harbour) -> None:
    suspend_account(harbour.account(harbour.infiltrator))
    call_command("restore_account", str(harbour.infiltrator.account), "--reason", "mistake")
    assert get(harbour.infiltrator, "/push").status == 200
    assert AuditEntry.objects.get().action == "account_restored"


def test_what_the_log_says_of_an_account_is_done_or_neither_is(
    harbour: Harbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = harbour.account(harbour.infiltrator)
    suspend_account(subject)
    before = Account.objects.get(id=subject.id)

    def breaks(*_: object, **__: object) -> None:
        raise OperationalError("the database is away")

    for place in ("django.db.models.query.QuerySet.update", "moderation.actions.operating.record"):
        with monkeypatch.context() as broken:
            broken.setattr(place, breaks)
            with pytest.raises(OperationalError):
                restore_as_operator(subject, "mistake")
        assert not AuditEntry.objects.exists()
        assert Account.objects.get(id=subject.id).suspended_at == before.suspended_at is not None


def test_which_languages_the_operator_sets_stands_in_the_log_once(harbour: Harbour) -> None:
    for languages in (["es", "uk", "es"], ["es", "uk"], ["uk"]):
        call_command("set_languages", *languages, "--network", str(harbour.network.id))
    log = AuditEntry.objects.order_by("seq").values_list("actor", "action", "detail")
    assert list(log) == [("operator", "languages_set", "es,uk"), ("operator", "languages_set", "uk")]


def listed(person: Person) -> list[str]:
    return [case["id"] for case in get(person, "/cases").body["cases"]]


def test_a_member_becomes_a_moderator_who_reads_the_cases_but_those_about_themselves(harbour: Harbour) -> None:
    about_them, own = harbour.case(), harbour.case()
    other = post(harbour.infiltrator, "/cases", a_case()).body["id"]
    subject = harbour.account(harbour.infiltrator)
    CaseSubject.objects.create(case=about_them, account=subject)
    CaseSubject.objects.create(case_id=other, account=subject)
    for _ in range(2):
        call_command("set_role", str(subject.id), "moderator")
    assert sorted(listed(harbour.infiltrator)) == sorted([str(own.id), other])
    assert get(harbour.infiltrator, f"/cases/{about_them.id}").code == Code.NOT_FOUND
    assert RoomBar.objects.filter(account=subject).values_list("room", flat=True).get() == about_them.room_id
    assert str(subject.id) not in get(harbour.member, f"/cases/{about_them.id}").body["staff"]
    assert str(subject.id) in get(harbour.member, f"/cases/{own.id}").body["staff"]
    entry = AuditEntry.objects.get(action="role_set")
    assert (entry.actor, entry.detail, entry.subject) == (
        "operator",
        "moderator",
        pseudonym(harbour.network.id, subject.id),
    )


def test_a_moderator_who_is_a_member_again_is_out_of_cases_and_what_they_had_is_free(harbour: Harbour) -> None:
    case = harbour.case()
    claim_case(case, harbour.account(harbour.moderator))
    assert case.room is not None
    for person in (harbour.member, harbour.moderator, harbour.colleague):
        RoomDevice.objects.get_or_create(room=case.room, device=factories.device_of(person), defaults={"joined_seq": 0})
    call_command("set_role", str(harbour.moderator.account), "member")
    inside = RoomDevice.objects.filter(room=case.room, removed_at=None).values_list("device__account", flat=True)
    assert set(inside) == {harbour.member.account, harbour.colleague.account}
    assert listed(harbour.moderator) == []
    assert post(harbour.colleague, f"/cases/{case.id}/claim").status == 200
    assert get(harbour.moderator, "/decisions").code == Code.FORBIDDEN


def test_whoever_leaves_a_network_without_staff_is_told(harbour: Harbour, capsys: pytest.CaptureFixture[str]) -> None:
    staff = (harbour.moderator, harbour.colleague, harbour.coordinator)
    for person in staff:
        assert "Nobody looks after" not in capsys.readouterr().out
        call_command("set_role", str(person.account), "member")
    assert "Nobody looks after" in capsys.readouterr().out
    for wrong in ([str(staff[0].account), "admin"], [str(uuid4()), "member"]):
        with pytest.raises(CommandError):
            call_command("set_role", *wrong)


def a_case() -> dict[str, Any]:
    return {"id": str(uuid4()), "room": str(uuid4()), "concern": "threats", "urgency": "today"}
