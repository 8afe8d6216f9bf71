"""Whom a network says to call: set by its coordinators, read by everybody in it, and nothing that is no way to somebody."""

from typing import Any

import pytest

from chat.api.fields import b64encode
from chat.contacts import fits
from chat.protocol.errors import Code
from tests import factories
from tests.actors import Name, World
from tests.http.api import ask, get, post

NIGHT_LINE = {"name": "Night line of Harbour House", "way": "tel", "to": "+49 30 1234 567", "line": "20:00 to 6:00"}
PAGE = {"name": "Harbour House", "way": "web", "to": "https://harbour.example/help?now#call", "line": ""}


def put(world: World, *contacts: dict[str, Any], by: Name = Name.COORDINATOR) -> Any:
    return ask(world[by], "PUT", "/network/contacts", {"contacts": list(contacts)})


def read(world: World, name: Name) -> Any:
    return get(world[name], "/me").body["network"]["contacts"]


def test_everybody_in_the_network_reads_them_in_their_order_and_nobody_else(here: World) -> None:
    assert put(here, NIGHT_LINE, PAGE).body == {"contacts": [NIGHT_LINE, PAGE]}
    for name in (Name.MEMBER, Name.SUSPENDED, Name.MODERATOR, Name.COORDINATOR):
        assert read(here, name) == [NIGHT_LINE, PAGE]
    assert read(here, Name.OUTSIDER) == []
    secret, _ = factories.invite(here.network)
    preview = post(None, "/invites/check", {"secret": b64encode(secret.value)})
    assert {*preview.body["network"]} == {"id", "title"}


def test_what_is_set_stands_in_the_place_of_all_that_was(here: World) -> None:
    put(here, NIGHT_LINE, PAGE)
    assert put(here, PAGE).body == {"contacts": [PAGE]}
    assert put(here).body == {"contacts": []}
    assert read(here, Name.MEMBER) == []


def test_those_who_may_not_change_nothing(here: World) -> None:
    put(here, NIGHT_LINE)
    for name in (Name.MEMBER, Name.MODERATOR):
        assert put(here, by=name).code == Code.FORBIDDEN
    assert put(here, by=Name.SUSPENDED).code == Code.SUSPENDED
    assert put(here, PAGE, by=Name.OUTSIDER).code == Code.FORBIDDEN
    assert read(here, Name.MEMBER) == [NIGHT_LINE]


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "n" * 81},
        {"name": "two\nlines"},
        {"line": "l" * 121},
        {"line": "two\nlines"},
        {"way": "mailto"},
        {"way": "web"},
        {"to": "https://harbour.example"},
        {"to": ""},
        {"to": None},
        {"way": ["tel"]},
        {"more": "surprise"},
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_and_changes_nothing(here: World, change: dict[str, Any]) -> None:
    put(here, PAGE)
    assert put(here, PAGE, NIGHT_LINE | change).code == Code.MALFORMED
    assert read(here, Name.MEMBER) == [PAGE]


def test_there_are_six_at_most(here: World) -> None:
    assert put(here, *[NIGHT_LINE] * 6).status == 200
    assert put(here, *[NIGHT_LINE] * 7).code == Code.MALFORMED


@pytest.mark.parametrize("number", ["112", "15", "0800 123 45 67", "+49 30 1234567", "1-888-373-7888"])
def test_a_number_is_digits_as_people_write_them(number: str) -> None:
    assert fits("tel", number)
    assert fits("sms", number)
    assert not fits("web", number)


#: The same as in client/src/ui/logic/contacts.test.ts.
NO_NUMBERS = [
    "",
    "1",
    "+",
    "1" * 16,
    "0800  1",
    " 112",
    "112 ",
    "*#06#",
    "**21*112#",
    "112;ext=1",
    "0800/1",
    "(0)30 1",
    "٠١٢",
    "call",
]
NO_PAGES = [
    "http://harbour.example",
    "javascript:alert(1)",
    "https://harbour",
    "https://1.2.3.4",
    "https://user@harbour.example",
    "https://harbour.example\\@other.example",
    "https://Harbour.example",
    "https://härbour.example",
    "https://harbour.example/a b",
    "https://harbour.example/\n",
    "https://harbour.example/" + "a" * 200,
]


@pytest.mark.parametrize("number", NO_NUMBERS, ids=repr)
def test_what_would_not_ring_or_would_change_the_phone_is_no_number(number: str) -> None:
    assert not fits("tel", number)
    assert not fits("sms", number)


@pytest.mark.parametrize("page", ["https://harbour.example", "https://a-b.harbour.example:8443/help/?a=1#b"])
def test_a_page_is_an_https_address_with_a_name(page: str) -> None:
    assert fits("web", page)
    assert not fits("tel", page)


@pytest.mark.parametrize("page", NO_PAGES, ids=repr)
def test_what_leads_elsewhere_or_could_hide_where_it_leads_is_no_page(page: str) -> None:
    assert not fits("web", page)
