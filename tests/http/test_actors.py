"""Every actor against every endpoint. An endpoint that is not in the table fails the last test."""

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from chat.actions.blobs import keep_blob
from chat.actions.device_links import offer_link
from chat.api import api
from chat.api.fields import b64encode
from chat.models import Role
from chat.protocol.limits import BACKUP_STEP, BLOB_STEP
from moderation.actions.cases import Asking, claim_case, open_case
from moderation.actions.decisions import Deciding, decide
from moderation.actions.ending import appeal as make_appeal
from moderation.actions.openness import publish_report
from moderation.actions.referrals import propose
from moderation.models import Case, Decision, Rights, Rules
from tests import factories
from tests.actors import Name, World
from tests.factories import Person
from tests.http.api import Reply, ask
from tests.moderation.conftest import stamped

pytestmark = pytest.mark.access

#: P-256's base point: somebody's public key (SEC 2, section 2.4.2).
GENERATOR = (
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)

CONVERTER = re.compile(r"<\w+:(\w+)>")
PLACEHOLDER = re.compile(r"\{[a-z]+\}")

Answers = dict[Name, int | str]
Body = Callable[[World, Person], Any]


def answers(rest: int | str, **but: int | str) -> Answers:
    """What each actor gets: `rest`, but the named ones. An answer is a status, or an error's code."""
    given: Answers = dict.fromkeys(Name, rest)
    given |= {Name.SUSPENDED: "suspended", Name.NOBODY: "unauthenticated"}
    given |= {Name(name): answer for name, answer in but.items()}
    return given


def everyone(answer: int | str) -> Answers:
    return dict.fromkeys(Name, answer)


def staff(answer: int | str, **but: int | str) -> Answers:
    return answers("forbidden", **{"moderator": answer, "coordinator": answer} | but)


def in_group(answer: int | str, **but: int | str) -> Answers:
    """For what the members of the world's private group alone may do."""
    return answers("not_found", **{"member": answer} | but)


@dataclass(frozen=True)
class Endpoint:
    method: str
    path: str
    expected: Answers
    body: Body | None = None
    #: What the path's placeholder stands for; of several one after the other, with slashes between them.
    target: Callable[[World], Any] | None = None
    case: str = ""
    query: str = ""

    @property
    def title(self) -> str:
        return f"{self.method} {self.path} {self.case}".strip()

    def try_as(self, name: Name, world: World) -> Reply:
        person = world[name]
        path = self.path
        for part in [] if self.target is None else str(self.target(world)).split("/"):
            path = PLACEHOLDER.sub(part, path, count=1)
        body = self.body(world, person) if self.body is not None else None
        raw = body if isinstance(body, bytes) else None
        return ask(None if name == Name.NOBODY else person, self.method, path + self.query, body, raw=raw)


def always(make: Callable[[], Any]) -> Body:
    """A body that is the same kind of thing whoever sends it."""
    return lambda _world, _person: make()


def group(world: World) -> Any:
    return world.group.id


def open_room(world: World) -> Any:
    return world.open.id


def unfounded_room(world: World) -> Any:
    return factories.settled_room("open", [], network=world.network, epoch=0, head=0, group_info=None).id


def friends_group(world: World) -> Any:
    """One that the friend looks after and the member is in."""
    return factories.settled_room("group", [world.friend, world[Name.MEMBER]]).id


def friends_closed_group(world: World) -> Any:
    """The same, where those who do not look after it add nobody."""
    return factories.settled_room("group", [world.friend, world[Name.MEMBER]], members_may_add=False).id


def open_room_with_friend(world: World) -> Any:
    return factories.settled_room("open", [world[Name.MEMBER], world.friend]).id


def friend(world: World) -> Any:
    return world.friend.account


def outsiders_account(world: World) -> Any:
    return world[Name.OUTSIDER].account


def friend_as(**fields: Any) -> Body:
    return lambda world, _person: {"account": str(world.friend.account), **fields}


def others_account(world: World, person: Person) -> Any:
    """Someone whom the member knows from another room, and whom the friend's groups do not have."""
    factories.settled_room("group", [world[Name.MEMBER], world[Name.OTHER_MEMBER]])
    return {"accounts": [str(world[Name.OTHER_MEMBER].account)]}


def an_invite(world: World) -> Any:
    return factories.invite(world.network)[1].id


def digest() -> str:
    return b64encode(hashlib.sha256(os.urandom(16)).digest())


def secret_of_network(world: World, person: Person) -> Any:
    return {"secret": b64encode(factories.invite(world.network)[0].value)}


def secret_of_group(world: World, person: Person) -> Any:
    return {"secret": b64encode(factories.room_invite(world.group, world[Name.MEMBER])[0].value)}


def group_info_by_invite(world: World, person: Person) -> Any:
    return {"invite": secret_of_group(world, person)["secret"]}


def joining(world: World, person: Person) -> Any:
    return Person().joining(factories.invite(world.network)[0])


def new_invite(role: Role) -> Body:
    return always(lambda: {"secret_hash": digest(), "role": role.value, "uses": 3, "expires_in_ms": 60_000})


def nothing(world: World, person: Person) -> Any:
    return {}


def room(kind: str, **fields: Any) -> Body:
    return always(lambda: {"id": str(uuid4()), "kind": kind, **fields})


def direct(world: World, person: Person) -> Any:
    return {"id": str(uuid4()), "kind": "direct", "peer": str(world.friend.account)}


def friends_account(world: World, person: Person) -> Any:
    return {"accounts": [str(world.friend.account)]}


def webpush(world: World, person: Person) -> Any:
    key = b64encode(bytes.fromhex(GENERATOR))
    target = {
        "channel": "webpush",
        "endpoint": "https://push.example.org/1",
        "p256dh": key,
        "auth": b64encode(bytes(16)),
    }
    return {"target": target}


def some_contacts(world: World, person: Person) -> Any:
    return {"contacts": [{"name": "Night line", "way": "tel", "to": "0800 123 45 67", "line": "20:00 to 6:00"}]}


def packages(world: World, person: Person) -> Any:
    return {"key_packages": [b64encode(person.key_package())]}


def an_upload(world: World, person: Person) -> Any:
    return os.urandom(32) + bytes(BACKUP_STEP)


def a_newer_upload(world: World, person: Person) -> Any:
    if person is world[Name.NOBODY]:
        return an_upload(world, person)
    return factories.backup(person).locator_hash + bytes(BACKUP_STEP)


def locator_of_member(world: World, person: Person) -> Any:
    locator = os.urandom(32)
    factories.backup(world[Name.MEMBER], locator)
    return {"locator": b64encode(locator)}


def a_case(world: World) -> Any:
    """One that the member opened."""
    asking = Asking(uuid4(), uuid4(), "threats", "today", frozenset())
    return open_case(factories.device_of(world[Name.MEMBER]), asking).id


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


def a_decision(world: World, kind: str = "ban", decided_by: Name = Name.MODERATOR) -> Any:
    """A ban of the friend that waits for a second moderator, or another kind that is in force."""
    deciding = Deciding(uuid4(), kind, "conduct", 1, None)
    subject = factories.device_of(world.friend).account
    return decide(factories.device_of(world[decided_by]).account, subject, deciding, room=None, case=None).id


def a_warning(world: World) -> Any:
    return a_decision(world, "warn")


def a_warning_of_the_member(world: World) -> Any:
    deciding = Deciding(uuid4(), "warn", "conduct", 1, None)
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
    return {"id": str(uuid4()), "subject": str(world.friend.account), "kind": "ban", "ground": "conduct", "card": 1}


def a_ban_with_facts(world: World, person: Person) -> Any:
    facts = {"messages": 2, "proven": True, "days": None, "rooms": [str(world.open.id)]}
    return a_ban(world, person) | {"facts": facts}


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


def another_phone(world: World, person: Person) -> Any:
    return person.second_phone().registering()


def a_new_blob(world: World) -> Any:
    return f"{world.group.id}/{b64encode(os.urandom(16))}"


def a_kept_blob(world: World) -> Any:
    blob = os.urandom(16)
    keep_blob(factories.device_of(world.friend).account, world.group, blob, bytes(BLOB_STEP))
    return f"{world.group.id}/{b64encode(blob)}"


def own_second_phone(world: World) -> Any:
    return factories.enrolled(world[Name.MEMBER].second_phone(), world.network).device


def a_link(world: World) -> str:
    link = os.urandom(16)
    offer_link(link, b"an offer", hashlib.sha256(bytes(32)).digest())
    return b64encode(link)


def unused_link(world: World) -> str:
    return b64encode(os.urandom(16))


TABLE = [
    Endpoint("GET", "//healthz", everyone(200)),
    Endpoint("GET", "//readyz", everyone(200)),
    Endpoint("GET", "/server", everyone(200)),
    Endpoint("POST", "/invites/check", everyone(200), secret_of_network),
    Endpoint("POST", "/join", everyone(200), joining),
    Endpoint("GET", "/me", answers(200, suspended=200)),
    Endpoint("POST", "/me/conduct", answers(200), always(lambda: {"version": 1})),
    Endpoint("POST", "/me/key-packages", answers(200), packages),
    Endpoint("DELETE", "/me", answers(200, suspended=200)),
    Endpoint("GET", "/me/backup", answers(200)),
    Endpoint("POST", "/me/backup", answers(200), an_upload),
    Endpoint("PUT", "/me/backup", answers(200), a_newer_upload),
    Endpoint("DELETE", "/me/backup", answers(200)),
    Endpoint("POST", "/backups/fetch", everyone(200), locator_of_member),
    Endpoint("POST", "/devices", answers(200), another_phone),
    Endpoint("GET", "/me/devices", answers(200)),
    Endpoint("POST", "/me/devices/{device}/revoke", answers("not_found", member=200), nothing, own_second_phone),
    Endpoint(
        "PUT",
        "/links/{link}",
        everyone(200),
        always(lambda: {"offer": b64encode(b"an offer"), "take_hash": digest()}),
        unused_link,
    ),
    Endpoint("GET", "/links/{link}", answers(200), target=a_link),
    Endpoint(
        "POST",
        "/links/{link}/answer",
        answers(200),
        always(lambda: {"part": 0, "parts": 1, "sealed": b64encode(b"sealed")}),
        a_link,
    ),
    Endpoint(
        "POST",
        "/links/{link}/take",
        everyone(200),
        always(lambda: {"key": b64encode(bytes(32)), "part": 0}),
        a_link,
    ),
    Endpoint("PUT", "/network/contacts", staff("forbidden", coordinator=200), some_contacts),
    Endpoint("GET", "/push", answers(200)),
    Endpoint("GET", "/me/push", answers(200)),
    Endpoint("PUT", "/me/push", answers("push_off"), webpush, case="without credentials"),
    Endpoint("DELETE", "/me/push", answers(200, suspended=200)),
    Endpoint("GET", "/rooms", answers(200, suspended=200)),
    Endpoint("POST", "/rooms", answers(200), room("group"), case="group"),
    Endpoint("POST", "/rooms", answers(200), room("self"), case="self"),
    Endpoint("POST", "/rooms", staff(200), room("open", title="Garden"), case="open"),
    Endpoint("POST", "/rooms", staff(200), room("staff"), case="staff"),
    Endpoint("POST", "/rooms", in_group(200), direct, case="direct"),
    Endpoint("GET", "/rooms/{room}", in_group(200, suspended="not_found"), target=group, case="private"),
    Endpoint(
        "GET",
        "/rooms/{room}",
        answers("not_found", member=200, moderator=200, suspended="not_found"),
        target=open_room,
        case="open",
    ),
    Endpoint(
        "POST",
        "/rooms/{room}/title",
        staff(200, outsider="not_found"),
        always(lambda: {"title": "Harbour café"}),
        open_room,
        "open",
    ),
    Endpoint(
        "POST",
        "/rooms/{room}/title",
        in_group("forbidden"),
        always(lambda: {"title": "Harbour café"}),
        group,
        "private",
    ),
    Endpoint("POST", "/rooms/{room}/group-info", in_group(200), nothing, group, "private"),
    Endpoint("POST", "/rooms/{room}/group-info", answers(200, outsider="not_found"), nothing, open_room, "open"),
    Endpoint(
        "POST",
        "/rooms/{room}/group-info",
        answers("room_not_ready", outsider="not_found"),
        nothing,
        unfounded_room,
        "open and unfounded",
    ),
    Endpoint(
        "POST",
        "/rooms/{room}/group-info",
        answers(200, outsider="not_found"),
        group_info_by_invite,
        group,
        "private, with an invite",
    ),
    Endpoint("POST", "/rooms/{room}/claim", in_group(200), friends_account, group, "private"),
    Endpoint(
        "POST",
        "/rooms/{room}/claim",
        answers("not_found", member=200),
        friends_account,
        open_room,
        "someone whom only the member knows",
    ),
    Endpoint("POST", "/rooms/{room}/leave", in_group(200), nothing, group),
    Endpoint(
        "POST",
        "/rooms/{room}/invites",
        in_group(200),
        always(lambda: {"secret_hash": digest(), "uses": 1, "expires_in_ms": 60_000}),
        group,
        "private",
    ),
    Endpoint(
        "POST",
        "/rooms/{room}/invites",
        answers("not_found", member="forbidden", moderator="forbidden"),
        always(lambda: {"secret_hash": digest(), "uses": 1, "expires_in_ms": 60_000}),
        open_room,
        "open",
    ),
    Endpoint("POST", "/room-invites/check", answers(200, outsider="invite_unknown"), secret_of_group),
    Endpoint("POST", "/rooms/{room}/stewards", in_group(200), friend_as(steward=True), group, "own group"),
    Endpoint(
        "POST", "/rooms/{room}/stewards", in_group("forbidden"), friend_as(steward=True), friends_group, "other's"
    ),
    Endpoint(
        "POST",
        "/rooms/{room}/stewards",
        staff("forbidden", outsider="not_found", other_member="not_found"),
        friend_as(steward=True),
        open_room_with_friend,
        "open",
    ),
    Endpoint("POST", "/rooms/{room}/rules", in_group(200), always(lambda: {"members_may_add": False}), group),
    Endpoint("POST", "/rooms/{room}/mute", in_group(200), friend_as(until=None), group, "own group"),
    Endpoint("POST", "/rooms/{room}/mute", in_group("forbidden"), friend_as(until=None), friends_group, "other's"),
    Endpoint(
        "POST",
        "/rooms/{room}/mute",
        staff("by_decision", outsider="not_found", other_member="not_found"),
        friend_as(until=None),
        open_room_with_friend,
        "open",
    ),
    Endpoint("POST", "/rooms/{room}/remove", in_group(200), friend_as(), group, "own group"),
    Endpoint("POST", "/rooms/{room}/remove", in_group("forbidden"), friend_as(), friends_group, "other's"),
    Endpoint(
        "POST",
        "/rooms/{room}/remove",
        staff("by_decision", outsider="not_found", other_member="not_found"),
        friend_as(),
        open_room_with_friend,
        "open",
    ),
    Endpoint("POST", "/rooms/{room}/claim", in_group("forbidden"), others_account, friends_closed_group, "closed"),
    Endpoint(
        "POST",
        "/rooms/{room}/invites",
        in_group("forbidden"),
        always(lambda: {"secret_hash": digest(), "uses": 1, "expires_in_ms": 60_000}),
        friends_closed_group,
        "closed",
    ),
    Endpoint(
        "PUT",
        "/rooms/{room}/blobs/{blob}",
        in_group(200, suspended="not_found"),
        always(lambda: bytes(BLOB_STEP)),
        a_new_blob,
    ),
    Endpoint("GET", "/rooms/{room}/blobs/{blob}", in_group(200, suspended="not_found"), target=a_kept_blob),
    Endpoint("GET", "/invites/tree", answers("forbidden", coordinator=200)),
    Endpoint(
        "POST",
        "/accounts/{account}/revoke-branch",
        answers("forbidden", coordinator=200),
        always(lambda: {"include_root": True, "card": 1}),
        friend,
        "of the own network",
    ),
    Endpoint(
        "POST",
        "/accounts/{account}/revoke-branch",
        answers("forbidden", coordinator="not_found"),
        always(lambda: {"include_root": True, "card": 1}),
        outsiders_account,
        "of another network",
    ),
    Endpoint(
        "POST",
        "/accounts/{account}/revoke-branch",
        answers("forbidden", coordinator=200),
        lambda world, _: {"include_root": True, "card": 1, "case": str(a_case(world))},
        friend,
        "from a case",
    ),
    Endpoint("GET", "/accounts/{account}", in_group(200, suspended="not_found"), target=friend),
    Endpoint("POST", "/accounts", answers(200, suspended=200), friends_account),
    Endpoint("GET", "/invites", staff(200)),
    Endpoint("POST", "/invites", staff(200), new_invite(Role.MEMBER), case="for a member"),
    Endpoint(
        "POST",
        "/invites",
        staff(200, moderator="forbidden"),
        new_invite(Role.MODERATOR),
        case="for a moderator",
    ),
    Endpoint("POST", "/invites/{id}/revoke", staff(200), nothing, an_invite),
    Endpoint("GET", "//.well-known/kindred-keys.json", everyone(200)),
    Endpoint("GET", "/cases", answers(200, suspended=200)),
    Endpoint("GET", "/cases/staff", answers(200, suspended=200)),
    Endpoint("POST", "/cases", answers(200, outsider="forbidden"), opening),
    Endpoint("GET", "/cases/{case}", on_a_case(200, 200, suspended="not_found"), target=a_case),
    Endpoint("POST", "/cases/{case}/attest", on_a_case(200, "forbidden"), a_stamped_message, a_case),
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
        always(lambda: {"manifest": digest()}),
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
def test_each_actor_gets_just_what_is_theirs(endpoint: Endpoint, name: Name, here: World) -> None:
    reply = endpoint.try_as(name, here)
    expected = endpoint.expected[name]
    if isinstance(expected, int):
        assert reply.status == expected, reply.body
    else:
        assert reply.code == expected
        assert reply.body["error"]["message"]


@pytest.mark.parametrize("name", [name for name in Name if name != Name.NOBODY])
def test_only_those_who_share_a_room_are_shown_an_account_in_a_list(name: Name, here: World) -> None:
    reply = ask(here[name], "POST", "/accounts", friends_account(here, here[name]))
    assert [found["account"] for found in reply.body["accounts"]] == (
        [str(here.friend.account)] if name == Name.MEMBER else []
    )


def test_every_endpoint_stands_in_the_table() -> None:
    tried = {(endpoint.method, endpoint.path) for endpoint in TABLE}
    assert tried == {*_of_the_api(), *_at_the_root()}


def _of_the_api() -> set[tuple[str, str]]:
    paths: dict[str, dict[str, Any]] = api.get_openapi_schema()["paths"]
    names = {"{invite}": "{id}"}
    found = set()
    for path, methods in paths.items():
        short = path.removeprefix("/api/v1")
        for name, word in names.items():
            short = short.replace(name, word)
        found |= {(method.upper(), short) for method in methods}
    return found


def _at_the_root() -> set[tuple[str, str]]:
    found = set()
    for pattern in get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            assert str(pattern.pattern) == "api/v1/", "a second API has to be in the table too"
        if isinstance(pattern, URLPattern):
            found.add(("GET", "//" + CONVERTER.sub(r"{\1}", str(pattern.pattern))))
    return found
