"""Every actor against every endpoint about cases."""

from typing import Any
from uuid import uuid4

import pytest

from chat.api.fields import b64encode
from moderation.actions.cases import claim_case
from moderation.actions.referrals import propose
from moderation.models import Case, Rules
from tests import factories
from tests.actors import Name, World
from tests.factories import Person
from tests.http.endpoints import Answers, Endpoint, a_case, always, answers, judge
from tests.moderation.conftest import stamped
from tests.moderation.sealing import to_seal

pytestmark = pytest.mark.access


def a_claimed_case(world: World) -> Any:
    """One that the moderator works on."""
    case = a_case(world)
    moderator = factories.device_of(world[Name.MODERATOR]).account
    claim_case(Case.objects.get(id=case), moderator)
    return case


def a_case_of_the_coordinator(world: World) -> Any:
    case = a_case(world)
    claim_case(Case.objects.get(id=case), factories.device_of(world[Name.COORDINATOR]).account)
    return case


def a_referral(world: World) -> Any:
    """The moderator proposed to hand over the case that they have."""
    case = Case.objects.get(id=a_claimed_case(world))
    made = propose(case, factories.device_of(world[Name.MODERATOR]).account, uuid4())
    return f"{case.id}/{made.id}"


def a_referral_of_the_coordinator(world: World) -> Any:
    """Of the case that they have, where it takes no second moderator."""
    case = Case.objects.get(id=a_case_of_the_coordinator(world))
    Rules.objects.create(network=world.network, second_for=[])
    return f"{case.id}/{propose(case, factories.device_of(world[Name.COORDINATOR]).account, uuid4()).id}"


def opening(world: World, person: Person) -> Any:
    return {"id": str(uuid4()), "room": str(uuid4()), "concern": "threats", "urgency": "now"}


def a_stamped_message(world: World, person: Person) -> Any:
    message = stamped(world.friend.account)
    return {
        "messages": [
            {
                "sender": str(message.sender),
                "room": str(message.room),
                "seq": message.seq,
                "time": message.time,
                "tag": b64encode(message.tag),
                "frank": b64encode(message.frank),
                "key": message.key,
            }
        ]
    }


def on_a_case(member: int | str, staff: int | str, **but: int | str) -> Answers:
    """For what is done to the member's case: others of the network do not know of it."""
    return answers("not_found", **{"member": member, "moderator": staff, "coordinator": staff} | but)


TABLE = [
    Endpoint("GET", "/cases", answers(200, suspended=200)),
    Endpoint("GET", "/cases/staff", answers(200, suspended=200)),
    Endpoint("POST", "/cases", answers(200, outsider="forbidden"), opening),
    Endpoint("GET", "/cases/{case}", on_a_case(200, 200, suspended="not_found"), target=a_case),
    Endpoint(
        "POST", "/cases/{case}/attest", on_a_case(200, "forbidden", suspended="not_found"), a_stamped_message, a_case
    ),
    Endpoint("POST", "/cases/{case}/withdraw", on_a_case(200, "forbidden", suspended="not_found"), None, a_case),
    Endpoint("POST", "/cases/{case}/claim", on_a_case("forbidden", 200), None, a_case, "unclaimed"),
    Endpoint(
        "POST",
        "/cases/{case}/claim",
        on_a_case("forbidden", 200, coordinator="case_claimed"),
        None,
        a_claimed_case,
        "claimed",
    ),
    Endpoint(
        "POST",
        "/cases/{case}/hand-over",
        on_a_case("forbidden", 200),
        lambda world, _: {"to": str(world[Name.COORDINATOR].account)},
        a_claimed_case,
    ),
    Endpoint(
        "POST", "/cases/{case}/waiting", on_a_case("forbidden", 200), lambda *_: {"waiting": True}, a_claimed_case
    ),
    Endpoint("POST", "/cases/{case}/answered", on_a_case("forbidden", 200), always(lambda: {"at": 1}), a_claimed_case),
    Endpoint(
        "POST",
        "/cases/{case}/answered",
        on_a_case("forbidden", "case_claimed", coordinator=200),
        always(lambda: {"at": 1}),
        a_case_of_the_coordinator,
        "that another one has",
    ),
    Endpoint(
        "POST",
        "/cases/{case}/asked",
        on_a_case(200, "forbidden", suspended="not_found"),
        always(lambda: {"at": 1}),
        a_claimed_case,
    ),
    Endpoint(
        "POST", "/cases/{case}/close", on_a_case("forbidden", 200), lambda *_: {"outcome": "helped"}, a_claimed_case
    ),
    Endpoint(
        "POST", "/cases/{case}/notes", on_a_case("forbidden", 200), always(lambda: {"room": str(uuid4())}), a_case
    ),
    Endpoint("GET", "/cases/{case}/custody", on_a_case("forbidden", 200), target=a_claimed_case),
    Endpoint(
        "POST",
        "/cases/{case}/exports",
        on_a_case("forbidden", 200),
        always(to_seal),
        a_claimed_case,
    ),
    Endpoint("GET", "/cases/{case}/referrals", on_a_case(200, 200, suspended="not_found"), target=a_claimed_case),
    Endpoint(
        "POST",
        "/cases/{case}/referrals",
        on_a_case("forbidden", 200),
        always(lambda: {"id": str(uuid4())}),
        a_claimed_case,
    ),
    Endpoint(
        "POST",
        "/cases/{case}/referrals/{referral}/consent",
        on_a_case(200, "forbidden", suspended="not_found"),
        always(lambda: {"consent": True}),
        a_referral,
    ),
    Endpoint(
        "POST",
        "/cases/{case}/referrals/{referral}/agree",
        on_a_case("forbidden", 200, moderator="forbidden"),
        None,
        a_referral,
    ),
    Endpoint("POST", "/cases/{case}/referrals/{referral}/refuse", on_a_case("forbidden", 200), None, a_referral),
    Endpoint(
        "POST",
        "/cases/{case}/referrals/{referral}/refuse",
        on_a_case("forbidden", "forbidden", coordinator=200),
        None,
        a_referral_of_the_coordinator,
        "that takes no second one",
    ),
]


@pytest.mark.parametrize("name", Name)
@pytest.mark.parametrize("endpoint", TABLE, ids=lambda endpoint: endpoint.title)
def test_each_actor_gets_just_what_is_theirs(endpoint: Endpoint, name: Name, unchanged: World) -> None:
    judge(endpoint, name, unchanged)
