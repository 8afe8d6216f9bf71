"""Long lists come a part at a time: each thing once, also when some of them change between two parts."""

from itertools import chain
from uuid import uuid4

import pytest
from django.utils import timezone

from chat.protocol.errors import Code
from moderation import paging
from moderation.models import Case, CaseState
from tests.factories import Person
from tests.http.api import get
from tests.moderation.conftest import Harbour
from tests.moderation.deciding import decide


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "PAGE", 2)


def pages(person: Person, path: str, name: str) -> list[list[str]]:
    """What each page holds, until the server says that there is no more."""
    found: list[list[str]] = []
    after = ""
    while True:
        body = get(person, f"{path}{after}").body
        found.append([item["id"] for item in body[name]])
        if not body["more"]:
            return found
        after = f"{'&' if '?' in path else '?'}after={found[-1][-1]}"


def decided(harbour: Harbour, count: int) -> list[str]:
    """So many warnings, newest first."""
    made = [decide(harbour.moderator, harbour.member, "warn").body["id"] for _ in range(count)]
    return made[::-1]


def test_decisions_come_in_pages_newest_first(harbour: Harbour) -> None:
    made = decided(harbour, 5)
    assert pages(harbour.colleague, "/decisions", "decisions") == [made[:2], made[2:4], made[4:]]
    assert pages(harbour.colleague, f"/decisions?subject={harbour.member.account}", "decisions") == [
        made[:2],
        made[2:4],
        made[4:],
    ]
    assert pages(harbour.colleague, f"/decisions?subject={harbour.infiltrator.account}", "decisions") == [[]]


def test_what_is_decided_meanwhile_moves_nothing(harbour: Harbour) -> None:
    made = decided(harbour, 3)
    decided(harbour, 1)
    rest = get(harbour.colleague, f"/decisions?after={made[1]}").body
    assert [item["id"] for item in rest["decisions"]] == made[2:]
    assert rest["more"] is False


def test_cases_of_one_moment_come_once_each_and_one_that_was_closed_meanwhile_ends_no_list(harbour: Harbour) -> None:
    cases = [str(harbour.case().id) for _ in range(5)]
    Case.objects.update(due_at=timezone.now())
    listed = pages(harbour.moderator, "/cases", "cases")
    assert [len(part) for part in listed] == [2, 2, 1]
    assert sorted(chain.from_iterable(listed)) == sorted(cases)
    Case.objects.filter(id=listed[0][-1]).update(state=CaseState.CLOSED, closed_at=timezone.now())
    rest = get(harbour.moderator, f"/cases?after={listed[0][-1]}").body["cases"]
    assert [item["id"] for item in rest] == listed[1]
    Case.objects.update(state=CaseState.CLOSED, closed_at=timezone.now())
    assert sorted(chain.from_iterable(pages(harbour.moderator, "/cases?closed=true", "cases"))) == sorted(cases)


@pytest.mark.parametrize("path", ["/cases?after=", "/cases?closed=true&after=", "/decisions?after="])
def test_a_page_behind_what_is_not_there_for_the_caller_is_not_found(harbour: Harbour, path: str) -> None:
    assert get(harbour.moderator, f"{path}{uuid4()}").code == Code.NOT_FOUND
    kept = harbour.case()
    kept.kept_from.add(harbour.account(harbour.moderator))
    assert get(harbour.moderator, f"{path}{kept.id}").code == Code.NOT_FOUND
    assert get(harbour.moderator, f"{path}soon").code == Code.MALFORMED


def test_one_decision_is_shown_to_the_staff_who_see_it(harbour: Harbour) -> None:
    [made] = decided(harbour, 1)
    decided(harbour, 4)
    assert get(harbour.colleague, f"/decisions/{made}").body["id"] == made
    assert get(harbour.member, f"/decisions/{made}").code == Code.FORBIDDEN
    assert get(harbour.colleague, f"/decisions/{uuid4()}").code == Code.NOT_FOUND
    about_staff = decide(harbour.coordinator, harbour.moderator, "warn").body["id"]
    assert get(harbour.moderator, f"/decisions/{about_staff}").code == Code.NOT_FOUND
