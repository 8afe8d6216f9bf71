"""The standing actors. Every endpoint and every frame is tried by each of them."""

from dataclasses import dataclass, field
from enum import StrEnum

from django.utils import timezone

from chat.models import Account, Device, Network, Room
from tests import factories
from tests.factories import Person


class Name(StrEnum):
    MEMBER = "member"
    OTHER_MEMBER = "other_member"
    OUTSIDER = "outsider"
    MODERATOR = "moderator"
    COORDINATOR = "coordinator"
    SUSPENDED = "suspended"
    SUSPENDED_MODERATOR = "suspended_moderator"
    REVOKED = "revoked"
    NOBODY = "nobody"


ROLES = {Name.MODERATOR: "moderator", Name.SUSPENDED_MODERATOR: "moderator", Name.COORDINATOR: "coordinator"}
"""Of those who are not members alone."""
SUSPENDED = (Name.SUSPENDED, Name.SUSPENDED_MODERATOR)
UNKNOWN = (Name.REVOKED, Name.NOBODY)
"""Whose token opens nothing: of a device that was revoked, and of none."""


@dataclass
class World:
    """Two networks. In the first, `member`, `friend`, `suspended` and `revoked` share the private group `group`.

    `other_member`, `moderator`, `suspended_moderator` and `coordinator` are of the same network but not in that group; the
    open room `open` has `member` and `moderator` in it. `outsider` belongs to the other network, `nobody` to none.
    """

    network: Network
    elsewhere: Network
    friend: Person
    people: dict[Name, Person] = field(default_factory=dict)
    group: Room = field(default_factory=Room)
    open: Room = field(default_factory=Room)

    def __getitem__(self, name: Name) -> Person:
        return self.people[name]


def world() -> World:
    network, elsewhere = factories.network("Harbour"), factories.network("Elsewhere")
    made = World(network, elsewhere, factories.enrolled(Person(), network))
    for name in Name:
        person = made.people[name] = Person()
        if name == Name.NOBODY:
            continue
        factories.enrolled(person, elsewhere if name == Name.OUTSIDER else network, ROLES.get(name, "member"))
    inside = [made[Name.MEMBER], made.friend, made[Name.SUSPENDED], made[Name.REVOKED]]
    made.group = factories.settled_room("group", inside)
    made.open = factories.settled_room("open", [made[Name.MEMBER], made[Name.MODERATOR]])
    shut_out(made.people)
    return made


def shut_out(people: dict[Name, Person]) -> None:
    """Suspends and revokes those who are named so, and takes nobody out of any room."""
    Account.objects.filter(id__in=[people[name].account for name in SUSPENDED]).update(suspended_at=timezone.now())
    Device.objects.filter(token_hash=people[Name.REVOKED].token_hash).update(revoked_at=timezone.now())
