"""Guessing is slowed down without keeping anybody's address."""

import gc
import os

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from chat.api.fields import b64encode
from chat.api.rates import (
    DEVICES,
    FAILURES,
    INVITE_CHECK,
    JOIN,
    LINK_ANSWER,
    LINK_OFFER,
    LINK_TAKE,
    ROOM_INVITE_CHECK,
    Rates,
    client_address,
    rates,
)
from chat.protocol.errors import Code, ProtocolError
from tests import factories
from tests.actors import Name, World
from tests.factories import Person
from tests.http.api import Reply, ask, post

pytestmark = pytest.mark.usefixtures("stopped_clock")

GUESS = {"secret": b64encode(bytes(16))}


def guess_from(address: str) -> Reply:
    response = Client().post(
        "/api/v1/invites/check",
        {"secret": b64encode(os.urandom(16))},
        content_type="application/json",
        REMOTE_ADDR=address,
    )
    return Reply(response.status_code, response.json(), {})


def test_one_address_runs_out_of_guesses_and_is_told_when_to_come_back(here: World) -> None:
    codes = [post(None, "/invites/check", GUESS).code for _ in range(int(INVITE_CHECK.burst))]
    assert set(codes) == {Code.INVITE_UNKNOWN}
    limited = post(None, "/invites/check", GUESS)
    assert limited.code == Code.RATE_LIMITED
    assert 0 < limited.body["error"]["retry_after_ms"] <= 2001
    assert guess_from("192.0.2.7").code == Code.INVITE_UNKNOWN


def test_joining_and_room_invites_are_limited_too(here: World) -> None:
    secret, _ = factories.invite(here.network)
    body = Person().joining(secret) | GUESS
    codes = [post(None, "/join", body).code for _ in range(int(JOIN.burst) + 1)]
    assert codes[-2:] == [Code.INVITE_UNKNOWN, Code.RATE_LIMITED]
    member = here[Name.MEMBER]
    codes = [post(member, "/room-invites/check", GUESS).code for _ in range(int(ROOM_INVITE_CHECK.burst) + 1)]
    assert codes[-2:] == [Code.INVITE_UNKNOWN, Code.RATE_LIMITED]


def test_registering_devices_and_links_are_limited_too(here: World) -> None:
    stranger = Person()
    codes = [post(None, "/devices", stranger.registering()).code for _ in range(int(DEVICES.burst) + 1)]
    assert codes[-2:] == [Code.UNAUTHENTICATED, Code.RATE_LIMITED]
    offer = {"offer": b64encode(b"an offer"), "take_hash": b64encode(bytes(32))}
    replies = [ask(None, "PUT", f"/links/{b64encode(os.urandom(16))}", offer) for _ in range(int(LINK_OFFER.burst) + 1)]
    assert [replies[-2].status, replies[-1].code] == [200, Code.RATE_LIMITED]
    part = {"part": 0, "parts": 1, "sealed": b64encode(b"sealed")}
    wrong = f"/links/{b64encode(bytes(16))}"
    codes = [post(here[Name.MEMBER], f"{wrong}/answer", part).code for _ in range(int(LINK_ANSWER.burst) + 1)]
    assert codes[-2:] == [Code.NOT_FOUND, Code.RATE_LIMITED]
    taking = {"key": b64encode(bytes(32)), "part": 0}
    codes = [post(None, f"{wrong}/take", taking).code for _ in range(int(LINK_TAKE.burst) + 1)]
    assert codes[0] == Code.NOT_FOUND
    assert codes[-1] == Code.RATE_LIMITED


def test_a_real_invite_passes_while_others_guess(here: World) -> None:
    secret, _ = factories.invite(here.network)
    for number in range(100):
        guess_from(f"192.0.2.{number}")
    assert post(None, "/join", Person().joining(secret)).status == 200


def test_guesses_from_many_addresses_run_out_together(here: World) -> None:
    for _ in range(int(FAILURES.burst)):
        rates.count(FAILURES)
    assert guess_from("192.0.2.1").code == Code.RATE_LIMITED
    assert guess_from("198.51.100.2").code == Code.RATE_LIMITED


def test_no_address_is_kept_in_memory(here: World) -> None:
    guess_from("203.0.113.77")
    kept = repr(vars(rates)) + "".join(repr(part) for part in gc.get_referents(*rates._buckets))
    assert "203.0.113" not in kept
    assert all(len(name) == 32 for name in rates._buckets)


def test_names_of_buckets_change_when_the_key_is_forgotten() -> None:
    one = Rates()
    one.take(JOIN, "192.0.2.1")
    before = set(one._buckets)
    one.forget()
    one.take(JOIN, "192.0.2.1")
    assert before.isdisjoint(one._buckets)


def test_the_key_is_forgotten_after_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Rates()
    for _ in range(int(JOIN.burst)):
        one.take(JOIN, "192.0.2.1")
    with pytest.raises(ProtocolError):
        one.take(JOIN, "192.0.2.1")
    key, since = one._key, one._since
    monkeypatch.setattr("chat.api.rates.monotonic", lambda: since + 601)
    one.take(JOIN, "192.0.2.1")
    assert one._key != key
    assert len(one._buckets) == 1


@pytest.mark.parametrize(
    ("remote", "forwarded", "proxy", "address"),
    [
        ("192.0.2.1", "198.51.100.9", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.9", "127.0.0.1", "192.0.2.1"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.9", "127.0.0.1", "198.51.100.9"),
        ("127.0.0.1", "", "127.0.0.1", "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", "", "2001:db8:1:2::"),
        ("::ffff:192.0.2.1", "", "", "192.0.2.1"),
        ("", "", "", ""),
    ],
)
def test_only_a_trusted_proxy_says_who_asks(
    settings: Settings, remote: str, forwarded: str, proxy: str, address: str
) -> None:
    settings.TRUSTED_PROXY = proxy
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote)
    assert client_address(request) == address


def test_a_forged_forwarded_header_buys_no_guesses(here: World) -> None:
    for number in range(int(INVITE_CHECK.burst)):
        ask(None, "POST", "/invites/check", GUESS, headers={"x-forwarded-for": f"192.0.2.{number}"})
    last = ask(None, "POST", "/invites/check", GUESS, headers={"x-forwarded-for": "192.0.2.200"})
    assert last.code == Code.RATE_LIMITED
