"""Every actor against every endpoint. An endpoint that is in none of the tables (`test_actors_*.py`) fails the last test."""

import re
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from chat.api import api
from tests.actors import UNKNOWN, Name, World
from tests.http import test_actors_cases, test_actors_decisions, test_actors_people, test_actors_rooms
from tests.http.api import ask
from tests.http.endpoints import friends_account

pytestmark = pytest.mark.access

CONVERTER = re.compile(r"<\w+:(\w+)>")
TABLE = [*test_actors_people.TABLE, *test_actors_rooms.TABLE, *test_actors_cases.TABLE, *test_actors_decisions.TABLE]


@pytest.mark.parametrize("name", [name for name in Name if name not in UNKNOWN])
def test_only_those_who_share_a_room_are_shown_an_account_in_a_list(name: Name, unchanged: World) -> None:
    reply = ask(unchanged[name], "POST", "/accounts", friends_account(unchanged, unchanged[name]))
    assert [found["account"] for found in reply.body["accounts"]] == (
        [str(unchanged.friend.account)] if name == Name.MEMBER else []
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
