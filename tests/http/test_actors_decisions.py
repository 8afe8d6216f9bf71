"""Every actor against every endpoint about decisions, staff, the report and the log."""

from typing import Any
from uuid import uuid4

import pytest

from moderation.actions.branches import Cutting, cut_branch
from moderation.actions.decisions import Deciding, decide
from moderation.actions.ending import appeal as make_appeal
from moderation.actions.openness import publish_report
from moderation.models import Decision, Rights
from tests import factories
from tests.actors import Name, World
from tests.factories import Person
from tests.http.endpoints import Endpoint, always, answers, everyone, judge, staff
from tests.http.test_invite_tree import let_in

pytestmark = pytest.mark.access


def a_decision(world: World, kind: str = "ban", decided_by: Name = Name.MODERATOR) -> Any:
    """A ban of the friend that waits for a second moderator, or another kind that is in force."""
    deciding = Deciding(uuid4(), kind, "conduct", 1, None, "other")
    subject = factories.device_of(world.friend).account
    return decide(factories.device_of(world[decided_by]).account, subject, deciding, room=None, case=None).id


def a_warning(world: World) -> Any:
    return a_decision(world, "warn")


def a_warning_of_the_member(world: World) -> Any:
    deciding = Deciding(uuid4(), "warn", "conduct", 1, None, "other")
    subject = factories.device_of(world[Name.MEMBER]).account
    return decide(factories.device_of(world[Name.MODERATOR]).account, subject, deciding, room=None, case=None).id


def an_appeal(world: World) -> Any:
    found = Decision.objects.get(id=a_warning(world))
    make_appeal(found)
    return found.id


def an_appeal_without_the_right(world: World) -> Any:
    """Against what a coordinator decided; from the moderator the right to decide so was taken, and nobody else is there."""
    Rights.objects.create(account_id=world[Name.MODERATOR].account, denied=["warn"])
    found = Decision.objects.get(id=a_decision(world, "warn", Name.COORDINATOR))
    make_appeal(found)
    return found.id


def an_appeal_for_somebody_else(world: World) -> Any:
    """The same, where another coordinator is there."""
    factories.enrolled(Person(), world.network, "coordinator")
    return an_appeal_without_the_right(world)


def a_published_report(world: World) -> Any:
    publish_report(factories.device_of(world[Name.COORDINATOR]).account, on=True)
    return world.network.id


def a_moderator(world: World) -> Any:
    return world[Name.MODERATOR].account


def a_ban(world: World, person: Person) -> Any:
    return {
        "id": str(uuid4()),
        "subject": str(world.friend.account),
        "kind": "ban",
        "ground": "conduct",
        "card": 1,
        "finding": "other",
    }


def a_ban_with_facts(world: World, person: Person) -> Any:
    facts = {"messages": 2, "proven": True, "days": None, "rooms": [str(world.open.id)]}
    return a_ban(world, person) | {"facts": facts}


def a_branch(world: World) -> Any:
    """A proposal of the coordinator to cut off the friend's branch, of six people."""
    root = factories.device_of(world.friend).account
    for _ in range(5):
        let_in(world.friend, world.network)
    cutting = Cutting(1, None, "lured", "one", None)
    by = factories.device_of(world[Name.COORDINATOR]).account
    return cut_branch(by, root, cutting, include_root=True).waits


TABLE = [
    Endpoint("GET", "/branches", staff(200)),
    Endpoint(
        "POST",
        "/branches/{cut}/agree",
        staff("forbidden", moderator=200),
        always(lambda: {"people": 6}),
        a_branch,
    ),
    Endpoint("POST", "/branches/{cut}/refuse", staff(200), None, a_branch),
    Endpoint("GET", "/me/decisions", answers(200, suspended=200)),
    Endpoint("GET", "/decisions", staff(200)),
    Endpoint("GET", "/decisions/{decision}", staff(200), None, a_warning),
    Endpoint("POST", "/decisions", staff(200, outsider="forbidden"), a_ban),
    Endpoint("POST", "/decisions", staff(200, outsider="forbidden"), a_ban_with_facts, case="with facts"),
    Endpoint("POST", "/decisions/{decision}/agree", staff("forbidden", coordinator=200), None, a_decision),
    Endpoint("POST", "/decisions/{decision}/refuse", staff(200), None, a_decision),
    Endpoint("POST", "/decisions/{decision}/lift", staff(200), always(lambda: {"reason": "mistake"}), a_warning),
    Endpoint("POST", "/decisions/{decision}/talk", staff(200), always(lambda: {"room": str(uuid4())}), a_warning),
    Endpoint(
        "POST",
        "/decisions/{decision}/talk",
        staff("forbidden"),
        always(lambda: {"room": str(uuid4())}),
        a_decision,
        "that is only proposed",
    ),
    Endpoint(
        "POST",
        "/decisions/{decision}/appeal",
        answers("not_found", member=200, suspended="not_found"),
        None,
        a_warning_of_the_member,
    ),
    Endpoint(
        "POST",
        "/decisions/{decision}/close-appeal",
        staff("forbidden", coordinator=200),
        always(lambda: {"outcome": "upheld", "reason": "fits"}),
        an_appeal,
    ),
    Endpoint(
        "POST",
        "/decisions/{decision}/close-appeal",
        staff("forbidden", moderator=200),
        always(lambda: {"outcome": "upheld", "reason": "fits"}),
        an_appeal_without_the_right,
        "that nobody else may answer",
    ),
    Endpoint(
        "POST",
        "/decisions/{decision}/close-appeal",
        staff("forbidden"),
        always(lambda: {"outcome": "upheld", "reason": "fits"}),
        an_appeal_for_somebody_else,
        "that somebody else may answer",
    ),
    Endpoint("GET", "/moderators", staff(200)),
    Endpoint(
        "PUT",
        "/moderators/{account}/rights",
        staff("forbidden", coordinator=200),
        always(lambda: {"denied": ["ban"]}),
        a_moderator,
    ),
    Endpoint(
        "PUT",
        "/moderation/rules",
        staff("forbidden", coordinator=200),
        always(lambda: {"second_for": ["ban", "suspend"]}),
    ),
    Endpoint(
        "GET",
        "//transparency/{network}",
        everyone("not_found"),
        target=lambda world: world.network.id,
        case="for members",
    ),
    Endpoint("GET", "//transparency/{network}", everyone(200), target=a_published_report, case="for everybody"),
    Endpoint("GET", "/transparency/page", answers(200)),
    Endpoint(
        "PUT",
        "/transparency/page",
        answers("forbidden", coordinator=200),
        always(lambda: {"published": True}),
    ),
    Endpoint("GET", "/transparency", answers(200), query="?start=2026-01-01"),
    Endpoint("GET", "/audit", staff(200, moderator="forbidden")),
    Endpoint("GET", "/audit/checkpoint", answers(200)),
]


@pytest.mark.parametrize("name", Name)
@pytest.mark.parametrize("endpoint", TABLE, ids=lambda endpoint: endpoint.title)
def test_each_actor_gets_just_what_is_theirs(endpoint: Endpoint, name: Name, unchanged: World) -> None:
    judge(endpoint, name, unchanged)
