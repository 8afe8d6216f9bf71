"""Where the server connects to when it pushes: the public internet alone."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from chat.push.endpoints import BadEndpoint, public_only
from chat.push.sealing import Target
from chat.push.sender import Outcome
from chat.push.webpush import WebPushSender, _PublicResolver
from tests.http.endpoints import GENERATOR
from tests.push.services import PushService


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("64:ff9b::5db8:d70e", True),
        ("::ffff:93.184.215.14", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 (an address to refuse)
        ("255.255.255.255", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::a01:203", False),
        ("2002:a01:203::", False),
    ],
)
def test_only_addresses_of_the_public_internet_are_public(address: str, public: bool) -> None:
    assert public_only(address) is public


async def test_a_name_that_leads_inside_is_not_followed() -> None:
    resolver = _PublicResolver()
    with pytest.raises(BadEndpoint):
        await resolver.resolve("localhost", 443)
    await resolver.close()


async def test_a_stored_endpoint_whose_name_leads_inside_is_given_up(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    async def inside(*_: object, **__: object) -> list[dict[str, object]]:
        return [{"hostname": "push.example.org", "host": "10.0.0.8", "port": 443, "family": 2, "proto": 6, "flags": 0}]

    monkeypatch.setattr("aiohttp.ThreadedResolver.resolve", inside)
    sender = WebPushSender()
    try:
        result = await sender.send(_target("https://push.example.org/1"), urgent=False)
    finally:
        await sender.close()
    assert result.outcome is Outcome.GONE


async def test_an_origin_that_is_no_longer_trusted_is_given_up(push: PushService, settings: Settings) -> None:
    settings.PUSH_TRUSTED_ORIGINS = []
    sender = WebPushSender()
    try:
        result = await sender.send(_target(f"{push.url}/push/1"), urgent=False)
    finally:
        await sender.close()
    assert result.outcome is Outcome.GONE
    assert push.received() == []


def _target(endpoint: str) -> Target:
    return Target(endpoint=endpoint, p256dh=bytes.fromhex(GENERATOR), auth=bytes(16))
