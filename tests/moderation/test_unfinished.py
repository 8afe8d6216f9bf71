"""What a decision does is done in the end, wherever its process dies, and asking again is no fault."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.transaction import Atomic

from chat.actions import removal
from chat.models import Account, Invite, RoomBar, RoomDevice
from chat.protocol.errors import Code, unavailable
from moderation.actions import effects
from moderation.actions.completing import Completing
from moderation.actions.ending import lift
from moderation.models import AuditEntry, Cut, Decision
from tests import factories
from tests.factories import CUT, Person
from tests.http.api import Reply, ask, get, post
from tests.moderation.conftest import Harbour, settle
from tests.moderation.deciding import decide

pytestmark = pytest.mark.django_db(transaction=True)

HEARD = {"reason": "heard"}


class Killed(BaseException):
    """The process is no more: nothing after this was done."""


@pytest.fixture
def harbour() -> Harbour:
    return settle()


@pytest.fixture
def killed_before(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[], object]], None]:
    """Lets something be asked, and ends it where the effects (`apply` or `undo`) would begin."""

    def run(step: str, asked: Callable[[], object]) -> None:
        def die(decision: Decision) -> None:
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(effects, step, die)
            with pytest.raises(Killed):
                asked()

    return run


Killing = Callable[[str, Callable[[], object]], None]


def shut_out(person: Person) -> bool:
    return get(person, "/push").status == 403


def proposed(harbour: Harbour) -> str:
    made: dict[str, Any] = decide(harbour.moderator, harbour.infiltrator, "ban").body
    return f"/decisions/{made['id']}"


def inside(person: Person) -> bool:
    return RoomDevice.objects.filter(device__account=person.account, removed_at=None).exists()


def two_looks() -> None:
    here = Completing()
    here.look()
    here.look()


def test_whoever_agreed_and_heard_nothing_agrees_again_and_the_ban_holds(
    harbour: Harbour, killed_before: Killing
) -> None:
    path = proposed(harbour)
    killed_before("apply", lambda: post(harbour.colleague, f"{path}/agree"))
    assert not shut_out(harbour.infiltrator)
    assert post(harbour.coordinator, f"{path}/agree").code == Code.CASE_CLOSED
    assert post(harbour.colleague, f"{path}/agree").body["state"] == "in_force"
    assert shut_out(harbour.infiltrator)
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["decision_proposed", "decision_agreed"]


def test_whoever_ended_it_and_heard_nothing_ends_it_again(harbour: Harbour, killed_before: Killing) -> None:
    made = decide(harbour.moderator, harbour.infiltrator, "suspend").body
    path = f"/decisions/{made['id']}/lift"
    killed_before("undo", lambda: post(harbour.moderator, path, HEARD))
    assert shut_out(harbour.infiltrator)
    assert post(harbour.moderator, path, {"reason": "enough"}).code == Code.CASE_CLOSED
    assert post(harbour.colleague, path, HEARD).code == Code.CASE_CLOSED
    assert post(harbour.moderator, path, HEARD).body["state"] == "lifted"
    assert not shut_out(harbour.infiltrator)
    assert AuditEntry.objects.filter(action="decision_lifted").count() == 1


def test_whoever_answered_an_objection_and_heard_nothing_answers_it_again(
    harbour: Harbour, killed_before: Killing
) -> None:
    made = decide(harbour.moderator, harbour.infiltrator, "suspend").body
    path = f"/decisions/{made['id']}"
    post(harbour.infiltrator, f"{path}/appeal")
    answer = {"outcome": "overturned", "reason": "too_much"}
    killed_before("undo", lambda: post(harbour.colleague, f"{path}/close-appeal", answer))
    assert shut_out(harbour.infiltrator)
    for other in ((harbour.colleague, answer | {"reason": "new_facts"}), (harbour.coordinator, answer)):
        assert post(other[0], f"{path}/close-appeal", other[1]).code == Code.CASE_CLOSED
    assert post(harbour.colleague, f"{path}/close-appeal", answer).body["state"] == "overturned"
    assert not shut_out(harbour.infiltrator)
    assert AuditEntry.objects.filter(action="appeal_closed").count() == 1


def test_whoever_refused_and_heard_nothing_refuses_again(harbour: Harbour) -> None:
    path = proposed(harbour)
    for _ in range(2):
        assert post(harbour.colleague, f"{path}/refuse").body["state"] == "refused"
    assert post(harbour.coordinator, f"{path}/refuse").code == Code.CASE_CLOSED
    assert AuditEntry.objects.filter(action="decision_refused").count() == 1


def test_what_nobody_asks_for_again_is_completed_by_whoever_cleans_up(harbour: Harbour, killed_before: Killing) -> None:
    room = factories.settled_room("group", [harbour.member, harbour.infiltrator])
    path = proposed(harbour)
    killed_before("apply", lambda: post(harbour.colleague, f"{path}/agree"))
    here = Completing()
    here.look()
    assert not shut_out(harbour.infiltrator), "whoever decided may be about to do it"
    here.look()
    assert shut_out(harbour.infiltrator)
    assert not inside(harbour.infiltrator)
    killed_before("undo", lambda: post(harbour.moderator, f"{path}/lift", HEARD))
    two_looks()
    assert not shut_out(harbour.infiltrator)
    removal_of = {"room": str(room.id)}
    killed_before("apply", lambda: decide(harbour.moderator, harbour.member, "remove_from_room", **removal_of))
    two_looks()
    assert RoomBar.objects.filter(room=room, account=harbour.member.account, decided=True).exists()
    assert not Decision.objects.filter(unfinished=True).exists()


def test_a_branch_whose_process_died_comes_out_of_its_rooms_too(
    harbour: Harbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, invite = factories.invite(harbour.network, created_by=harbour.account(harbour.member))
    Account.objects.filter(id=harbour.infiltrator.account).update(invite=invite)
    factories.settled_room("group", [harbour.member, harbour.infiltrator])

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("chat.actions.branches.remove_from_all_rooms", die)
        body = {"include_root": False, "card": 1, **CUT}
        with pytest.raises(Killed):
            post(harbour.coordinator, f"/accounts/{harbour.member.account}/revoke-branch", body)
    assert shut_out(harbour.infiltrator)
    assert inside(harbour.infiltrator)
    two_looks()
    assert not inside(harbour.infiltrator)
    assert not Decision.objects.filter(unfinished=True).exists()


def test_a_ban_takes_back_the_invites_also_where_the_rooms_cannot_be_reached(
    harbour: Harbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.settled_room("group", [harbour.member, harbour.infiltrator])
    _, invite = factories.invite(harbour.network, created_by=harbour.account(harbour.infiltrator))
    path = proposed(harbour)

    def busy(room: object, devices: object) -> None:
        raise unavailable()

    with monkeypatch.context() as patch:
        patch.setattr(removal, "remove_places", busy)
        assert post(harbour.colleague, f"{path}/agree").code == Code.UNAVAILABLE
    assert shut_out(harbour.infiltrator)
    assert Invite.objects.get(id=invite.id).revoked_at is not None
    assert inside(harbour.infiltrator)
    assert post(harbour.colleague, f"{path}/agree").status == 200
    assert not inside(harbour.infiltrator)


def test_one_that_cannot_be_completed_keeps_no_other_from_it(
    harbour: Harbour, killed_before: Killing, monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in (harbour.infiltrator, harbour.member):
        killed_before("apply", partial(decide, harbour.moderator, person, "suspend"))
    apply = effects.apply

    def fail_for_one(decision: Decision) -> None:
        if decision.subject_id == harbour.infiltrator.account:
            raise unavailable()
        apply(decision)

    with monkeypatch.context() as patch:
        patch.setattr(effects, "apply", fail_for_one)
        two_looks()
    assert shut_out(harbour.member)
    assert not shut_out(harbour.infiltrator)
    two_looks()
    assert shut_out(harbour.infiltrator)


@pytest.mark.parametrize("kind", ["suspend", "ban"])
def test_what_was_ended_while_it_came_into_force_shuts_nobody_out(
    kind: str, harbour: Harbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(harbour.coordinator, "PUT", "/moderation/rules", {"second_for": []})
    apply = effects.apply

    def too_late(decision: Decision) -> None:
        lift(
            Decision.objects.select_related("subject").get(id=decision.id),
            harbour.account(harbour.coordinator),
            "heard",
        )
        apply(decision)

    monkeypatch.setattr(effects, "apply", too_late)
    assert decide(harbour.moderator, harbour.infiltrator, kind).status == 200
    assert not shut_out(harbour.infiltrator)
    assert not Decision.objects.filter(unfinished=True).exists()


def test_what_ends_while_another_comes_into_force_leaves_that_one(
    harbour: Harbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = decide(harbour.moderator, harbour.infiltrator, "suspend").body
    undo = effects.undo

    def too_late(decision: Decision) -> None:
        decide(harbour.colleague, harbour.infiltrator, "suspend")
        undo(decision)

    monkeypatch.setattr(effects, "undo", too_late)
    assert post(harbour.moderator, f"/decisions/{first['id']}/lift", HEARD).body["state"] == "lifted"
    assert shut_out(harbour.infiltrator)
    standing = Decision.objects.get(state="in_force")
    ends = Account.objects.get(id=harbour.infiltrator.account).suspended_until
    assert ends is not None
    assert standing.until is not None
    assert abs(ends - standing.until) < timedelta(seconds=1)


def test_a_branch_that_waits_has_its_pause_wherever_the_process_died(
    harbour: Harbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, invite = factories.invite(harbour.network, created_by=harbour.account(harbour.infiltrator), uses=5)
    below = [factories.enrolled(Person(), harbour.network, "member") for _ in range(5)]
    Account.objects.filter(id__in=[person.account for person in below]).update(invite=invite)
    leave = Atomic.__exit__

    def die(atomic: Atomic, *raised: Any) -> None:
        leave(atomic, *raised)
        if not connection.in_atomic_block and Cut.objects.exists():
            raise Killed

    def propose() -> Reply:
        body = {"include_root": True, "card": 1, **CUT}
        return post(harbour.coordinator, f"/accounts/{harbour.infiltrator.account}/revoke-branch", body)

    with monkeypatch.context() as patch:
        patch.setattr(Atomic, "__exit__", die)
        with pytest.raises(Killed):
            propose()
    assert Cut.objects.get().state == "proposed"
    assert not shut_out(harbour.infiltrator)
    two_looks()
    assert shut_out(harbour.infiltrator)
    assert not any(shut_out(person) for person in below)
    # Whoever heard nothing asks again, and there is one pause and one proposal.
    assert propose().body["waits"] == str(Cut.objects.get().id)
    assert Decision.objects.count() == 1


def test_whoever_agreed_to_cut_off_a_branch_and_heard_nothing_has_cut_off_all_of_it(
    harbour: Harbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, invite = factories.invite(harbour.network, created_by=harbour.account(harbour.infiltrator), uses=5)
    below = [factories.enrolled(Person(), harbour.network, "member") for _ in range(6)]
    Account.objects.filter(id__in=[person.account for person in below]).update(invite=invite)
    body = {"include_root": False, "card": 1, **CUT}
    waits = post(harbour.coordinator, f"/accounts/{harbour.infiltrator.account}/revoke-branch", body).body["waits"]
    leave = Atomic.__exit__

    def die(atomic: Atomic, *raised: Any) -> None:
        leave(atomic, *raised)
        if not connection.in_atomic_block and Cut.objects.exclude(state="proposed").exists():
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Atomic, "__exit__", die)
        with pytest.raises(Killed):
            post(harbour.moderator, f"/branches/{waits}/agree", {"people": 6})
    assert all(shut_out(person) for person in below)
    assert Decision.objects.filter(kind="ban", unfinished=True).count() == 6
    two_looks()
    assert not Decision.objects.filter(unfinished=True).exists()
    assert post(harbour.moderator, f"/branches/{waits}/agree", {"people": 6}).status == 200
