"""P36 asked and forgotten: once nothing can come of a case any more, no table says who asked about whom."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone

from chat.models import Blob, Entry, EntryKind, Room, RoomDevice
from chat.protocol.errors import Code
from moderation.actions import ending, forgetting
from moderation.actions.cases import close_case
from moderation.actions.decisions import agree
from moderation.actions.forgetting import forget_cases
from moderation.forgotten import quarter_of
from moderation.models import Appeal, Case, Decision, StoredReport
from moderation.transparency_queries import transparency
from tests.delivery.conftest import database_allowed
from tests.http.api import get, post
from tests.moderation.conftest import Harbour, either_database, settle
from tests.privacy.forgetting import DAY, ended, later, reopened, warn

__all__ = ["database_allowed", "either_database"]

pytestmark = pytest.mark.privacy

ID = re.compile(rb"[0-9a-f]{32}")


@pytest.fixture
def harbour(either_database: None) -> Harbour:
    return settle()


def reached_from(start: UUID) -> set[str]:
    """Every id to which rows lead, from one row to the next by what stands in both."""
    rows: list[set[str]] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 (names from the schema)
            for row in cursor.fetchall():
                values = b" ".join(v if isinstance(v, bytes) else str(v).replace("-", "").encode() for v in row)
                rows.append({found.decode() for found in ID.findall(values)})
    networks = {network.hex for network in Case.objects.values_list("network", flat=True)}
    reached, new = set[str](), {start.hex}
    while new:
        reached |= new
        new = {other for row in rows if row & reached for other in row} - reached - networks
    return reached


def test_from_a_case_that_is_over_no_row_leads_to_who_asked_or_about_whom(harbour: Harbour) -> None:
    case = ended(harbour)
    open_again = Case.objects.filter(id=case.id)
    open_again.update(state="claimed", closed_at=None)
    # A decision about whoever asked tells who that is.
    limit = warn(harbour, harbour.member, open_again.get(), "limit_reports")
    close_case(open_again.get(), harbour.account(harbour.moderator), "helped")
    people = {harbour.member.account.hex, harbour.infiltrator.account.hex}
    assert reached_from(case.id) >= people
    rooms = list(open_again.values_list("room", "notes").get())
    forget_cases(later())
    assert reached_from(case.id) == {case.id.hex}
    assert not Room.objects.filter(id__in=rooms).exists()
    limit.refresh_from_db()
    assert (limit.case_id, limit.subject_id) == (None, harbour.member.account)


Blocking = Callable[[Harbour, Case], Callable[[], object]]


def ban(harbour: Harbour, case: Case) -> Decision:
    """One that was proposed before the case was closed."""
    found = Case.objects.filter(id=case.id)
    found.update(state="claimed", closed_at=None)
    made = warn(harbour, harbour.infiltrator, found.get(), "ban")
    found.update(state=case.state, closed_at=case.closed_at)
    return made


def a_proposal(harbour: Harbour, case: Case) -> Callable[[], object]:
    made = ban(harbour, case)
    return lambda: post(harbour.coordinator, f"/decisions/{made.id}/refuse")


def a_decision_of_late(harbour: Harbour, case: Case) -> Callable[[], object]:
    made = agree(ban(harbour, case), harbour.account(harbour.coordinator))
    found = Decision.objects.filter(id=made.id)
    found.update(in_force_at=later() - DAY)
    return lambda: found.update(in_force_at=timezone.now())


def an_objection(harbour: Harbour, case: Case) -> Callable[[], object]:
    made = Decision.objects.get(case=case)
    ending.appeal(made)
    answer = {"outcome": "upheld", "reason": "fits"}
    return lambda: post(harbour.coordinator, f"/decisions/{made.id}/close-appeal", answer)


def something_unread(harbour: Harbour, case: Case) -> Callable[[], object]:
    assert case.room is not None
    entry = Entry.objects.create(
        room=case.room, seq=1, kind=EntryKind.APPLICATION, epoch=1, entry_id=bytes(16), payload=b"sealed", hub_key=1,
        accepted_at=0,
    )  # fmt: skip
    return entry.delete


def being_open(harbour: Harbour, case: Case) -> Callable[[], object]:
    found = Case.objects.filter(id=case.id)
    found.update(state="waiting", closed_at=None)
    return lambda: close_case(found.get(), harbour.account(harbour.moderator), "helped")


def a_clock_that_has_not_come_so_far(harbour: Harbour, case: Case) -> Callable[[], object]:
    found = Case.objects.filter(id=case.id)
    found.update(closed_at=later() - 182 * DAY)
    return lambda: found.update(closed_at=timezone.now())


BLOCKING: list[Blocking] = [
    a_proposal,
    a_decision_of_late,
    an_objection,
    something_unread,
    being_open,
    a_clock_that_has_not_come_so_far,
]


@pytest.mark.parametrize("blocking", BLOCKING, ids=lambda blocking: blocking.__name__)
def test_nothing_is_forgotten_while_something_can_come_of_it(harbour: Harbour, blocking: Blocking) -> None:
    case = ended(harbour)
    over = blocking(harbour, case)
    forget_cases(later())
    kept = Case.objects.get(id=case.id)
    assert (kept.forgotten, kept.opened_by_id) == (False, harbour.member.account)
    assert kept.room_id is not None
    over()
    forget_cases(later())
    assert Case.objects.get(id=case.id).forgotten


def test_numbers_are_the_same_before_and_after(harbour: Harbour) -> None:
    for number in range(6):
        case = ended(harbour)
        limit = warn(harbour, harbour.member, reopened(case), "limit_reports")
        Case.objects.filter(id=case.id).update(state="closed", closed_at=case.closed_at)
        ending.appeal(limit)
        Appeal.objects.update(made_at=timezone.now() - timedelta(minutes=10 + number))
        ending.close_appeal(limit, harbour.account(harbour.coordinator), "overturned", "too_much")
    quarter = quarter_of(timezone.now()).date(), timezone.now().date()
    before = transparency(harbour.network, quarter)
    StoredReport.objects.all().delete()
    assert before.tables["decisions_by_kind"] == {"limit_reports": 5, "warn": 5}
    assert before.medians["minutes_to_answer_appeal"] is not None
    forget_cases(later())
    assert Case.objects.filter(forgotten=True).count() == 6
    assert transparency(harbour.network, quarter) == before


def test_for_everybody_it_exists_no_more_and_other_cases_about_the_same_person_do(harbour: Harbour) -> None:
    old, new = ended(harbour), ended(harbour, by=harbour.colleague)
    yesterday = timezone.now() - DAY
    Case.objects.filter(id=old.id).update(closed_at=yesterday)
    Decision.objects.filter(case=old).update(in_force_at=yesterday)
    shown = {case["id"]: case["subjects"] for case in get(harbour.moderator, "/cases?closed=true").body["cases"]}
    assert shown == {str(case.id): [str(harbour.infiltrator.account)] for case in (old, new)}
    forget_cases(later() - DAY)
    for person in (harbour.member, harbour.moderator, harbour.coordinator):
        assert get(person, f"/cases/{old.id}").code == Code.NOT_FOUND
        assert get(person, f"/cases/{old.id}/custody").code == Code.NOT_FOUND
    assert [case["id"] for case in get(harbour.moderator, "/cases?closed=true").body["cases"]] == [str(new.id)]
    # A moderator who asked is nobody who works on it then.
    forget_cases(later())
    assert get(harbour.colleague, f"/cases/{new.id}").code == Code.NOT_FOUND
    assert post(harbour.colleague, f"/cases/{new.id}/notes", {"room": str(uuid4())}).code == Code.NOT_FOUND
    again = {"id": str(old.id), "room": str(uuid4()), "concern": "threats", "urgency": "today"}
    assert post(harbour.member, "/cases", again).code == Code.ROOM_EXISTS


def test_what_was_decided_stays_and_stays_kept_from_whom_the_case_was(harbour: Harbour) -> None:
    ended(harbour, harbour.colleague)
    (before,) = get(harbour.infiltrator, "/me/decisions").body["statements"]
    forget_cases(later())
    assert get(harbour.infiltrator, "/me/decisions").body["statements"] == [before]
    assert before["based_on"] == "report"
    path = f"/decisions/{before['decision']}"
    (seen,) = get(harbour.coordinator, "/decisions").body["decisions"]
    assert (seen["id"], seen["case"]) == (before["decision"], None)
    assert get(harbour.colleague, "/decisions").body["decisions"] == []
    assert post(harbour.colleague, f"{path}/talk", {"room": str(uuid4())}).code == Code.NOT_FOUND
    talk = uuid4()
    assert post(harbour.moderator, f"{path}/talk", {"room": str(talk)}).status == 200
    barred = Room.objects.get(id=talk).bars.values_list("account", flat=True)
    assert list(barred) == [harbour.colleague.account]


def test_it_goes_a_few_cases_and_attachments_at_a_time(harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    monkeypatch.setattr(forgetting, "_BLOBS", 2)
    cases = [ended(harbour) for _ in range(3)]
    room = cases[0].room
    assert room is not None
    for _ in range(3):
        Blob.objects.create(room=room, blob=uuid4().bytes, size=5, sealed=b"bytes", expires_on="2100-01-01")
    forget_cases(later())
    assert list(Case.objects.order_by("closed_at").values_list("forgotten", flat=True)) == [True, True, False]
    forget_cases(later())
    assert not Case.objects.filter(forgotten=False).exists()
    assert not Blob.objects.exists()


def test_a_case_whose_person_has_gone_is_forgotten_too(harbour: Harbour) -> None:
    case = ended(harbour)
    Case.objects.filter(id=case.id).update(opened_by=None)
    forget_cases(later())
    assert reached_from(case.id) == {case.id.hex}
    assert not RoomDevice.objects.filter(room__kind="case").exists()
