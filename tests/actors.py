"""The standing actors. Every endpoint and every frame is tried by each of them."""

from dataclasses import dataclass, field
from enum import StrEnum

from django.utils import timezone

from chat.models import Account, Network, Room
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
    NOBODY = "nobody"


ROLES = {Name.MODERATOR: "moderator", Name.SUSPENDED_MODERATOR: "moderator", Name.COORDINATOR: "coordinator"}
"""Of those who are not members alone."""
SUSPENDED = (Name.SUSPENDED, Name.SUSPENDED_MODERATOR)


@dataclass
class World:
    """Two networks. In the first, `member`, `friend` and `suspended` share the private group `group`.

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
    made.group = factories.settled_room("group", [made[Name.MEMBER], made.friend, made[Name.SUSPENDED]])
    made.open = factories.settled_room("open", [made[Name.MEMBER], made[Name.MODERATOR]])
    Account.objects.filter(id__in=[made[name].account for name in SUSPENDED]).update(suspended_at=timezone.now())
    return made
