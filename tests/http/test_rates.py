"""Guessing is slowed down without keeping anybody's address."""

import gc
import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import count, repeat

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from chat.addresses import client_address, client_prefixes
from chat.api import rates as rates_module
from chat.api.fields import b64encode
from chat.api.rates import (
    DEVICES,
    INVITE_CHECK,
    JOIN,
    LINK_ANSWER,
    LINK_OFFER,
    LINK_TAKE,
    ROOM_INVITE_CHECK,
    Rate,
    Rates,
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
    codes = [post(None, f"{wrong}/take", taking).code for _ in range(int(LINK_TAKE.burst / LINK_TAKE.wrong) + 1)]
    assert codes[0] == Code.NOT_FOUND
    assert codes[-1] == Code.RATE_LIMITED


def test_a_real_invite_passes_while_others_guess(here: World) -> None:
    secret, _ = factories.invite(here.network)
    for number in range(100):
        guess_from(f"192.0.2.{number}")
    assert post(None, "/join", Person().joining(secret)).status == 200


def test_a_wrong_secret_of_a_link_counts_ten_times(here: World) -> None:
    taking = {"key": b64encode(bytes(32)), "part": 0}
    path = f"/links/{b64encode(bytes(16))}/take"
    codes = [post(None, path, taking).code for _ in range(int(LINK_TAKE.burst / LINK_TAKE.wrong) + 1)]
    assert set(codes[:-1]) == {Code.NOT_FOUND}
    assert codes[-1] == Code.RATE_LIMITED


def test_no_number_of_wrong_secrets_of_others_keeps_an_address_waiting(here: World) -> None:
    for number in range(1000):
        rates.take(INVITE_CHECK, prefixes(f"198.{number % 256}.{number // 256}.7"), INVITE_CHECK.burst)
    assert guess_from("192.0.2.1").code == Code.INVITE_UNKNOWN


def prefixes(address: str) -> list[tuple[str, float]]:
    return client_prefixes(RequestFactory().get("/", REMOTE_ADDR=address))


def tries_left(one: Rates, rate: Rate, addresses: Iterator[str]) -> int:
    """How often these addresses, one after the other, may try before one of them may not."""
    for number, address in enumerate(addresses):
        try:
            one.take(rate, prefixes(address))
        except ProtocolError:
            return number
    raise AssertionError("there was no end")


@pytest.mark.parametrize(
    ("address", "beside"),
    [("192.0.2.1", "192.0.2.{}"), ("2001:db8:1:100::1", "2001:db8:1:1{:02x}::1")],
    ids=["IPv4", "IPv6"],
)
def test_one_address_leaves_its_neighbours_most_of_what_their_network_may(address: str, beside: str) -> None:
    one = Rates()
    assert tries_left(one, JOIN, repeat(address)) == JOIN.burst
    alone = (beside.format(2 + number % 250) for number in count())
    assert tries_left(one, JOIN, alone) > 2 * JOIN.burst


def test_a_network_of_many_addresses_is_held_by_what_the_network_may() -> None:
    one = Rates()
    rotating = (f"2001:db8:77:{number * 257 % 65_536:x}::1" for number in count())
    assert tries_left(one, JOIN, rotating) == 16 * JOIN.burst
    in_turn = (f"203.0.113.{number % 256}" for number in count())
    assert tries_left(one, JOIN, in_turn) == 16 * JOIN.burst


def test_more_addresses_than_are_remembered_open_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates_module, "_MOST_BUCKETS", 1000)
    one = Rates()
    strict = prefixes("192.0.2.1")
    one.take(JOIN, strict, JOIN.burst)
    rotating = (f"2001:db8:{number // 200:x}:{number % 200:x}::1" for number in range(20_000))
    for address in rotating:
        with suppress(ProtocolError):
            one.take(JOIN, prefixes(address))
    assert len(one._buckets) + len(one._older) <= 1000 + len(prefixes("::1"))
    with pytest.raises(ProtocolError):
        one.take(JOIN, strict)
    # Each of these networks has used a third of what it may; none of them has it back.
    assert tries_left(one, JOIN, (f"2001:db8:50:{number * 257 % 65_536:x}::1" for number in count())) < 16 * JOIN.burst


def test_no_address_is_kept_in_memory(here: World) -> None:
    guess_from("203.0.113.77")
    kept = repr(vars(rates)) + "".join(repr(part) for part in gc.get_referents(*rates._buckets))
    assert "203.0.113" not in kept
    assert all(len(name) == 32 for name in rates._buckets)


def test_names_of_buckets_change_when_the_key_is_forgotten() -> None:
    one = Rates()
    one.take(JOIN, prefixes("192.0.2.1"))
    before = set(one._buckets)
    one.forget()
    one.take(JOIN, prefixes("192.0.2.1"))
    assert before.isdisjoint(one._buckets)


def test_names_are_forgotten_within_ten_minutes_and_who_goes_on_has_no_new_allowance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr("chat.api.rates.monotonic", lambda: now)
    never = Rate("never", 1e-6, 40)
    one = Rates()
    one.take(never, prefixes("192.0.2.1"), never.burst)
    one.take(never, prefixes("198.51.100.1"), never.burst)
    first, names = one._key, set(one._buckets)
    now += 241
    with pytest.raises(ProtocolError):
        one.take(never, prefixes("192.0.2.1"))
    assert one._key != first
    assert names.isdisjoint(one._buckets)
    now += 299
    one._on_time()
    assert first not in (one._key, one._older_key)
    assert names.isdisjoint({*one._buckets, *one._older})
    with pytest.raises(ProtocolError):
        one.take(never, prefixes("192.0.2.1"))
    # Who did not come meanwhile is not known any more.
    one.take(never, prefixes("198.51.100.1"))


@pytest.mark.parametrize(
    ("remote", "forwarded", "proxy", "address"),
    [
        ("192.0.2.1", "198.51.100.9", "none", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.9", "127.0.0.1", "192.0.2.1"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.9", "127.0.0.1", "198.51.100.9"),
        ("127.0.0.1", "", "127.0.0.1", "127.0.0.1"),
        ("172.18.0.3", "198.51.100.9", "172.18.0.0/16", "198.51.100.9"),
        ("172.19.0.3", "198.51.100.9", "172.18.0.0/16", "172.19.0.3"),
        # Two proxies, one behind the other.
        ("127.0.0.1", "6.6.6.6, 198.51.100.9, 10.0.0.2", "127.0.0.1, 10.0.0.0/8", "198.51.100.9"),
        ("127.0.0.1", "10.0.0.7, 10.0.0.2", "127.0.0.1, 10.0.0.0/8", "10.0.0.7"),
        ("::1", "2001:db8::7", "::1", "2001:db8::7"),
        ("::ffff:127.0.0.1", "198.51.100.9", "127.0.0.1", "198.51.100.9"),
        ("", "", "none", ""),
    ],
)
def test_only_a_trusted_proxy_says_who_asks(
    settings: Settings, remote: str, forwarded: str, proxy: str, address: str
) -> None:
    settings.TRUSTED_PROXY = proxy
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote)
    assert client_address(request) == address


def test_an_address_counts_the_same_in_whatever_form_a_proxy_writes_it() -> None:
    for same in ("192.0.2.1", "192.0.2.1:4711", "::ffff:192.0.2.1"):
        assert prefixes(same) == prefixes("192.0.2.1")
    for same in ("2001:db8:1:2:3:4:5:6", "[2001:db8:1:2::9]:4711"):
        assert prefixes(same) == prefixes("2001:db8:1:2::")
    assert prefixes("192.0.2.1")[0] != prefixes("192.0.2.2")[0]
    assert prefixes("192.0.2.1")[1] == prefixes("192.0.2.2")[1]


@pytest.mark.parametrize(
    ("proxy", "forwarded", "said"),
    [
        ("none", "198.51.100.9", "a proxy that TRUSTED_PROXY does not name"),
        ("192.0.2.0/24", "", "sends no X-Forwarded-For"),
        ("192.0.2.0/24", "198.51.100.9", ""),
        ("none", "", ""),
    ],
)
def test_a_wrong_decision_about_the_proxy_is_logged_once_without_an_address(
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    proxy: str,
    forwarded: str,
    said: str,
) -> None:
    monkeypatch.setattr("chat.addresses._warned", set())
    settings.ORIGIN, settings.TRUSTED_PROXY = "https://chat.example.org", proxy
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    for _ in range(2):
        client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR="192.0.2.1"))
    assert len(caplog.messages) == (1 if said else 0)
    assert said in caplog.text
    assert "192.0.2" not in caplog.text
    assert "198.51" not in caplog.text


def test_a_forged_forwarded_header_buys_no_guesses(here: World) -> None:
    for number in range(int(INVITE_CHECK.burst)):
        ask(None, "POST", "/invites/check", GUESS, headers={"x-forwarded-for": f"192.0.2.{number}"})
    last = ask(None, "POST", "/invites/check", GUESS, headers={"x-forwarded-for": "192.0.2.200"})
    assert last.code == Code.RATE_LIMITED
