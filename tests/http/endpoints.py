"""What is asked of endpoints by every actor: who gets which answer, and what stands in a path or a body."""

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from chat.actions.device_links import offer_link
from chat.api.fields import b64encode
from moderation.actions.cases import Asking, open_case
from tests import factories
from tests.actors import SUSPENDED, UNKNOWN, Name, World
from tests.factories import Person
from tests.http.api import Reply, ask

#: P-256's base point: somebody's public key (SEC 2, section 2.4.2).
GENERATOR = (
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)


PLACEHOLDER = re.compile(r"\{[a-z]+\}")


Answers = dict[Name, int | str]


Body = Callable[[World, Person], Any]


def answers(rest: int | str, **but: int | str) -> Answers:
    """What each actor gets: `rest`, but the named ones. An answer is a status, or an error's code.

    A suspended moderator gets what a suspended member gets.
    """
    suspended = but.get("suspended", "suspended")
    given: Answers = dict.fromkeys(Name, rest)
    given |= dict.fromkeys(SUSPENDED, suspended) | dict.fromkeys(UNKNOWN, "unauthenticated")
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


def digest() -> str:
    return b64encode(hashlib.sha256(os.urandom(16)).digest())


def nothing(world: World, person: Person) -> Any:
    return {}


def friends_account(world: World, person: Person) -> Any:
    return {"accounts": [str(world.friend.account)]}


def a_case(world: World) -> Any:
    """One that the member opened."""
    asking = Asking(uuid4(), uuid4(), "threats", "today", frozenset())
    return open_case(factories.device_of(world[Name.MEMBER]), asking).id


def a_link(world: World) -> str:
    link = os.urandom(16)
    offer_link(link, b"an offer", hashlib.sha256(bytes(32)).digest())
    return b64encode(link)


def judge(endpoint: Endpoint, name: Name, world: World) -> None:
    """Tries the endpoint as that actor, who has to get just what is theirs."""
    reply = endpoint.try_as(name, world)
    expected = endpoint.expected[name]
    if isinstance(expected, int):
        assert reply.status == expected, reply.body
    else:
        assert reply.code == expected
        assert reply.body["error"]["message"]
