"""P26 asked without a name: what was decided about whoever asked is told to screens as such, also once the case is forgotten,
so that it does not come under their name then; and P36 asked and forgotten: the database alone does not tell it."""

from dataclasses import FrozenInstanceError
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from chat.hub_keys import HubKeys
from moderation.actions.cases import close_case
from moderation.actions.decisions import Deciding, decide
from moderation.actions.forgetting import forget_cases
from moderation.forgotten import seal_details
from moderation.models import Case, Decision
from tests.delivery.conftest import database_allowed
from tests.factories import Person
from tests.http.api import get
from tests.moderation.conftest import Harbour, either_database, settle
from tests.privacy.forgetting import ended, later, reopened, warn

__all__ = ["database_allowed", "either_database"]

pytestmark = pytest.mark.privacy


@pytest.fixture
def harbour(either_database: None) -> Harbour:
    return settle()


def about_askers(harbour: Harbour) -> dict[UUID, bool]:
    """By whom each is about, as moderators' devices are told."""
    found = get(harbour.colleague, "/decisions").body["decisions"]
    return {UUID(one["subject"]): one["about_asker"] for one in found}


@pytest.fixture
def both(harbour: Harbour) -> dict[UUID, bool]:
    """A warning about whoever asked and one about whom they asked, of one case that is forgotten."""
    case = ended(harbour)
    warn(harbour, harbour.member, reopened(case))
    close_case(Case.objects.get(id=case.id), harbour.account(harbour.moderator), "helped")
    before = about_askers(harbour)
    forget_cases(later())
    assert Case.objects.get(id=case.id).forgotten
    return before


def test_p26_what_was_decided_about_whoever_asked_stays_known_as_that_when_the_case_is_forgotten(
    harbour: Harbour, both: dict[UUID, bool]
) -> None:
    assert both == {harbour.member.account: True, harbour.infiltrator.account: False}
    assert about_askers(harbour) == both
    # What moderators saw by themselves is about nobody who asked.
    deciding = Deciding(uuid4(), "warn", "conduct", 1, None, "other")
    decide(harbour.account(harbour.moderator), harbour.account(harbour.member), deciding, room=None, case=None)
    (own,) = [one for one in get(harbour.colleague, "/decisions").body["decisions"] if one["id"] == str(deciding.id)]
    assert own["about_asker"] is False


@pytest.mark.usefixtures("both")
def test_p36_the_database_alone_does_not_tell_which_decisions_were_about_whoever_asked(harbour: Harbour) -> None:
    def row(person: Person) -> dict[str, Any]:
        return dict(Decision.objects.filter(subject=person.account).values().get())

    asker, other = row(harbour.member), row(harbour.infiltrator)
    same = {name for name, value in asker.items() if value == other[name]}
    assert set(asker) - same == {"id", "subject_id", "details"}
    assert len(asker["details"]) == len(other["details"])
    # Neither is it the same each time, nor can one be put into another's place.
    opened = Decision.objects.get(id=asker["id"]).opened
    assert opened is not None
    assert seal_details(asker["id"], opened) != seal_details(asker["id"], opened)
    Decision.objects.filter(id=asker["id"]).update(details=other["details"])
    assert about_askers(harbour)[harbour.member.account] is True


@pytest.mark.usefixtures("both")
@pytest.mark.parametrize("lost", ["key", "never kept"])
def test_p26_what_nobody_can_tell_any_more_names_nobody(harbour: Harbour, settings: Settings, lost: str) -> None:
    if lost == "key":
        settings.HUB_KEYS = HubKeys(7, {7: bytes(32)})
    else:
        Decision.objects.update(details=b"")
    assert set(about_askers(harbour).values()) == {True}


def test_p36_a_decision_that_is_read_and_saved_whole_keeps_sealed_what_was_forgotten(
    harbour: Harbour, both: dict[UUID, bool]
) -> None:
    sealed = list(Decision.objects.order_by("id").values())
    told = get(harbour.colleague, "/decisions").body["decisions"]
    for decision in Decision.objects.all():
        decided = decision.as_decided
        assert (decided.kind, decided.finding) == ("warn", "other")
        assert decided.decided_at != decision.decided_at
        with pytest.raises(FrozenInstanceError):
            decided.decided_at = decision.decided_at  # type: ignore[misc]
        decision.save()
    assert list(Decision.objects.order_by("id").values()) == sealed
    assert get(harbour.colleague, "/decisions").body["decisions"] == told
    assert len(both) == 2
